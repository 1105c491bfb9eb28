"""Decisions about providers, without a database: who may do what in which state, months, what an application lacks."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

MONTHS_AHEAD = 12
"""How far ahead a free month is looked for."""
GROUPS = ("company", "social_org", "volunteer_team", "individual")
PRICE_CLASSES = ("free", "cost_price", "discount", "market")
DELIVERY_MODES = ("at_home", "on_site", "online")
PAPERS = ("licence", "permit", "insurance", "identity", "child_check", "other")
CHILD_CHECK = "child_check"
"""The search for offences against minors that 未成年人保护法 art. 62 asks of whoever works close to them."""
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
PARTS = ("morning", "afternoon", "evening", "all_day")
NO_CODE = frozenset({"volunteer_team", "individual"})
"""Groups without a unified social credit code of their own."""
MOVES: dict[str, frozenset[str]] = {
    "draft": frozenset({"applied", "withdrawn"}),
    "applied": frozenset({"under_review", "active", "denied", "draft", "withdrawn"}),
    "under_review": frozenset({"active", "denied", "draft", "withdrawn"}),
    "active": frozenset({"suspended", "expired", "withdrawn"}),
    "suspended": frozenset({"active", "withdrawn"}),
    "expired": frozenset({"active", "applied", "withdrawn"}),
    "denied": frozenset({"draft"}),
    "withdrawn": frozenset({"draft"}),
}
"""State → states that may follow; `draft` after a review means that papers or words were asked for."""
WAITING = ("applied", "under_review")
"""States in which the reviewer owes an answer."""


def may_move(before: str, after: str) -> bool:
    """May a provider go from one state to the other?"""
    return after in MOVES.get(before, frozenset())


def month(day: date) -> date:
    """The first day of a day's month: the period in which places are counted."""
    return day.replace(day=1)


def following(period: date) -> date:
    """The month after."""
    return month(period.replace(day=28) + timedelta(days=4))


def months(start: date, count: int = MONTHS_AHEAD) -> tuple[date, ...]:
    """So many months in a row, from the month of `start`."""
    found = [month(start)]
    while len(found) < count:
        found.append(following(found[-1]))
    return tuple(found)


def first_free(start: date, full: Collection[date]) -> date | None:
    """The first of the next months that is not among the full ones; None when all are."""
    return next((period for period in months(start) if period not in full), None)


@dataclass(frozen=True, slots=True)
class Application:
    """What stands in an application, as far as the check needs it."""

    name: str
    group: str
    uscc: str | None
    phone: bool
    street: bool
    papers: Collection[str]
    services: Iterable[tuple[str, bool]]
    """Title of each service offered, and whether it names a street."""


def missing(application: Application) -> tuple[str, ...]:
    """Codes of what an application lacks before it can be handed in, in the order of the steps.

    shop_name shop_code shop_phone shop_street paper service service_area.
    """
    services = list(application.services)
    paper = "identity" if application.group == "individual" else "licence"
    checks = (
        ("shop_name", bool(application.name)),
        ("shop_code", bool(application.uscc) or application.group in NO_CODE),
        ("shop_phone", application.phone),
        ("shop_street", application.street),
        ("paper", application.group == "volunteer_team" or paper in application.papers),
        ("service", bool(services)),
        ("service_area", all(area for _title, area in services)),
    )
    return tuple(code for code, met in checks if not met)


def price(typed: str | None) -> Decimal | None:
    """A price as typed (10 or 10.5), None when nothing was."""
    return Decimal(typed) if typed else None
