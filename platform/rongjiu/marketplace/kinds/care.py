"""The care-only service log of a medical provider: which acts of care were done when and by whom of its own, and which
visits were missed. Acts are codes: no word of a family's life can stand in it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select

from rongjiu import audit
from rongjiu.clock import ZONE, now
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace.kinds import licences
from rongjiu.marketplace.kinds.models import CareStaff, CareVisit
from rongjiu.marketplace.models import ProviderInbox
from rongjiu.marketplace.queries import Line
from rongjiu.tenancy.models import Community

ACTS = {
    "vital_signs": N_("量血压、体温、脉搏"), "catheter": N_("更换尿管"), "gastric_tube": N_("更换胃管"), "wound": N_("换药、护理伤口"),
    "injection": N_("注射、输液"), "blood": N_("抽血、测血糖"), "bedsore": N_("压疮护理"), "rehab": N_("康复训练"),
    "medicine": N_("用药指导"), "bathing": N_("擦浴、个人清洁"), "check_up": N_("体检"), "teaching": N_("教家属护理"),
    "palliative": N_("舒缓照护"), "referral": N_("建议转诊"),
}  # fmt: skip
"""What may be logged (product list after the catalogue of home nursing items)."""
UNFIT = N_("服务方还没说谁去，或者去的人那天执业证已到期。请服务方换一位，或另约时间。")


def plan(
    provider_id: UUID, task_id: UUID, community_id: UUID, titles: Sequence[str], staff_id: UUID | None, at: datetime
) -> None:  # fmt: skip
    """Somebody goes on that day; asked again, the plan changes."""
    with licences.own(provider_id):
        row = _planned(task_id) or CareVisit(id=uuid7(), provider_id=provider_id, task_id=task_id, state="planned")
        row.community_id, row.titles, row.staff_id, row.at, row.acts = community_id, list(titles), staff_id, at, []
        db.session.add(row)
        db.session.flush()


def close(
    provider_id: UUID, task_id: UUID, community_id: UUID, titles: Sequence[str], *, staff_id: UUID | None = None,
    acts: Collection[str] = (), asked: bool = True, missed: bool = False,
) -> None:  # fmt: skip
    """Log a visit as done with its acts (`asked`: at least one must be named), or as missed. Raises Refused naming `acts`."""
    if set(acts) - set(ACTS):
        raise Refused("请选一项", field="acts")
    if asked and not acts and not missed:
        raise Refused("请勾选做了哪些护理。只记护理,不记家里的事。", field="acts")
    with licences.own(provider_id):
        row = _planned(task_id) or CareVisit(
            id=uuid7(), provider_id=provider_id, task_id=task_id, community_id=community_id, titles=list(titles)
        )
        row.at, row.state, row.acts = now(), "missed" if missed else "done", [act for act in ACTS if act in acts]
        row.staff_id = staff_id or row.staff_id
        db.session.add(row)
        db.session.flush()
        found = row.id
    audit.record("care.missed" if missed else "care.done", "care_visit", found, provider_id=provider_id)


def planned_staff(provider_id: UUID, task_id: UUID) -> UUID | None:
    """Who was named to go."""
    with licences.own(provider_id):
        row = _planned(task_id)
        return row.staff_id if row else None


def check(provider_id: UUID, task_ids: Collection[UUID], day: date) -> None:
    """Nobody is sent whose licence does not hold on the day. Raises Refused naming `staff`, in words that do not say who
    it is, when a medical provider that keeps licensed staff named nobody for these offers, or somebody like that."""
    named = next((found for one in task_ids if (found := planned_staff(provider_id, one))), None)
    try:
        licences.check(provider_id, named, day)
    except Refused:
        raise Refused(UNFIT, field="staff") from None


def move(provider_id: UUID, task_ids: Collection[UUID], at: datetime) -> None:
    """What was planned is for another time; raises like `check`. Nothing planned: nothing to do."""
    with licences.own(provider_id):
        found = [row for one in task_ids if (row := _planned(one))]
    if not found:
        return
    check(provider_id, task_ids, at.astimezone(ZONE).date())
    with licences.own(provider_id):
        for row in found:
            row.at = at
        db.session.flush()


def rename(provider_id: UUID, old_id: UUID, task_id: UUID) -> None:
    """Who goes was named before there was an offer, for the wish to come: from now on it is named for the offer."""
    with licences.own(provider_id):
        row = _planned(old_id)
        if row is not None:
            row.task_id = task_id
            db.session.flush()


def log(provider_id: UUID, *, state: str = "", page: int = 1, size: int = 50) -> tuple[list[Line], int]:
    """The log, the newest first: at, state, titles, acts, community, staff, post; and how many."""
    v = CareVisit
    query = (
        select(v.id, v.at, v.state, v.titles, v.acts, Community.name.label("community"), CareStaff.name.label("staff"), CareStaff.post)
        .join(Community, Community.id == v.community_id)
        .outerjoin(CareStaff, CareStaff.id == v.staff_id)
        .where(v.provider_id == provider_id, _stands())
    )  # fmt: skip
    if state:
        query = query.where(v.state == state)
    with licences.own(provider_id):
        total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
        ordered = query.order_by(v.at.desc(), v.id).limit(size).offset((page - 1) * size)
        return list(db.session.execute(ordered)), total


def counts(provider_id: UUID) -> dict[str, int]:
    """How many visits are planned, done, missed."""
    v = CareVisit
    with licences.own(provider_id):
        rows = db.session.execute(
            select(v.state, func.count().label("n")).where(v.provider_id == provider_id, _stands()).group_by(v.state)
        ).all()
    return {row.state: row.n for row in rows}


def _stands() -> ColumnElement[bool]:
    """A planned visit whose job was taken back or given up stands in the log no longer."""
    job = exists().where(
        ProviderInbox.task_id == CareVisit.task_id, ProviderInbox.state.in_(("accepted", "in-progress", "on-hold"))
    )
    return (CareVisit.state != "planned") | job


def _planned(task_id: UUID) -> CareVisit | None:
    query = select(CareVisit).where(CareVisit.task_id == task_id, CareVisit.state == "planned").with_for_update()
    return db.session.scalar(query)
