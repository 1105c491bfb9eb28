"""A provider's standing: handed in, looked at, approved, active, denied, suspended, withdrawn; each step an event with a reason.

Its street vets it; so may the community of that street which invited it. Nobody vets an organisation of their own.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select

from rongjiu import audit, outbox, workdays
from rongjiu.actor import current_actor
from rongjiu.clock import now, today
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.library.packfiles import read_pack
from rongjiu.marketplace import papers, requirements, rules, service, signing
from rongjiu.marketplace.admissions import service as admissions
from rongjiu.marketplace.models import (
    Provider,
    ProviderPaper,
    ProviderService,
    ServiceArea,
    VettingEvent,
)
from rongjiu.tenancy.models import Community
from rongjiu.tenancy.queries import Place

DONE = N_("这一步已经有人办过了。请刷新页面看现在的状态。")


def lacking(provider_id: UUID) -> tuple[str, ...]:
    """Codes of what an application still lacks (rules.missing)."""
    row = db.session.execute(
        select(
            Provider.name,
            Provider.group,
            Provider.uscc,
            Provider.phone_index,
            Provider.street_id,
            Provider.kind,
            Provider.details,
        ).where(Provider.id == provider_id)
    ).one()
    area = exists().where(ServiceArea.service_id == ProviderService.id)
    offers = db.session.execute(
        select(ProviderService.title, area.label("area")).where(
            ProviderService.provider_id == provider_id, ProviderService.state == "active"
        )
    )
    held = db.session.scalars(
        select(ProviderPaper.kind).where(
            ProviderPaper.provider_id == provider_id,
            ProviderPaper.state != "refused",
            ProviderPaper.ends_on.is_(None) | (ProviderPaper.ends_on >= today()),
        )
    )
    return rules.missing(
        rules.Application(
            name=row.name, group=row.group, uscc=row.uscc, phone=row.phone_index is not None,
            street=row.street_id is not None, papers=set(held), kind=row.kind, details=row.details, services=[(one.title, one.area) for one in offers],
        )
    )  # fmt: skip


def hand_in(provider_id: UUID) -> datetime:
    """Hand an application in and answer by when it is answered: five working days (timer `vetting`).

    Raises Refused when something is missing.
    """
    row = _locked(provider_id)
    if row.state in rules.WAITING and row.due_at is not None:
        return row.due_at
    if lacking(provider_id):
        raise Refused("还有几项没填,填好就能提交。")
    _move(row, "applied", "", due=_timer("vetting"))
    assert row.due_at is not None  # noqa: S101  set just above; tells the type checker
    return row.due_at


def take(provider_id: UUID, by: Place) -> None:
    """A reviewer begins; the due time stays. Taking what is taken changes nothing."""
    row = _under(provider_id, by)
    if row.state != "under_review":
        _move(row, "under_review", "", due=row.due_at)


def approve(provider_id: UUID, by: Place) -> None:
    """Papers and code were looked at and are right: its papers count from now on. It is active and listed as soon as a
    service stands and its terms are signed, here and now when both do. Raises Refused for the reviewer's own
    organisation, and (409) for one that did not hand anything in."""
    row = _under(provider_id, by)
    _move(row, "approved", "")
    row.verified_at = now()
    papers.accept_all(provider_id)
    _tell(row, "approved")
    _begin(row)


def sign(provider_id: UUID, codes: Collection[str]) -> None:
    """Agree to terms for a provider (requirements.TERMS); signing twice keeps the first. An approved provider whose
    terms are all signed becomes active."""
    row = _locked(provider_id)
    signing.sign(provider_id, [code for code in requirements.terms(row.group, row.kind) if code in codes])
    if row.state == "active":
        service.publish(provider_id)
    _begin(row)


def begin(provider_id: UUID) -> None:
    """A service was listed: an approved provider whose terms are signed becomes active."""
    _begin(_locked(provider_id))


def _begin(row: Provider) -> None:
    """From approved to active once a service stands and the terms are signed; the community that invited it is then
    asked to admit it."""
    provider_id = row.id
    if row.state != "approved" or signing.unsigned(provider_id, row.group, row.kind) or not _offers(provider_id):
        return
    _move(row, "active", "")
    service.publish(provider_id)
    inviting = db.session.execute(
        select(Community.id, Community.street_id).where(Community.slug == inviter(row.invited_by))
    ).one_or_none()
    if inviting and service.serves(provider_id, inviting.street_id):
        admissions.ask(provider_id, inviting.id, actor="system")


def _offers(provider_id: UUID) -> bool:
    found = select(ProviderService.id).where(
        ProviderService.provider_id == provider_id, ProviderService.state == "active"
    )
    return db.session.scalar(found.limit(1)) is not None


def deny(provider_id: UUID, by: Place, reason: str) -> None:
    """Refuse an application with a reason that its applicant reads."""
    row = _under(provider_id, by)
    _move(row, "denied", _said(reason))
    _tell(row, "denied")


def ask(provider_id: UUID, by: Place, what: str) -> None:
    """Give an application back and say what is to be added; the applicant hands it in again."""
    row = _under(provider_id, by)
    _move(row, "draft", _said(what), due=_timer("application-draft"))
    _tell(row, "asked")


def suspend(provider_id: UUID, by: Place, reason: str) -> None:
    """No new offers to a provider, in any community, until the suspension ends; running jobs go to the communities."""
    row = _under(provider_id, by)
    _move(row, "suspended", _said(reason))
    service.publish(provider_id)
    _tell(row, "suspended")


def resume(provider_id: UUID, by: Place, reason: str) -> None:
    """End a suspension, with a reason."""
    row = _under(provider_id, by)
    if row.state != "suspended":
        raise Refused("这家服务方没有被暂停。", status=409)
    _move(row, "active", _said(reason))
    service.publish(provider_id)
    _tell(row, "resumed")


def expire(provider_id: UUID, reason: str) -> bool:
    """A paper that it needs has ended: no new offers anywhere until a new one was vetted. False when it is not active
    (any more)."""
    row = _locked(provider_id)
    if row.state != "active":
        return False
    _move(row, "expired", reason)
    service.publish(provider_id)
    _tell(row, "expired")
    return True


def withdraw(provider_id: UUID) -> None:
    """The provider leaves by itself; its listings go, its history stays, and no community has to answer it any more."""
    row = _locked(provider_id)
    _move(row, "withdrawn", "")
    service.publish(provider_id)
    admissions.take_back(provider_id)


def reopen(provider_id: UUID) -> None:
    """A denied or withdrawn provider writes its application anew."""
    _move(_locked(provider_id), "draft", "")


def inviter(invited_by: str) -> str:
    """The slug of the community in the code of a leaflet: huangyan.3f2a → huangyan."""
    return invited_by.partition(".")[0]


def vets(by: Place, street_id: UUID | None, invited_by: str) -> bool:
    """May this street, or this community, vet a provider of that street and invitation?"""
    if street_id is None:
        return False
    if by.kind == "street":
        return by.id == street_id
    return by.kind == "community" and by.street_id == street_id and bool(by.slug) and inviter(invited_by) == by.slug


def _under(provider_id: UUID, by: Place) -> Provider:
    """The provider, locked, if this place vets it; its own people are refused. Absent for any other place."""
    row = _locked(provider_id)
    if not vets(by, row.street_id, row.invited_by):
        raise Absent
    service.not_own(provider_id)
    return row


def _locked(provider_id: UUID) -> Provider:
    """Whoever refers to it meanwhile, as a step of an admission does that this transaction may wait for, need not wait."""
    row = db.session.scalar(select(Provider).where(Provider.id == provider_id).with_for_update(key_share=True))
    if row is None:
        raise Absent
    return row


def _move(row: Provider, state: str, reason: str, *, due: datetime | None = None) -> None:
    if not rules.may_move(row.state, state):
        raise Refused(DONE, status=409)
    actor = current_actor()
    db.session.add(
        VettingEvent(
            id=uuid7(), provider_id=row.id, at=now(), state_from=row.state, state_to=state, actor_id=actor.account_id,
            actor_role=actor.role, reason=reason,
        )
    )  # fmt: skip
    before, row.state, row.state_reason, row.due_at = row.state, state, reason, due
    db.session.flush()
    audit.record(f"provider.{state}", "provider", row.id, before=before)
    if before == "active":
        outbox.put("provider.left", {"provider_id": str(row.id)}, key=f"left-{uuid7()}")


def _said(reason: str) -> str:
    if not reason.strip():
        raise Refused("请写明原因,对方看得到。", field="reason")
    return reason.strip()[:500]


def _tell(row: Provider, what: str) -> None:
    outbox.put("provider_told", {"provider_id": str(row.id), "what": what, "key": str(uuid7())})


def _timer(name: str) -> datetime:
    timers = read_pack()["timers"]["timers"]
    found = workdays.timer(timers, name)
    assert found is not None  # noqa: S101  both timers of this room are waits without lanes
    return found.due(now(), workdays.desk_day(timers))
