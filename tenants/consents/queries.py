"""Consents of a case, and those that cover a receiver."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, or_, select

from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.marketplace.models import Provider
from tenants.cases.models import CaseFile
from tenants.consents.models import Consent
from tenants.residents.models import Person

_COLUMNS: tuple[Any, ...] = (
    Consent.id, Consent.case_id, Consent.person_id, Consent.given_by_id, Consent.guardian, Consent.scope,
    Consent.provider_id, Consent.fields, Consent.how, Consent.witness, Consent.notice_version, Consent.given_at,
    Consent.ends_at, Consent.withdrawn_at,
)  # fmt: skip


def of_case(case_id: UUID) -> list[Row[Any]]:
    """All consents of a case, newest first, withdrawn ones too."""
    return list(
        db.session.execute(select(*_COLUMNS).where(Consent.case_id == case_id).order_by(Consent.given_at.desc()))
    )


def guardians(case_id: UUID) -> dict[UUID, UUID]:
    """Whom a family has named as guardian: person → who consented for them, the latest."""
    rows = db.session.execute(
        select(Consent.person_id, Consent.given_by_id)
        .where(Consent.case_id == case_id, Consent.guardian, Consent.person_id != Consent.given_by_id)
        .order_by(Consent.given_at)
    )
    return {row.person_id: row.given_by_id for row in rows}


def one(consent_id: UUID) -> Row[Any] | None:
    """The columns of one consent, or None."""
    row: Row[Any] | None = db.session.execute(select(*_COLUMNS).where(Consent.id == consent_id)).one_or_none()
    return row


def covering(
    case_id: UUID, provider_id: UUID, person_ids: Collection[UUID] = (), at: datetime | None = None
) -> list[Row[Any]]:
    """Live consents of a case to share with a provider, of these persons if any are named; newest first."""
    moment = at or now()
    query = select(*_COLUMNS).where(
        Consent.case_id == case_id, Consent.scope == "share_with_provider", Consent.provider_id == provider_id,
        Consent.withdrawn_at.is_(None), or_(Consent.ends_at.is_(None), Consent.ends_at > moment),
    )  # fmt: skip
    if person_ids:
        query = query.where(Consent.person_id.in_(person_ids))
    return list(db.session.execute(query.order_by(Consent.given_at.desc())))


def covered(case_id: UUID, provider_ids: Collection[UUID]) -> set[UUID]:
    """Those of these providers with which a live consent of a case shares; one statement for all of them."""
    if not provider_ids:
        return set()
    rows = db.session.scalars(
        select(Consent.provider_id).where(
            Consent.case_id == case_id, Consent.scope == "share_with_provider", Consent.provider_id.in_(provider_ids),
            Consent.withdrawn_at.is_(None), or_(Consent.ends_at.is_(None), Consent.ends_at > now()),
        )
    )  # fmt: skip
    return {one for one in rows if one is not None}


def listed(state: str, scope: str, words: str, page: int, size: int) -> tuple[list[Row[Any]], int]:
    """Consents over all cases, the newest first, and how many: number (of the case), name (sealed: opened on read),
    scope, provider, given_at, ends_at, withdrawn_at; `state` live | withdrawn | over | '' for all, `words` part of a
    case's number."""
    query = (
        select(
            CaseFile.number, Person.name, Consent.scope, Consent.how, Consent.guardian, Consent.given_at, Consent.ends_at,
            Consent.withdrawn_at, Provider.name.label("provider"),
        )
        .join(CaseFile, CaseFile.id == Consent.case_id)
        .join(Person, Person.id == Consent.person_id)
        .outerjoin(Provider, Provider.id == Consent.provider_id)
    )  # fmt: skip
    standing = or_(Consent.ends_at.is_(None), Consent.ends_at > now())
    kept: dict[str, Any] = {
        "live": Consent.withdrawn_at.is_(None) & standing, "withdrawn": Consent.withdrawn_at.is_not(None),
        "over": Consent.withdrawn_at.is_(None) & ~standing,
    }  # fmt: skip
    if state in kept:
        query = query.where(kept[state])
    if scope:
        query = query.where(Consent.scope == scope)
    if words:
        query = query.where(CaseFile.number.contains(words, autoescape=True))
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(Consent.given_at.desc(), Consent.id)
    return list(db.session.execute(ordered.limit(size).offset((page - 1) * size))), total
