"""Telling those complained about that their side is wanted; not what it is about, and never who complained."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import outbox
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.identity.models import Account
from rongjiu.marketplace.models import Provider
from rongjiu.notify.service import tell
from tenants.complaints.models import Complaint
from tenants.referrals.offering import opening
from tenants.referrals.offering.opening import address

STAFF = N_("社区有一件事想先听您说明，请在%(day)s前登录，看“请我说明的”。")
PROVIDER = N_("社区有一件事想先听您说明，请在%(day)s前打开链接，看“请我们说明的” %(link)s")


@outbox.effect("complaints.asked")
def asked(payload: dict[str, Any]) -> None:
    """A worker or volunteer is told to log in, a provider gets a link to its pages; nobody once the matter has moved on."""
    c = Complaint
    row = db.session.execute(
        select(c.provider_id, c.staff_id, c.hearing_due_at).where(
            c.id == UUID(payload["complaint"]), c.state == "hearing", c.replied_at.is_(None)
        )
    ).one_or_none()
    if row is None or row.hearing_due_at is None:
        return
    words: dict[str, Any] = {"day": row.hearing_due_at.date()}
    if row.provider_id:
        phone = db.session.scalar(select(Provider.phone).where(Provider.id == row.provider_id))
        words["link"] = address(f"/provider/open/{opening.portal_link(row.provider_id)}")
        text = PROVIDER
    else:
        phone = db.session.scalar(select(Account.phone).where(Account.id == row.staff_id))
        text = STAFF
    if phone:
        tell(phone, text, words=words, purpose="hearing", key=payload["key"])
