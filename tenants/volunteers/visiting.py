"""A volunteer on a visit: arriving, the sheet, nobody met, and the red flag."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from rongjiu import audit
from rongjiu.clock import now, today
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from tenants.accompaniment import alarms, sheets
from tenants.accompaniment.models import ServicePlan, Visit
from tenants.accompaniment.rules import OPENS
from tenants.accompaniment.service import finish_visit
from tenants.cases.models import CaseFile
from tenants.express import service as express
from tenants.volunteers import queries, rules, shifts
from tenants.volunteers.models import VisitSeat, Volunteer

FLAG_LIFE = timedelta(days=1)
"""So long after a visit its red flag may still be raised."""
STOP = N_("您答应的一次探访取消了，请停下，不要上门。详情请打开“我的班”。")
FLAG = N_("有队员在探访时按了红旗，请马上打电话给队员，并打开工作台。")


def arrive(seat_id: UUID, volunteer_id: UUID) -> int:
    """Check in at the door; answers how many still have to come (two-person rule). Twice changes nothing.

    Raises Absent, Refused before visit time or when the person may not go any more.
    """
    seat = _mine(seat_id, volunteer_id)
    one = queries.standing(volunteer_id)
    young = select(ServicePlan.children).join(Visit, Visit.plan_id == ServicePlan.id).where(Visit.id == seat.visit_id)
    if one is None or (why := rules.barred(one, today(), children=bool(db.session.scalar(young)))):
        raise Refused(why if one else "没有这个班。", status=409)
    if seat.arrived_at is None:
        planned_at = db.session.scalars(select(Visit.planned_at).where(Visit.id == seat.visit_id)).one()
        if now() < planned_at - OPENS:
            raise Refused("还没到上门的时候，提前 2 小时起可以报到。", status=409)
        seat.arrived_at = now()
        db.session.flush()
        audit.record("seat.arrive", "visit_seat", seat.id)
    missing = waiting_for(seat.visit_id)
    if not missing:
        sheets.arrive(seat.visit_id)
    return missing


def waiting_for(visit_id: UUID) -> int:
    """How many people still have to arrive before anybody goes in."""
    row = db.session.execute(
        select(ServicePlan.two_person).join(Visit, Visit.plan_id == ServicePlan.id).where(Visit.id == visit_id)
    ).one()
    here = db.session.scalar(
        select(func.count()).where(
            VisitSeat.visit_id == visit_id, VisitSeat.state == "taken", VisitSeat.arrived_at.is_not(None)
        )
    )
    return max(0, (2 if row.two_person else 1) - int(here or 0))


def done(seat_id: UUID, volunteer_id: UUID, said: sheets.Written, *, client_key: UUID | None = None) -> None:
    """The visit was made: sheet, evidence, minutes of all who came. The same `client_key` again changes nothing.

    Raises Refused naming a field, or (409) before everybody has arrived.
    """
    if client_key and db.session.scalar(select(Visit.id).where(Visit.client_key == client_key)) is not None:
        return
    seat = _mine(seat_id, volunteer_id)
    if seat.arrived_at is None or waiting_for(seat.visit_id):
        raise Refused("先报到；要两个人去的，等两个人都到了再进门。", status=409)
    sheets.finish(seat.visit_id, said, client_key=client_key)


def nobody_met(seat_id: UUID, volunteer_id: UUID, *, client_key: UUID | None = None) -> None:
    """Nobody opened: the grid worker goes again (alarms). Raises Refused before the check-in."""
    if client_key and db.session.scalar(select(Visit.id).where(Visit.client_key == client_key)) is not None:
        return
    seat = _mine(seat_id, volunteer_id)
    if seat.arrived_at is None:
        raise Refused("请先报到，再登记没有见到人。", status=409)
    finish_visit(seat.visit_id, "missed", client_key=client_key)


def call_off(visit_id: UUID) -> None:
    """A visit is not made after all: who has taken it is told to stop, once a day however many of a round are cancelled."""
    rows = db.session.execute(
        select(Volunteer.account_id, Visit.plan_id)
        .join(VisitSeat, VisitSeat.volunteer_id == Volunteer.id)
        .join(Visit, Visit.id == VisitSeat.visit_id)
        .where(VisitSeat.visit_id == visit_id, VisitSeat.state == "taken", Volunteer.account_id.is_not(None))
    ).all()
    for row in rows:
        alarms.ring([row.account_id], STOP, f"visit-stop-{row.plan_id}-{today()}")


def settle(visit_id: UUID) -> None:
    """A visit of volunteers ended: who came gets the minutes, the other seats are closed."""
    moment = now()
    rows = db.session.scalars(
        select(VisitSeat).where(
            VisitSeat.visit_id == visit_id, VisitSeat.state == "taken", VisitSeat.arrived_at.is_not(None)
        )
    ).all()
    for seat in rows:
        seat.state, seat.minutes = "came", rules.minutes(seat.arrived_at or moment, moment)
    db.session.flush()
    shifts.close(visit_id)


def red_flag(seat_id: UUID, volunteer_id: UUID, words: str = "") -> UUID:
    """One button: the lead is rung, an urgent signal of this family opens and rings those on duty. Answers the alarm.

    Raises Absent for a visit that is not one's own or over since yesterday, Refused naming words.
    """
    row = db.session.execute(
        select(VisitSeat.visit_id, CaseFile.household_id)
        .join(Visit, Visit.id == VisitSeat.visit_id)
        .join(CaseFile, CaseFile.id == Visit.case_id)
        .where(
            VisitSeat.id == seat_id,
            VisitSeat.volunteer_id == volunteer_id,
            VisitSeat.state.in_(("taken", "came")),
            Visit.planned_at > now() - FLAG_LIFE,
        )
    ).one_or_none()
    if row is None:
        raise Absent("没有这个班。")
    alarm = express.flag("home_visit", words, household_id=row.household_id)
    audit.record("seat.red_flag", "visit_seat", seat_id, emergency=str(alarm))
    alarms.ring(queries.leads(row.visit_id), FLAG, f"red-flag-{alarm}-{seat_id}")
    return alarm


def _mine(seat_id: UUID, volunteer_id: UUID) -> VisitSeat:
    seat = db.session.scalar(
        select(VisitSeat)
        .where(VisitSeat.id == seat_id, VisitSeat.volunteer_id == volunteer_id, VisitSeat.state == "taken")
        .with_for_update()
    )
    if seat is None:
        raise Absent("没有这个班。")
    return seat
