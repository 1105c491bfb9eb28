"""What is asked for before anything goes out: an open need, services of one provider, a consent that stands, a person of
the household, and nothing in the way. Everything here only reads, but for the locks of case and consent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Uuid, select

from rongjiu.actor import current_actor
from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.marketplace import restricted
from rongjiu.marketplace.models import Provider, ProviderService
from rongjiu.marketplace.papers import may_meet_children
from rongjiu.prepared import Prepared, given
from tenants.cases.models import CaseEvent, CaseFile
from tenants.cases.service import hold
from tenants.catalogue.models import NeedItem
from tenants.consents.models import Consent
from tenants.consents.service import live
from tenants.needs.models import Need
from tenants.referrals import queries, rules
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.residents.models import Courtyard, Household, Person
from tenants.residents.rules import age, speaks_for_self

NO_CONSENT = "还没有可用的授权。请先请本人(未满 14 周岁由监护人)同意,再提交转介。"
OPEN_SLIPS = ("draft", "active", "on-hold", "awaiting_confirmation")


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom an offer is about, as far as keys go, and the courtyard that may be named."""

    person_id: UUID
    household_id: UUID
    area: str
    minor: bool
    courtyard_id: UUID
    groups: frozenset[str]
    """Groups of the person, said and by rule: they may have a price of their own."""


def open_need(need_id: UUID) -> Any:
    """The need, with its case locked; raises Absent, or Refused when the case is closed."""
    need = db.session.execute(
        select(Need.id, Need.case_id, Need.urgency, Need.person_id).where(Need.id == need_id)
    ).one_or_none()
    if need is None:
        raise Absent("没有这项需求。")
    hold(need.case_id)
    if queries.case_of(need.case_id).closed_at is not None:
        raise Refused("这个个案已办结,请先重新启动,再提交转介。", field="service")
    return need


@dataclass(frozen=True, slots=True)
class Twin:
    """A slip by which the same person already waits for help, and whether it is for the same kind of service."""

    id: UUID
    number: str
    seq: int
    same_kind: bool


def twin(person_id: UUID, need_id: UUID, service_type: str) -> Twin | None:
    """An open slip of the same person by another need, in whatever case, for the same kind of service or, failing that,
    for a need of the same category; None when there is none, or when a slip of this need stands
    already: then it was asked about before."""
    r = ReferralRequest
    mine = select(r.id).where(r.need_id == need_id, r.service_type == service_type, r.state.in_(OPEN_SLIPS))
    if db.session.scalar(mine.limit(1)) is not None:
        return None
    ours = select(NeedItem.category_slug).join(Need, Need.item_slug == NeedItem.slug).where(Need.id == need_id)
    same = r.service_type == service_type
    query = (
        select(r.id, CaseFile.number, r.seq, same.label("same_kind"))
        .join(CaseFile, CaseFile.id == r.case_id)
        .join(Need, Need.id == r.need_id)
        .outerjoin(NeedItem, NeedItem.slug == Need.item_slug)
        .where(
            r.person_id == person_id, r.need_id != need_id, r.service_type.is_not(None), r.state.in_(OPEN_SLIPS),
            same | (NeedItem.category_slug == ours.scalar_subquery()),
        )
        .order_by(same.desc(), r.made_at)
    )  # fmt: skip
    row = db.session.execute(query.limit(1)).one_or_none()
    return Twin(*row) if row else None


def services(ids: Sequence[UUID]) -> list[Row[Any]]:
    """Services of one provider, at least one, in the order of their ids; raises Refused naming `service`."""
    rows: Sequence[Any] = db.session.execute(
        select(
            ProviderService.id, ProviderService.provider_id, ProviderService.service_type, ProviderService.title,
            ProviderService.price_class, ProviderService.price, ProviderService.delivery_mode, Provider.group,
            ProviderService.terms,
        ).join(Provider, Provider.id == ProviderService.provider_id).where(ProviderService.id.in_(ids)).order_by(ProviderService.id)
    ).all()  # fmt: skip
    if not rows or len(rows) != len(set(ids)) or len({row.provider_id for row in rows}) != 1:
        raise Refused("请选择一家服务方的服务,至少一项。", field="service")
    if len(restricted.visible(rows)) != len(rows):
        raise Absent("没有这项服务。")
    return [*rows]


def consent(consent_id: UUID | None, provider_id: UUID, case_id: UUID, person_id: UUID) -> Consent:
    """The consent on which the offers stand, locked against a withdrawal at the same moment."""
    row = None
    if consent_id is not None:
        row = db.session.scalar(select(Consent).where(Consent.id == consent_id).with_for_update())
    if row is None or row.case_id != case_id or row.scope != "share_with_provider" or not live(row):
        raise Refused(NO_CONSENT, field="consent_id")
    if row.provider_id != provider_id:
        raise Refused("这份授权给的是另一家,请为这家服务方另取授权。", field="consent_id")
    if row.person_id != person_id:
        raise Refused("这份授权不是这位家人的,请为这位家人另取授权。", field="consent_id")
    return row


def guarded(subject: Subject, provider_id: UUID) -> None:
    """A child is hidden from volunteers who have not been vetted for children."""
    if subject.minor and not may_meet_children(provider_id):
        raise Refused("对方还没有通过儿童服务审查,不能为未满 14 周岁的孩子派单。请另选服务方。", field="service")


def subject(case_id: UUID, person_id: UUID) -> Subject:
    """Whom an offer of a case is about; raises Absent for somebody of another household."""
    case = queries.case_of(case_id)
    row = db.session.execute(
        select(
            Person.household_id,
            Courtyard.name,
            Courtyard.id,
            Person.birth_date,
            Person.age_said,
            Person.age_on,
            Person.groups,
            Person.labels,
        )
        .join(Household, Household.id == Person.household_id)
        .join(Courtyard, Courtyard.id == Household.courtyard_id)
        .where(Person.id == person_id)
    ).one_or_none()
    if row is None or row.household_id != case.household_id:
        raise Absent("这户没有这个人。")
    years = age(row.birth_date, row.age_said, row.age_on, today())
    groups = frozenset((*row.groups, *row.labels))
    return Subject(person_id, row.household_id, row.name, not speaks_for_self(years), row.id, groups)


def beside(request: ReferralRequest, provider_id: UUID) -> None:
    """A slip has one live offer; of a kind offered to several, as many as nobody has accepted, one a receiver."""
    rows = db.session.execute(
        select(ReferralTask.provider_id, ReferralTask.state).where(
            ReferralTask.request_id == request.id, ReferralTask.state.in_(rules.LIVE - {"draft"})
        )
    ).all()
    several = request.kind in rules.PARALLEL and all(row.state == "requested" for row in rows)
    if rows and (not several or provider_id in {row.provider_id for row in rows}):
        raise Clash("这项服务已经派出,正在等答复或正在服务。", field="service")


def hindrance(request: ReferralRequest) -> None:
    """What the last ending asks for before anybody new is asked: the secretary after a conflict,
    a visit after nobody could be reached."""
    last = db.session.execute(
        select(ReferralTask.reason_code, ReferralTask.ended_at)
        .where(ReferralTask.request_id == request.id, ReferralTask.ended_at.is_not(None))
        .order_by(ReferralTask.ended_at.desc(), ReferralTask.id.desc())
        .limit(1)
    ).one_or_none()
    consequence = rules.REASONS[last.reason_code].consequence if last and last.reason_code in rules.REASONS else ""
    if consequence == "supervisor" and current_actor().role not in ("secretary", "system"):
        raise Refused("上一家说不安全或有冲突。请社区书记看过后,由书记再派单。", field="service")
    if last is not None and consequence == "visit_first":
        seen = select(CaseEvent.id).where(
            CaseEvent.case_id == request.case_id, CaseEvent.kind == "visited", CaseEvent.at >= last.ended_at
        )
        if db.session.scalar(seen.limit(1)) is None:
            raise Refused("上一家联系不上家里人。请先上门看望并登记,再派单。", field="service")


def consented(task: ReferralTask) -> bool:
    """Does the consent of an offer stand at this moment?"""
    return any(live(row) for row in _STANDS.rows(consent=task.consent_id))


_STANDS = Prepared(
    select(Consent.withdrawn_at, Consent.ends_at).where(
        Consent.tenant_id == given("tenant"), Consent.id == given("consent", Uuid())
    )
)


def urgency_of(task: ReferralTask) -> str:
    """How urgent the slip of an offer is."""
    return next((row.urgency for row in _URGENCY.rows(request=task.request_id)), "ordinary")


_URGENCY = Prepared(
    select(ReferralRequest.urgency).where(
        ReferralRequest.tenant_id == given("tenant"), ReferralRequest.id == given("request", Uuid())
    )
)
