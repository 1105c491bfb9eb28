"""The home-visit list: families in hardship found by a survey or a sweep, or due by the rounds of special groups, until
somebody has been at their door.

Rooms above (surveys, sweeps) put families on it; the desk plans the visit, which is a signal, a case and its first
visit, or one more visit of the case that stands already: nothing is doubled.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update

from rongjiu import audit
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.facts import Fact
from rongjiu.ids import uuid7
from rongjiu.oversight.service import next_step
from rongjiu.tenancy.staff import Worker
from tenants.accompaniment.facts import VisitDone
from tenants.accompaniment.models import Visit
from tenants.accompaniment.service import finish_visit, plan_visit
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.catalogue import service as catalogue
from tenants.finding.models import VISIT_SOURCES, VISIT_STATES, HomeVisit
from tenants.residents import queries as residents
from tenants.residents.models import Courtyard, Household, Person
from tenants.signals import service

LIVE = ("waiting", "planned")
WISH = "上门看看家里有什么困难（列入入户名单）"
"""The first line of a case opened from the list, until the family has said its own wishes at the door."""

WISHES = {"round": "特殊人群定期走访：看看近况"}


@dataclass(frozen=True, slots=True)
class Planned:
    """The case of a visit, its number, whether the case was there before, and who goes by when."""

    case_id: UUID
    number: str
    stood: bool
    next: service.Expected


def put_on_visit_list(
    household_id: UUID | None, reasons: Sequence[str], source: str, source_id: UUID, *, points: int = 0,
    courtyard_id: UUID | None = None, door: str = "",
) -> UUID:  # fmt: skip
    """Put a family on the list (source survey | sweep | round) for reasons in codes; answers the row.

    A family that waits or is planned already only gains the new reasons. A door that is not in the register is listed
    by its courtyard and its words. Raises Absent for an unknown household, ValueError for another source.
    """
    if source not in VISIT_SOURCES:
        raise ValueError(source)
    row = None
    if household_id is not None:
        courtyard_id = db.session.scalar(
            select(Household.courtyard_id).where(Household.id == household_id).with_for_update(key_share=True)
        )
        live = select(HomeVisit).where(HomeVisit.household_id == household_id, HomeVisit.state.in_(LIVE))
        row = db.session.scalar(live.with_for_update())
    if courtyard_id is None:
        raise Absent("没有这户人家。")
    if row is not None:
        row.reasons = list(dict.fromkeys([*row.reasons, *reasons]))
        row.points = max(row.points, points)
    else:
        row = HomeVisit(
            id=uuid7(), household_id=household_id, courtyard_id=courtyard_id, reasons=list(dict.fromkeys(reasons)),
            door=None if household_id else door.strip()[:100] or None, points=points, source=source,
            source_id=source_id, state="waiting", dropped_as="", listed_at=now(), case_id=None, visit_id=None,
            ended_at=None,
        )  # fmt: skip
        db.session.add(row)
    db.session.flush()
    audit.record("home_visit.list", "home_visit", row.id, source=source, reasons=len(reasons))
    return row.id


def plan(home_visit_id: UUID) -> Planned:
    """Plan the visit: by the grid worker of the courtyard, in the family's open case if it has one, else in a case
    opened from a signal of the survey or sweep. Raises Absent, Clash when it was planned or dropped already."""
    row = _waiting(home_visit_id)
    case = _open_case(row.household_id)
    planned = Planned(case.id, case.number, True, _again(case)) if case else _open(row)
    row.state, row.case_id = "planned", planned.case_id
    row.visit_id = db.session.scalar(_planned_visits(planned.case_id).limit(1))
    db.session.flush()
    audit.record("home_visit.plan", "home_visit", row.id, case=planned.number)
    return planned


def been(household_id: UUID, at: datetime) -> None:
    """Write down that somebody of the community was at a family's door at a moment: what waited on the list is done, a
    planned visit of its case too. Raises Absent, Clash when the case still waits for its first visit, which is told
    with its sheet."""
    yard = db.session.scalar(
        select(Household.courtyard_id).where(Household.id == household_id).with_for_update(key_share=True)
    )
    if yard is None:
        raise Absent("没有这户人家。")
    case = _open_case(household_id)
    planned = (
        db.session.execute(_planned_visits(case.id, Visit.id, Visit.kind).limit(1)).one_or_none() if case else None
    )
    if planned is not None and planned.kind == "first":
        raise Clash("这户的个案还等着首次上门核实，请网格员在核实表里登记。")
    live = select(HomeVisit).where(HomeVisit.household_id == household_id, HomeVisit.state.in_(LIVE))
    row = db.session.scalar(live.with_for_update())
    if planned is not None:
        finish_visit(planned.id, "done", at=at)
    if row is None:
        row = HomeVisit(
            id=uuid7(), household_id=household_id, courtyard_id=yard, reasons=["round"], door=None, points=0,
            source="round", source_id=household_id, dropped_as="", listed_at=now(), case_id=case.id if case else None,
            visit_id=planned.id if planned else None,
        )  # fmt: skip
        db.session.add(row)
    row.state, row.ended_at = "done", at
    db.session.flush()
    audit.record("home_visit.been", "home_visit", row.id)


def drop(home_visit_id: UUID, reason: str) -> None:
    """Take a family off the list for a reason in words of work (no personal content). Raises Absent, Clash, Refused
    naming `reason`."""
    row, why = _waiting(home_visit_id), reason.strip()
    if not 2 <= len(why) <= 100:
        raise Refused("请写明为什么不上门，2 到 100 个字，不写姓名。", field="reason")
    row.state, row.dropped_as, row.ended_at = "dropped", why, now()
    db.session.flush()
    audit.record("home_visit.drop", "home_visit", row.id)


def _waiting(home_visit_id: UUID) -> HomeVisit:
    row = db.session.scalar(select(HomeVisit).where(HomeVisit.id == home_visit_id).with_for_update())
    if row is None:
        raise Absent("名单上没有这户。")
    if row.state != "waiting":
        raise Clash("这户刚刚有人处理过了，请刷新页面。")
    return row


def _open_case(household_id: UUID | None) -> CaseFile | None:
    if household_id is None:
        return None
    return db.session.scalar(
        select(CaseFile).where(CaseFile.household_id == household_id, CaseFile.closed_at.is_(None)).limit(1)
    )


def _open(row: HomeVisit) -> Planned:
    words = f"{WISHES.get(row.source, WISH)} {row.door or ''}".strip()
    got = service.receive(
        "home_visit" if row.source == "round" else row.source, "need", words, courtyard_id=row.courtyard_id
    )
    opened = service.open_case(got.id, [words], courtyard_id=row.courtyard_id, urgency="ordinary")
    if row.household_id is not None:
        cases.attach_household(opened.case_id, row.household_id)
    return Planned(opened.case_id, opened.number, False, opened.next)


def _again(case: CaseFile) -> service.Expected:
    """One more visit of a case that stands; the one already planned when there is one."""
    cases.hold(case.id)
    worker = residents.grid_worker(case.courtyard_id) if case.courtyard_id else None
    planned = db.session.execute(_planned_visits(case.id, Visit.planned_at).limit(1)).one_or_none()
    if planned is not None:
        return service.Expected(_post(worker), planned.planned_at)
    due_at = catalogue.due("first-visit", case.urgency)
    visit = plan_visit(case.id, "worker", due_at, worker_id=worker.account_id if worker else None)
    next_step(
        "visit", visit.id, number=case.number, case_id=case.id, actor_role="grid_worker" if worker else service.CLERK,
        actor=_post(worker), verb=N_("上门探访"), due_at=due_at, urgency=case.urgency,
    )  # fmt: skip
    return service.Expected(_post(worker), due_at)


def _post(worker: Worker | None) -> str:
    return worker.post if worker else service.post_of(service.CLERK)


def _planned_visits(case_id: UUID, *columns: Any) -> Any:
    query = select(*(columns or (Visit.id,))).where(Visit.case_id == case_id, Visit.state == "planned")
    return query.where(Visit.kind.in_(("first", "worker"))).order_by(Visit.planned_at)


def visited(fact: Fact) -> None:
    """Somebody of the community was at the door: the row of the list is done, also when an earlier try was missed."""
    if not isinstance(fact, VisitDone) or fact.kind not in ("first", "worker"):
        return
    db.session.execute(
        update(HomeVisit)
        .where(HomeVisit.state == "planned", HomeVisit.case_id == fact.case_id)
        .values(state="done", ended_at=now())
        .execution_options(synchronize_session="fetch")
    )


def page(
    *, state: str = "waiting", courtyard_id: UUID | None = None, grid: str = "", source: str = "",
    courtyards: Collection[UUID] | None = None, page: int = 1, size: int = 50,
) -> tuple[list[Any], int]:  # fmt: skip
    """A page of the list by grid, courtyard and hardship, and how many there are; one statement each."""
    where = [_own()] if not state else [_own(), HomeVisit.state == state]
    if courtyard_id is not None:
        where.append(HomeVisit.courtyard_id == courtyard_id)
    if courtyards is not None:
        where.append(HomeVisit.courtyard_id.in_(courtyards))
    if grid:
        where.append(Courtyard.grid == grid)
    if source:
        where.append(HomeVisit.source == source)
    joined = select(func.count()).select_from(HomeVisit).join(Courtyard, Courtyard.id == HomeVisit.courtyard_id)
    total = db.session.scalar(joined.where(*where)) or 0
    rows = db.session.execute(
        select(
            HomeVisit.id, HomeVisit.household_id, HomeVisit.reasons, HomeVisit.points, HomeVisit.source,
            HomeVisit.state, HomeVisit.dropped_as, HomeVisit.listed_at, HomeVisit.ended_at, HomeVisit.door,
            Courtyard.name.label("courtyard"), Courtyard.grid, Household.building, Household.unit, Household.room,
            Person.name.label("head"), CaseFile.number.label("case_number"), Visit.planned_at,
        )
        .join(Courtyard, Courtyard.id == HomeVisit.courtyard_id)
        .outerjoin(Household, Household.id == HomeVisit.household_id)
        .outerjoin(Person, (Person.household_id == HomeVisit.household_id) & (Person.seq == 1))
        .outerjoin(CaseFile, CaseFile.id == HomeVisit.case_id)
        .outerjoin(Visit, Visit.id == HomeVisit.visit_id)
        .where(*where)
        .order_by(Courtyard.grid, Courtyard.seq, HomeVisit.points.desc(), HomeVisit.listed_at, HomeVisit.id)
        .limit(size)
        .offset((page - 1) * size)
    )  # fmt: skip
    return list(rows), total


def of_household(household_id: UUID) -> list[Any]:
    """When one family was put on the list and by what: for its timeline."""
    query = select(HomeVisit.source, HomeVisit.state, HomeVisit.listed_at).where(HomeVisit.household_id == household_id)
    return list(db.session.execute(query))


def _own() -> ColumnElement[bool]:
    """Not a row that waits for an entry of the register which has been taken into another that is listed itself."""
    merged = select(Household.id).where(Household.merged_into.is_not(None))
    return or_(HomeVisit.household_id.is_(None), HomeVisit.state.not_in(LIVE), HomeVisit.household_id.not_in(merged))


def counts() -> dict[str, int]:
    """Rows of the list by state, every state named."""
    rows = db.session.execute(select(HomeVisit.state, func.count().label("n")).where(_own()).group_by(HomeVisit.state))
    found = {row.state: row.n for row in rows}
    return {state: found.get(state, 0) for state in VISIT_STATES}
