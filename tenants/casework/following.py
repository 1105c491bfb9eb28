"""How far things are, for the family and its carers by link: what is done by whom, who acts next. No name, no door, no
word of the family stands there, so a forwarded link shows nothing of a person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from rongjiu import audit, outbox
from rongjiu.clock import now, today
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.links import DEAD, Link, issue
from rongjiu.notify.service import tell
from tenants.cases import queries as cases
from tenants.cases.models import CaseFile
from tenants.cases.service import hold
from tenants.catalogue.service import due
from tenants.referrals import confirming, queries
from tenants.referrals.jobs import address

PURPOSE = "family_progress"


@dataclass(frozen=True, slots=True)
class Held:
    """One kind of help: what, by whom, in which state, and by when it is answered or done."""

    title: str
    to: str
    department: bool
    state: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """The open case as its family may see it."""

    helps: tuple[Held, ...]
    actor: str
    verb: str
    due_at: datetime | None
    visit_at: datetime | None


def send(case_id: UUID) -> None:
    """Send the family a link to its progress, once a day at most; an earlier link ends. Raises Refused when the case is
    closed or nobody's telephone is known."""
    hold(case_id)
    if queries.case_of(case_id).closed_at is not None:
        raise Refused("这个个案已办结,没有进度可看。")
    if confirming.family_phone(case_id) is None:
        raise Refused("还没有可用的家属电话。请先登记电话和授权,或当面告诉家里人。")
    audit.record("case.follow_link", "case", case_id)
    outbox.put("casework.follow", {"case": str(case_id)}, key=f"follow-{case_id}-{today()}")


def tell_family(case_id: UUID) -> None:
    """Issue the link and send it; the links before it are dead."""
    phone = confirming.family_phone(case_id)
    if phone is None or queries.case_of(case_id).closed_at is not None:
        return
    end(case_id)
    here = queries.here()
    token = issue(PURPOSE, case_id, due("link-carer"), tenant_id=here.tenant.id, tenant_uid=here.tenant.uid)
    text = "您家的事办到哪一步,请打开链接 " + address(f"/c/{here.slug}/family/link/{token}")
    tell(phone, text, purpose=PURPOSE, key=f"follow-{case_id}-{today()}")


def end(case_id: UUID) -> None:
    """Take the family's links back."""
    mine = (Link.object_id == case_id, Link.purpose == PURPOSE, Link.used_at.is_(None))
    db.session.execute(update(Link).where(*mine).values(used_at=now()))


def progress(case_id: UUID) -> Progress:
    """What stands now. Raises Absent with the one dead-link answer when the case is closed."""
    if db.session.scalar(select(CaseFile.id).where(CaseFile.id == case_id, CaseFile.closed_at.is_(None))) is None:
        raise Absent(DEAD)
    rows = [row for row in queries.slips(case_id) if row.task_state not in (None, "draft", "entered-in-error")]
    helps = tuple(
        Held(row.title or "", row.provider or "", row.kind == "department", row.task_state, row.due_at) for row in rows
    )
    step = next(iter(cases.steps(case_id)), None)
    coming = min((row.slot_at for row in rows if row.slot_at and row.slot_at > now()), default=None)
    return Progress(helps, step.actor if step else "", step.verb if step else "", step.due_at if step else None, coming)
