"""Papers count from the moment at which a person has looked at them, also those of a provider that is active."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import aliased

from rongjiu import audit, outbox
from rongjiu.actor import current_actor
from rongjiu.clock import now, today
from rongjiu.db import db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.marketplace import requirements, rules
from rongjiu.marketplace.models import Provider, ProviderPaper
from rongjiu.marketplace.queries import Line
from rongjiu.marketplace.service import publish

RUNNING = ("approved", "active", "suspended")
"""States in which a paper is looked at by itself and not with an application."""


def accept_all(provider_id: UUID) -> None:
    """All papers that wait were looked at with the application."""
    db.session.execute(
        update(ProviderPaper)
        .where(ProviderPaper.provider_id == provider_id, ProviderPaper.state == "waiting")
        .values(state="accepted", decided_at=now(), decided_by=current_actor().account_id)
    )


def decide(provider_id: UUID, paper_id: UUID, *, accepted: bool, reason: str = "") -> None:
    """One new paper counts from now on, or does not, with a reason that its provider reads. Whoever calls has checked
    that this place vets the provider. Raises Refused naming `reason`, Clash when it was decided, Absent."""
    row = db.session.scalar(
        select(ProviderPaper)
        .where(ProviderPaper.id == paper_id, ProviderPaper.provider_id == provider_id)
        .with_for_update()
    )
    if row is None:
        raise Absent("没有这份证照。")
    if row.state != "waiting":
        raise Clash("这份证照已经看过了。请刷新页面看结果。")
    if not accepted and not reason.strip():
        raise Refused("请写明原因,对方看得到。", field="reason")
    row.state, row.reason = ("accepted" if accepted else "refused"), reason.strip()[:300]
    row.decided_at, row.decided_by = now(), current_actor().account_id
    db.session.flush()
    publish(provider_id)
    audit.record("provider.paper.decide", "provider", provider_id, paper=row.kind, accepted=accepted)
    what = "paper_accepted" if accepted else "paper_refused"
    outbox.put("provider_told", {"provider_id": str(provider_id), "what": what, "key": f"{what}-{paper_id}"})


def waiting(street_id: UUID) -> list[Line]:
    """New papers of running providers that wait for a street: id, provider_id, name, kind, ends_on; the first end
    first."""
    p = ProviderPaper
    query = (
        select(p.id, p.provider_id, Provider.name, p.kind, p.ends_on)
        .join(Provider, Provider.id == p.provider_id)
        .where(p.state == "waiting", Provider.state.in_(RUNNING), Provider.street_id == street_id)
        .order_by(p.ends_on, p.id)
    )
    return list(db.session.execute(query))


def ending(street_id: UUID | None = None) -> list[Line]:
    """Papers that end within the first reminder and have no newer one that counts: id, provider_id, name, kind,
    ends_on, street_id; of one street or of all."""
    p, newer = ProviderPaper, aliased(ProviderPaper)
    renewed = exists().where(
        newer.provider_id == p.provider_id, newer.kind == p.kind, newer.state == "accepted",
        newer.ends_on.is_(None) | (newer.ends_on > p.ends_on),
    )  # fmt: skip
    query = (
        select(p.id, p.provider_id, Provider.name, p.kind, p.ends_on, Provider.street_id)
        .join(Provider, Provider.id == p.provider_id)
        .where(
            Provider.state == "active", p.state == "accepted", ~renewed,
            p.ends_on.between(today(), today() + timedelta(days=max(requirements.REMIND_BEFORE))),
        )
        .order_by(p.ends_on, p.id)
    )  # fmt: skip
    if street_id is not None:
        query = query.where(Provider.street_id == street_id)
    return list(db.session.execute(query))


def may_meet_children(provider_id: UUID) -> bool:
    """May a helper be asked for somebody under 14? Volunteers and teams only with a child check that has not ended."""
    checked = (
        exists()
        .where(
            ProviderPaper.provider_id == Provider.id, ProviderPaper.kind == rules.CHILD_CHECK,
            ProviderPaper.state == "accepted",
            or_(ProviderPaper.ends_on.is_(None), ProviderPaper.ends_on >= today()),
        )
    )  # fmt: skip
    found = select(Provider.id).where(Provider.id == provider_id, or_(Provider.group.not_in(rules.NO_CODE), checked))
    return db.session.scalar(found) is not None
