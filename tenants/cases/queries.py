"""Reads of cases: the desk's list (one statement a page), one case, its timeline and next steps."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from rongjiu.clock import now
from rongjiu.db import current_tenant, db
from rongjiu.oversight.models import Step
from rongjiu.prepared import Prepared, given
from rongjiu.tenancy.models import Membership
from tenants.cases.models import CaseEvent, CaseFile
from tenants.cases.rules import CASEWORKERS
from tenants.catalogue.models import SpecialGroup
from tenants.residents.models import Courtyard, Household, Person

SIZES = (20, 50, 100)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases, in which order, and which page of them. `own` and `courtyards` narrow to what a role may see."""

    own: UUID | None = None
    courtyards: tuple[UUID, ...] | None = None
    courtyard_id: UUID | None = None
    group: str = ""
    state: str = ""
    """A state, 'open' = not closed, '' = all."""
    worker_id: UUID | None = None
    due: str = ""
    """'late' = a next step is overdue."""
    text: str = ""
    """Beginning or end of a number."""
    sort: str = "weight"
    desc: bool = True
    page: int = 1
    size: int = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list: who should be helped, why, and who acts next by when."""

    id: UUID
    number: str
    head: str | None
    people: int
    courtyard: str
    reasons: tuple[str, ...]
    state: str
    track: str
    urgency: str
    worker: str
    opened_at: datetime
    actor: str | None
    verb: str | None
    due_at: datetime | None
    demo: bool


def page(wanted: Wanted) -> tuple[list[Line], int]:
    """The lines of one page and the number of all cases that fit, in one statement."""
    rows = _page(wanted).rows(moment=now())
    if not rows and wanted.page > 1:
        return [], page(replace(wanted, page=1))[1]
    lines = [
        Line(
            row.id, row.number, row.head, row.people, row.courtyard or "", tuple(row.weight_reasons), row.state,
            row.track, row.urgency, row.worker_post, row.opened_at, row.actor, row.verb, row.due_at, row.demo,
        )
        for row in rows
    ]  # fmt: skip
    return lines, rows[0].total if rows else 0


_TENANT = given("tenant")


@lru_cache(maxsize=256)
def _page(wanted: Wanted) -> Prepared:
    """The page's ids are found first, so that heads, counts and steps are looked up for its rows only."""
    where = [CaseFile.tenant_id == _TENANT, *_where(wanted)]
    ids = _ordered(select(CaseFile.id), wanted).where(*where).limit(wanted.size).offset((wanted.page - 1) * wanted.size)
    chosen = ids.subquery("chosen")
    total = select(func.count()).select_from(CaseFile).where(*where).scalar_subquery()
    step = (
        select(Step.actor, Step.verb, Step.due_at)
        .where(Step.tenant_id == _TENANT, Step.case_id == CaseFile.id)
        .order_by(Step.due_at, Step.id.desc())
        .limit(1)
        .lateral("step")
    )
    family = aliased(Person)
    home = (family.tenant_id == _TENANT, family.household_id == CaseFile.household_id, family.status == "here")
    people = select(func.count()).where(*home)
    head = select(family.name).where(*home).order_by(family.seq).limit(1).correlate(CaseFile).scalar_subquery()
    query = (
        select(
            CaseFile.id, CaseFile.number, CaseFile.weight_reasons, CaseFile.state, CaseFile.track, CaseFile.urgency,
            CaseFile.worker_post, CaseFile.opened_at, CaseFile.demo, Courtyard.name.label("courtyard"),
            head.label("head"), people.correlate(CaseFile).scalar_subquery().label("people"), step.c.actor,
            step.c.verb, step.c.due_at, total.label("total"),
        )
        .join(chosen, chosen.c.id == CaseFile.id)
        .outerjoin(Courtyard, and_(Courtyard.tenant_id == _TENANT, Courtyard.id == CaseFile.courtyard_id))
        .outerjoin(step, true())
        .where(CaseFile.tenant_id == _TENANT)
    )  # fmt: skip
    return Prepared(_ordered(query, wanted))


def _where(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.own is not None:
        found.append(CaseFile.worker_id == wanted.own)
    if wanted.courtyards is not None:
        found.append(CaseFile.courtyard_id.in_(wanted.courtyards))
    if wanted.courtyard_id is not None:
        found.append(CaseFile.courtyard_id == wanted.courtyard_id)
    if wanted.worker_id is not None:
        found.append(CaseFile.worker_id == wanted.worker_id)
    if wanted.group:
        found.append(CaseFile.weight_reasons.op("?")(wanted.group))
    if wanted.state == "open":
        found.append(CaseFile.closed_at.is_(None))
    elif wanted.state:
        found.append(CaseFile.state == wanted.state)
    if wanted.due == "late":
        late = Step.due_at < given("moment", DateTime(timezone=True))
        found.append(exists().where(Step.tenant_id == _TENANT, Step.case_id == CaseFile.id, late))
    if wanted.text:
        found.append(CaseFile.number.contains(wanted.text.upper(), autoescape=True))
    return found


def _ordered(query: Any, wanted: Wanted) -> Any:
    keys: dict[str, Any] = {
        "weight": CaseFile.weight,
        "number": CaseFile.number,
        "opened": CaseFile.opened_at,
        "state": _state_order(),
    }
    key = keys.get(wanted.sort, CaseFile.weight)
    return query.order_by(key.desc() if wanted.desc else key.asc(), CaseFile.id.desc())


def _state_order() -> ColumnElement[int]:
    from_states = ("identified", "assessing", "planned", "in_service", "accompanying", "reopened", "closed")
    return case({name: n for n, name in enumerate(from_states)}, value=CaseFile.state, else_=9)


_FILE = (
    CaseFile.id, CaseFile.number, CaseFile.household_id, CaseFile.courtyard_id, CaseFile.signal_id, CaseFile.state,
    CaseFile.track, CaseFile.urgency, CaseFile.worker_id, CaseFile.worker_post, CaseFile.weight,
    CaseFile.weight_reasons, CaseFile.opened_at, CaseFile.closed_at, CaseFile.closed_reason, CaseFile.cleared_at,
    CaseFile.demo,
    Courtyard.name.label("courtyard"), Household.building, Household.unit, Household.room,
)  # fmt: skip


def one(number: str, *, own: UUID | None = None) -> Any:
    """The columns of one case with its courtyard and door; None when it is not there, or not `own`'s."""
    query = (
        select(*_FILE)
        .outerjoin(Courtyard, Courtyard.id == CaseFile.courtyard_id)
        .outerjoin(Household, Household.id == CaseFile.household_id)
        .where(CaseFile.number == number)
    )
    if own is not None:
        query = query.where(CaseFile.worker_id == own)
    row: Any = db.session.execute(query).one_or_none()
    return row


def of_household(household_id: UUID) -> list[Any]:
    """Number, state, worker and opening of each case of a household, newest first."""
    return list(
        db.session.execute(
            select(CaseFile.id, CaseFile.number, CaseFile.state, CaseFile.worker_id, CaseFile.opened_at)
            .where(CaseFile.household_id == household_id)
            .order_by(CaseFile.opened_at.desc())
        )
    )


def timeline(case_id: UUID) -> list[Any]:
    """The events of a case, newest first."""
    return list(
        db.session.execute(
            select(CaseEvent.at, CaseEvent.kind, CaseEvent.detail, CaseEvent.actor_post)
            .where(CaseEvent.case_id == case_id)
            .order_by(CaseEvent.at.desc(), CaseEvent.id.desc())
        )
    )


def events_of_household(household_id: UUID, limit: int = 300) -> list[Any]:
    """The events of all cases of a household with the case's number, newest first."""
    return list(
        db.session.execute(
            select(CaseEvent.at, CaseEvent.kind, CaseEvent.detail, CaseEvent.actor_post, CaseFile.number)
            .join(CaseFile, CaseFile.id == CaseEvent.case_id)
            .where(CaseFile.household_id == household_id)
            .order_by(CaseEvent.at.desc(), CaseEvent.id.desc())
            .limit(limit)
        )
    )


def steps(case_id: UUID) -> list[Any]:
    """The next steps of all live objects of a case, the earliest due first; of two due together the newer object's."""
    return list(
        db.session.execute(
            select(
                Step.id,
                Step.object_kind,
                Step.number,
                Step.actor_role,
                Step.actor,
                Step.verb,
                Step.due_at,
                Step.urgency,
            )
            .where(Step.case_id == case_id)
            .order_by(Step.due_at, Step.id.desc())
        )
    )


@dataclass(frozen=True, slots=True)
class Choices:
    """What a list of cases can be narrowed by: value and names, in order."""

    courtyards: list[tuple[str, str, str]]
    groups: list[tuple[str, str, str]]
    workers: list[tuple[str, str, str]]


def choices() -> Choices:
    """Courtyards, special groups and caseworkers as (value, Chinese, English), in one statement."""
    found = Choices([], [], [])
    for row in _CHOICES.rows(moment=now(), community=current_tenant().uid):
        getattr(found, row.kind).append((row.value, row.zh, row.en or row.zh))
    return found


def _choices() -> Prepared:
    standing = or_(Membership.ends_at.is_(None), Membership.ends_at > given("moment", DateTime(timezone=True)))
    yards = select(
        literal("courtyards").label("kind"), cast(Courtyard.id, Text).label("value"), Courtyard.seq.label("seq"),
        Courtyard.name.label("zh"), literal("").label("en"),
    ).where(Courtyard.tenant_id == _TENANT)  # fmt: skip
    groups = select(
        literal("groups"), SpecialGroup.slug, SpecialGroup.seq, SpecialGroup.name_zh, SpecialGroup.name_en
    ).where(SpecialGroup.tenant_id == _TENANT)
    staff = select(
        literal("workers"), cast(Membership.account_id, Text), literal(0), Membership.post, literal("")
    ).where(
        Membership.scope_kind == "community", Membership.scope_id == given("community"), standing,
        Membership.role.in_(CASEWORKERS),
    )  # fmt: skip
    return Prepared(union_all(yards, groups, staff).order_by("kind", "seq", "zh"))


_CHOICES = _choices()


def household_ids(worker_id: UUID) -> list[UUID]:
    """Households whose case is this person's."""
    query = select(CaseFile.household_id).where(CaseFile.worker_id == worker_id, CaseFile.household_id.is_not(None))
    return [each for each in db.session.scalars(query) if each is not None]
