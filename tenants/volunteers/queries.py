"""Reads of teams, volunteers, seats and hours. Lists open no sealed field."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.identity.models import Account
from tenants.accompaniment.models import ServicePlan, Visit
from tenants.cases.models import CaseFile
from tenants.residents.models import Courtyard, Household, Person
from tenants.volunteers.models import Pairing, VisitSeat, Volunteer, VolunteerTeam
from tenants.volunteers.rules import Standing

PAGE = 50


def standing(volunteer_id: UUID) -> Standing | None:
    """What decides whether a volunteer may go; None for nobody."""
    row: Any = db.session.execute(
        select(
            Volunteer.state, Volunteer.pledged_at, Volunteer.quiz_at, Volunteer.vetted_until, Volunteer.children,
            Volunteer.team_id, VolunteerTeam.insured_until, VolunteerTeam.ended_at,
        )
        .outerjoin(VolunteerTeam, VolunteerTeam.id == Volunteer.team_id)
        .where(Volunteer.id == volunteer_id)
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    team = row.team_id is not None and row.ended_at is None
    return Standing(
        row.state, row.pledged_at is not None, row.quiz_at is not None, row.vetted_until, row.children, team,
        row.insured_until,
    )  # fmt: skip


def team_of(volunteer_id: UUID) -> UUID | None:
    """The team of a volunteer."""
    return db.session.scalar(select(Volunteer.team_id).where(Volunteer.id == volunteer_id))


def same_team(one: UUID, other: UUID) -> bool:
    """Are two volunteers of one team?"""
    return team_of(one) is not None and team_of(one) == team_of(other)


def leads(visit_id: UUID) -> list[UUID]:
    """The account of the lead of the team that makes a visit."""
    found = db.session.scalars(
        select(VolunteerTeam.lead_id)
        .join(ServicePlan, ServicePlan.team_id == VolunteerTeam.id)
        .join(Visit, Visit.plan_id == ServicePlan.id)
        .where(Visit.id == visit_id, VolunteerTeam.lead_id.is_not(None))
    )
    return [each for each in found if each is not None]


def lead_phone(team_id: UUID) -> str:
    """The telephone of a team's lead; '' when none is known."""
    query = select(Account.phone).join(VolunteerTeam, VolunteerTeam.lead_id == Account.id)
    return db.session.scalar(query.where(VolunteerTeam.id == team_id)) or ""


def teams(lead_id: UUID | None = None) -> list[Any]:
    """The teams that stand with the number of their active members; only a lead's own if one is named."""
    active = func.count(Volunteer.id).filter(Volunteer.state == "active").label("active")
    team = VolunteerTeam
    query = (
        select(team.id, team.name, team.lead_id, team.insurance, team.insured_until, active)
        .outerjoin(Volunteer, Volunteer.team_id == team.id)
        .where(team.ended_at.is_(None))
        .group_by(team.tenant_id, team.id)
        .order_by(team.started_at, team.id)
    )
    return list(db.session.execute(query if lead_id is None else query.where(team.lead_id == lead_id)))


def team(team_id: UUID) -> Any:
    """One team that stands, or None."""
    return next((row for row in teams() if row.id == team_id), None)


_VOLUNTEER: tuple[Any, ...] = (
    Volunteer.id, Volunteer.called, Volunteer.state, Volunteer.kin, Volunteer.applied_at, Volunteer.pledged_at,
    Volunteer.quiz_at, Volunteer.quiz_tries, Volunteer.vetted_until, Volunteer.vetted_post, Volunteer.children,
    Volunteer.drops, Volunteer.no_shows, Volunteer.team_id, Volunteer.account_id, VolunteerTeam.name.label("team"),
)  # fmt: skip


def page(
    state: str = "",
    team_ids: Sequence[UUID] | None = None,
    page: int = 1,
    words: str = "",
    size: int = PAGE,
) -> tuple[list[Any], int]:
    """Volunteers, those who wait for an answer first, and how many there are; of some teams only if named, or those
    whom the team calls by `words`."""
    where = [] if not state else [Volunteer.state == state]
    if words:
        where.append(Volunteer.called.contains(words, autoescape=True))
    if team_ids is not None:
        where.append(Volunteer.team_id.in_(team_ids))
    total = db.session.scalar(select(func.count()).select_from(Volunteer).where(*where)) or 0
    query = (
        select(*_VOLUNTEER)
        .outerjoin(VolunteerTeam, VolunteerTeam.id == Volunteer.team_id)
        .where(*where)
        .order_by(Volunteer.state.not_in(("applied", "invited")), Volunteer.applied_at, Volunteer.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(db.session.execute(query)), total


def one(volunteer_id: UUID) -> Any:
    """One volunteer with name and telephone, or None."""
    return db.session.execute(
        select(*_VOLUNTEER, Volunteer.name, Volunteer.phone)
        .outerjoin(VolunteerTeam, VolunteerTeam.id == Volunteer.team_id)
        .where(Volunteer.id == volunteer_id)
    ).one_or_none()


def counts() -> dict[str, int]:
    """How many volunteers stand in each state."""
    rows = db.session.execute(select(Volunteer.state, func.count()).group_by(Volunteer.state))
    return {row[0]: row[1] for row in rows}


def mates(team_id: UUID) -> list[Any]:
    """The active members of a team by the name that the team calls them: id, called, account_id."""
    query = select(Volunteer.id, Volunteer.called, Volunteer.account_id).where(
        Volunteer.team_id == team_id, Volunteer.state == "active"
    )
    return list(db.session.execute(query.order_by(Volunteer.vetted_at, Volunteer.id)))


_SEAT: tuple[Any, ...] = (
    VisitSeat.id, VisitSeat.visit_id, VisitSeat.seq, VisitSeat.state, VisitSeat.volunteer_id, VisitSeat.arrived_at,
    VisitSeat.minutes, VisitSeat.swap_to, VisitSeat.approved_at, Visit.planned_at, Visit.state.label("visit_state"),
    ServicePlan.tasks, ServicePlan.two_person, ServicePlan.team_id, CaseFile.number, CaseFile.household_id,
    Courtyard.name.label("courtyard"), Volunteer.called,
)  # fmt: skip


def _seats() -> Any:
    return (
        select(*_SEAT)
        .join(Visit, Visit.id == VisitSeat.visit_id)
        .join(ServicePlan, ServicePlan.id == Visit.plan_id)
        .join(CaseFile, CaseFile.id == Visit.case_id)
        .outerjoin(Courtyard, Courtyard.id == CaseFile.courtyard_id)
        .outerjoin(Volunteer, Volunteer.id == VisitSeat.volunteer_id)
    )


def mine(volunteer_id: UUID) -> list[Any]:
    """The shifts that a volunteer has taken and not ended, the nearest first: courtyard and tasks, no door."""
    query = _seats().where(VisitSeat.volunteer_id == volunteer_id, VisitSeat.state == "taken", Visit.state == "planned")
    return list(db.session.execute(query.order_by(Visit.planned_at, VisitSeat.seq)))


def called_off(volunteer_id: UUID) -> list[Any]:
    """Shifts of yesterday to the day after tomorrow that the volunteer had taken and that were cancelled: the moment."""
    day = timedelta(days=1)
    query = (
        select(VisitSeat.id, Visit.planned_at)
        .join(Visit, Visit.id == VisitSeat.visit_id)
        .where(
            VisitSeat.volunteer_id == volunteer_id, VisitSeat.state == "closed", Visit.state == "cancelled",
            Visit.planned_at.between(now() - day, now() + 2 * day),
        )
    )  # fmt: skip
    return list(db.session.execute(query.order_by(Visit.planned_at)))


def swaps(volunteer_id: UUID) -> list[Any]:
    """Shifts that others ask this volunteer to take over."""
    query = _seats().where(VisitSeat.swap_to == volunteer_id, VisitSeat.state == "taken", Visit.state == "planned")
    return list(db.session.execute(query.order_by(Visit.planned_at)))


def free(team_id: UUID) -> list[Any]:
    """Open seats of a team's coming visits."""
    query = _seats().where(
        VisitSeat.state == "open", Visit.state == "planned", Visit.planned_at > now(), ServicePlan.team_id == team_id
    )
    return list(db.session.execute(query.order_by(Visit.planned_at, VisitSeat.seq).limit(PAGE)))


def seat(seat_id: UUID) -> Any:
    """One seat, or None."""
    return db.session.execute(_seats().where(VisitSeat.id == seat_id)).one_or_none()


def home(household_id: UUID) -> Any:
    """The door and the head of a household: building, unit, room, name, gender, phone; for who has taken the visit."""
    return db.session.execute(
        select(Household.building, Household.unit, Household.room, Person.name, Person.gender, Person.phone)
        .outerjoin(Person, (Person.household_id == Household.id) & (Person.seq == 1))
        .where(Household.id == household_id)
    ).one_or_none()


def roster(team_ids: Sequence[UUID], since: datetime, days: int = 14) -> list[Any]:
    """All seats of teams' visits of some days, by day and hour, those not closed."""
    query = _seats().where(
        ServicePlan.team_id.in_(team_ids), VisitSeat.state != "closed", Visit.planned_at >= since,
        Visit.planned_at < since + timedelta(days=days),
    )  # fmt: skip
    return list(db.session.execute(query.order_by(Visit.planned_at, VisitSeat.visit_id, VisitSeat.seq)))


def hours(volunteer_id: UUID) -> list[Any]:
    """The visits that a volunteer made, the latest first: planned_at, minutes, approved_at, tasks. No home."""
    query = (
        select(VisitSeat.id, Visit.planned_at, VisitSeat.minutes, VisitSeat.approved_at, ServicePlan.tasks)
        .join(Visit, Visit.id == VisitSeat.visit_id)
        .join(ServicePlan, ServicePlan.id == Visit.plan_id)
        .where(VisitSeat.volunteer_id == volunteer_id, VisitSeat.state == "came")
        .order_by(Visit.planned_at.desc(), VisitSeat.id)
    )
    return list(db.session.execute(query))


def unapproved(team_ids: Sequence[UUID]) -> list[Any]:
    """Hours of teams that no lead has confirmed."""
    query = _seats().where(
        ServicePlan.team_id.in_(team_ids), VisitSeat.state == "came", VisitSeat.approved_at.is_(None)
    )
    return list(db.session.execute(query.order_by(Visit.planned_at)))


def pairs(case_id: UUID) -> list[Any]:
    """Who is paired with a household now: id, volunteer_id, called, team, from_on."""
    query = (
        select(Pairing.id, Pairing.volunteer_id, Pairing.from_on, Volunteer.called, VolunteerTeam.name.label("team"))
        .join(Volunteer, Volunteer.id == Pairing.volunteer_id)
        .outerjoin(VolunteerTeam, VolunteerTeam.id == Volunteer.team_id)
        .where(Pairing.case_id == case_id, Pairing.ended_at.is_(None))
        .order_by(Pairing.from_on, Pairing.id)
    )
    return list(db.session.execute(query))


def totals(team_id: UUID, since: date) -> tuple[int, int]:
    """Visits made and minutes given by a team since a day: counts, no names."""
    row = db.session.execute(
        select(func.count(VisitSeat.visit_id.distinct()), func.coalesce(func.sum(VisitSeat.minutes), 0))
        .join(Visit, Visit.id == VisitSeat.visit_id)
        .join(ServicePlan, ServicePlan.id == Visit.plan_id)
        .where(ServicePlan.team_id == team_id, VisitSeat.state == "came", Visit.slot_on >= since)
    ).one()
    return int(row[0]), int(row[1])
