"""What a door leads to: signals for the clerk, the 应保尽保 list, and the proof of presence that is kept for a while."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from rongjiu import audit, facts, outbox
from rongjiu.actor import current_actor
from rongjiu.clock import ZONE, now, today
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from tenants.benefits import arriving as benefits
from tenants.cases.models import Counter
from tenants.catalogue import queries as catalogue
from tenants.finding.home_visits import put_on_visit_list
from tenants.residents import contacts, dialling
from tenants.residents import queries as register
from tenants.signals import service as signals
from tenants.sweeps import rules
from tenants.sweeps.facts import EntitledMoved
from tenants.sweeps.models import Entitled, StopPlace, Sweep, SweepStop
from tenants.sweeps.sheets import Seen, Sheet

NIGHT = time(3, 40)
_STILL = ("possible", "found", "applied", "granted")
"""Somebody in one of these is followed already or provided for."""


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


def suspect(stop: SweepStop, sheet: Sheet, said: Collection[Seen], people: Sequence[UUID], heard: Heard) -> None:
    """Put those who may have been missed on the list, once however often they are suspected."""
    found = {each.person_id: each.leak_reason for each in said if each.possible_leak}
    if sheet.possible_leak and not found and people:
        found = {people[0]: sheet.leak_reason}
    if not found:
        return
    listed = select(Entitled.person_id).where(
        Entitled.person_id.in_(found), Entitled.state.in_(_STILL) | (Entitled.sweep_id == stop.sweep_id)
    )
    for person_id in [each for each in found if each not in set(db.session.scalars(listed))]:
        db.session.add(
            Entitled(
                id=uuid7(), sweep_id=stop.sweep_id, stop_id=stop.id, person_id=person_id, signal_id=heard.need_id,
                leak_reason=found[person_id], state="possible", policy="", reason=None, possible_on=today(),
                found_on=None, applied_on=None, granted_on=None, refused_on=None, changed_by=current_actor().name,
            )
        )  # fmt: skip
    db.session.flush()


def move(entitled_id: UUID, state: str, *, policy: str = "", reason: str = "") -> None:
    """Say what became of somebody on the list: found | applied | granted | refused | not_entitled, dated today.

    Raises Absent, Clash when somebody else was faster, Refused naming `reason` or `policy`.
    """
    row = db.session.scalar(select(Entitled).where(Entitled.id == entitled_id).with_for_update())
    if row is None:
        raise Absent("名单上没有这个人。")
    if not rules.may_become(row.state, state):
        raise Clash("这个人的进度已经变了，请刷新页面。")
    if state in rules.NEEDS_REASON and not reason.strip():
        raise Refused("请写明理由。", field="reason")
    if state == "found" and not policy:
        raise Refused("请选择应享受的政策。", field="policy")
    again = row.applied_on is not None
    row.state, row.policy, row.changed_by = state, policy or row.policy, current_actor().name
    row.reason = reason.strip()[:200] or row.reason
    dated = {"not_entitled": "refused_on"}.get(state, f"{state}_on")
    setattr(row, dated, today())
    db.session.flush()
    audit.record("entitled.move", "entitled", row.id, state=state)
    counts = {"found": {"entitled_found": 1}, "applied": {} if again else {"entitled_applied": 1}}.get(state, {})
    if counts:
        facts.send(EntitledMoved(tenant_id=current_tenant().id, object_id=row.id, counts=counts))


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
