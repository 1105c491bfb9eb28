"""When a door is done, when it may be given up, and what keeps a courtyard open. Pure."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from rongjiu.clock import ZONE
from rongjiu.codes import N_

PURPOSES = {
    "missed_aid": N_("漏保漏救排查"), "heat": N_("高温关怀"), "flood": N_("防汛排查"), "winter": N_("冬季关怀"),
    "living_alone": N_("独居老人走访"), "safety": N_("居家安全排查"), "other": N_("其他"),
}  # fmt: skip
SWEEP_STATES = ("draft", "running", "closed", "cancelled")
RESULTS = ("visited", "not_home", "refused", "moved", "vacant", "deferred")
"""What a worker may find at a door."""
STATES = ("planned", *RESULTS, "unreached")
FINAL = frozenset({"visited", "refused", "moved", "vacant", "unreached"})
"""A door in one of these is done; not_home and deferred stay open."""
COVERED = FINAL - {"unreached"}
"""Doors that count as covered: an unreached one is done but never covered."""
PEOPLE = ("seen", "told", "away", "hospital", "moved", "died", "refused", "unasked", "unreached")
"""Seen in person, told of by the family, away (work, school), in hospital, moved, died, refused, not asked yet."""
TOLD = ("seen", "told", "away", "hospital", "moved", "died", "unasked")
"""What a worker may say of one person."""
OPEN_PERSON = frozenset({"", "unasked"})
LEAK_REASONS = {
    "did_not_know": N_("不知道有政策"), "did_not_apply": N_("没有申请过"), "was_refused": N_("申请过没批"),
    "papers_missing": N_("材料不全"), "new_hardship": N_("新发生的困难"), "moved_in": N_("刚搬来"), "other": N_("其他"),
}  # fmt: skip
HARDSHIPS = {
    "illness": N_("疾病"), "disability": N_("残疾"), "unemployment": N_("失业"), "accident": N_("意外"),
    "disaster": N_("受灾"), "schooling": N_("上学"), "old_age_care": N_("养老照护"), "single_parent": N_("单亲"),
    "other": N_("其他"),
}  # fmt: skip
RISKS = {
    "gas": N_("燃气"), "electricity": N_("用电"), "fire": N_("消防"), "fall": N_("跌倒"),
    "alone_no_contact": N_("独居联系不上"),
}  # fmt: skip
EVENING = time(18)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Waits:
    """The community's own numbers: tries at a door, days they fall on, tries in an evening or at a weekend, and the
    longest a door may be put off (days)."""

    tries: int = 3
    days: int = 2
    evenings: int = 1
    deferred: int = 7


@dataclass(frozen=True, slots=True)
class Soul:
    """One person who lives behind a door, with the result so far ('' = none); `then` = the id under which the result
    was written, where the register has made one entry of two since."""

    id: str
    result: str = ""
    then: str = ""


@dataclass(frozen=True, slots=True)
class StopNow:
    """One door of a sweep as it stands; `state` '' = a household that has no stop at all."""

    id: str
    household_id: str
    building: str
    state: str
    people: tuple[Soul, ...] = ()
    home_then: str = ""
    """The household when the stop was made; '' = still the same."""


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that keeps a courtyard open: an open door, a door without a stop, or a person without a result."""

    kind: str
    """open | forgotten | person."""
    household_id: str
    state: str
    person_id: str = ""


def is_open(state: str) -> bool:
    """Must somebody still go there?"""
    return state not in FINAL


def is_evening(at: datetime) -> bool:
    """A try in an evening (from 18:00) or at a weekend, on the wall in Xi'an."""
    local = at.astimezone(ZONE)
    return local.time() >= EVENING or local.weekday() >= SATURDAY


def counted(tries: Iterable[datetime]) -> list[datetime]:
    """The tries that count: of those within one hour of the wall only the first."""
    seen: dict[tuple[date, int], datetime] = {}
    for at in sorted(tries):
        local = at.astimezone(ZONE)
        seen.setdefault((local.date(), local.hour), at)
    return sorted(seen.values())


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a door still lacks before it may end as unreached; all nought = it may."""

    tries: int
    days: int
    evenings: int

    @property
    def nothing(self) -> bool:
        """May the door be given up?"""
        return not (self.tries or self.days or self.evenings)


def lacking(tries: Iterable[datetime], waits: Waits) -> Lacking:
    """How many tries, days and evening or weekend tries are lacking, by the times at which nobody was met."""
    real = counted(tries)
    days = {at.astimezone(ZONE).date() for at in real}
    return Lacking(
        max(waits.tries - len(real), 0), max(waits.days - len(days), 0),
        max(waits.evenings - sum(map(is_evening, real)), 0),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Again:
    """When to go again: from which day, and whether in an evening or at a weekend."""

    day: date
    evening: bool


def go_again(state: str, tries: Sequence[datetime], deferred_until: date | None, waits: Waits, day: date) -> Again:
    """The next try at an open door, computed: a put-off door on its day; after a try in vain another day when one is
    lacking, in an evening when all so far were by day."""
    if state == "deferred" and deferred_until:
        return Again(max(deferred_until, day), False)
    real = counted(tries)
    if not real:
        return Again(day, False)
    still = lacking(real, waits)
    last = real[-1].astimezone(ZONE).date()
    return Again(max(day, last + timedelta(days=1)), bool(still.evenings))


def latest_day(day: date, waits: Waits) -> date:
    """The last day to which a door may be put off."""
    return day + timedelta(days=waits.deferred)


def settled(result: str, answers: Mapping[str, str], people: Collection[str]) -> dict[str, str]:
    """The result of each person of a household after a sheet: whom nobody answered for is not asked yet.

    `answers` person → what was said; `people` who lives there. Refused and moved speak for everybody.
    """
    if result in ("not_home", "deferred"):
        return dict(answers)
    whole = result if result in ("refused", "moved") else "unasked"
    return dict.fromkeys(people, whole) | dict(answers)


def takes(state: str, result: str, lacking: bool) -> bool:
    """Does a sheet change a door in this state? An open one, a given up one when somebody was met after all, a done
    one only to answer for people who have no result yet."""
    if is_open(state):
        return True
    return (state == "unreached" and result not in ("not_home", "deferred")) or (lacking and result == "visited")


def state_after(result: str, people: Iterable[str]) -> str:
    """The state of a door after a sheet; one visited with somebody not asked yet is put off, not done."""
    if result in ("visited", "vacant") and any(said in OPEN_PERSON for said in people):
        return "deferred"
    return result


def blockers(stops: Iterable[StopNow]) -> list[Blocker]:
    """What keeps a courtyard open; empty = it may close."""
    found = list[Blocker]()
    for stop in stops:
        if not stop.state:
            found.append(Blocker("forgotten", stop.household_id, ""))
        elif is_open(stop.state):
            found.append(Blocker("open", stop.household_id, stop.state))
        else:
            found += [
                Blocker("person", stop.household_id, stop.state, soul.id)
                for soul in stop.people
                if soul.result in OPEN_PERSON
            ]
    return found


def coverage(states: Iterable[str]) -> tuple[int, int]:
    """How many doors are covered, of how many; an unreached door counts only below."""
    found = list(states)
    return sum(state in COVERED for state in found), len(found)


def percent(covered: int, whole: int) -> int:
    """Covered of all as a whole percentage that reads 100 only when all are; nothing to cover is 0."""
    return covered * 100 // whole if whole else 0


def canonical(value: Any) -> str:
    """One way to write a value, so that equal values have equal signatures."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def visit_reasons(leaks: Sequence[str], hardships: Collection[str]) -> tuple[list[str], int]:
    """Why a family should be visited at home, in the codes of the home-visit list, and its rank there: whoever may have
    been missed goes before hardship alone."""
    reasons = ["possible_leak", *(code for code in LEAK_REASONS if code in leaks and code != "other")] if leaks else []
    reasons += [code for code in HARDSHIPS if code in hardships]
    return reasons, min(30 * bool(leaks) + 5 * max(len(leaks) - 1, 0) + 10 * len(hardships), 100)


def signal_words(door: str, leaks: Sequence[str], hardships: Collection[str], risks: Collection[str], note: str) -> str:
    """What the clerk reads of a door: how many may have been missed and why, hardships, risks, the worker's note."""
    parts = [door]
    if leaks:
        why = "、".join(dict.fromkeys(LEAK_REASONS.get(code, "") for code in leaks if code))
        parts.append(f"疑似漏保漏救 {len(leaks)} 人" + (f"（{why}）" if why else ""))
    if hardships:
        parts.append("困难：" + "、".join(HARDSHIPS[code] for code in HARDSHIPS if code in hardships))
    if risks:
        parts.append("隐患：" + "、".join(RISKS[code] for code in RISKS if code in risks))
    if note:
        parts.append(f"备注：{note}")
    return "；".join(parts)
