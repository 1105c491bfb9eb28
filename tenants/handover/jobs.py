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
from tenants.catalogue.service import setting
from tenants.handover.models import HandoverNote
from tenants.referrals.confirming import family_phone
from tenants.residents.models import Person
from tenants.signals.models import Signal

SETTLING = timedelta(minutes=10)
"""Steps that follow each other so soon are told once, as they stand then; product default."""
OTHERS = ("neighbour", "department", "partner")
"""Channels by which somebody else tells of a family."""
TEXT = N_("您的事（%(number)s）现在由%(actor)s办理，下一步：%(verb)s，%(due)s前。有疑问请打社区电话 %(phone)s。")
"""Number, post or organisation, step and day: no name, no place, no need."""


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
quiet_hours(quiet)
