"""What a door leads to: signals for the clerk, whom to ring, benefits, and the proof of presence that is kept a while."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from rongjiu import audit, outbox
from rongjiu.clock import ZONE, now, today
from rongjiu.db import current_tenant, db
from rongjiu.errors import Refused
from rongjiu.ids import uuid7
from tenants.benefits import arriving as benefits
from tenants.cases.models import Counter
from tenants.catalogue import queries as catalogue
from tenants.finding.home_visits import put_on_visit_list
from tenants.residents import contacts, dialling
from tenants.residents import queries as register
from tenants.signals import service as signals
from tenants.sweeps import rules
from tenants.sweeps.models import StopPlace, Sweep, SweepStop
from tenants.sweeps.sheets import Seen, Sheet

NIGHT = time(3, 40)


@dataclass(frozen=True, slots=True)
class Heard:
    """What was made of one sheet."""

    numbers: tuple[str, ...] = ()
    need_id: UUID | None = None
    listed: bool = False
    """The family stands on the home-visit list."""


NOTHING = Heard()


def hold_numbers() -> None:
    """Lock the numbers of signals before anything is written, in the order in which everybody takes them."""
    db.session.execute(select(Counter.value).where(Counter.name.startswith("signal-")).with_for_update())


def hear(stop: SweepStop, sheet: Sheet) -> Heard:
    """Pass on what the sheet says: hurry or danger at once to the clerk as a signal, somebody missed or a hardship to
    the home-visit list (one of the two, so that no family is doubled), and a wish as a signal of its own."""
    leaks = [each.leak_reason for each in sheet.people if each.possible_leak]
    if sheet.possible_leak and not leaks:
        leaks = [sheet.leak_reason]
    hardships = {code for each in sheet.people for code in each.hardships}
    need = None
    listed = False
    if sheet.urgent or sheet.safety_risks:
        words = rules.signal_words(_door(stop), leaks, hardships, sheet.safety_risks, sheet.note.strip())
        urgency = "critical" if sheet.urgent else "ordinary"
        need = signals.receive("sweep", "need", words, household_id=stop.household_id, urgency=urgency)
    elif leaks or hardships:
        reasons, points = rules.visit_reasons(leaks, hardships)
        put_on_visit_list(stop.household_id, reasons, "sweep", stop.id, points=points)
        listed = True
    numbers = [need.number] if need else []
    if sheet.wish.strip():
        words = f"{_door(stop)}：{sheet.wish.strip()}"
        numbers.append(signals.receive("sweep", "wish", words, household_id=stop.household_id).number)
    return Heard(tuple(numbers), need.id if need else None, listed)


def _door(stop: SweepStop) -> str:
    number = db.session.scalar(select(Sweep.number).where(Sweep.id == stop.sweep_id))
    row = register.household(stop.household_id)
    return f"摸排 {number} {row.courtyard} {'-'.join(filter(None, (row.building, row.unit, row.room)))}"


def care(people: Sequence[Seen], here: Collection[UUID], at: datetime) -> None:
    """Write down whom to ring and who was taught one-touch dialling; a contact that stands already is not doubled.

    Raises Refused naming `people-<n>-contact_<field>`.
    """
    for n, each in enumerate(people):
        if each.person_id not in here:
            continue
        if each.contact is not None:
            try:
                contacts.add_once(each.person_id, each.contact.kind, each.contact.name, each.contact.phone)
            except Refused as refused:
                where = f"people-{n}-contact_{refused.field}"
                raise Refused(refused.message, where, refused.status, **refused.words) from None
        if each.one_touch:
            dialling.tried(each.person_id, None, taught_on=at.astimezone(ZONE).date())


def receive(stop: SweepStop, said: Collection[Seen], at: datetime) -> None:
    """Put what people said they receive into the register of benefits, in the name of the worker who asked."""
    told = [
        (each.person_id, slug)
        for each in said
        if each.how not in ("moved", "died")
        for slug in each.policy_now_received
    ]
    benefits.told(stop.household_id, told, at.astimezone(ZONE).date())


def keep_place(try_id: UUID, at: datetime, place: str) -> None:
    """Keep where a try was made, and ask for its removal when its days are over."""
    db.session.add(StopPlace(id=uuid7(), try_id=try_id, at=at, place=place[:100]))
    day = at.astimezone(ZONE).date() + timedelta(days=days_kept() + 1)
    words: dict[str, Any] = {}
    outbox.put("sweep.places", words, key=f"sweep-places-{day}", after=datetime.combine(day, NIGHT, ZONE))


def days_kept() -> int:
    """For how many days the place of a try is kept (timer keep-sweep-location, at most 30)."""
    value = {row["id"]: row.get("value") for row in catalogue.timers()}.get("keep-sweep-location")
    return min(int(value), 30) if value is not None else 30


def clear_places() -> int:
    """Remove the places of tries older than that; answers how many, and the audit keeps the figure."""
    old = StopPlace.at < now() - timedelta(days=days_kept())
    here = StopPlace.tenant_id == current_tenant().id
    gone: Any = db.session.execute(delete(StopPlace).where(here, old), execution_options={"synchronize_session": False})
    if gone.rowcount:
        audit.record("sweep.places_removed", "stop_place", today(), rows=gone.rowcount)
    return int(gone.rowcount)
