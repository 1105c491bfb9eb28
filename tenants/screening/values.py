"""The frozen values that screening reads and gives: facts, policies, dated parameters, verdicts and their reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import Literal, NamedTuple

from tenants.benefits.rules import Held

Fact = bool | str | Decimal
Verdict = Literal["eligible", "near_miss", "actionable", "need_info", "not_eligible", "not_in_force"]
Truth = Literal["met", "near", "curable", "unknown", "missed"]
Scope = Literal["household", "person"]

VERDICTS: tuple[Verdict, ...] = ("eligible", "near_miss", "actionable", "need_info", "not_eligible", "not_in_force")
HOUSEHOLD = "household"
AGE = "person.age"


class Rank(IntEnum):
    """How good a branch of an 'any', or one member's result, is; the lowest counts."""

    MET = 0
    CURABLE = 1
    NEAR = 2
    UNKNOWN = 3
    MISSED = 4
    NOT_IN_FORCE = 5


@dataclass(frozen=True)
class Facts:
    """What is known of one household on one day; a fact that is not in a mapping, or None there, is unknown."""

    as_of: date
    household: Mapping[str, Fact | None]
    members: Mapping[str, Mapping[str, Fact | None]]
    receives: tuple[Held, ...] = ()
    """Benefits that are received on that day, as the register has them."""
    waits: tuple[Held, ...] = ()
    """Benefits that somebody is in line for on that day: asked for already, and not received."""

    def of(self, name: str, member: str | None) -> Fact | None:
        """The value of a fact for that member (household facts are the same for all); None when unknown."""
        if name.startswith("household."):
            return self.household.get(name)
        return self.members[member].get(name) if member is not None else None


@dataclass(frozen=True)
class Dated:
    """A value and the day from which it holds."""

    since: date
    value: Decimal | None
    source: str | None = None


@dataclass(frozen=True)
class Parameter:
    """A line or amount; value None = not set here, so every condition on it stays unknown."""

    id: str
    value: Decimal | None
    since: date | None = None
    history: tuple[Dated, ...] = ()
    source: str | None = None
    unit: str = ""
    must_review: bool = False

    def on(self, day: date) -> Dated | None:
        """The value in force on that day, None when none was. Without a history, or confirmed without a date, the one
        value stands for every day; on its own day it outranks an entry of the history."""
        if not self.history or self.since is None:
            return Dated(self.since or day, self.value, self.source)
        current = Dated(self.since, self.value, self.source)
        past = [entry for entry in (current, *self.history) if entry.since <= day]
        return max(past, key=lambda entry: entry.since) if past else None


Parameters = Mapping[str, Parameter]


@dataclass(frozen=True)
class Line:
    """What a number is compared with: a literal, or a parameter, times a literal or a second parameter."""

    literal: Decimal | None = None
    param: str | None = None
    times: Decimal = Decimal(1)
    times_param: str | None = None


@dataclass(frozen=True)
class Condition:
    """One criterion: a fact, an operator, and what it must be; near and curable as eligibility_fields.json says."""

    field: str
    op: str
    line: Line | None = None
    options: tuple[Fact, ...] = ()
    near: bool = False
    hint: str | None = None


@dataclass(frozen=True)
class Group:
    """All of, or any of, its parts."""

    combinator: Literal["all", "any"]
    parts: tuple["Condition | Group", ...]


@dataclass(frozen=True)
class Policy:
    """One assistance item as screening needs it."""

    id: str
    scope: Scope
    criteria: Condition | Group
    in_force_from: date | None = None
    in_force_to: date | None = None
    seq: int = 0
    name_zh: str = ""
    name_en: str = ""
    department_id: str = ""
    help_class: str = ""
    amount_param: str | None = None
    banded_by: str | None = None
    bands: tuple[tuple[Decimal | None, Decimal | None, str], ...] = ()
    period: str | None = None


class ConditionResult(NamedTuple):
    """One condition, looked at: value and line, how far apart, and what came of it.

    distance: how far on the wrong side of the line (negative: room left), in the fact's unit; distance_pct: the same in
    percent of the line; both None unless two numbers were compared. near_line: up to where a miss is near.
    decisive: belongs to the branch that made the verdict. missing: what is unknown, the fact or the parameter.
    """

    field: str
    op: str
    value: Fact | None
    truth: Truth
    line: Decimal | None = None
    options: tuple[Fact, ...] = ()
    distance: Decimal | None = None
    distance_pct: Decimal | None = None
    near_line: Decimal | None = None
    hint: str | None = None
    param: str | None = None
    params: tuple[str, ...] = ()
    since: date | None = None
    source: str | None = None
    missing: Literal["fact", "parameter"] | None = None
    path: str = ""
    decisive: bool = True


class SubjectVerdict(NamedTuple):
    """What one policy means for one subject: a member's id, or 'household'; member = whose facts made it."""

    policy_id: str
    subject: str
    verdict: Verdict
    conditions: tuple[ConditionResult, ...] = ()
    in_force_from: date | None = None
    member: str | None = None

    def _decisive(self, *truths: Truth) -> tuple[ConditionResult, ...]:
        return tuple(row for row in self.conditions if row.decisive and row.truth in truths)

    @property
    def misses(self) -> tuple[ConditionResult, ...]:
        """The conditions that stand in the way, near and curable ones included."""
        return self._decisive("missed", "near", "curable")

    @property
    def unknowns(self) -> tuple[ConditionResult, ...]:
        """What is still to be asked or set; listed beside a miss too, never swallowed by it."""
        return self._decisive("unknown")

    @property
    def cures(self) -> tuple[ConditionResult, ...]:
        """The conditions that an act can make true."""
        return self._decisive("curable")


@dataclass(frozen=True)
class PolicyVerdict:
    """The one verdict shown for a policy: the best of the members, and who has it."""

    policy_id: str
    verdict: Verdict
    subjects: tuple[str, ...]
    best: SubjectVerdict


@dataclass(frozen=True)
class Cure:
    """Where a curable miss is cured. senseless_if: does not help a person with this value;
    recognition: class → the policy whose verdict must be eligible for the way to be open."""

    id: str
    field: str
    name_zh: str
    name_en: str
    department_id: str
    senseless_if: Mapping[str, Fact] = attribute(default_factory=dict)
    recognition: Mapping[str, str] = attribute(default_factory=dict)
