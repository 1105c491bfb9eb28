"""Reads of slips, offers, match runs and confirmations; lists select columns."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, DateTime, Row, Uuid, any_, func, select

from rongjiu.db import Tenant, current_tenant, db
from rongjiu.marketplace import restricted
from rongjiu.marketplace.models import Provider, ProviderService
from rongjiu.prepared import Prepared, given
from rongjiu.tenancy.models import Community
from tenants.cases.models import CaseFile, ContactLog, Goal
from tenants.needs.models import Need
from tenants.referrals import rules
from tenants.referrals.models import Confirmation, MatchRun, ReferralRequest, ReferralTask, TaskEvent


@dataclass(frozen=True, slots=True)
class Sender:
    """The community in force, as offers name it."""

    id: UUID
    name: str
    slug: str
    phone: str
    street_id: UUID | None
    tenant: Tenant


def here() -> Sender:
    """The community in force."""
    (row,) = _HERE.rows()
    return Sender(row.id, row.name, row.slug, row.phone, row.street_id, current_tenant())


_HERE = Prepared(
    select(Community.id, Community.name, Community.slug, Community.phone, Community.street_id).where(
        Community.tenant_id == given("tenant")
    )
)


def offered(name: str) -> ColumnElement[str]:
    """Expression: a word of a service on the terms of its offer, else as it stands now (title, delivery_mode,
    price_class); the query joins ProviderService. The title of what is restricted is masked for whoever may not know."""
    said: ColumnElement[str] = func.coalesce(ReferralTask.terms[name].astext, getattr(ProviderService, name))
    if name == "title":
        said = restricted.title_of(ReferralTask.service_type, said)
    return said.label(name)


_SLIP: tuple[Any, ...] = (
    ReferralRequest.id.label("request_id"), ReferralRequest.seq, ReferralRequest.need_id, ReferralRequest.kind,
    ReferralRequest.state.label("request_state"), ReferralRequest.reason_code.label("request_reason"),
    ReferralRequest.policy_slug, ReferralRequest.department_slug, ReferralRequest.wish, ReferralRequest.made_at,
    ReferralRequest.person_id, ReferralTask.id.label("task_id"), ReferralTask.state.label("task_state"),
    ReferralTask.reason_code, ReferralTask.offered_at, ReferralTask.due_at, ReferralTask.slot_at,
    ReferralTask.answered_at, ReferralTask.ended_at, ReferralTask.consent_id, ReferralTask.provider_id,
    ReferralTask.service_id, Provider.name.label("provider"), offered("title"),
    restricted.title_of(ReferralRequest.service_type, ReferralRequest.service_type).label("service_type"), ReferralTask.proposed_at, ReferralRequest.again, ReferralRequest.like_id, ReferralTask.other_id,
    ReferralTask.other_words, ReferralTask.missing,
)  # fmt: skip


def slips(case_id: UUID) -> list[Row[Any]]:
    """Every slip of a case with each of its offers, in order: request_id, seq, need_id, kind, request_state, task_id,
    task_state, due_at, slot_at, provider (name), title (of the service), reasons; task columns are None for a slip
    that never went out."""
    query = (
        select(*_SLIP)
        .outerjoin(ReferralTask, ReferralTask.request_id == ReferralRequest.id)
        .outerjoin(Provider, Provider.id == ReferralTask.provider_id)
        .outerjoin(ProviderService, ProviderService.id == ReferralTask.service_id)
    )
    return list(
        db.session.execute(
            query.where(ReferralRequest.case_id == case_id).order_by(ReferralRequest.seq, ReferralTask.id)
        )
    )


def last_match(need_id: UUID) -> MatchRun | None:
    """The newest match run of a need."""
    return db.session.scalar(select(MatchRun).where(MatchRun.need_id == need_id).order_by(MatchRun.id.desc()).limit(1))


def contacts(need_id: UUID) -> list[Row[Any]]:
    """Talks with providers about a need, newest first: at, note, provider."""
    return list(
        db.session.execute(
            select(ContactLog.at, ContactLog.note, Provider.name.label("provider"))
            .join(Provider, Provider.id == ContactLog.provider_id)
            .where(ContactLog.need_id == need_id)
            .order_by(ContactLog.at.desc())
        )
    )


def goals(case_id: UUID) -> dict[UUID, str]:
    """The goal of each need that has one, in words."""
    rows = db.session.execute(select(Goal.need_id, Goal.words).where(Goal.case_id == case_id))
    return {row.need_id: row.words for row in rows}


@dataclass(frozen=True, slots=True)
class Asked:
    """A need whose help has begun, so that the family can say what came of it."""

    need_id: UUID
    seq: int
    item_slug: str | None
    titles: tuple[str, ...]
    """What was done, in the words of the services."""


def to_confirm(case_id: UUID) -> list[Asked]:
    """Needs with a delivered or running offer about which the family has not spoken since it was given. What was paused
    before it had begun is no help yet."""
    begun = (
        select(TaskEvent.id).where(TaskEvent.task_id == ReferralTask.id, TaskEvent.state_to == "in-progress").exists()
    )
    said = (
        select(Confirmation.need_id, func.max(Confirmation.at).label("at"))
        .where(Confirmation.case_id == case_id)
        .group_by(Confirmation.need_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Need.id, Need.seq, Need.item_slug, offered("title"))
        .join(ReferralRequest, ReferralRequest.need_id == Need.id)
        .join(ReferralTask, ReferralTask.request_id == ReferralRequest.id)
        .join(ProviderService, ProviderService.id == ReferralTask.service_id)
        .outerjoin(said, said.c.need_id == Need.id)
        .where(
            Need.case_id == case_id,
            ReferralTask.state.in_(("completed", "in-progress")) | ((ReferralTask.state == "on-hold") & begun),
            said.c.at.is_(None) | ((ReferralTask.ended_at > said.c.at) & (ReferralTask.state == "completed")),
        )
        .order_by(Need.seq, ReferralRequest.seq)
    )
    found: dict[UUID, Asked] = {}
    for row in rows:
        before = found.get(row.id)
        titles = (*before.titles, row.title) if before else (row.title,)
        found[row.id] = Asked(row.id, row.seq, row.item_slug, tuple(dict.fromkeys(titles)))
    return list(found.values())


def confirmations(case_id: UUID) -> list[Row[Any]]:
    """What the family said, newest first: need seq, answer, stars, by, at."""
    return list(
        db.session.execute(
            select(Need.seq, Confirmation.answer, Confirmation.stars, Confirmation.by, Confirmation.at)
            .join(Need, Need.id == Confirmation.need_id)
            .where(Confirmation.case_id == case_id)
            .order_by(Confirmation.at.desc(), Need.seq)
        )
    )


_CASE: tuple[Any, ...] = (
    CaseFile.id, CaseFile.number, CaseFile.household_id, CaseFile.courtyard_id, CaseFile.urgency, CaseFile.worker_post,
    CaseFile.demo, CaseFile.closed_at,
)  # fmt: skip


def case_of(case_id: UUID) -> Row[Any]:
    """id, number, household, courtyard, urgency, worker and closing of a case."""
    (row,) = _CASES.rows(ids=[case_id])
    return row


_CASES = Prepared(
    select(*_CASE).where(CaseFile.tenant_id == given("tenant"), CaseFile.id == any_(given("ids", ARRAY(Uuid()))))
)


def next_seq(case_id: UUID) -> int:
    """The number of the next slip of a case; the case is locked by the caller."""
    query = select(func.max(ReferralRequest.seq)).where(ReferralRequest.case_id == case_id)
    return (db.session.scalar(query) or 0) + 1


def silences(providers: Collection[UUID], since: datetime) -> dict[UUID, int]:
    """Offers of this community that providers let run out since a moment (admission is looked at after some)."""
    return {row.provider_id: row.times for row in _SILENCES.rows(providers=list(providers), since=since)}


_SILENCES = Prepared(
    select(ReferralTask.provider_id, func.count().label("times"))
    .where(
        ReferralTask.tenant_id == given("tenant"), ReferralTask.provider_id == any_(given("providers", ARRAY(Uuid()))),
        ReferralTask.reason_code == "no-response", ReferralTask.ended_at >= given("since", DateTime(timezone=True)),
    )
    .group_by(ReferralTask.provider_id)
)  # fmt: skip


def cases_of(case_ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """`case_of` of several cases."""
    return {row.id: row for row in _CASES.rows(ids=list(case_ids))}


def tasks(ids: Collection[UUID]) -> list[Row[Any]]:
    """State, provider, service title and due time of offers, in the order of their ids."""
    return list(
        db.session.execute(
            select(
                ReferralTask.id, ReferralTask.state, ReferralTask.provider_id, ReferralTask.service_id,
                ReferralTask.service_type, ReferralTask.case_id, ReferralTask.due_at, ReferralTask.slot_at,
                ReferralTask.proposed_at,
                *(offered(name) for name in ("title", "delivery_mode", "price_class")),
            )
            .join(ProviderService, ProviderService.id == ReferralTask.service_id)
            .where(ReferralTask.id.in_(ids))
            .order_by(ReferralTask.id)
        )
    )  # fmt: skip


def offers_listed(state: str, reason: str, words: str, page: int, size: int) -> tuple[list[Row[Any]], int]:
    """Offers that went out, the newest first, and how many: number (of the case), seq (of the slip), title, provider,
    state, offered_at, due_at, ended_at, reason_code, again; no person. `state` live | one of the states | '' for all;
    `words` part of a case's number or a provider's name."""
    query = (
        select(
            CaseFile.number, ReferralRequest.seq, ReferralRequest.kind, offered("title"), Provider.name.label("provider"),
            ReferralTask.state, ReferralTask.offered_at, ReferralTask.due_at, ReferralTask.ended_at,
            ReferralTask.reason_code, ReferralRequest.again,
        )
        .join(ReferralRequest, ReferralRequest.id == ReferralTask.request_id)
        .join(CaseFile, CaseFile.id == ReferralTask.case_id)
        .join(Provider, Provider.id == ReferralTask.provider_id)
        .outerjoin(ProviderService, ProviderService.id == ReferralTask.service_id)
        .where(ReferralTask.offered_at.is_not(None))
    )  # fmt: skip
    if state == "live":
        query = query.where(ReferralTask.state.in_(rules.LIVE - {"draft"}))
    elif state:
        query = query.where(ReferralTask.state == state)
    if reason:
        query = query.where(ReferralTask.reason_code == reason)
    if words:
        like = CaseFile.number.contains(words, autoescape=True) | Provider.name.contains(words, autoescape=True)
        query = query.where(like)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(ReferralTask.offered_at.desc(), ReferralTask.id)
    return list(db.session.execute(ordered.limit(size).offset((page - 1) * size))), total
