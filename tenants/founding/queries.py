"""Reads of a founding: for its founder, for the street that answers, for the desk that goes on with the checklist."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu.clock import now
from rongjiu.db import Tenant, as_role, db, tenant_scope
from rongjiu.library import queries as library
from rongjiu.tenancy.models import Community, FoundingDraft, Street
from tenants.catalogue.models import Parameter
from tenants.founding import rules
from tenants.founding.models import ChecklistItem
from tenants.founding.posts import StaffRow, staff
from tenants.founding.rules import Readiness


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One parameter on a page: what the model says, what the community says."""

    slug: str
    name_zh: str
    name_en: str
    unit: str
    reference: Decimal | None
    reference_from: date | None
    note: str
    confirmed_as: str
    value: Decimal | None
    since: date | None


@dataclass(frozen=True, slots=True)
class Request:
    """One founding in the list of who answers it."""

    draft_id: UUID
    community_id: UUID
    tenant_id: int
    name: str
    code: str | None
    street: str
    state: str
    submitted_at: datetime | None
    due_at: datetime | None
    days_left: int | None
    live_at: datetime | None


def tenant_of(community: Community) -> Tenant:
    """What `tenant_scope` takes."""
    return Tenant(community.tenant_id, community.id)


def _number(value: Any) -> Decimal | None:
    if value is None:
        return None
    number = Decimal(str(value))
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def _day(text: str | date | None) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) else text


def parameters(draft: FoundingDraft) -> list[ParameterRow]:
    """The parameters that must be confirmed, with what was said so far; before and after the clone."""
    if draft.community_id:
        return parameters_of(tenant_of(db.session.get_one(Community, draft.community_id)))
    kept = draft.data.get("parameters", {})
    rows = []
    for item in pack_parameters(draft.data["pack"]):
        given = kept.get(item["id"], {"as": "", "value": None, "since": None})
        rows.append(_row(item, item["id"], given["as"], given["value"], given["since"]))
    return rows


def pack_parameters(ref: str) -> list[dict[str, Any]]:
    """The parameters of a pack marked must_review, as the pack writes them."""
    content = library.content(library.find(ref))
    return [item for item in content["parameters"]["parameters"] if item["must_review"]]


def _row(item: dict[str, Any], slug: str, said: str, value: Any, since: Any) -> ParameterRow:
    return ParameterRow(
        slug=slug, name_zh=item["name_zh"], name_en=item["name_en"], unit=item["unit"],
        reference=_number(item["value"]), reference_from=_day(item["effective_from"]),
        note=item.get("note_zh", ""), confirmed_as=said,
        value=_number(value) if said == "value" else None, since=_day(since) if said == "value" else None,
    )  # fmt: skip


def parameters_of(tenant: Tenant) -> list[ParameterRow]:
    """The same of a community that has its model."""
    with tenant_scope(tenant):
        return _parameter_rows(tenant.id)


def _parameter_rows(tenant_id: int) -> list[ParameterRow]:
    p = Parameter
    rows = db.session.execute(
        select(p.slug, p.content, p.confirmed_as, p.value, p.effective_from)
        .where(p.tenant_id == tenant_id, p.must_review)
        .order_by(p.seq, p.slug)
    )
    return [_row(row.content, row.slug, row.confirmed_as, row.value, row.effective_from) for row in rows]


def readiness(draft: FoundingDraft) -> Readiness:
    """What still blocks the submission of a draft."""
    rows = parameters(draft) if "pack" in draft.data else []
    slots = draft.data.get("slots", {})
    if draft.community_id:
        community = db.session.get_one(Community, draft.community_id)
        slots = {name: getattr(community, name) for name in rules.SLOTS}
    return rules.readiness(bool(draft.community_id), sum(bool(row.confirmed_as) for row in rows), len(rows), slots)


def checklist(tenant: Tenant) -> list[ChecklistItem]:
    """The ten steps of a community, in order, detached."""
    with tenant_scope(tenant):
        return list(db.session.scalars(select(ChecklistItem).order_by(ChecklistItem.seq)))


def requests(street_id: UUID | None, *, everywhere: bool = False) -> list[Request]:
    """Foundings of one street, or of places without a street; `everywhere` = all that wait. Waiting ones first."""
    c = Community
    query = (
        select(
            FoundingDraft.id, c.id.label("community_id"), c.tenant_id, c.name, c.code, c.state, c.submitted_at,
            c.live_at, func.coalesce(Street.name, FoundingDraft.data["place"]["street"].astext, "").label("street"),
        )
        .join(c, c.id == FoundingDraft.community_id)
        .outerjoin(Street, Street.id == c.street_id)
        .order_by((c.state == "submitted").desc(), c.submitted_at.asc().nulls_last(), c.name)
    )  # fmt: skip
    if not everywhere:
        query = query.where(c.street_id.is_not_distinct_from(street_id))
    return [_request(row) for row in db.session.execute(query)]


def _request(row: Any) -> Request:
    due = rules.approval_due(row.submitted_at) if row.state == "submitted" and row.submitted_at else None
    return Request(
        draft_id=row.id, community_id=row.community_id, tenant_id=row.tenant_id, name=row.name, code=row.code,
        street=row.street, state=row.state, submitted_at=row.submitted_at, due_at=due,
        days_left=rules.days_left(now(), due) if due else None, live_at=row.live_at,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Review:
    """What the one who answers sees: place, proof, posts, parameter table, checklist; nothing else."""

    request: Request
    phone: str
    address: str
    desk_hours: str
    founder_post: str
    proof: dict[str, Any]
    staff: list[StaffRow]
    parameters: list[ParameterRow]
    checklist: list[tuple[int, str, str, bool, date | None, datetime | None]]


def review(draft_id: UUID, street_id: UUID | None) -> Review | None:
    """One founding for the street that answers it (None = the operator), read as the level above; else None."""
    request = next((row for row in requests(street_id) if row.draft_id == draft_id), None)
    if request is None:
        return None
    community = db.session.get_one(Community, request.community_id)
    draft = db.session.get_one(FoundingDraft, draft_id)
    words = (community.phone, community.address, community.desk_hours, str(draft.data.get("post", "")))
    proof, posts = dict(community.proof), staff(community.id)
    number = request.tenant_id
    with as_role("app_overseer", visible=(number,)):
        rows = _parameter_rows(number)
        item = ChecklistItem
        steps = db.session.execute(
            select(item.seq, item.name_zh, item.name_en, item.required, item.planned_on, item.done_at)
            .where(item.tenant_id == number)
            .order_by(item.seq)
        )
        listed = [(s.seq, s.name_zh, s.name_en, s.required, s.planned_on, s.done_at) for s in steps]
    return Review(request, *words, proof=proof, staff=posts, parameters=rows, checklist=listed)


@dataclass(frozen=True, slots=True)
class Station:
    """A community as its own desk sees its founding."""

    id: UUID
    name: str
    state: str
    cloned_from: str
    street: str
    submitted_at: datetime | None
    live_at: datetime | None
    returned: str
    slots: dict[str, str]


def station(tenant: Tenant) -> Station | None:
    """The community in force as its checklist page needs it."""
    row = db.session.execute(
        select(Community, Street.name.label("street"))
        .outerjoin(Street, Street.id == Community.street_id)
        .where(Community.id == tenant.uid)
    ).one_or_none()
    if row is None:
        return None
    c = row.Community
    returned = (c.proof.get("returned") or {}).get("reason", "") if c.state == "preparing" else ""
    return Station(
        c.id, c.name, c.state, c.cloned_from, row.street or "", c.submitted_at, c.live_at, returned,
        {name: getattr(c, name) for name in rules.SLOTS},
    )  # fmt: skip


def steps() -> list[ChecklistItem]:
    """The checklist of the community in force."""
    return list(db.session.scalars(select(ChecklistItem).order_by(ChecklistItem.seq)))


def readiness_here(station: Station) -> Readiness:
    """What still blocks the community in force."""
    confirmed = select(func.count(), func.count(Parameter.confirmed_at)).where(Parameter.must_review)
    total, done = db.session.execute(confirmed).one()
    return rules.readiness(bool(station.cloned_from), done, total, dict(station.slots))


def open_draft(community_id: UUID, account_id: UUID) -> UUID | None:
    """The draft of this community if this account founds it and it is not answered."""
    return db.session.scalar(
        select(FoundingDraft.id).where(
            FoundingDraft.community_id == community_id, FoundingDraft.account_id == account_id,
            FoundingDraft.closed_at.is_(None),
        )
    )  # fmt: skip
