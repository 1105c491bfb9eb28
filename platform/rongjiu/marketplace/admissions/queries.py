"""How admissions stand: conditions for every list of providers, one admission, its history."""

from collections.abc import Collection
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Row, and_, bindparam, case, func, or_, select

from rongjiu.clock import today
from rongjiu.db import db, telling
from rongjiu.marketplace.admissions.models import AdmissionEvent
from rongjiu.marketplace.models import Admission
from rongjiu.tenancy.models import Community, Street

Line: TypeAlias = Row[*tuple[Any, ...]]
_DAY = bindparam("admission_day", callable_=today, type_=Date())
"""Asked for when a statement runs, so that queries can be built once."""


def in_force() -> ColumnElement[bool]:
    """Expression over admissions: the provider may be sent to today (rules.in_force)."""
    return (Admission.state == "active") & or_(Admission.ends_on.is_(None), Admission.ends_on >= _DAY)


def standing() -> ColumnElement[str]:
    """Expression over admissions that may be missing: the state as it is today (rules.standing), '' for none."""
    over = Admission.state.in_(("active", "suspended")) & (Admission.ends_on < _DAY)
    return case((over, "expired"), else_=func.coalesce(Admission.state, ""))


_COLUMNS = (
    Admission.id, standing().label("state"), Admission.monthly_limit, Admission.reason, Admission.changed_at,
    Admission.due_at, Admission.holder, Admission.starts_on, Admission.ends_on,
)  # fmt: skip


def one(provider_id: UUID, community_id: UUID | None) -> Line | None:
    """How one community stands to a provider: id, state, monthly_limit, reason, changed_at, due_at, holder, starts_on,
    ends_on."""
    return db.session.execute(
        select(*_COLUMNS).where(Admission.provider_id == provider_id, Admission.community_id == community_id)
    ).one_or_none()


def of_provider(provider_id: UUID, street_ids: Collection[UUID]) -> list[Line]:
    """Live communities of these streets, and others that know a provider, each with how it stands to it: its id, name
    and street (street_id), then what `one` answers (the id as `admission_id`); None where there is no admission."""
    here = and_(Admission.community_id == Community.id, Admission.provider_id == provider_id)
    known = Admission.id.is_not(None)
    query = (
        select(
            Community.id, Community.name, Community.street_id, Street.name.label("street"), Admission.id.label("admission_id"),
            *_COLUMNS[1:],
        )
        .join(Street, Street.id == Community.street_id)
        .outerjoin(Admission, here)
        .where(Community.state == "live", or_(Community.street_id.in_(street_ids), known))
        .order_by(Street.slug, Community.slug)
    )  # fmt: skip
    return list(db.session.execute(query))


def history(admission_id: UUID, community_id: UUID) -> list[Line]:
    """What happened to an admission, as its community reads it, the newest first: at, state_from, state_to, actor, post,
    reason_code, words."""
    e = AdmissionEvent
    query = (
        select(e.at, e.state_from, e.state_to, e.actor, e.post, e.reason_code, e.words)
        .where(e.admission_id == admission_id, e.community_id == community_id)
        .order_by(e.id.desc())
        .limit(100)
    )
    with telling(community_id=community_id):
        return list(db.session.execute(query))
