"""Telling the desk about admissions, and that it has not answered in time: no name, no person in it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import outbox
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.identity.models import Account
from rongjiu.marketplace.admissions import calendar, rules
from rongjiu.marketplace.models import Admission
from rongjiu.nightly import chore
from rongjiu.notify.service import tell
from rongjiu.tenancy.staff import working

TEXTS = {
    "admission_late": N_("有服务方等准入答复已过期限。请登录“资源”答复。"),
    "admission_taken_back": N_("有一家服务方撤回了准入请求。请登录“资源”查看。"),
    "admission_left": N_("有一家服务方退出了本社区，已接的会做完。请登录“资源”查看，需要的另找一家。"),
    "admission_soon": N_("有服务方的准入快到期了。请登录“资源”续期，不续就到期停派。"),
    "admission_expired": N_("有服务方的准入已到期，不再派新单。请登录“资源”查看，可以续期。"),
}


@outbox.effect("admission.desk_told")
def desk_told(payload: dict[str, Any]) -> None:
    """Tell the secretaries of the community in force."""
    ids = {each.account_id for each in working(current_tenant().uid, ("secretary",))}
    rows = db.session.execute(select(Account.id, Account.phone).where(Account.id.in_(ids), Account.phone.is_not(None)))
    for row in rows.all():
        tell(row.phone, TEXTS[payload["what"]], purpose="admission", key=f"{payload['key']}-{row.id}")


@outbox.effect("admission.late")
def late(payload: dict[str, Any]) -> None:
    """The time for an answer is over (timer `admission`): the secretary is reminded, the provider hears that."""
    row = db.session.execute(
        select(Admission.id, Admission.provider_id, Admission.state, Admission.due_at).where(
            Admission.id == UUID(payload["admission"])
        )
    ).one()
    if row.state not in rules.WAITING or row.due_at != datetime.fromisoformat(payload["due"]):
        return
    key = f"admission-late-{row.id}-{payload['due']}"
    outbox.put("admission.desk_told", {"what": "admission_late", "key": key}, key=f"desk-{key}")
    words = {"provider_id": str(row.provider_id), "what": "admission_late", "key": key}
    outbox.put("provider_told", words, key=f"provider-{key}")


@chore("admissions")
def nightly() -> None:
    """Look at the days of the admissions of the community in force."""
    calendar.nightly()
