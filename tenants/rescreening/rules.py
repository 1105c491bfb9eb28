"""What a change of verdict means for a family, and what counts as one. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from rongjiu.codes import N_
from tenants.benefits.rules import Held, ends
from tenants.screening.means import birthday
from tenants.screening.values import AGE, Condition, Group, Policy, SubjectVerdict

LETTERS = {"eligible": "e", "near_miss": "n", "actionable": "a"}
"""Verdicts worth keeping; whoever is refused stands at nothing."""
ASKED = "i"
"""need_info, kept for policies that look at an age: a birthday may open them once the rest has been asked."""
KINDS = {
    "reached": N_("新够得着"), "amount": N_("待遇换档"), "will_reach": N_("快够得着"), "will_amount": N_("快换待遇档"), "will_ask": N_("快到年龄，待核实"), "near": N_("新的临界"), "will_lose": N_("快失去"),
    "lost": N_("不再符合"),
}  # fmt: skip
AHEAD = ("will_reach", "will_amount", "will_ask", "will_lose")
CHANNELS = {"call": N_("打电话"), "visit": N_("上门"), "sms": N_("短信"), "counter": N_("来访当面")}
"""How a family may be told."""
CAUSES = {
    "night": N_("年龄或日期到了"), "fact": N_("家庭情况有变化"), "parameter": N_("标准变了"), "policy": N_("政策变了"),
    "asked": N_("重新研判"), "benefit": N_("待遇到期"),
}  # fmt: skip
RENEW, GONE = "renew", "gone"
ENDINGS = {RENEW: N_("仍符合条件，请续办"), GONE: N_("按现在的情况不再符合，请核对")}
"""What comes after a benefit that ends, as far as is known today."""
LATE = timedelta(days=7)
"""So long a benefit that has ended is still put on the list, for nights that were missed and ends noted late."""

Standing = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One policy that moved for one subject, and from which day."""

    policy: str
    kind: str
    on: date
    subject: str = ""
    """Whose it is, where a change is not found subject by subject."""


def looks_at_age(policy: Policy) -> bool:
    """Has a policy a condition on the age?"""

    def asks(node: Condition | Group) -> bool:
        return node.field == AGE if isinstance(node, Condition) else any(asks(part) for part in node.parts)

    return asks(policy.criteria)


Band = Callable[[str, str], str | None]


def standing(
    verdicts: Iterable[SubjectVerdict], aged: Collection[str] = (), band: Band = lambda _policy, _subject: None
) -> dict[str, dict[str, str]]:
    """What each subject stands at: subject → policy → letter. `aged` = the policies that look at an age; `band` = the
    line that gives the amount where it goes by age or grade (e:age_subsidy_80)."""
    found: dict[str, dict[str, str]] = {}
    for row in verdicts:
        letter = LETTERS.get(row.verdict)
        kept = found.setdefault(row.subject, {})
        if row.verdict == "need_info" and row.policy_id in aged:
            letter = ASKED
        elif letter == "e" and (line := band(row.policy_id, row.subject)):
            letter = f"e:{line}"
        if letter:
            kept[row.policy_id] = letter
    return found


def changes(before: Standing | None, now: Standing, today: date, has: Collection[str] = ()) -> list[Change]:
    """What changed for one subject since the last judging; somebody judged for the first time is not news, nor is a
    policy that opens to who receives it already (`has`)."""
    if before is None:
        return []
    found = []
    for policy in sorted({*before, *now}):
        was, here = before.get(policy, ""), now.get(policy, "")
        if here == was:
            continue
        if _open(here):
            if policy not in has or _open(was):
                found.append(Change(policy, "amount" if _open(was) else "reached", today))
        elif _open(was):
            found.append(Change(policy, "lost", today))
        elif here == "n" and policy not in has:
            found.append(Change(policy, "near", today))
    return found


def ahead(now: Standing, then: Standing, day: date, has: Collection[str] = ()) -> list[Change]:
    """What will change for one subject on a day to come; `has` = the policies it receives on that day."""
    found = []
    for policy in sorted({*now, *then}):
        here, next_ = now.get(policy, ""), then.get(policy, "")
        if here == next_:
            continue
        if _open(next_):
            if policy not in has or _open(here):
                found.append(Change(policy, "will_amount" if _open(here) else "will_reach", day))
        elif _open(here):
            found.append(Change(policy, "will_lose", day))
        elif next_ == ASKED and not here and policy not in has:
            found.append(Change(policy, "will_ask", day))
    return found


def endings(held: Iterable[Held], today: date, until: date) -> list[Change]:
    """Benefits that end: about to lose from the day `until` days ahead, lost once the first day without has come."""
    return [
        Change(each.policy, "will_lose" if day > today else "lost", day, each.subject)
        for day, each in ends(held)
        if today - LATE < day <= until
    ]


def stays_open(stands: Standing, policy: str) -> bool:
    """Is a policy open to a subject that stands so?"""
    return _open(stands.get(policy, ""))


def _open(letter: str) -> bool:
    return letter.startswith("e")


def days_ahead(births: Iterable[date], turns: Iterable[date], today: date, until: date) -> list[date]:
    """The days after today, up to `until`, on which an answer may change: birthdays, and turns of policies."""
    days = {day for day in turns if today < day <= until}
    for born in births:
        for year in {today.year, until.year}:
            day = birthday(born, year)
            if today < day <= until:
                days.add(day)
    return sorted(days)
