"""The arithmetic of a survey: how many to ask where, which doors, what the answers weigh. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from random import Random

from rongjiu.codes import N_

LEAST = 5
"""Households asked in a courtyard at least, as far as it has so many."""
FEW = 30
"""Answers of a courtyard under which its own shares say little."""
SPARE = 0.5
"""Doors drawn in reserve, as a part of the target."""
TRIES = 2
"""How often a door is knocked at before the reserve takes its place."""
ALIKE = 0.5
"""Two texts say the same when so much of their letter pairs is shared (Dice)."""
DOOR_RESULTS = {"nobody_home": N_("没有人"), "refused": N_("不愿回答"), "not_lived_in": N_("没有人住")}


def suggested_sample(households: int) -> int:
    """How many households to ask: for ±5 points at 95 % with the finite correction, never more than there are."""
    if households <= 0:
        return 0
    return min(households, ceil(385 / (1 + 384 / households)))


def suggested_quota(sample: int, days: int) -> int:
    """Answers a day, if only seven days in ten are used for asking."""
    return max(1, ceil(sample / max(1, round(days * 0.7))))


def allocate(households: Mapping[str, int], sample: int, least: int = LEAST) -> dict[str, int]:
    """The sample over courtyards in proportion to households, each at least `least` and at most all it has.

    The parts sum to the sample, or to all households when the sample is more; when the sample cannot give each the
    least, it is shared out evenly as far as it goes, the larger courtyards first.
    """
    sizes = {key: max(0, size) for key, size in households.items()}
    sample = max(0, min(sample, sum(sizes.values())))
    given = {key: min(least, size) for key, size in sizes.items()}
    while sum(given.values()) > sample:
        key = max((key for key in given if given[key]), key=lambda key: (given[key], -sizes[key], key))
        given[key] -= 1
    rest = sample - sum(given.values())
    while rest > 0:
        room = {key: sizes[key] - given[key] for key in sizes if sizes[key] > given[key]}
        whole = sum(sizes[key] for key in room)
        shares = {key: min(room[key], rest * sizes[key] / whole) for key in room}
        floors = {key: int(share) for key, share in shares.items()}
        if not any(floors.values()):  # what is left goes one by one to the largest remainders
            for key in sorted(shares, key=lambda key: (-shares[key], key))[:rest]:
                floors[key] = 1
        for key, part in floors.items():
            given[key] += part
            rest -= part
    return given


def draw(doors: Sequence[str], target: int, seed: int, courtyard: str) -> tuple[list[str], list[str]]:
    """The doors to ask and those in reserve, by lot; the same doors, seed and courtyard always draw the same."""
    order = sorted(doors)
    Random(f"{seed}:{courtyard}").shuffle(order)  # noqa: S311 a lottery to be repeated, no secret
    return order[:target], order[target : target + ceil(target * SPARE)]


@dataclass(frozen=True, slots=True)
class Stratum:
    """One courtyard: its households, its answers, and how many of them named each item."""

    key: str
    households: int
    answers: int
    named: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Share:
    """One item: how many named it, the plain share, and the share with courtyards in their true proportion."""

    item: str
    count: int
    share: float
    weighted: float
    rank: int


@dataclass(frozen=True, slots=True)
class Weighing:
    """What the answers say of all households of the courtyards that answered."""

    shares: tuple[Share, ...]
    answers: int
    effective: float
    """Kish: as many plain answers as these weighted ones are worth."""
    covered: int
    """Households of the courtyards that answered."""
    households: int
    silent: tuple[str, ...]
    """Courtyards without an answer: they stand apart and are never guessed."""
    few: tuple[str, ...]
    heaviest: float
    """The largest weight over the smallest."""


def weigh(strata: Sequence[Stratum], items: Collection[str]) -> Weighing:
    """Post-stratification by courtyard: an answer of courtyard h weighs N_h / n_h."""
    told = [each for each in strata if each.answers > 0]
    answers, covered = sum(each.answers for each in told), sum(each.households for each in told)
    weights = {each.key: each.households / each.answers for each in told}
    total = sum(weights[each.key] * each.answers for each in told)
    squares = sum(weights[each.key] ** 2 * each.answers for each in told)
    found = []
    for item in items:
        count = sum(each.named.get(item, 0) for each in told)
        heavy = sum(weights[each.key] * each.named.get(item, 0) for each in told)
        found.append((item, count, count / answers if answers else 0.0, heavy / total if total else 0.0))
    order = sorted(found, key=lambda row: (-row[3], -row[1], row[0]))
    ranks = {row[0]: place for place, row in enumerate(order, 1)}
    positive = [weight for weight in weights.values() if weight > 0]
    return Weighing(
        shares=tuple(Share(*row, ranks[row[0]]) for row in order), answers=answers,
        effective=total**2 / squares if squares else 0.0, covered=covered,
        households=sum(each.households for each in strata),
        silent=tuple(each.key for each in strata if each.answers == 0 and each.households > 0),
        few=tuple(each.key for each in told if each.answers < FEW),
        heaviest=max(positive) / min(positive) if positive else 1.0,
    )  # fmt: skip


def _pairs(text: str) -> set[str]:
    plain = "".join(sign for sign in text if sign.isalnum()).lower()
    return {plain[n : n + 2] for n in range(len(plain) - 1)} or {plain}


def alike(one: str, other: str) -> float:
    """How much two texts share of their letter pairs: 0 nothing, 1 the same (Dice)."""
    first, second = _pairs(one), _pairs(other)
    return 2 * len(first & second) / (len(first) + len(second)) if first and second else 0.0


def group_texts(texts: Sequence[str], least: float = ALIKE) -> list[list[str]]:
    """Texts that say nearly the same, together; the largest groups first, the shortest text of each in front."""
    groups: list[list[str]] = []
    for text in sorted((each.strip() for each in texts if each.strip()), key=lambda each: (len(each), each)):
        home = next((group for group in groups if alike(group[0], text) >= least), None)
        if home is None:
            groups.append([text])
        else:
            home.append(text)
    return sorted(groups, key=lambda group: (-len(group), group[0]))


HARD_GROUPS = {
    "severely-disabled": 15, "disabled-elderly": 15, "seriously-ill": 15, "orphans": 20,
    "de-facto-unattended-children": 20, "children-in-hardship": 15, "near-miss-households": 15, "low-income": 15,
    "oldest-old-disabled": 15, "unemployed": 5,
}  # fmt: skip
"""Special groups that are a sign of hardship, with their points."""


def hardship(groups: Collection[str], income: str, categories: Collection[str]) -> tuple[list[str], int]:
    """Why a family should be visited at home, in codes, and its points; nothing when there is no sign.

    Income under the line weighs most; a need of 政府救助类 is a sign of its own; groups count as HARD_GROUPS says, and
    one of 5 points only beside another sign.
    """
    reasons, points = list[str](), 0
    if income == "under_line":
        reasons, points = [*reasons, "under_line"], points + 40
    elif income == "line_to_1.5":
        reasons, points = [*reasons, "near_line"], points + 15
    if "gov-aid" in categories:
        reasons, points = [*reasons, "gov_aid"], points + 10
    for slug in sorted(groups, key=lambda slug: (-HARD_GROUPS.get(slug, 0), slug)):
        if slug in HARD_GROUPS:
            reasons, points = [*reasons, f"group:{slug}"], points + HARD_GROUPS[slug]
    return (reasons, points) if points >= 10 else ([], 0)
