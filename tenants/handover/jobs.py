"""The family hears who holds their matter now and what comes next, each time that changes."""

from datetime import time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from rongjiu import outbox
from rongjiu.clock import now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.facts import Fact, subscribe
from rongjiu.ids import uuid7
from rongjiu.notify.rules import Quiet
from rongjiu.notify.service import quiet_hours, tell
from rongjiu.oversight.facts import StepsSet
from rongjiu.oversight.models import Step
from rongjiu.oversight.service import mark_of
from rongjiu.tenancy.models import Community
from rongjiu.workdays import due_day
from tenants.cases.models import CaseFile
from tenants.casework.facts import CaseClosed
from tenants.casework.rules import TRANSFERRED
from tenants.catalogue.service import setting
from tenants.handover.models import HandoverNote
from tenants.referrals.confirming import family_phone
from tenants.referrals.facts import SlipEnded
from tenants.residents.models import Person
from tenants.signals.models import Signal

SETTLING = timedelta(minutes=10)
"""Steps that follow each other so soon are told once, as they stand then; product default."""
OTHERS = ("neighbour", "department", "partner")
"""Channels by which somebody else tells of a family."""
TEXT = N_("您的事（%(number)s）现在由%(actor)s办理，下一步：%(verb)s，%(due)s前。有疑问请打社区电话 %(phone)s。")
"""Number, post or organisation, step and day: no name, no place, no need."""
ENDED = {
    "slip": N_("您的事（%(number)s）里有一项不再往下办。还需要帮助或有疑问，请打社区电话 %(phone)s。"),
    "closed": N_("您的事（%(number)s）已办结。还没解决或又有困难，请打社区电话 %(phone)s，可以重新启动。"),
}
MOVED = N_("您的事（%(number)s）已由别的社区接手，对方会联系您。有疑问请打社区电话 %(phone)s。")


def note(fact: Fact) -> None:
    """Steps were set: look in a while at who holds them then."""
    if isinstance(fact, StepsSet):
        day, after = today(), now() + SETTLING
        rows = [
            (
                {"case": str(each.case_id), "object": str(each.object_id), "mark": each.mark},
                f"handover-{each.object_id}-{each.mark}-{day}", after,
            )
            for each in fact.steps
        ]  # fmt: skip
        outbox.put_all("handover.tell", rows)


@outbox.effect("handover.tell")
def tell_family(payload: dict[str, Any]) -> None:
    """Tell the family of the holder, if that is still the one of the fact; what they are asked for themselves comes by
    a message of its own."""
    row = db.session.scalar(select(Step).where(Step.id == UUID(payload["object"])))
    if row is None or mark_of(row.actor, row.verb) != payload["mark"] or row.actor_role == "resident":
        return
    phone = phone_of(UUID(payload["case"]))
    if phone is None:
        return
    due = due_day(row.due_at)
    ring = db.session.scalar(select(Community.phone).where(Community.tenant_id == current_tenant().id)) or ""
    words = {
        "number": row.number, "actor": row.actor, "verb": row.verb, "due": due, "phone": ring,
    }  # fmt: skip
    case_id, mark = UUID(payload["case"]), payload["mark"]
    first = insert(HandoverNote).values(
        tenant_id=current_tenant().id, id=uuid7(), case_id=case_id, mark=mark, day=today(), actor=row.actor, verb=row.verb,
        due_at=row.due_at, told_at=now(),
    )  # fmt: skip
    if db.session.scalar(first.on_conflict_do_nothing().returning(HandoverNote.id)) is None:
        return
    key = f"handover-{case_id}-{mark}-{today()}"
    tell(phone, TEXT, words=words, purpose="handover", key=key)


def slip_ended(fact: Fact) -> None:
    """A slip was taken back: the family hears that this part is not gone on with."""
    if isinstance(fact, SlipEnded):
        _later("slip", fact.case_id, str(fact.object_id))


def case_ended(fact: Fact) -> None:
    """A case was closed: look in a while whether it still is, and say so."""
    if isinstance(fact, CaseClosed) and fact.object_id and fact.counts.get("cases_closed", 0) > 0:
        _later("closed", fact.object_id, f"{fact.object_id}-{now():%s}")


def _later(what: str, case_id: UUID, key: str) -> None:
    outbox.put(
        "handover.ended", {"case": str(case_id), "what": what}, key=f"handover-{what}-{key}", after=now() + SETTLING
    )


@outbox.effect("handover.ended")
def tell_ended(payload: dict[str, Any]) -> None:
    """Tell the family that something of theirs ended; what was opened again meanwhile is not told. A case that another
    community took over is told by its new number there, and here by whom to ring."""
    case_id, what = UUID(payload["case"]), payload["what"]
    case = db.session.execute(
        select(CaseFile.number, CaseFile.closed_at, CaseFile.closed_reason).where(CaseFile.id == case_id)
    ).one()
    if (what == "closed") != (case.closed_at is not None):
        return
    phone = phone_of(case_id)
    if phone is None:
        return
    text = MOVED if case.closed_reason == TRANSFERRED else ENDED[what]
    ring = db.session.scalar(select(Community.phone).where(Community.tenant_id == current_tenant().id)) or ""
    key = f"ended-{what}-{case_id}-{today()}"
    tell(phone, text, words={"number": case.number, "phone": ring}, purpose="handover", key=key)


def phone_of(case_id: UUID) -> str | None:
    """The family's telephone: who gave a consent or is helped, else the first of the household who has one; only for a
    family of which none is known, who asked and may be written to. A neighbour, a department or a partner who pointed
    at a family does not follow its matter."""
    if phone := family_phone(case_id):
        return phone
    home = select(CaseFile.household_id).where(CaseFile.id == case_id).scalar_subquery()
    own = select(Person.phone).where(Person.household_id == home, Person.phone_index.is_not(None))
    if phone := db.session.scalar(own.order_by(Person.seq).limit(1)):
        return phone
    asked = select(Signal.phone).where(
        Signal.case_id == case_id, Signal.phone_index.is_not(None), Signal.channel.not_in(OTHERS),
        Signal.call_back.is_not(False),
    )  # fmt: skip
    return db.session.scalar(asked.order_by(Signal.received_at).limit(1))


def quiet() -> Quiet:
    """The quiet hours of the community in force (timer quiet-hours)."""
    try:
        hours = setting("quiet-hours")
    except KeyError:  # a community without a model yet
        return Quiet()
    return Quiet(time.fromisoformat(hours["from"]), time.fromisoformat(hours["to"]))


subscribe(StepsSet, note)
subscribe(SlipEnded, slip_ended)
subscribe(CaseClosed, case_ended)
quiet_hours(quiet)
