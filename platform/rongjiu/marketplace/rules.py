"""Decisions about providers, without a database: who may do what in which state, months, what an application lacks."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from rongjiu.clock import ZONE
from rongjiu.codes import N_
from rongjiu.marketplace import costs, requirements
from rongjiu.marketplace.costs import Cost

MONTHS_AHEAD = 12
"""How far ahead a free month is looked for."""
STALE_DAYS = 180 + 30
"""Days after which an unconfirmed listing sinks: asked after 180, sunk 30 later (product defaults)."""
NEVER = date(1970, 1, 1)
"""Stands for a day that never came."""
WAIT_URGENCY = {"ordinary": 0, "urgent": 1, "critical": 2}
CANNOT_COME = frozenset({"disabled-elderly", "severely-disabled", "oldest-old-disabled", "children-in-hardship"})
GROUPS = ("company", "social_org", "volunteer_team", "individual")
PRICE_CLASSES = costs.CLASSES
DELIVERY_MODES = ("at_home", "on_site", "online")
PAPERS = ("licence", "permit", "insurance", "identity", "child_check", "other")
CHILD_CHECK = "child_check"
"""The search for offences against minors that 未成年人保护法 art. 62 asks of whoever works close to them."""
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
PARTS = ("morning", "afternoon", "evening", "all_day")
PART_HOURS = {
    "morning": ("08:30", "12:00"), "afternoon": ("14:00", "18:00"), "evening": ("18:00", "20:30"),
    "all_day": ("08:30", "18:00"),
}  # fmt: skip
"""What a part of the day means in hours (a convention of this product, no rule from outside)."""
BEARERS = {"provider": N_("服务方"), "community": N_("社区"), "sponsor": N_("爱心单位或基金"), "family": N_("家庭")}
"""Who bears the rest of a price below the usual one."""
ACCESS = {
    "ramp": N_("有坡道,轮椅能进"), "lift": N_("有电梯或在一楼"), "toilet": N_("有无障碍卫生间"), "seat": N_("有等候座椅"),
    "sign": N_("有手语或文字沟通"), "blind": N_("有盲道或语音引导"), "parking": N_("有无障碍车位"),
}  # fmt: skip
"""What is there for people who walk, see or hear badly."""
LEGAL_FORMS = {
    "social_group": N_("社会团体"), "social_service": N_("社会服务机构(民办非企业)"), "foundation": N_("基金会"),
    "institution": N_("事业单位"), "enterprise": N_("企业"), "household_business": N_("个体工商户"),
    "branch_unit": N_("驻区单位"), "team": N_("志愿服务队(未登记)"), "natural_person": N_("自然人"),
}  # fmt: skip
"""What a provider is in law; its role in the system is another question."""
USUAL_FORM = {
    "company": "enterprise", "social_org": "social_service", "volunteer_team": "team", "individual": "natural_person",
}  # fmt: skip
"""What is taken as the legal form while nobody said otherwise; a street corrects it while vetting."""
REGISTERED_SOCIAL = frozenset({"social_group", "social_service", "foundation"})
"""社会组织 in official tables: those registered under the three regulations for 社会团体, 社会服务机构 and 基金会."""
NO_CODE = frozenset({"volunteer_team", "individual"})
"""Groups without a unified social credit code of their own."""
MOVES: dict[str, frozenset[str]] = {
    "draft": frozenset({"applied", "withdrawn"}),
    "applied": frozenset({"under_review", "approved", "denied", "draft", "withdrawn"}),
    "under_review": frozenset({"approved", "denied", "draft", "withdrawn"}),
    "approved": frozenset({"active", "withdrawn"}),
    "active": frozenset({"suspended", "expired", "withdrawn"}),
    "suspended": frozenset({"active", "withdrawn"}),
    "expired": frozenset({"approved", "applied", "withdrawn"}),
    "denied": frozenset({"draft"}),
    "withdrawn": frozenset({"draft"}),
}
"""State → states that may follow; `draft` after a review means that papers or words were asked for."""
WAITING = ("applied", "under_review")
"""States in which the reviewer owes an answer."""


def may_move(before: str, after: str) -> bool:
    """May a provider go from one state to the other?"""
    return after in MOVES.get(before, frozenset())


def paused(since: datetime | None, until: date | None, day: date) -> bool:
    """Does a provider take nothing new on a day? A pause with an end is over on the day after it."""
    return since is not None and (until is None or day <= until)


def wait_priority(urgency: str, groups: Collection[str]) -> int:
    """How far in front somebody stands in a line for a place: the urgency first, then whether the family belongs to a
    group that cannot come by itself (product default; who asked earlier goes first among equals)."""
    return 10 * WAIT_URGENCY.get(urgency, 0) + bool(set(groups) & CANNOT_COME)


def quiet_slots(quiet: Mapping[str, Any], moment: datetime, weekdays: Collection[str] = ()) -> list[datetime]:
    """The beginnings of a shop's quiet hours in the seven days from a moment, on agreed weekdays only (none = any); of
    hours that have begun, the next full hour that lies within them."""
    days = set(quiet.get("days") or ())
    if not days or not quiet.get("from") or not quiet.get("to"):
        return []
    start, end = time.fromisoformat(quiet["from"]), time.fromisoformat(quiet["to"])
    local, found = moment.astimezone(ZONE), []
    for ahead in range(7):
        day = local.date() + timedelta(days=ahead)
        code = WEEKDAYS[day.weekday()]
        if code not in days or (weekdays and code not in weekdays):
            continue
        slot = datetime.combine(day, start, ZONE)
        while slot <= local:
            slot = slot.replace(minute=0) + timedelta(hours=1)
        if slot < datetime.combine(day, end, ZONE):
            found.append(slot)
    return found


def fit_until(papers: Iterable[tuple[str, date | None]], insured: Collection[date | None] = ()) -> date | None:
    """The last day on which papers (kind, end) and the insurances that are needed all hold; None: no end is known.

    A newer paper of a kind takes an older one's place; an insurance that was never named (None) ended long ago."""
    last: dict[str, date] = {}
    for kind, ends_on in papers:
        last[kind] = max(last.get(kind, date.min), ends_on or date.max)
    ends = [*last.values(), *(day or NEVER for day in insured)]
    return min((day for day in ends if day != date.max), default=None)


def fresh_until(confirmed_on: date | None, verified_at: datetime | None) -> date | None:
    """The last day on which a listing counts as confirmed; None when nobody ever looked at it."""
    since = confirmed_on or (verified_at.astimezone(ZONE).date() if verified_at else None)
    return since + timedelta(days=STALE_DAYS) if since else None


def month(day: date) -> date:
    """The first day of a day's month: the period in which places are counted."""
    return day.replace(day=1)


def weekly(first: date, weeks: int) -> tuple[date, ...]:
    """The same weekday in so many weeks in a row, from the first day on."""
    return tuple(first + timedelta(weeks=week) for week in range(weeks))


def agreed_day(day: date, weekdays: Collection[str]) -> date:
    """The first day on or after one that is an agreed weekday (MO … SU); the day itself when none are agreed."""
    known = {WEEKDAYS.index(code) for code in weekdays if code in WEEKDAYS}
    return next((each for n in range(7) if (each := day + timedelta(days=n)).weekday() in known), day)


def last_of_month(day: date) -> date:
    """The last day of a day's month: the period under which slots are counted."""
    return following(day) - timedelta(days=1)


def following(period: date) -> date:
    """The month after."""
    return month(period.replace(day=28) + timedelta(days=4))


def months(start: date, count: int = MONTHS_AHEAD) -> tuple[date, ...]:
    """So many months in a row, from the month of `start`."""
    found = [month(start)]
    while len(found) < count:
        found.append(following(found[-1]))
    return tuple(found)


CAPACITY = {
    "has_capacity": N_("有名额"), "no_capacity": N_("暂无名额"), "waitlist": N_("要排队"),
    "assessment_required": N_("有名额,先核对人群"),
}  # fmt: skip
"""Capacity status of a service (codes after FHIR CapacityStatus)."""


def capacity_status(left: int, later: bool, for_groups: bool) -> str:
    """How a service stands, as one of CAPACITY: by the places `left` now (of the month and of coming slots), whether a
    `later` month within a year has one, and whether it is for certain groups only, so that somebody looks first whether
    the person belongs to them. With nothing left but something later one stands in line; with nothing within a year, as
    after a provider has said that it has no places, there is none until it says so."""
    if left > 0:
        return "assessment_required" if for_groups else "has_capacity"
    return "waitlist" if later else "no_capacity"


def first_free(start: date, full: Collection[date]) -> date | None:
    """The first of the next months that is not among the full ones; None when all are."""
    return next((period for period in months(start) if period not in full), None)


@dataclass(frozen=True, slots=True)
class Terms:
    """What else is said of a service: who may have it, what to bring, on what its price stands."""

    description: str = ""
    groups: tuple[str, ...] = ()
    """Codes of special groups; empty: anyone."""
    minimum_age: int | None = None
    maximum_age: int | None = None
    documents: tuple[str, ...] = ()
    proof: str = ""
    proof_on: date | None = None
    rest_by: str = ""
    costs: tuple[Cost, ...] = ()
    """Prices beside the first, such as one for a group; each with what it stands on."""


def terms(stored: dict[str, Any]) -> Terms:
    """Terms as kept in the database."""
    on = stored.get("proof_on")
    return Terms(
        description=stored.get("description", ""), groups=tuple(stored.get("groups", ())),
        minimum_age=stored.get("minimum_age"), maximum_age=stored.get("maximum_age"),
        documents=tuple(stored.get("documents", ())), proof=stored.get("proof", ""),
        proof_on=date.fromisoformat(on) if on else None, rest_by=stored.get("rest_by", ""),
        costs=tuple(costs.read(one) for one in stored.get("costs", ())),
    )  # fmt: skip


def stored(given: Terms) -> dict[str, Any]:
    """Terms as kept in the database: only what was said."""
    words = asdict(given) | {
        "proof_on": given.proof_on.isoformat() if given.proof_on else "",
        "costs": [costs.written(one) for one in given.costs],
    }
    kept = {name: list(value) if isinstance(value, tuple) else value for name, value in words.items()}
    return {name: value for name, value in kept.items() if value not in (None, "", [])}


def whom(given: Terms) -> dict[str, Any]:
    """What a listing says of who may have a service, and of its prices beside the first."""
    kept = stored(given)
    return {name: kept[name] for name in ("groups", "minimum_age", "maximum_age", "costs") if name in kept}


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
    kind: str = "other"
    details: Mapping[str, Any] = field(default_factory=dict)


def missing(application: Application) -> tuple[str, ...]:
    """Codes of what an application lacks before it can be handed in, in the order of the steps.

    shop_name shop_code shop_phone shop_street details paper paper_permit service service_area.
    """
    services = list(application.services)
    lacks = requirements.lacking_papers(application.group, application.kind, application.papers)
    checks = (
        ("shop_name", bool(application.name)),
        ("shop_code", bool(application.uscc) or application.group in NO_CODE),
        ("shop_phone", application.phone),
        ("shop_street", application.street),
        ("details", not requirements.lacking_fields(application.group, application.kind, application.details)),
        ("paper", not set(lacks) - {"permit"}),
        ("paper_permit", "permit" not in lacks),
        ("service", bool(services)),
        ("service_area", all(area for _title, area in services)),
    )
    return tuple(code for code, met in checks if not met)


def price(typed: str | None) -> Decimal | None:
    """A price as typed (10 or 10.5), None when nothing was."""
    return Decimal(typed) if typed else None
