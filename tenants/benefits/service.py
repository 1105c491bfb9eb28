"""Noting what a family receives, changing its end, striking out what was entered in error. Nothing here grants anything:
a department did, and somebody at the desk writes down what its paper says."""

from collections.abc import Collection, Iterable
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


def granted(
    household_id: UUID, policy: str, people: Collection[UUID], since: date, until: date | None, task_id: UUID
) -> None:
    """A department granted a policy to these people of a household: it is received from then on. An entry that says so
    already is carried on to the later end; who has left the household, and a policy that is gone, are passed over."""
    scope = db.session.scalar(select(Policy.scope).where(Policy.slug == policy))
    living = select(Person.id).where(
        Person.id.in_(people), Person.household_id == household_id, Person.status == "here"
    )
    whose: list[UUID | None] = [None] if scope == WHOLE else []
    if scope and scope != WHOLE:
        whose += sorted(db.session.scalars(living))
    for person_id in whose:
        one = Held(policy, str(person_id) if person_id else WHOLE, since, until)
        same = [(entry, each) for entry, each in queries.entries(household_id) if rules.overlaps(one, each)]
        if not same:
            note(household_id, Noted(policy, person_id, since, until), task_id=task_id, source="acceptance")
            continue
        entry, last = max(same, key=lambda pair: pair[1].until or date.max)
        if last.until is not None and (until is None or until > last.until):
            row = db.session.scalars(select(ReceivedBenefit).where(ReceivedBenefit.id == entry).with_for_update()).one()
            row.until = until
            _write(row, "benefit_until", last.until, until, "acceptance")
            _moved(row, "amend")


def told(household_id: UUID, said: Iterable[tuple[UUID, str]], day: date) -> None:
    """Somebody said at the door on that day that these people receive these policies, as (person, policy): each is noted
    from that day on, without an end, for a clerk to check its dates.

    What stands from that day on already, who does not live there, and a policy that is gone are passed over.
    """
    pairs = list(dict.fromkeys(said))
    if not pairs:
        return
    scopes = db.session.execute(
        select(Policy.slug, Policy.scope).where(Policy.slug.in_({slug for _who, slug in pairs}))
    )
    scope = {row.slug: row.scope for row in scopes}
    living = select(Person.id).where(Person.household_id == household_id, Person.status == "here")
    here = set(db.session.scalars(living))
    stands = [each for _entry, each in queries.entries(household_id)]
    for person_id, slug in pairs:
        whole = scope.get(slug) == WHOLE
        one = Held(slug, WHOLE if whole else str(person_id), day)
        if slug in scope and person_id in here and not any(rules.overlaps(one, each) for each in stands):
            stands.append(one)
            note(household_id, Noted(slug, None if whole else person_id, day), source="sweep")


def amend(benefit_id: UUID, since: date | None, until: date | None, ground: str, *, seen: int) -> None:
    """Write another period or ground; `seen` is the version that was on the screen. What was before stays in the history.

    Raises Absent, Clash when somebody changed it since, Refused naming `since`, `until` or `ground`.
    """
    row = _held(benefit_id, seen)
    _check(since, until)
    words = _ground(ground, needed=row.source != "acceptance")
    subject = str(row.person_id) if row.person_id else WHOLE
    _free(row.household_id, Held(row.policy_slug, subject, since, until), but=row.id)
    new: dict[str, Any] = {"since": since, "until": until, "ground": words or None}
    old = {name: getattr(row, name) for name in new}
    if new == old:
        return
    for name, value in new.items():
        if value != old[name]:
            setattr(row, name, value)
            _write(row, f"benefit_{name}", old[name], value)
    _moved(row, "amend")


def strike(benefit_id: UUID, why: str, *, seen: int) -> None:
    """Strike out what was entered in error; the row and the reason stay. Raises as `amend`, naming `why`."""
    row = _held(benefit_id, seen)
    if not SHORTEST <= len(why.strip()) <= rules.GROUND_LONGEST:
        raise Refused("请写明错在哪里，至少 4 个字。", field="why")
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


def _moved(row: ReceivedBenefit, verb: str) -> None:
    row.version += verb != "note"
    db.session.flush()
    audit.record(f"benefit.{verb}", "received_benefit", row.id, policy=row.policy_slug)
    send(BenefitsMoved(tenant_id=current_tenant().id, object_id=row.household_id))
