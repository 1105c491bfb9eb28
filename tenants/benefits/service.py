"""Noting what a family receives, changing its end, checking what was told at the door, striking out what was entered in
error. Nothing here grants anything: a department did, and somebody at the desk writes down what its paper says."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now, today
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.facts import send
from rongjiu.ids import uuid7
from tenants.benefits import queries, rules
from tenants.benefits.facts import BenefitsMoved
from tenants.benefits.models import ReceivedBenefit
from tenants.benefits.rules import WHOLE, Held
from tenants.catalogue.models import Policy
from tenants.residents.models import Household, Person, RegisterChange

SHORTEST = 4
"""Characters of a reason, and of the ground of a benefit noted by hand."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What somebody writes down: the policy's slug, whose it is (None = the household's), the first and last day (None =
    no end known), the document or other ground."""

    policy: str
    person_id: UUID | None
    since: date | None
    until: date | None = None
    ground: str = ""


def note(
    household_id: UUID, said: Noted, *, task_id: UUID | None = None, source: str = "desk", demo: bool = False
) -> ReceivedBenefit:
    """Keep a benefit that is received. `task_id`: the file at the street's desk that was granted; `source`: one of SOURCES.

    Raises Absent, Refused naming `policy`, `person`, `since`, `until` or `ground`, Clash when it stands already.
    """
    if db.session.scalar(select(Household.id).where(Household.id == household_id).with_for_update()) is None:
        raise Absent("没有这户人家。")
    person_id = _whose(household_id, said)
    _check(said.since, said.until)
    ground = _ground(said.ground, needed=source == "desk")
    subject = str(person_id) if person_id else WHOLE
    one = Held(said.policy, subject, said.since, said.until)
    _free(household_id, one)
    actor = current_actor()
    row = ReceivedBenefit(
        id=uuid7(), household_id=household_id, person_id=person_id, policy_slug=said.policy, since=said.since,
        until=said.until, ground=ground or None, source=source, source_id=task_id, version=1,
        noted_at=now(), noted_by=actor.account_id, noted_post=actor.name, struck_at=None, struck_why=None, demo=demo,
    )  # fmt: skip
    db.session.add(row)
    _write(row, "benefit", None, said.policy, row.source)
    _moved(row, "note")
    return row


def amend(benefit_id: UUID, since: date | None, until: date | None, ground: str, *, seen: int) -> None:
    """Write another period or ground; `seen` is the version that was on the screen. What was before stays in the history.
    What was only told is checked thereby: the ground names the paper.

    Raises Absent, Clash when somebody changed it since, Refused naming `since`, `until` or `ground`.
    """
    row = _held(benefit_id, seen)
    changed = _write_period(row, since, until, ground)
    if unchecked(row):
        _stamp(row, "paper")
    elif not changed:
        return
    _moved(row, "amend")


def check(benefit_id: UUID, how: str, since: date | None, until: date | None, ground: str, *, seen: int) -> None:
    """Confirm what was told at the door, by a paper that was seen or a department's answer (`how`: paper | department),
    with the dates it names; what was before stays in the history. Until somebody does, the benefit counts from the day
    on which it was told, because a family that is helped already must not be sent on its way twice.

    Raises Absent, Clash when it is checked already or somebody changed it since, Refused naming `how` or as `amend`.
    """
    row = _held(benefit_id, seen)
    if not unchecked(row):
        raise Clash("这项待遇已经核对过了。")
    if how not in ("paper", "department"):
        raise Refused("请选是看到了证件，还是部门答复了。", field="how")
    _write_period(row, since, until, ground)
    _stamp(row, how)
    _moved(row, "check", how=how)


def unchecked(row: ReceivedBenefit) -> bool:
    """Was it only told at the door, and has nobody checked it yet?"""
    return row.source == "sweep" and row.checked_at is None and row.struck_at is None


def carry_on(benefit_id: UUID, since: date, until: date | None) -> None:
    """A department's grant names another last day (None = without an end): the entry goes on until then. One that was only
    told is checked by it, and takes its dates; it began when the family said so, if that was earlier."""
    row = db.session.scalars(select(ReceivedBenefit).where(ReceivedBenefit.id == benefit_id).with_for_update()).one()
    told = unchecked(row)
    later = row.until is not None and (until is None or until > row.until)
    if not told and not later:
        return
    new = {"since": min(row.since, since), "until": until} if told else {"until": until}
    for name, value in new.items():
        if (before := getattr(row, name)) != value:
            setattr(row, name, value)
            _write(row, f"benefit_{name}", before, value, "acceptance")
    if told:
        _stamp(row, "department")
    _moved(row, "amend")


def strike(benefit_id: UUID, why: str, *, seen: int) -> None:
    """Strike out what was entered in error, or was told and is not received; the row and the reason stay. Raises as
    `amend`, naming `why`."""
    row = _held(benefit_id, seen)
    told = unchecked(row)
    if not SHORTEST <= len(why.strip()) <= rules.GROUND_LONGEST:
        if told:
            raise Refused("请写怎么知道没有在享受，至少 4 个字。", field="why")
        raise Refused("请写明错在哪里，至少 4 个字。", field="why")
    if told:
        _stamp(row, "none")
    row.struck_at, row.struck_why = now(), why.strip()
    _write(row, "benefit", row.policy_slug, None)
    _moved(row, "strike")


def _held(benefit_id: UUID, seen: int) -> ReceivedBenefit:
    row = db.session.scalar(select(ReceivedBenefit).where(ReceivedBenefit.id == benefit_id).with_for_update())
    if row is None:
        raise Absent("没有登记这项待遇。")
    if row.struck_at is not None or row.version != seen:
        raise Clash("您填写的时候，同事已经改过这项待遇。您填的还在，请对照新的内容后再保存。")
    return row


def _write_period(row: ReceivedBenefit, since: date | None, until: date | None, ground: str) -> bool:
    """Put period and ground into a row, each change in the history; was anything new?"""
    _check(since, until)
    words = _ground(ground, needed=row.source != "acceptance")
    subject = str(row.person_id) if row.person_id else WHOLE
    _free(row.household_id, Held(row.policy_slug, subject, since, until), but=row.id)
    new: dict[str, Any] = {"since": since, "until": until, "ground": words or None}
    changed = {name: value for name, value in new.items() if value != getattr(row, name)}
    for name, value in changed.items():
        before = getattr(row, name)
        setattr(row, name, value)
        _write(row, f"benefit_{name}", before, value)
    return bool(changed)


def _stamp(row: ReceivedBenefit, how: str) -> None:
    """What was told at the door is checked now, by whoever acts."""
    actor = current_actor()
    row.checked_at, row.checked_by, row.checked_post, row.checked_how = now(), actor.account_id, actor.name, how
    _write(row, "benefit_checked", None, how)


def _whose(household_id: UUID, said: Noted) -> UUID | None:
    """The person of a personal policy, None for one of the household; refused when they do not fit."""
    scope = db.session.scalar(select(Policy.scope).where(Policy.slug == said.policy))
    if scope is None:
        raise Refused("请选一项政策。", field="policy")
    if scope == WHOLE:
        return None
    living = select(Person.id).where(
        Person.id == said.person_id, Person.household_id == household_id, Person.status == "here"
    )
    if said.person_id is None or db.session.scalar(living) is None:
        raise Refused("这项政策按人享受，请选是家里的谁。", field="person")
    return said.person_id


def _check(since: date | None, until: date | None) -> None:
    if fault := rules.period_fault(since, until, today()):
        raise Refused(fault[1], field=fault[0])


def _ground(text: str, *, needed: bool) -> str:
    words = text.strip()
    if len(words) > rules.GROUND_LONGEST:
        raise Refused("依据请写在 200 字以内。", field="ground")
    if needed and len(words) < SHORTEST:
        raise Refused("请写依据，例如低保证、批复的文号和日期，至少 4 个字。", field="ground")
    return words


def _free(household_id: UUID, one: Held, but: UUID | None = None) -> None:
    """Refused when another entry says the same benefit for some of these days."""
    for other_id, other in queries.entries(household_id):
        if other_id != but and rules.overlaps(one, other):
            raise Refused("这段时间已经登记过同一项待遇。续办的，请改原来那条的到期日期。", field="since")


def _write(row: ReceivedBenefit, name: str, before: Any, after: Any, source: str = "desk") -> None:
    """One line of the register's history, under this benefit."""
    actor = current_actor()
    db.session.add(
        RegisterChange(
            id=uuid7(), household_id=row.household_id, person_id=row.person_id, name=name, before=_text(before),
            after=_text(after), at=now(), actor_id=actor.account_id, actor=actor.name, source=source,
            source_id=row.id,
        )
    )  # fmt: skip


def _text(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


def _moved(row: ReceivedBenefit, verb: str, **detail: str) -> None:
    row.version += verb != "note"
    db.session.flush()
    audit.record(f"benefit.{verb}", "received_benefit", row.id, policy=row.policy_slug, **detail)
    send(BenefitsMoved(tenant_id=current_tenant().id, object_id=row.household_id))
