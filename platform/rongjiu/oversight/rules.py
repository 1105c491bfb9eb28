"""What the level above is shown of numbers: which pairs belong together, and which counts of persons are hidden. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rongjiu.masks import SMALL, small

HIDDEN = "…"
"""Stands where a total would let a hidden cell be worked out by difference."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two indicators that are read together: of `whole`, `part` went on. `source` names the rows they count."""

    code: str
    whole: str
    part: str


PAIRS = (
    Pair("met", "signals_received", "signals_met"),
    Pair("answered", "offers_sent", "offers_answered"),
    Pair("confirmed", "claimed_done", "confirmed_done"),
)
"""Columns of the street's table: 线索→见面, 派单/答复, 完成/确认. Counts of work, always exact."""
WORK = (
    "signals_received", "signals_met", "cases_opened", "cases_closed", "visits_done", "screenings_confirmed", "offers_sent",
    "offers_answered", "offers_accepted", "offers_declined", "claimed_done", "confirmed_done", "needs_solved",
    "gaps_open", "survey_answers", "audits_done", "audits_agreed",
)  # fmt: skip
"""Counts of work (派单, 线索, 超期): exact for street and district, because none of them tells of a person."""
PEOPLE = ("near_miss_open", "entitled_found", "entitled_applied", "households", "persons")
"""Counts of persons by verdict or register: under 5 they read 少于5."""


@dataclass(frozen=True, slots=True)
class Column:
    """Counts of persons of several places, and their sum, as they may be shown."""

    cells: tuple[str, ...]
    total: str


def people(counts: Sequence[int]) -> Column:
    """Counts of persons with their sum. A sum of five or more stands only where no cell is hidden: whoever knows the
    others could otherwise take them away from it."""
    cells = tuple(small(count) for count in counts)
    total = sum(counts)
    hidden = any(0 < count < SMALL for count in counts)
    return Column(cells, small(total) if total < SMALL or not hidden else HIDDEN)


@dataclass(frozen=True, slots=True)
class Rates:
    """What providers say and what families say, as two numbers of one whole: of the jobs taken, so many claimed done,
    so many confirmed by the family; and cases closed beside needs solved, because closed is not solved."""

    accepted: int
    claimed: int
    confirmed: int
    closed: int
    solved: int

    @property
    def claimed_percent(self) -> int | None:
        """Claimed done, in whole percent of the jobs taken; None of nothing."""
        return _percent(self.claimed, self.accepted)

    @property
    def confirmed_percent(self) -> int | None:
        """Confirmed by the family, in whole percent of the jobs taken; None of nothing."""
        return _percent(self.confirmed, self.accepted)


def rates(numbers: Mapping[str, int]) -> Rates:
    """The two numbers of a community, or of several added up."""
    names = ("offers_accepted", "claimed_done", "confirmed_done", "cases_closed", "needs_solved")
    return Rates(*(numbers.get(name, 0) for name in names))


def _percent(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None


def not_yet(found: int, applied: int) -> int:
    """Entitled persons who have not applied; never below zero."""
    return max(found - applied, 0)


def added(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The indicators of several communities added up, name by name."""
    total: dict[str, int] = {}
    for part in parts:
        for name, value in part.items():
            total[name] = total.get(name, 0) + value
    return total
