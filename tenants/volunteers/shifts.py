"""Who goes on which visit: seats, signing up, swapping with the other's yes, dropping out, not turning up."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import ZONE, now, today
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from tenants.accompaniment import alarms, rounds
from tenants.accompaniment.models import ServicePlan, Visit
from tenants.cases.models import CaseFile
from tenants.volunteers import queries, rules
from tenants.volunteers.models import Pairing, VisitSeat, Volunteer, VolunteerTeam

LATE = N_("有队员临时不能去一次探访，请马上打开志愿者页面另派人。")
ABSENT = N_("有队员没有到约好的探访，请打开志愿者页面处理。")
GONE = N_("这个班已经有人了，请刷新页面看别的。")


def open_seats(visit_id: UUID) -> None:
    """A visit of volunteers was planned: one seat, two where the home asks for two; paired volunteers sit down first."""
    row = db.session.execute(
        select(ServicePlan.two_person, Visit.case_id)
        .join(Visit, Visit.plan_id == ServicePlan.id)
        .where(Visit.id == visit_id)
    ).one()
    for seq in range(1, 3 if row.two_person else 2):
        db.session.add(VisitSeat(id=uuid7(), visit_id=visit_id, seq=seq, state="open", minutes=0))
    db.session.flush()
    place_paired(row.case_id)
    point(visit_id)


def place_paired(case_id: UUID) -> int:
    """Give open seats of a household's coming visits to the volunteers paired with it; answers how many."""
    paired = list(
        db.session.scalars(
            select(Pairing.volunteer_id)
            .where(Pairing.case_id == case_id, Pairing.ended_at.is_(None))
            .order_by(Pairing.from_on, Pairing.id)
        )
    )
    free = db.session.scalars(
        select(VisitSeat)
        .join(Visit, Visit.id == VisitSeat.visit_id)
        .where(Visit.case_id == case_id, VisitSeat.state == "open", Visit.state == "planned", Visit.planned_at > now())
        .order_by(Visit.planned_at, VisitSeat.seq)
    ).all()
    placed = 0
    for seat in free if paired else ():
        for volunteer_id in paired:
            if not _why_not(seat, volunteer_id):
                _sit(seat, volunteer_id)
                placed += 1
                break
    return placed


def take(seat_id: UUID, volunteer_id: UUID) -> None:
    """A volunteer signs up for a seat, or a lead gives it. Taking one's own again changes nothing.

    Raises Absent, Clash when it is somebody else's, Refused in words when the person may not go.
    """
    seat = _seat(seat_id)
    if seat.state == "taken" and seat.volunteer_id == volunteer_id:
        return
    if seat.state != "open":
        raise Clash(GONE)
    if why := _why_not(seat, volunteer_id):
        raise Refused(why)
    _sit(seat, volunteer_id)


def drop(seat_id: UUID, volunteer_id: UUID) -> bool:
    """A volunteer cannot come: the seat is open again; True = late, and the lead was rung. Raises Absent, Refused."""
    seat = _own(seat_id, volunteer_id)
    if seat.arrived_at is not None:
        raise Refused("您已经报到了，请把这次探访做完。", status=409)
    planned_at = _planned_at(seat)
    late = rules.late(planned_at, now())
    _free(seat)
    audit.record("seat.drop", "visit_seat", seat.id, late=late)
    if late:
        db.session.execute(
            update(Volunteer).where(Volunteer.id == volunteer_id).values(drops=Volunteer.drops + 1)
        )  # fmt: skip
        alarms.ring(queries.leads(seat.visit_id), LATE, f"seat-drop-{seat.id}-{now():%Y%m%d%H%M%S}")
    point(seat.visit_id, urgency="urgent" if late else "ordinary")
    return late


def ask_swap(seat_id: UUID, volunteer_id: UUID, other_id: UUID) -> None:
    """Ask another of the team to go instead; the seat stays one's own until the other says yes.

    Raises Refused naming `other` when that person may not go.
    """
    seat = _own(seat_id, volunteer_id)
    if other_id == volunteer_id or not queries.same_team(volunteer_id, other_id):
        raise Refused("请选同队的另一位。", field="other")
    if why := _why_not(seat, other_id):
        raise Refused(why, field="other")
    seat.swap_to = other_id
    db.session.flush()
    audit.record("seat.swap_ask", "visit_seat", seat.id)
    account = db.session.scalar(select(Volunteer.account_id).where(Volunteer.id == other_id))
    alarms.ring(
        [account] if account else [], "有队友想请您换一个班，请打开志愿者页面答复。", f"swap-{seat.id}-{other_id}"
    )


def answer_swap(seat_id: UUID, other_id: UUID, *, yes: bool) -> None:
    """The one who was asked answers. Raises Absent when nothing is asked any more, Refused when the person may not go."""
    seat = _seat(seat_id)
    if seat.swap_to != other_id or seat.state != "taken":
        raise Absent("这个换班已经不在了。")
    seat.swap_to = None
    db.session.flush()
    if yes:
        if why := _why_not(seat, other_id):
            raise Refused(why)
        _sit(seat, other_id)
    audit.record("seat.swap_answer", "visit_seat", seat.id, yes=yes)


def no_show(seat_id: UUID) -> None:
    """Somebody did not come: counted, the lead is rung and the seat is opened anew. Raises Absent, Refused before the hour."""
    seat = _seat(seat_id)
    if seat.state != "taken" or seat.volunteer_id is None or seat.arrived_at is not None:
        raise Absent("这个班没有可登记的。")
    if _planned_at(seat) > now():
        raise Refused("还没到时间，不能登记没来。", status=409)
    seat.state, seat.swap_to = "no_show", None
    db.session.execute(
        update(Volunteer).where(Volunteer.id == seat.volunteer_id).values(no_shows=Volunteer.no_shows + 1)
    )  # fmt: skip
    last = max(db.session.scalars(select(VisitSeat.seq).where(VisitSeat.visit_id == seat.visit_id)))
    db.session.add(VisitSeat(id=uuid7(), visit_id=seat.visit_id, seq=last + 1, state="open", minutes=0))
    db.session.flush()
    audit.record("seat.no_show", "visit_seat", seat.id)
    alarms.ring(queries.leads(seat.visit_id), ABSENT, f"seat-absent-{seat.id}")
    point(seat.visit_id, urgency="urgent")


def no_shows() -> int:
    """Seats of visits whose day is over without anybody arriving; answers how many."""
    midnight = datetime.combine(today(), time(), ZONE)
    ids = db.session.scalars(
        select(VisitSeat.id)
        .join(Visit, Visit.id == VisitSeat.visit_id)
        .where(
            VisitSeat.state == "taken", VisitSeat.arrived_at.is_(None), Visit.state == "planned",
            Visit.planned_at < midnight,
        )
        .order_by(VisitSeat.id)
    ).all()  # fmt: skip
    for seat_id in ids:
        no_show(seat_id)
    return len(ids)


def release_all(volunteer_id: UUID) -> int:
    """Somebody is not here any more: the coming shifts go back to the lead at once; answers how many."""
    return _give_back(VisitSeat.volunteer_id == volunteer_id)


def release_unvetted() -> int:
    """Coming shifts in a home in which a child lives by now go back to the lead when whoever took them is not vetted for
    children (design of roles, rule 7); answers how many."""
    return _give_back(ServicePlan.children.is_(True), Volunteer.children.is_(False))


def _give_back(*where: ColumnElement[bool]) -> int:
    seats = db.session.scalars(
        select(VisitSeat)
        .join(Visit, Visit.id == VisitSeat.visit_id)
        .join(ServicePlan, ServicePlan.id == Visit.plan_id)
        .join(Volunteer, Volunteer.id == VisitSeat.volunteer_id)
        .where(VisitSeat.state == "taken", VisitSeat.arrived_at.is_(None), Visit.state == "planned", *where)
        .order_by(VisitSeat.id)
        .with_for_update(of=VisitSeat)
    ).all()
    for seat in seats:
        _free(seat)
        audit.record("seat.release", "visit_seat", seat.id)
        point(seat.visit_id)
    return len(seats)


def close(visit_id: UUID) -> None:
    """The visit is over or cancelled: seats that nobody came to are closed."""
    db.session.execute(
        update(VisitSeat)
        .where(VisitSeat.visit_id == visit_id, VisitSeat.state.in_(("open", "taken")))
        .values(state="closed", swap_to=None)
        .execution_options(synchronize_session="fetch")
    )


def approve(seat_ids: list[UUID]) -> int:
    """A lead confirms hours; nobody confirms the own (roles, rule 3). Answers how many were confirmed."""
    actor = current_actor()
    rows = db.session.scalars(
        select(VisitSeat)
        .join(Volunteer, Volunteer.id == VisitSeat.volunteer_id)
        .where(VisitSeat.id.in_(seat_ids), VisitSeat.state == "came", VisitSeat.approved_at.is_(None),
               Volunteer.account_id.is_distinct_from(actor.account_id))
        .with_for_update(of=VisitSeat)
    ).all()  # fmt: skip
    for seat in rows:
        seat.approved_at, seat.approved_by = now(), actor.account_id
    db.session.flush()
    if rows:
        audit.record("seat.approve", "visit_seat", rows[0].id, seats=len(rows))
    return len(rows)


def point(visit_id: UUID, urgency: str = "ordinary") -> None:
    """The next step of a planned visit: the lead while a seat is open, else the volunteers."""
    row: Any = db.session.execute(
        select(Visit, CaseFile.number, VolunteerTeam.name)
        .join(CaseFile, CaseFile.id == Visit.case_id)
        .join(ServicePlan, ServicePlan.id == Visit.plan_id)
        .outerjoin(VolunteerTeam, VolunteerTeam.id == ServicePlan.team_id)
        .where(Visit.id == visit_id, Visit.state == "planned")
    ).one_or_none()
    if row is None:
        return
    free = db.session.scalar(
        select(VisitSeat.id).where(VisitSeat.visit_id == visit_id, VisitSeat.state == "open").limit(1)
    )
    role, verb = ("volunteer_lead", N_("排人去探访")) if free is not None else ("volunteer", N_("陪伴探访"))
    rounds.point(row.Visit, row.number, role, row.name or N_("志愿队长"), verb, urgency)


def _sit(seat: VisitSeat, volunteer_id: UUID) -> None:
    seat.volunteer_id, seat.state, seat.taken_at, seat.swap_to = volunteer_id, "taken", now(), None
    db.session.flush()
    audit.record("seat.take", "visit_seat", seat.id, volunteer=str(volunteer_id))
    point(seat.visit_id)


def _free(seat: VisitSeat) -> None:
    seat.volunteer_id, seat.state, seat.taken_at, seat.swap_to = None, "open", None, None
    db.session.flush()


def _why_not(seat: VisitSeat, volunteer_id: UUID) -> str:
    """Why this volunteer cannot have this seat, in words; '' = can."""
    one = queries.standing(volunteer_id)
    row: Any = db.session.execute(
        select(Visit.planned_at, Visit.state, ServicePlan.children, ServicePlan.team_id)
        .join(ServicePlan, ServicePlan.id == Visit.plan_id)
        .where(Visit.id == seat.visit_id)
    ).one()
    if one is None or row.state != "planned":
        return GONE
    if why := rules.barred(one, row.planned_at.astimezone(ZONE).date(), children=row.children):
        return why
    taken = (
        select(VisitSeat.id)
        .join(Visit, Visit.id == VisitSeat.visit_id)
        .where(VisitSeat.volunteer_id == volunteer_id, VisitSeat.state == "taken", Visit.state == "planned")
    )
    if db.session.scalar(taken.where(VisitSeat.visit_id == seat.visit_id).limit(1)) is not None:
        return N_("这次探访已经有您了。")
    near = Visit.planned_at.between(row.planned_at - rules.BETWEEN, row.planned_at + rules.BETWEEN)
    if db.session.scalar(taken.where(near, VisitSeat.visit_id != seat.visit_id).limit(1)) is not None:
        return N_("那个时候已经有另一次探访。")
    if row.team_id != queries.team_of(volunteer_id):
        return N_("这是别的队的班。")
    return ""


def _planned_at(seat: VisitSeat) -> datetime:
    return db.session.scalars(select(Visit.planned_at).where(Visit.id == seat.visit_id)).one()


def _seat(seat_id: UUID) -> VisitSeat:
    seat = db.session.scalar(select(VisitSeat).where(VisitSeat.id == seat_id).with_for_update())
    if seat is None:
        raise Absent("没有这个班。")
    return seat


def _own(seat_id: UUID, volunteer_id: UUID) -> VisitSeat:
    seat = _seat(seat_id)
    if seat.volunteer_id != volunteer_id or seat.state != "taken":
        raise Absent("没有这个班。")
    return seat
