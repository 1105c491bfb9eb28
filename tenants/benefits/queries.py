"""What is read of the benefits that families receive."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, true

from rongjiu.db import db
from tenants.benefits.models import ReceivedBenefit
from tenants.benefits.rules import WHOLE, Held
from tenants.catalogue.models import Policy
from tenants.residents.models import Courtyard, Household, Person, RegisterChange

_WAITS = (
    (ReceivedBenefit.source == "sweep") & ReceivedBenefit.checked_at.is_(None) & ReceivedBenefit.struck_at.is_(None)
)
TOLD = _WAITS.label("unchecked")
STATES = ("open", "paper", "department", "none")
"""Of what was told at a door: nobody has checked it yet, or what the check found."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which benefits that were told: in which state ('' = all), of which policy, in which courtyard, noted by whom (part of
    the post); which page."""

    state: str = "open"
    policy: str = ""
    courtyard_id: UUID | None = None
    heard_by: str = ""
    page: int = 1
    size: int = 50


def told(asked: Wanted) -> tuple[list[Any], int]:
    """A page of what was told at doors, the longest waiting first, and how many there are."""
    b, home = ReceivedBenefit, Person.__table__.alias("head")
    where = [b.source == "sweep", b.checked_how == asked.state if asked.state in STATES[1:] else true()]
    where += [_WAITS] if asked.state == "open" else []
    where += [b.policy_slug == asked.policy] if asked.policy else []
    where += [Household.courtyard_id == asked.courtyard_id] if asked.courtyard_id else []
    where += [b.noted_post.contains(asked.heard_by, autoescape=True)] if asked.heard_by else []
    query = (
        _rows()
        .add_columns(Courtyard.name.label("courtyard"), home.c.name.label("head"))
        .join(Household, (Household.id == func.coalesce(Person.household_id, b.household_id)) & (Household.tenant_id == b.tenant_id))
        .join(Courtyard, (Courtyard.id == Household.courtyard_id) & (Courtyard.tenant_id == b.tenant_id))
        .outerjoin(home, (home.c.household_id == Household.id) & (home.c.tenant_id == b.tenant_id) & (home.c.seq == 1))
        .where(*where)
    )  # fmt: skip
    total = db.session.scalar(query.with_only_columns(func.count())) or 0
    ordered = query.order_by(b.noted_at, b.id)
    return list(db.session.execute(ordered.limit(asked.size).offset((asked.page - 1) * asked.size))), total


def waiting() -> Any:
    """How many benefits that were told nobody has checked, as a column of one statement."""
    return select(func.count()).select_from(ReceivedBenefit).where(_WAITS).scalar_subquery()


def told_policies() -> list[Any]:
    """The policies of which something was told: slug, name_zh, name_en."""
    named = select(Policy.slug, Policy.name_zh, Policy.name_en)
    some = select(ReceivedBenefit.policy_slug).where(ReceivedBenefit.source == "sweep")
    return list(db.session.execute(named.where(Policy.slug.in_(some)).order_by(Policy.seq)))


def _of(ids: Collection[UUID]) -> Any:
    """A person's benefit goes with the person into another household."""
    b = ReceivedBenefit
    return (Person.household_id.in_(ids)) | (b.person_id.is_(None) & b.household_id.in_(ids))


def _held(ids: Collection[UUID]) -> list[tuple[UUID, UUID, Held]]:
    """(household, entry, benefit) of what these households and the people in them receive or wait for in line, past
    and future too."""
    b = ReceivedBenefit
    rows = db.session.execute(
        select(
            b.id,
            b.household_id,
            b.person_id,
            b.policy_slug,
            b.since,
            b.until,
            b.waiting,
            Person.household_id.label("home"),
            TOLD,
        )
        .outerjoin(Person, (Person.id == b.person_id) & (Person.tenant_id == b.tenant_id))
        .where(b.struck_at.is_(None), _of(ids))
        .order_by(b.since, b.id)
    )
    return [
        (
            row.home or row.household_id,
            row.id,
            Held(
                row.policy_slug,
                str(row.person_id) if row.person_id else WHOLE,
                row.since,
                row.until,
                row.unchecked,
                row.waiting,
            ),
        )
        for row in rows
    ]


def entries(household_id: UUID) -> list[tuple[UUID, Held]]:
    """(id of the entry, benefit) of one household, past and future too."""
    return [(entry, each) for _home, entry, each in _held([household_id])]


def by_household(ids: Collection[UUID]) -> dict[UUID, tuple[Held, ...]]:
    """Household → what is received there or waited for in line, past and future too; households without any lack."""
    found: dict[UUID, list[Held]] = defaultdict(list)
    for home, _entry, each in _held(ids):
        found[home].append(each)
    return {home: tuple(each) for home, each in found.items()}


def of_household(household_id: UUID) -> list[Any]:
    """The entries of a household with the policy's names and the person's, the newest first; struck out ones last."""
    b = ReceivedBenefit
    return list(db.session.execute(_rows().where(_of([household_id])).order_by(
        b.struck_at.is_not(None), b.since.desc(), b.id.desc()
    )))  # fmt: skip


def one(benefit_id: UUID) -> Any:
    """One entry, with its household; None when absent."""
    return db.session.execute(_rows().where(ReceivedBenefit.id == benefit_id)).one_or_none()


def _rows() -> Any:
    b = ReceivedBenefit
    return (
        select(
            b.id, b.household_id, b.person_id, b.policy_slug, b.since, b.until, b.waiting, b.ground, b.source, b.version, b.noted_at,
            b.noted_post, b.checked_at, b.checked_post, b.checked_how, TOLD, b.struck_at, b.struck_why, b.demo, Policy.name_zh, Policy.name_en, Person.name.label("person"),
            Person.household_id.label("home"),
        )
        .outerjoin(Policy, (Policy.slug == b.policy_slug) & (Policy.tenant_id == b.tenant_id))
        .outerjoin(Person, (Person.id == b.person_id) & (Person.tenant_id == b.tenant_id))
    )  # fmt: skip


def history(benefit_id: UUID) -> list[Any]:
    """Each changed field of an entry, the newest first: name, before, after, at, actor."""
    c = RegisterChange
    rows = select(c.name, c.before, c.after, c.at, c.actor).where(c.source_id == benefit_id)
    return list(db.session.execute(rows.order_by(c.at.desc(), c.id.desc())))
