"""Taking a need near one's shop in one tap, and what the desk does with it. Nothing personal goes out without consent."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from rongjiu import audit
from rongjiu.clock import ZONE, now
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import terms
from rongjiu.marketplace.kinds import care, licences
from rongjiu.marketplace.models import ProviderService
from tenants.cases.service import event, hold
from tenants.consents import queries as consents
from tenants.nearby import queries
from tenants.nearby.models import Willing
from tenants.needs.models import Need
from tenants.referrals import answering
from tenants.referrals import service as referrals
from tenants.referrals.matching import service as matching

GONE = N_("这项需求刚有人接了,或者已经不需要了。谢谢您!请看看别的。")


def take(provider_id: UUID, need_id: UUID, service_id: UUID, slot: datetime, staff_id: UUID | None = None) -> bool:
    """A provider takes a need of this community at a quiet time of its own. With a live consent of the person for it,
    the offer goes out and is accepted at once (True); without, it stays a wish that the desk confirms (False). A medical
    provider names who of its licensed staff goes.

    Raises Clash when the need is no longer on its list, and what an offer and an answer raise.
    """
    if not any(row.need_id == need_id and row.service_id == service_id for row in queries.open_here(provider_id)):
        raise Clash(GONE)
    if slot <= now():
        raise Refused("这个时间已经过去,请另选一个。", field="slot")
    terms.check_slot(current_tenant().uid, provider_id, slot)
    licences.check(provider_id, staff_id, slot.astimezone(ZONE).date())
    need = db.session.execute(select(Need.id, Need.case_id, Need.person_id).where(Need.id == need_id)).one()
    hold(need.case_id)
    row = insert(Willing).values(
        tenant_id=current_tenant().id, id=uuid7(), case_id=need.case_id, need_id=need_id, provider_id=provider_id,
        service_id=service_id, slot_at=slot, state="asked", at=now(),
    )  # fmt: skip
    made = db.session.scalar(row.on_conflict_do_nothing().returning(Willing.id))
    if made is None:
        raise Clash(GONE)
    if staff_id is not None and licences.medical(provider_id):
        title = db.session.scalar(select(ProviderService.title).where(ProviderService.id == service_id)) or ""
        care.plan(provider_id, made, current_tenant().uid, [title], staff_id, slot)
    audit.record("willing.take", "willing", made, provider_id=provider_id)
    event(need.case_id, "willing", need_id=str(need_id), provider_id=str(provider_id))
    if need.person_id and consents.covering(need.case_id, provider_id, [need.person_id]):
        confirm(made)
        return True
    matching.point_to_unsent(need.case_id)
    return False


def confirm(willing_id: UUID) -> None:
    """Send the offer and take it for the provider, who had asked for it: only on a live consent. Raises Refused naming
    what is missing; twice raises Clash."""
    row = _asked(willing_id)
    need = db.session.execute(select(Need.person_id).where(Need.id == row.need_id)).one()
    if need.person_id is None:
        raise Refused("请先写明这项需求是为哪位家人,再确认。")
    given = consents.covering(row.case_id, row.provider_id, [need.person_id])
    if not given:
        raise Refused("还没有这位家人对这家服务方的授权。请先取授权,再确认。")
    if row.slot_at <= now():
        raise Refused("对方提的时间已经过了。请从“找服务方”里派给这家,另约时间。")
    need_id, provider_id, service_id, slot = row.need_id, row.provider_id, row.service_id, row.slot_at
    (task,) = referrals.offer(need_id, [service_id], given[0].id, need.person_id)
    care.rename(provider_id, willing_id, task.id)
    answering.accept([task.id], provider_id, slot)
    _end(willing_id, "sent")


def thank(willing_id: UUID) -> None:
    """The family needs it no more, or another helps: thank the provider. Twice changes nothing."""
    row = db.session.scalar(select(Willing).where(Willing.id == willing_id).with_for_update())
    if row is None:
        raise Absent("没有这条记录。")
    if row.state == "asked":
        _end(willing_id, "thanked")


def _asked(willing_id: UUID) -> Willing:
    row = db.session.scalar(select(Willing).where(Willing.id == willing_id).with_for_update())
    if row is None:
        raise Absent("没有这条记录。")
    if row.state != "asked":
        raise Clash(GONE)
    return row


def _end(willing_id: UUID, state: str) -> None:
    row = db.session.get_one(Willing, (current_tenant().id, willing_id))
    row.state, row.ended_at = state, now()
    db.session.flush()
    audit.record(f"willing.{state}", "willing", willing_id)
