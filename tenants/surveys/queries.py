"""Reads of surveys for screens: lists, progress by courtyard, day and worker, doors to ask. No sealed field in a list."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, cast, func, select

from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.errors import Absent
from tenants.residents.models import Courtyard, Household, Person
from tenants.surveys import forms
from tenants.surveys.models import Survey, SurveyAnswer, SurveyDoor, SurveyTarget
from tenants.surveys.questions import Question

_LIST = (
    Survey.id, Survey.number, Survey.title, Survey.starts_on, Survey.ends_on, Survey.form_version, Survey.state,
    Survey.sample, Survey.quota, Survey.seed, Survey.drawn_at, Survey.published_at, Survey.demo,
)  # fmt: skip


def surveys(*, state: str = "") -> list[Any]:
    """All surveys with how many have answered, running ones first, then the newest."""
    answered = select(func.count()).where(SurveyAnswer.survey_id == Survey.id).correlate(Survey).scalar_subquery()
    query = select(*_LIST, answered.label("answers"))
    if state:
        query = query.where(Survey.state == state)
    order = func.array_position(["running", "draft", "closed"], Survey.state)
    return list(db.session.execute(query.order_by(order, Survey.created_at.desc())))


def one(survey_id: UUID) -> Any:
    """One survey, or None."""
    answered = select(func.count()).where(SurveyAnswer.survey_id == Survey.id).correlate(Survey).scalar_subquery()
    query = select(*_LIST, answered.label("answers"))
    row: Any = db.session.execute(query.where(Survey.id == survey_id)).one_or_none()
    return row


def of_household(household_id: UUID) -> list[Any]:
    """When one family answered which survey, and who asked: for its timeline."""
    query = (
        select(Survey.number, SurveyAnswer.at, SurveyAnswer.worker)
        .join(Survey, Survey.id == SurveyAnswer.survey_id)
        .where(SurveyAnswer.household_id == household_id)
    )
    return list(db.session.execute(query))


@dataclass(frozen=True, slots=True)
class Yard:
    """One courtyard in a survey."""

    id: UUID
    name: str
    grid: str
    households: int
    target: int
    left_out: str
    answers: int
    drawn: int
    """Doors drawn that are to be asked, without the reserve."""
    refused: int
    unreached: int


def yards(survey_id: UUID) -> list[Yard]:
    """Target and progress of each courtyard, in two statements more than the list."""
    told = select(SurveyAnswer.courtyard_id, func.count()).where(SurveyAnswer.survey_id == survey_id)
    answers = {row[0]: row[1] for row in db.session.execute(told.group_by(SurveyAnswer.courtyard_id))}
    doors = select(SurveyDoor.courtyard_id, SurveyDoor.state, func.count())
    doors = doors.where(SurveyDoor.survey_id == survey_id).group_by(SurveyDoor.courtyard_id, SurveyDoor.state)
    states: dict[UUID, dict[str, int]] = {}
    for yard, state, count in db.session.execute(doors):
        states.setdefault(yard, {})[state] = count
    query = (
        select(
            Courtyard.id, Courtyard.name, Courtyard.grid, SurveyTarget.households, SurveyTarget.target,
            SurveyTarget.left_out,
        )
        .join(SurveyTarget, SurveyTarget.courtyard_id == Courtyard.id)
        .where(SurveyTarget.survey_id == survey_id)
        .order_by(Courtyard.seq, Courtyard.slug)
    )  # fmt: skip
    found = []
    for row in db.session.execute(query):
        at = states.get(row[0], {})
        drawn = sum(count for state, count in at.items() if state != "reserve")
        unreached = at.get("unreached", 0) + at.get("not_lived_in", 0)
        found.append(Yard(*row, answers.get(row[0], 0), drawn, at.get("refused", 0), unreached))
    return found


def days(survey_id: UUID) -> list[tuple[date, int]]:
    """Answers of each day on which there were some, the latest first, by the clock of Shanghai."""
    day = cast(func.timezone("Asia/Shanghai", SurveyAnswer.at), Date)
    query = select(day, func.count()).where(SurveyAnswer.survey_id == survey_id).group_by(day).order_by(day.desc())
    return [(row[0], row[1]) for row in db.session.execute(query)]


def workers(survey_id: UUID) -> list[tuple[str, int, int]]:
    """Who asked: name, answers, answers today; who has most first."""
    day = cast(func.timezone("Asia/Shanghai", SurveyAnswer.at), Date)
    count = func.count()
    query = select(SurveyAnswer.worker, count, count.filter(day == today()))
    query = query.where(SurveyAnswer.survey_id == survey_id).group_by(SurveyAnswer.worker)
    return [(row[0], row[1], row[2]) for row in db.session.execute(query.order_by(count.desc(), SurveyAnswer.worker))]


def answers(survey_id: UUID, *, courtyard_id: UUID | None = None, page: int = 1, size: int = 50) -> list[Any]:
    """A page of answers without what they say, the latest first."""
    query = (
        select(
            SurveyAnswer.id, SurveyAnswer.at, SurveyAnswer.form_version, SurveyAnswer.how, SurveyAnswer.worker,
            Courtyard.name.label("courtyard"),
        )
        .join(Courtyard, Courtyard.id == SurveyAnswer.courtyard_id)
        .where(SurveyAnswer.survey_id == survey_id)
    )  # fmt: skip
    if courtyard_id is not None:
        query = query.where(SurveyAnswer.courtyard_id == courtyard_id)
    query = query.order_by(SurveyAnswer.at.desc(), SurveyAnswer.id.desc())
    return list(db.session.execute(query.limit(size).offset((page - 1) * size)))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One answer opened: what was asked, by its own version of the form, and what was said."""

    head: Any
    questions: list[Question]
    said: dict[str, Any]


def sheet(survey_id: UUID, answer_id: UUID) -> Sheet | None:
    """One household's answers with the questions as they were put; None when absent."""
    head = db.session.execute(
        select(
            SurveyAnswer.id, SurveyAnswer.at, SurveyAnswer.form_version, SurveyAnswer.how, SurveyAnswer.worker,
            SurveyAnswer.answers, SurveyAnswer.household_id, Courtyard.name.label("courtyard"),
        )
        .join(Courtyard, Courtyard.id == SurveyAnswer.courtyard_id)
        .where(SurveyAnswer.survey_id == survey_id, SurveyAnswer.id == answer_id)
    ).one_or_none()  # fmt: skip
    return None if head is None else Sheet(head, forms.version(head.form_version), json.loads(head.answers))


def doors(survey_id: UUID, courtyards: Collection[UUID]) -> list[Any]:
    """The doors still to be asked in these courtyards, those not tried yet first, in the order of the draw."""
    query = _doors().where(
        SurveyDoor.survey_id == survey_id, SurveyDoor.courtyard_id.in_(courtyards), SurveyDoor.state == "waiting",
        Household.merged_into.is_(None),
    )  # fmt: skip
    return list(db.session.execute(query.order_by(SurveyDoor.tries, Courtyard.seq, SurveyDoor.seq)))


def door(door_id: UUID, courtyards: Collection[UUID]) -> Any:
    """One drawn door in these courtyards, or None."""
    query = _doors().where(SurveyDoor.id == door_id, SurveyDoor.courtyard_id.in_(courtyards))
    return db.session.execute(query).one_or_none()


def _doors() -> Any:
    return (
        select(
            SurveyDoor.id, SurveyDoor.survey_id, SurveyDoor.courtyard_id, SurveyDoor.seq, SurveyDoor.state,
            SurveyDoor.tries, SurveyDoor.tried_at, Courtyard.name.label("courtyard"), Household.building,
            Household.unit, Household.room, Person.name.label("head"),
        )
        .join(Courtyard, Courtyard.id == SurveyDoor.courtyard_id)
        .join(Household, Household.id == SurveyDoor.household_id)
        .outerjoin(Person, (Person.household_id == SurveyDoor.household_id) & (Person.seq == 1))
    )  # fmt: skip


def running() -> list[Any]:
    """Surveys that take answers now, the oldest first."""
    query = select(*_LIST).where(Survey.state == "running")
    return list(db.session.execute(query.order_by(Survey.starts_on, Survey.id)))


def existing(survey_id: UUID) -> Any:
    """One survey; raises Absent."""
    row = one(survey_id)
    if row is None:
        raise Absent("没有这次统计。")
    return row
