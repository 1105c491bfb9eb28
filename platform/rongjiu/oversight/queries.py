"""Reads of the level above, as the database role `app_overseer`: numbers, next steps and set-up of its communities.
That role cannot read a table with a resident in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal_column, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from rongjiu.clock import now
from rongjiu.db import as_role, db
from rongjiu.oversight.models import Indicator, Step
from rongjiu.tenancy.models import Community, Division, Street


@dataclass(frozen=True, slots=True)
class Waiting:
    """The next step of one live object: who (a post or an organisation), what, by when."""

    number: str
    kind: str
    actor: str
    verb: str
    due_at: datetime
    urgency: str
    late: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One community as the level above sees it; `tenant_id` None where it has not begun."""

    name: str
    slug: str
    code: str
    state: str
    street: str
    street_id: UUID | None
    demo: bool = False
    tenant_id: int | None = None
    done: int = 0
    steps: int = 10
    numbers: dict[str, int] = field(default_factory=dict)
    next: Waiting | None = None
    live: int = 0
    late: int = 0
    urgent: int = 0
    unanswered: int = 0
    unconfirmed: int = 0
    silent_desk: int = 0
    """Files at the 一门受理 desk of which the street was told that nobody answers; silent_department: the district."""
    silent_department: int = 0


def lines(kind: str, place_id: UUID, *, slug: str | None = None) -> list[Line]:
    """The communities that a street or district oversees, by code, then those of its divisions not begun; only one of
    them when `slug` is given."""
    where = Street.id == place_id if kind == "street" else Street.district_id == place_id
    query = select(
        Community.name, Community.slug, Community.code, Community.state, Community.demo, Community.tenant_id,
        Street.id.label("street_id"), Street.name.label("street"),
    ).join(Street, Street.id == Community.street_id).where(where)  # fmt: skip
    if slug is not None:
        query = query.where(Community.slug == slug)
    rows = db.session.execute(query.order_by(Community.code.nulls_last(), Community.name)).all()
    numbers = tuple(int(row.tenant_id) for row in rows)
    found = _read(numbers)
    begun = [
        Line(
            name=row.name, slug=row.slug, code=row.code or "", state=row.state, street=row.street, demo=row.demo,
            street_id=row.street_id, tenant_id=row.tenant_id, **found.get(row.tenant_id, {}),
        )
        for row in rows
    ]  # fmt: skip
    return begun if slug is not None else begun + _not_begun(where, {line.code for line in begun})


def _not_begun(where: Any, known: set[str]) -> list[Line]:
    rows = db.session.execute(
        select(Division.code, Division.name, Street.name.label("street"), Street.id)
        .join(Street, Street.code == Division.street_code)
        .where(where)
        .order_by(Division.code)
    )
    return [Line(row.name, "", row.code, "none", row.street, row.id) for row in rows if row.code not in known]


def _read(tenants: tuple[int, ...]) -> dict[int, dict[str, Any]]:
    """Everything of these communities in six statements, whatever their number."""
    if not tenants:
        return {}
    found: dict[int, dict[str, Any]] = {number: {"numbers": {}} for number in tenants}
    with as_role("app_overseer", visible=tenants):
        for row in db.session.execute(select(Indicator.tenant_id, Indicator.name, Indicator.value)):
            found[row.tenant_id]["numbers"][row.name] = row.value
        for name, query in _COUNTS.items():
            for number, value in db.session.execute(text(query)).all():
                found[number][name] = value
        for number, live, late, urgent in db.session.execute(_steps()).all():
            found[number] |= {"live": live, "late": late, "urgent": urgent}
        first = select(Step.tenant_id, *_WAITING).ext(distinct_on(Step.tenant_id)).order_by(Step.tenant_id, Step.due_at)
        for step in db.session.execute(first):
            found[step.tenant_id]["next"] = _waiting(step)
    return found


_COUNTS = {
    "done": "SELECT tenant_id, count(done_at) FROM checklist_item GROUP BY tenant_id",
    "steps": "SELECT tenant_id, count(*) FROM checklist_item GROUP BY tenant_id",
    "unconfirmed": "SELECT tenant_id, count(*) FROM parameter WHERE must_review AND confirmed_as = '' GROUP BY tenant_id",
    "unanswered": "SELECT tenant_id, count(*) FROM referral_task WHERE state = 'requested' AND due_at < now() "
    "AND offered_at IS NOT NULL GROUP BY tenant_id",
    "silent_desk": "SELECT tenant_id, count(*) FROM desk_inbox WHERE level >= 1 "
    "AND state IN ('requested', 'accepted', 'in-progress') GROUP BY tenant_id",
    "silent_department": "SELECT tenant_id, count(*) FROM desk_inbox WHERE level >= 2 "
    "AND state IN ('requested', 'accepted', 'in-progress') GROUP BY tenant_id",
}
"""Tables of the rooms above, read as numbers only; the rows seen are those the role's policy lets through."""
_WAITING = (Step.number, Step.object_kind, Step.actor, Step.verb, Step.due_at, Step.urgency)


def _steps() -> Any:
    """Per community: live objects, those overdue, and 急难 that nobody has taken (each has a step while it is open)."""
    unowned: ColumnElement[int] = literal_column(
        "(SELECT count(*) FROM emergency WHERE emergency.tenant_id = step.tenant_id AND state = 'open' "
        "AND taken_at IS NULL)"
    )
    return select(
        Step.tenant_id, func.count(), func.count(literal_column("1")).filter(Step.due_at < now()), unowned
    ).group_by(Step.tenant_id)  # fmt: skip


def _waiting(row: Any) -> Waiting:
    late = row.due_at < now()
    return Waiting(row.number, row.object_kind, row.actor, row.verb, row.due_at, row.urgency, late)


def waiting(tenant_id: int, limit: int = 200) -> Sequence[Waiting]:
    """Who acts next on each live object of a community, the earliest due first. Numbers and posts, no names."""
    with as_role("app_overseer", visible=(tenant_id,)):
        rows = db.session.execute(
            select(*_WAITING).where(Step.tenant_id == tenant_id).order_by(Step.due_at, Step.number).limit(limit)
        )
        return [_waiting(row) for row in rows]


def offers_match(tenants: tuple[int, ...]) -> bool:
    """Do the indicators of offers equal the rows behind them, as far as the overseer may count those rows?"""
    if not tenants:
        return True
    with as_role("app_overseer", visible=tenants):
        counted = {
            row.tenant_id: row.sent
            for row in db.session.execute(
                text("SELECT tenant_id, count(offered_at) AS sent FROM referral_task GROUP BY tenant_id")
            )
        }
        rows = db.session.execute(select(Indicator.tenant_id, Indicator.value).where(Indicator.name == "offers_sent"))
        kept = {row.tenant_id: row.value for row in rows}
    return all(counted.get(number, 0) == kept.get(number, 0) for number in tenants)
