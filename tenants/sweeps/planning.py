"""Planning a sweep, starting it, and keeping its list of doors whole."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, and_, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.tenancy.staff import working
from tenants.cases import service as cases
from tenants.residents.models import Courtyard, Household
from tenants.sweeps import rules, waiting
from tenants.sweeps.models import Sweep, SweepCourtyard, SweepStop

FORM = "sweep/1"
"""The form of the model pack (survey_form.json) and its version."""
LIVED = ("lived_in", "rented_out", "vacant")
"""What counts as a household to be met; a shop (other_use) does not."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A sweep that was planned."""

    id: UUID
    number: str


def plan(
    purpose: str, title: str, starts_on: date, ends_on: date, *, courtyards: Collection[UUID],
    left_out: Mapping[UUID, str],
) -> Planned:  # fmt: skip
    """Plan a sweep of some courtyards; every other courtyard is left out with a reason.

    Raises Refused naming purpose, title, ends_on, courtyards, or `reason-<courtyard id>`.
    """
    if purpose not in rules.PURPOSES:
        raise Refused("请选一项", field="purpose")
    if not title.strip():
        raise Refused("请写摸排名称。", field="title")
    if ends_on < starts_on:
        raise Refused("结束日期要在开始日期之后。", field="ends_on")
    every = list(db.session.execute(select(Courtyard.id, Courtyard.grid, Courtyard.slug).order_by(Courtyard.seq)))
    chosen = [row for row in every if row.id in set(courtyards)]
    if not chosen or len(chosen) != len(set(courtyards)):
        raise Refused("请至少选一个院落。", field="courtyards")
    for row in every:
        if row not in chosen and not left_out.get(row.id, "").strip():
            raise Refused("没有选的院落请写明原因。", field=f"reason-{row.id}")
    letters, _demo = cases.mark()
    number = cases.next_number(f"{letters}-S", "sweep")
    sweep = Sweep(
        id=uuid7(), number=number, purpose=purpose, title=title.strip()[:60], starts_on=starts_on, ends_on=ends_on,
        state="draft", form=FORM, created_at=now(), created_by=current_actor().name, started_at=None, ended_at=None,
        session_id=None,
    )  # fmt: skip
    db.session.add(sweep)
    db.session.flush()
    walkers = working(current_tenant().uid, ("grid_worker",))
    for row in every:
        walker = next((each for each in walkers if {row.slug, str(row.id)} & set(each.courtyards)), None)
        db.session.add(
            SweepCourtyard(
                id=uuid7(), sweep_id=sweep.id, courtyard_id=row.id, in_scope=row in chosen, state="open",
                reason="" if row in chosen else left_out[row.id].strip()[:100], closed_at=None, closed_by="",
                worker_id=walker.account_id if walker else None, worker=walker.post if walker else "",
            )
        )  # fmt: skip
    db.session.flush()
    audit.record("sweep.plan", "sweep", sweep.id, number=number, courtyards=len(chosen))
    return Planned(sweep.id, number)


def assign(sweep_id: UUID, walkers: Mapping[UUID, UUID]) -> None:
    """Say who walks which courtyard: courtyard → account of a grid worker whose membership names it.

    Raises Refused naming `worker-<courtyard id>`.
    """
    row = _locked(sweep_id)
    if row.state not in ("draft", "running"):
        raise Clash("这次摸排已经结束。")
    slugs = {each.id: each.slug for each in db.session.execute(select(Courtyard.id, Courtyard.slug))}
    staff = {each.account_id: each for each in working(current_tenant().uid, ("grid_worker",))}
    for courtyard_id, account_id in walkers.items():
        walker = staff.get(account_id)
        if walker is None or not {slugs.get(courtyard_id), str(courtyard_id)} & set(walker.courtyards):
            raise Refused("这位网格员没有分到这个院落，请先在“人员”里分配。", field=f"worker-{courtyard_id}")
        db.session.execute(
            update(SweepCourtyard)
            .where(SweepCourtyard.sweep_id == sweep_id, SweepCourtyard.courtyard_id == courtyard_id)
            .values(worker_id=account_id, worker=walker.post)
        )
    audit.record("sweep.assign", "sweep", sweep_id, courtyards=len(walkers))


def start(sweep_id: UUID) -> int:
    """Start a planned sweep: one stop for every household of its courtyards; answers how many.

    Raises Clash when it was started already, Refused when a courtyard is in another running sweep or has no worker.
    """
    row = _locked(sweep_id)
    if row.state != "draft":
        raise Clash("这次摸排已经开始或结束。")
    _free(sweep_id)
    row.state, row.started_at = "running", now()
    db.session.flush()
    count = sync_stops(sweep_id)
    audit.record("sweep.start", "sweep", sweep_id, stops=count)
    waiting.step(sweep_id)
    return count


def cancel(sweep_id: UUID, reason: str) -> None:
    """Give a sweep up; what was found stays. Raises Refused naming `reason`, Clash when it has ended."""
    row = _locked(sweep_id)
    if row.state not in ("draft", "running"):
        raise Clash("这次摸排已经结束。")
    if not reason.strip():
        raise Refused("请写明为什么取消。", field="reason")
    row.state, row.ended_at = "cancelled", now()
    db.session.flush()
    audit.record("sweep.cancel", "sweep", sweep_id, reason=reason.strip()[:200])
    waiting.step(sweep_id)


def name_session(sweep_id: UUID, session_id: UUID | None) -> None:
    """Say which livestream session of the community collects signals for a sweep, None for none. Raises Absent."""
    row = _locked(sweep_id)
    row.session_id = session_id
    db.session.flush()
    audit.record("sweep.session", "sweep", sweep_id, session=str(session_id or ""))


def leave_out(sweep_id: UUID, courtyard_id: UUID, reason: str) -> None:
    """Leave a courtyard out of a sweep after all, with the reason: only one in which no door is known.

    Raises Refused naming `reason`, Clash when it has doors, is closed, or is the last one.
    """
    sweep = _locked(sweep_id)
    yards = list(
        db.session.scalars(
            select(SweepCourtyard).where(SweepCourtyard.sweep_id == sweep_id, SweepCourtyard.in_scope).with_for_update()
        )
    )
    row = next((each for each in yards if each.courtyard_id == courtyard_id), None)
    if row is None:
        raise Absent("这个院落不在这次摸排里。")
    if not reason.strip():
        raise Refused("请写明理由。", field="reason")
    stops = select(SweepStop.id).where(SweepStop.sweep_id == sweep_id, SweepStop.courtyard_id == courtyard_id)
    doors = db.session.scalar(stops.limit(1)) or db.session.execute(missing(sweep_id, courtyard_id)).first()
    if doors or row.state != "open" or sweep.state not in ("draft", "running") or len(yards) == 1:
        raise Clash("这个院落有登记的门，或是最后一个院落，不能略过。")
    row.in_scope, row.reason = False, reason.strip()[:100]
    db.session.flush()
    audit.record("sweep.leave_out", "sweep", sweep_id, courtyard=str(courtyard_id))
    if sweep.state == "running" and all(each.state == "closed" for each in yards if each is not row):
        sweep.state, sweep.ended_at = "closed", now()
        db.session.flush()
        audit.record("sweep.end", "sweep", sweep_id)
    waiting.step(sweep_id)


def sync_stops(sweep_id: UUID, courtyard_id: UUID | None = None) -> int:
    """Give every household of the open courtyards that has no stop yet its stop; answers how many there were.

    Doors in the order of building, staircase and room; those unreached in their last sweep come first.
    """
    found = list(db.session.execute(missing(sweep_id, courtyard_id)))
    if not found:
        return 0
    last = db.session.scalar(select(func.max(SweepStop.seq)).where(SweepStop.sweep_id == sweep_id)) or 0
    again = _unreached([row.id for row in found], sweep_id)
    db.session.execute(
        upsert(SweepStop).on_conflict_do_nothing(),
        [
            _row(sweep_id, row.courtyard_id, row.id, row.building, last + n, first=row.id in again)
            for n, row in enumerate(found, 1)
        ],
    )
    return len(found)


def add_stop(sweep_id: UUID, courtyard_id: UUID, household_id: UUID, *, at_door: bool) -> UUID:
    """The stop of one household, made when there is none yet."""
    found = select(SweepStop.id).where(SweepStop.sweep_id == sweep_id, SweepStop.household_id == household_id)
    known = db.session.scalar(found)
    if known is not None:
        return known
    building = db.session.scalar(select(Household.building).where(Household.id == household_id)) or ""
    last = db.session.scalar(select(func.max(SweepStop.seq)).where(SweepStop.sweep_id == sweep_id)) or 0
    values = _row(sweep_id, courtyard_id, household_id, building, last + 1, first=False)
    db.session.execute(insert(SweepStop).values(**{**values, "at_door": at_door}))
    return UUID(str(values["id"]))


def _row(
    sweep_id: UUID, courtyard_id: UUID, household_id: UUID, building: str, seq: int, *, first: bool
) -> dict[str, object]:  # fmt: skip
    return {
        "tenant_id": current_tenant().id, "id": uuid7(), "sweep_id": sweep_id, "household_id": household_id,
        "home_then": household_id,
        "courtyard_id": courtyard_id, "building": building, "seq": seq, "first": first, "at_door": False,
        "state": "planned", "tries": 0, "deferred_until": None, "final_at": None, "worker": "",
    }  # fmt: skip


def missing(sweep_id: UUID, courtyard_id: UUID | None) -> Select[UUID, UUID, str]:
    """Households of the open courtyards of a sweep without a stop, in the order in which they are walked."""
    query = (
        select(Household.id, Household.courtyard_id, Household.building)
        .join(
            SweepCourtyard,
            and_(
                SweepCourtyard.courtyard_id == Household.courtyard_id,
                SweepCourtyard.sweep_id == sweep_id, SweepCourtyard.in_scope, SweepCourtyard.state == "open",
            ),
        )
        .join(Courtyard, Courtyard.id == Household.courtyard_id)
        .outerjoin(SweepStop, and_(SweepStop.household_id == Household.id, SweepStop.sweep_id == sweep_id))
        .where(
            SweepStop.id.is_(None), Household.occupancy.in_(LIVED), Household.left_on.is_(None),
            Household.merged_into.is_(None),
        )
        .order_by(
            Courtyard.seq, Courtyard.id, func.length(Household.building), Household.building,
            func.length(Household.unit), Household.unit, func.length(Household.room), Household.room, Household.id,
        )
    )  # fmt: skip
    return query if courtyard_id is None else query.where(Household.courtyard_id == courtyard_id)


def _unreached(households: Collection[UUID], sweep_id: UUID) -> set[UUID]:
    """Of these households those whose stop in their last ended sweep was unreached."""
    ranked = (
        select(
            SweepStop.household_id, SweepStop.state,
            func.row_number().over(partition_by=SweepStop.household_id, order_by=Sweep.started_at.desc()).label("n"),
        )
        .join(Sweep, Sweep.id == SweepStop.sweep_id)
        .where(SweepStop.household_id.in_(households), SweepStop.sweep_id != sweep_id)
        .subquery()
    )  # fmt: skip
    query = select(ranked.c.household_id).where(ranked.c.n == 1, ranked.c.state == "unreached")
    return set(db.session.scalars(query))


def _free(sweep_id: UUID) -> None:
    mine = select(SweepCourtyard.courtyard_id).where(SweepCourtyard.sweep_id == sweep_id, SweepCourtyard.in_scope)
    other = (
        select(Sweep.number)
        .join(SweepCourtyard, SweepCourtyard.sweep_id == Sweep.id)
        .where(
            Sweep.state == "running", Sweep.id != sweep_id, SweepCourtyard.in_scope, SweepCourtyard.state == "open",
            SweepCourtyard.courtyard_id.in_(mine),
        )
    )  # fmt: skip
    number = db.session.scalar(other.limit(1))
    if number is not None:
        raise Refused("有院落还在 %(number)s 里没有摸排完，请先结束那一次。", status=409, number=number)


def _locked(sweep_id: UUID) -> Sweep:
    row = db.session.scalar(select(Sweep).where(Sweep.id == sweep_id).with_for_update())
    if row is None:
        raise Absent("没有这次摸排。")
    return row
