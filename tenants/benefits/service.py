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
from tenants.benefits import checks, rules
from tenants.benefits.facts import BenefitsMoved
from tenants.benefits.models import ReceivedBenefit
from tenants.benefits.rules import WHOLE, Held
from tenants.residents.models import Household, RegisterChange


@dataclass(frozen=True, slots=True)
class Noted:
    """What somebody writes down: the policy's slug, whose it is (None = the household's), the first and last day (None =
    no end known), the document or other ground, and whether it is only waited for, in line since the first day."""

    policy: str
    person_id: UUID | None
    since: date | None
    until: date | None = None
    ground: str = ""
    waiting: bool = False


def note(
    household_id: UUID, said: Noted, *, task_id: UUID | None = None, source: str = "desk", demo: bool = False
) -> ReceivedBenefit:
    """Keep a benefit that is received, or waited for. `task_id`: the file at the street's desk that was granted; `source`: one of SOURCES.

    Raises Absent, Refused naming `policy`, `person`, `since`, `until` or `ground`, Clash when it stands already.
    """
    if db.session.scalar(select(Household.id).where(Household.id == household_id).with_for_update()) is None:
        raise Absent("没有这户人家。")
    person_id = checks.whose(household_id, said.policy, said.person_id)
    checks.period(said.since, said.until)
    ground = checks.ground_words(said.ground, needed=source == "desk")
    subject = str(person_id) if person_id else WHOLE
    checks.free(household_id, Held(said.policy, subject, said.since, said.until, waiting=said.waiting), source)
    actor = current_actor()
    row = ReceivedBenefit(
        id=uuid7(), household_id=household_id, person_id=person_id, policy_slug=said.policy, since=said.since,
        until=said.until, waiting=said.waiting, ground=ground or None, source=source, source_id=task_id, version=1,
        noted_at=now(), noted_by=actor.account_id, noted_post=actor.name, struck_at=None, struck_why=None, demo=demo,
    )  # fmt: skip
    db.session.add(row)
    _write(row, "benefit", None, said.policy, row.source)
    if row.waiting:
        _write(row, "benefit_waiting", None, True, row.source)
    _moved(row, "note")
    return row


def amend(
    benefit_id: UUID, since: date | None, until: date | None, ground: str, *, seen: int, waiting: bool | None = None
) -> None:
    """Write another period or ground, or whether it is only waited for (None = as it was); `seen` is the version that was on the screen. What was before stays in the history.
    What was only told is checked thereby: the ground names the paper.

    Raises Absent, Clash when somebody changed it since, Refused naming `since`, `until` or `ground`.
    """
    row = _held(benefit_id, seen)
    changed = _write_period(row, since, until, ground, waiting)
    if unchecked(row):
        _stamp(row, "paper")
    elif not changed:
        return
    _moved(row, "amend")


def turn(benefit_id: UUID, first: date | None, *, seen: int) -> None:
    """What was waited for is received from `first` on, its last day not known yet; the days in line stay in the history.

    Raises Absent, Clash when it is not waited for or somebody changed it since, Refused naming `first`.
    """
    row = _held(benefit_id, seen)
    if not row.waiting:
        raise Clash("这项待遇不在轮候，不用再点“轮到了”。")
    if fault := rules.period_fault(first, None, today()):
        raise Refused(fault[1], field="first")
    if first is not None and first < row.since:
        raise Refused("轮到的日期不能早于排上队的那天。", field="first")
    try:
        checks.free(row.household_id, Held(row.policy_slug, _subject(row), first), row.source, row.id)
    except Refused as refused:
        raise Refused("同一项待遇已经登记为在享受。请把这条轮候划去。", field="first") from refused
    _put(row, {"since": first, "until": None, "waiting": False})
    _moved(row, "turn")


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
    told is checked by it, and takes its dates, as does one that was waited for; it began when the family said so, if that was earlier."""
    row = db.session.scalars(select(ReceivedBenefit).where(ReceivedBenefit.id == benefit_id).with_for_update()).one()
    told = unchecked(row)
    later = row.until is not None and (until is None or until > row.until)
    if row.waiting:
        new: dict[str, Any] = {"since": since, "until": until, "waiting": False}
    elif told:
        new = {"since": min(row.since, since), "until": until}
    elif later:
        new = {"until": until}
    else:
        return
    _put(row, new, "acceptance")
    if told:
        _stamp(row, "department")
    _moved(row, "amend")


def strike(benefit_id: UUID, why: str, *, seen: int) -> None:
    """Strike out what was entered in error, or was told and is not received; the row and the reason stay. Raises as
    `amend`, naming `why`."""
    row = _held(benefit_id, seen)
    told = unchecked(row)
    if not checks.SHORTEST <= len(why.strip()) <= rules.GROUND_LONGEST:
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


def _write_period(
    row: ReceivedBenefit, since: date | None, until: date | None, ground: str, waiting: bool | None = None
) -> bool:
    """Put period and ground into a row, each change in the history; was anything new?"""
    checks.period(since, until)
    words = checks.ground_words(ground, needed=row.source != "acceptance")
    line = row.waiting if waiting is None else waiting
    checks.free(row.household_id, Held(row.policy_slug, _subject(row), since, until, waiting=line), row.source, row.id)
    return _put(row, {"since": since, "until": until, "ground": words or None, "waiting": line})


def _put(row: ReceivedBenefit, new: dict[str, Any], source: str = "desk") -> bool:
    """Put values into a row, each that is new in the history; was any?"""
    changed = {name: value for name, value in new.items() if value != getattr(row, name)}
    for name, value in changed.items():
        before = getattr(row, name)
        setattr(row, name, value)
        _write(row, f"benefit_{name}", before, value, source)
    return bool(changed)


def _subject(row: ReceivedBenefit) -> str:
    return str(row.person_id) if row.person_id else WHOLE


def _stamp(row: ReceivedBenefit, how: str) -> None:
    """What was told at the door is checked now, by whoever acts."""
    actor = current_actor()
    row.checked_at, row.checked_by, row.checked_post, row.checked_how = now(), actor.account_id, actor.name, how
    _write(row, "benefit_checked", None, how)


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
    if isinstance(value, bool):
        return "on-waitlist" if value else "enrolled"
    return value.isoformat() if isinstance(value, date) else value


def _moved(row: ReceivedBenefit, verb: str, **detail: str) -> None:
    row.version += verb != "note"
    db.session.flush()
    audit.record(f"benefit.{verb}", "received_benefit", row.id, policy=row.policy_slug, **detail)
    send(BenefitsMoved(tenant_id=current_tenant().id, object_id=row.household_id))
