"""Who could help with a need, in which order and why; and who not, and why not. Pure."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from rongjiu.marketplace import rules as market

HOME_BOUND = frozenset({"disabled-elderly", "severely-disabled", "oldest-old-disabled"})
"""Groups whose members a service can only reach at home (失能, 重度残疾, 高龄残障)."""
CARE_LEVELS = {"特": 0, "一": 1, "1": 1, "二": 2, "2": 2, "三": 3, "3": 3}
"""Grades of nursing, the closest first (分级护理, WS/T 431-2013: 特级、一级、二级、三级)."""
AT_HOME = frozenset({"home_visit", "at_home"})
REMOTE = frozenset({"online", "phone"})
PRICES = ("free", "cost_price", "discount", "market")
FEW, RELIABLE = 2, 0.8
"""Of fewer offers than this nothing is concluded; whoever takes so many of them is relied upon."""
AFFORDABLE = frozenset({"free", "cost_price"})
"""Looked at first: what costs the family nothing, or only the goods."""


@dataclass(frozen=True, slots=True)
class Offered:
    """One service of one provider, as far as ranking asks."""

    service_id: UUID
    provider_id: UUID
    slug: str
    name: str
    service_type: str
    title: str
    price_class: str
    price: Decimal | None
    mode: str
    free: int
    next_free: date | None
    admission: str
    in_area: bool
    cooling: bool = False
    """Declined this slip lately (timer decline-cool-down)."""
    outside: bool = False
    """The community lets it come to other courtyards only."""
    used_up: bool = False
    """The community's own limit for this month is reached."""
    near: bool = False
    """It has its shop in the family's street."""
    for_group: bool = False
    """The kind of service is meant for a group to which the family belongs."""
    asked: int = 0
    answered: int = 0
    """Offers of this community in the last half year, and those it took."""
    languages: tuple[str, ...] = ()
    """What its people speak beside Mandarin."""
    on_call: bool = False
    """Somebody there can be called out at this moment."""
    minutes: int | None = None
    """In so many minutes they are there."""
    drilled: bool = False
    """They held a safety drill in the last half-year."""
    jobs: tuple[dict[str, Any], ...] = ()
    """Work that it offers now, what fits the person best first (kinds.openings.fitting)."""
    care: int | None = None
    """The grade of nursing it gives (CARE_LEVELS), where the person cannot look after themself."""
    spoken: tuple[str, ...] = ()
    """Of these what the person speaks best."""
    own_price: bool = False
    """It costs the family less because somebody there belongs to a group."""
    slots: int = 0
    """Places left in coming slots, beside those of the month (`free`)."""
    slot_at: datetime | None = None
    """When the first slot with a place begins."""
    for_groups: bool = False
    """It is for certain groups only."""
    barred: str = ""
    """Why nobody of the family may have it: not_for_group | not_for_age; '' when somebody may."""

    @property
    def status(self) -> str:
        """How it stands, as the marketplace says it (CAPACITY)."""
        return market.capacity_status(self.free + self.slots, self.next_free is not None, self.for_groups)


@dataclass(frozen=True, slots=True)
class Whose:
    """Whom a need is about, as far as matching asks: the person, or the whole household when it names nobody."""

    groups: frozenset[str] = frozenset()
    ages: tuple[int | None, ...] = ()
    languages: frozenset[str] = frozenset()
    """What the person speaks best, where somebody has written it down."""


def entitled(who: Mapping[str, Any], whose: Whose) -> str:
    """May somebody of these have a service that is for certain groups or ages? '' when so, else not_for_group or
    not_for_age. An age that nobody knows bars nobody."""
    groups, low, high = set(who.get("groups") or ()), who.get("minimum_age"), who.get("maximum_age")
    if groups and not groups & whose.groups:
        return "not_for_group"
    fits = [age is None or (low is None or age >= low) and (high is None or age <= high) for age in whose.ages]
    return "not_for_age" if fits and not any(fits) else ""


TOP, NAMED = 10, 20
"""So many candidates are shown; so many are named of those left out for one reason."""


def care_level(words: str) -> int | None:
    """The closest grade of nursing named in a provider's words, such as 一级、二级护理; None when none is."""
    return min((CARE_LEVELS[found] for found in re.findall(r"([特一二三123])级", words)), default=None)


def needs_home(groups: Collection[str], item_groups: Collection[str], known_person: bool) -> bool:
    """Must the helper come to the door? By the person's own groups, or, when the need names nobody, by the groups of
    the household that this item of need is meant for."""
    own = set(groups) & HOME_BOUND
    return bool(own if known_person else own & set(item_groups))


HINDERED = {"suspended": "stopped", "expired": "admission_over", "approved": "not_yet", "withdrawn": "left_here"}
"""Why a provider is not let in that once was, or soon will be."""


def hindrance(row: Offered, home: bool) -> str:
    """Why a service cannot be offered now: a code, or '' when it can."""
    if not row.in_area:
        return "other_area"
    if row.admission != "active":
        return HINDERED.get(row.admission, "not_admitted")
    if row.outside:
        return "outside_courtyard"
    if row.barred:
        return row.barred
    if home and row.mode not in AT_HOME | REMOTE:
        return "on_site"
    if row.cooling:
        return "declined_lately"
    if row.free <= 0 and row.slots <= 0:
        return "no_capacity"
    return "limit_used" if row.used_up else ""


def rank(
    rows: Iterable[Offered], home: bool, urgent: bool = False
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Candidates, one per provider, best first with reasons, and exclusions with their reason.

    Order: when it is urgent, who is on call now, has drilled and is there soonest; then work that fits the person;
    then more of what is wanted from one hand, then lower price, then meant for the family's group, then closer nursing
    for who cannot look after themself, then the person's language, then reliable answers, then nearness, then more free places, then name.
    """
    able: dict[UUID, list[Offered]] = defaultdict(list)
    excluded = []
    wanted: set[str] = set()
    for row in rows:
        if reason := hindrance(row, home):
            excluded.append(_line(row) | {"provider": row.name, "provider_id": str(row.provider_id), "reason": reason})
        else:
            able[row.provider_id].append(row)
            wanted.add(row.service_type)
    order = sorted(able.values(), key=lambda services: (_call(services[0]) if urgent else (), _key(services)))
    candidates: list[dict[str, Any]] = [
        {
            "rank": place, "provider_id": str(services[0].provider_id), "slug": services[0].slug,
            "provider": services[0].name, "reasons": [*(_called(services[0]) if urgent else ()), *_reasons(services, len(wanted), home)],
            **({"jobs": list(services[0].jobs)} if services[0].jobs else {}),
            "services": [_line(row) for row in sorted(services, key=lambda row: (_price(row), row.service_type))],
        }
        for place, services in enumerate(order, 1)
    ]  # fmt: skip
    excluded += [
        services | {"provider": row["provider"], "provider_id": row["provider_id"], "reason": "ranked_lower"}
        for row in candidates[TOP:] for services in row["services"]
    ]  # fmt: skip
    excluded.sort(key=lambda row: (row["reason"], row["type"], row["provider"]))
    return candidates[:TOP], _short(excluded)


def _short(excluded: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most so many names for each reason and kind of service; the last named says how many more there are."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in excluded:
        groups[row["reason"], row["type"]].append(row)
    for rows in groups.values():
        if len(rows) > NAMED:
            rows[NAMED - 1] = rows[NAMED - 1] | {"more": len(rows) - NAMED}
    return [row for rows in groups.values() for row in rows[:NAMED]]


def _price(row: Offered) -> int:
    return PRICES.index(row.price_class) if row.price_class in PRICES else len(PRICES)


def _key(services: list[Offered]) -> tuple[bool, int, int, bool, int, bool, int, bool, int, str]:
    kinds, first = len({row.service_type for row in services}), services[0]
    return (
        not _has_work(services), -kinds, max(_price(row) for row in services), not any(row.for_group for row in services),
        len(CARE_LEVELS) if first.care is None else first.care, not first.spoken, -_trust(first), not first.near, -min(max(row.free, 0) + row.slots for row in services), first.slug,
    )  # fmt: skip


def _has_work(services: list[Offered]) -> bool:
    """Does it offer work that fits the hours of the person?"""
    return any(job["fits"] for row in services for job in row.jobs)


def _call(row: Offered) -> tuple[bool, bool, int]:
    """What counts first when it is urgent."""
    return (
        not row.on_call,
        not (row.on_call and row.drilled),
        row.minutes if row.on_call and row.minutes is not None else 9999,
    )


def _called(row: Offered) -> list[str]:
    if not row.on_call:
        return []
    return ["on_call", *([f"there_in_{row.minutes}"] if row.minutes else []), *(["drilled"] if row.drilled else [])]


def _trust(row: Offered) -> int:
    """1 = answers reliably, 0 = not known, -1 = mostly not."""
    if row.asked < FEW:
        return 0
    share = row.answered / row.asked
    return 1 if share >= RELIABLE else -1 if share < 0.5 else 0


def _reasons(services: list[Offered], wanted: int, home: bool) -> list[str]:
    kinds = len({row.service_type for row in services})
    found = ["job_fits"] if _has_work(services) else []
    found += ["covers_all" if kinds == wanted and wanted > 1 else "covers_several" if kinds > 1 else "covers_one"]
    if home and all(row.mode in AT_HOME for row in services):
        found.append("at_home")
    if all(row.price_class == "free" for row in services):
        found.append("free")
    elif all(row.price_class in AFFORDABLE for row in services):
        found.append("at_cost")
    if any(row.own_price for row in services):
        found.append("own_price")
    if any(row.for_group for row in services):
        found.append("for_group")
    if services[0].care is not None:
        found.append(f"care_{services[0].care}")
    found += [f"own_{one}" for one in services[0].spoken]
    if _trust(services[0]) > 0:
        found.append("answers_well")
    found.append("near" if services[0].near else "serves_here")
    found += [f"speaks_{one}" for one in services[0].languages if one not in services[0].spoken]
    places = "has_slots" if any(row.free <= 0 for row in services) else "has_places"
    return [*found, "admitted", places]


def _line(row: Offered) -> dict[str, Any]:
    return {
        "service_id": str(row.service_id), "type": row.service_type, "title": row.title, "mode": row.mode,
        "price_class": row.price_class, "price": str(row.price) if row.price is not None else None, "free": row.free,
        "next_free": row.next_free.isoformat() if row.next_free else None, "slots": row.slots,
        "slot_at": row.slot_at.isoformat() if row.slot_at else None, "status": row.status,
    }  # fmt: skip
