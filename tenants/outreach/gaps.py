"""Needs against capacity, here and next door; what nobody gives becomes a target, and is closed on a day by somebody."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu import audit, facts
from rongjiu.clock import today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.facts import Fact
from rongjiu.ids import uuid7
from rongjiu.marketplace import restricted, slots
from rongjiu.marketplace.admissions.queries import in_force
from rongjiu.marketplace.candidates import candidates
from rongjiu.marketplace.models import Admission, Provider
from rongjiu.oversight.service import next_step, no_step
from tenants.cases.models import CaseFile
from tenants.catalogue import queries as catalogue
from tenants.catalogue import service as waits
from tenants.needs.models import Need
from tenants.outreach import rules, service
from tenants.outreach.facts import GapClosed
from tenants.outreach.models import GapTarget, Prospect
from tenants.residents.models import Courtyard


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of need in one courtyard against the places of a month."""

    item: str
    courtyard_id: UUID | None
    courtyard: str
    gap: rules.Gap
    types: tuple[str, ...]
    neighbours: tuple[str, ...]
    """Providers next door that could be admitted."""
    target_id: UUID | None


def plan(month: date) -> list[Line]:
    """Open needs by item and courtyard against free places of that month, its slots among them: worst first."""
    community_id, street_id, _mark = service.here()
    types = _types()
    offered = candidates(
        street_id,
        {kind for each in types.values() for kind in each} - restricted.CODES,
        community_id=community_id,
        period=month,
    )
    booked = slots.coming([one.service_id for one in offered], slots.month_end(month), slots.month_start(month))
    left = {
        one.service_id: max(one.free, 0) + (booked[one.service_id].left if one.service_id in booked else 0)
        for one in offered
    }
    allowed = _allowed(community_id)
    open_targets = {(row.item_slug, row.courtyard_id): row.id for row in targets(open_only=True)}
    lines = []
    for row in _waiting():
        kinds = set(types.get(row.item_slug, ()))
        here = next_door = 0
        names: list[str] = []
        for one in offered:
            if one.service_type not in kinds or left[one.service_id] <= 0:
                continue
            yards = allowed.get(one.provider_id, ())
            if one.admission == "active" and (not yards or str(row.courtyard_id) in yards):
                here += left[one.service_id]
            elif one.admission != "active":
                next_door += left[one.service_id]
                names.append(one.provider_name)
        gap = rules.Gap(row.item_slug, row.courtyard or "", row.waiting, here, next_door)
        lines.append(
            Line(row.item_slug, row.courtyard_id, row.courtyard or "", gap, tuple(sorted(kinds)),
                 tuple(dict.fromkeys(names))[:5], open_targets.get((row.item_slug, row.courtyard_id)))
        )  # fmt: skip
    worst = {"gap": 0, "next_door": 1, "met": 2}
    return sorted(lines, key=lambda line: (worst[line.gap.verdict], -line.gap.waiting, line.item, line.courtyard))


def _waiting() -> list[Any]:
    """Open needs of open cases: item, courtyard, how many."""
    rows = db.session.execute(
        select(Need.item_slug, CaseFile.courtyard_id, Courtyard.name.label("courtyard"), func.count().label("waiting"))
        .join(CaseFile, (CaseFile.id == Need.case_id) & (CaseFile.tenant_id == Need.tenant_id))
        .outerjoin(Courtyard, (Courtyard.id == CaseFile.courtyard_id) & (Courtyard.tenant_id == CaseFile.tenant_id))
        .where(Need.item_slug.is_not(None), Need.result.in_(("", "not_solved")), CaseFile.closed_at.is_(None))
        .group_by(Need.item_slug, CaseFile.courtyard_id, Courtyard.name)
    )
    return list(rows)


def _types() -> dict[str, set[str]]:
    """Item of need → kinds of service that answer it."""
    found: dict[str, set[str]] = {}
    for row in catalogue.service_types():
        for item in row.get("need_item_ids", ()):
            found.setdefault(item, set()).add(row["id"])
    return found


def _allowed(community_id: UUID) -> dict[UUID, Collection[str]]:
    rows = db.session.execute(
        select(Admission.provider_id, Admission.courtyards).where(Admission.community_id == community_id, in_force())
    )
    return {row.provider_id: row.courtyards for row in rows}


def targets(*, open_only: bool = False) -> list[GapTarget]:
    """Targets, open ones first by their day."""
    query = select(GapTarget).order_by(GapTarget.closed_on.desc().nulls_first(), GapTarget.due_on, GapTarget.id)
    if open_only:
        query = query.where(GapTarget.closed_on.is_(None))
    return list(db.session.scalars(query.limit(500)))


def prospects_of(target_ids: Collection[UUID]) -> dict[UUID, list[Any]]:
    """Whom somebody asks because of these targets: target → prospects (number, name, kind, state)."""
    rows = db.session.execute(
        select(Prospect.target_id, Prospect.number, Prospect.name, Prospect.kind, Prospect.state)
        .where(Prospect.target_id.in_(target_ids))
        .order_by(Prospect.number)
    )
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row.target_id, []).append(row)
    return found


def open_target(item: str, service_type: str, courtyard_id: UUID | None, *, wanted: int = 1) -> GapTarget:
    """Open a target, or answer the one that is open for this item and courtyard; a further need raises what is wanted.

    Raises Refused naming item or service_type.
    """
    types = _types().get(item, set())
    if not types:
        raise Refused("没有能满足这项需求的服务类型。", field="item")
    if service_type not in types:
        raise Refused("请选一类服务。", field="service_type")
    there = GapTarget.courtyard_id == courtyard_id if courtyard_id else GapTarget.courtyard_id.is_(None)
    row = db.session.scalar(
        select(GapTarget).where(GapTarget.item_slug == item, there, GapTarget.closed_on.is_(None)).with_for_update()
    )
    if row is not None:
        row.wanted = max(row.wanted, wanted)
        db.session.flush()
        return row
    row = GapTarget(
        id=uuid7(), item_slug=item, service_type=service_type, courtyard_id=courtyard_id, wanted=max(1, wanted),
        opened_on=today(), due_on=waits.due_date("wish-unclaimed"), owner_post="社区", outcome="",
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    next_step(
        "gap_target", row.id, number="", case_id=None, actor_role="community_worker", actor=N_("社区"),
        verb=N_("找服务方补缺口"), due_at=waits.due("wish-unclaimed"),
    )  # fmt: skip
    audit.record("gap.open", "gap_target", row.id, item=item, service=service_type)
    return row


def close(target_id: UUID, provider_id: UUID | None) -> GapTarget:
    """An admitted provider gives it from today on. Raises Absent, Clash when closed, Refused naming `provider`."""
    row = _held(target_id)
    community_id, _street_id, _mark = service.here()
    found = db.session.scalar(
        select(Provider.id)
        .join(Admission, Admission.provider_id == Provider.id)
        .where(
            Provider.id == provider_id, Provider.state == "active", Admission.community_id == community_id,
            in_force(),
        )
    )  # fmt: skip
    if found is None:
        raise Refused("请选一家已准入的服务方。", field="provider")
    row.provider_id, row.outcome, row.closed_on = found, "closed", today()
    db.session.flush()
    no_step(row.id)
    audit.record("gap.close", "gap_target", row.id, provider=provider_id)
    facts.send(GapClosed(tenant_id=current_tenant().id, object_id=row.id))
    return row


def drop(target_id: UUID) -> GapTarget:
    """Nobody asks for it any more. Raises Absent, Clash when closed."""
    row = _held(target_id)
    row.outcome, row.closed_on = "dropped", today()
    db.session.flush()
    no_step(row.id)
    audit.record("gap.drop", "gap_target", row.id)
    return row


def nobody_found(fact: Fact) -> None:
    """Matching found nobody for a need: open a target for its item and courtyard."""
    need = db.session.execute(
        select(Need.item_slug, CaseFile.courtyard_id)
        .join(CaseFile, (CaseFile.id == Need.case_id) & (CaseFile.tenant_id == Need.tenant_id))
        .where(Need.id == fact.object_id)
    ).one_or_none()
    if need is None or not need.item_slug:
        return
    types = sorted(_types().get(need.item_slug, ()))
    if types:
        open_target(need.item_slug, types[0], need.courtyard_id)


def network() -> tuple[dict[str, list[str]], dict[str, str]]:
    """Kind of service → names of the admitted providers that give it; and the kinds that rest on one alone."""
    community_id, street_id, _mark = service.here()
    kinds = {kind for each in _types().values() for kind in each} - restricted.CODES
    found: dict[str, list[str]] = {}
    for one in candidates(street_id, kinds, community_id=community_id):
        if one.admission == "active" and one.provider_name not in found.setdefault(one.service_type, []):
            found[one.service_type].append(one.provider_name)
    found = {kind: names for kind, names in sorted(found.items()) if names}
    return found, rules.single_points(found)


def _held(target_id: UUID) -> GapTarget:
    row = db.session.scalar(select(GapTarget).where(GapTarget.id == target_id).with_for_update())
    if row is None:
        raise Absent("没有这个缺口。")
    if row.closed_on is not None:
        raise Clash("这个缺口已经办结。")
    return row
