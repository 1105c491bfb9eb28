"""A survey from its draft to its end, and one household's answers."""

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from rongjiu import audit, facts
from rongjiu.actor import current_actor
from rongjiu.clock import ZONE, now, today
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from tenants.cases import service as cases
from tenants.catalogue import service as catalogue
from tenants.finding import home_visits
from tenants.residents.models import Courtyard, Household
from tenants.surveys import forms, questions, rules, sampling
from tenants.surveys.facts import SurveyAnswered
from tenants.surveys.models import Survey, SurveyAnswer, SurveyDoor, SurveyTarget

LONGEST = 40
EARLY = timedelta(hours=12)
"""How far a phone's clock may run ahead."""


def start_draft(title: str, starts_on: date, *, sample: int | None = None, quota: int | None = None) -> Survey:
    """Lay out a survey that ends after the span of the model (timer survey-span), with suggested numbers.

    Raises Refused naming title, starts_on, sample or quota.
    """
    words = title.strip()
    if not 2 <= len(words) <= LONGEST:
        raise Refused("请写名称，2 到 40 个字。", field="title")
    ends_on = catalogue.due_date("survey-span", start=datetime.combine(starts_on, time(9), ZONE))
    letters, demo = cases.mark()
    row = Survey(
        id=uuid7(), number=cases.next_number(f"{letters}-D", "survey"), title=words, starts_on=starts_on,
        ends_on=ends_on, form_version=forms.first(), state="draft", sample=0, quota=1, drawn_at=None, needs_draft=None,
        seed=uuid7().int % 1_000_000, published_at=None, created_at=now(), demo=demo,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    sizes = sampling.lay(row)
    row.sample = rules.suggested_sample(sum(sizes.values())) if sample is None else sampling.number(sample, "sample")
    days = max(1, (ends_on - starts_on).days)
    row.quota = rules.suggested_quota(row.sample, days) if quota is None else sampling.number(quota, "quota")
    sampling.spread(row.id)
    audit.record("survey.draft", "survey", row.id, number=row.number)
    return row


def begin(survey_id: UUID) -> None:
    """Open a survey for answers: the form is fixed, the doors are drawn. Raises Absent, Clash, Refused."""
    row = sampling.draft(survey_id)
    if not db.session.scalar(select(SurveyTarget.id).where(SurveyTarget.survey_id == row.id, SurveyTarget.target > 0)):
        raise Refused("还没有要问的户数，请先填样本。")
    row.form_version = forms.first()
    row.state = "running"
    sampling.draw(row)
    audit.record("survey.begin", "survey", row.id, version=row.form_version)


def renew_form(survey_id: UUID) -> int:
    """Ask by the newest form from now on; answers given before keep the version they were given under."""
    row = sampling.row(survey_id)
    if row.state == "closed":
        raise Clash("这次统计已经结束。")
    row.form_version = forms.first()
    db.session.flush()
    audit.record("survey.renew_form", "survey", row.id, version=row.form_version)
    return row.form_version


def end(survey_id: UUID) -> None:
    """Take no more answers; ending twice changes nothing. Raises Absent, Clash for a draft."""
    row = sampling.row(survey_id)
    if row.state == "draft":
        raise Clash("这次统计还没有开始。")
    if row.state == "running":
        row.state = "closed"
        db.session.flush()
        audit.record("survey.end", "survey", row.id)


def answer(
    survey_id: UUID, given: Mapping[str, Any], *, client_key: UUID, courtyard_id: UUID | None = None,
    door_id: UUID | None = None, at: datetime | None = None, courtyards: Collection[UUID] | None = None,
    form_version: int | None = None, how: str = "door",
) -> UUID:  # fmt: skip
    """Keep one household's answers with its consent; the same `client_key` again answers the same.

    `door_id` = a drawn door, else `courtyard_id` says where and the door is looked up in the register by what was
    told. `courtyards` narrows to those of the asker; `at` = when it was asked, for phones without signal. Signs of
    hardship put the family on the home-visit list. Raises Absent, Clash when the survey takes no answers, Refused
    naming the question; without consent nothing is kept.
    """
    survey = sampling.row(survey_id)  # answers of a survey go one after the other: none is doubled
    earlier = db.session.scalar(select(SurveyAnswer.id).where(SurveyAnswer.client_key == client_key))
    if earlier is not None:
        return earlier
    if survey.state != "running":
        raise Clash("这次统计现在不收答卷。")
    moment = at or now()
    if not survey.starts_on <= moment.astimezone(ZONE).date() or moment > now() + EARLY:
        raise Refused("日期不在统计期间，请核对。", field="at")
    version = survey.form_version if form_version is None else form_version
    found = questions.read(forms.version(version), given, forms.choices())
    door = sampling.door(survey.id, door_id) if door_id else None
    yard = door.courtyard_id if door else courtyard_id
    if yard is None:
        raise Refused("请选院落。", field="courtyard")
    if courtyards is not None and yard not in courtyards:
        raise Absent("没有这个院落。")
    if db.session.scalar(select(Courtyard.id).where(Courtyard.id == yard)) is None:
        raise Refused("没有这个院落，请重新选择。", field="courtyard")
    home = door.household_id if door else _known(yard, str(found.get("building_unit_room", "")))
    row = _keep(survey, found, version, yard, home, client_key, moment, how)
    _settle(survey.id, home)
    _see_hardship(row, found)
    return row.id


def _keep(
    survey: Survey, found: Mapping[str, Any], version: int, yard: UUID, home: UUID | None, key: UUID, at: datetime,
    how: str,
) -> SurveyAnswer:  # fmt: skip
    if home and db.session.scalar(
        select(SurveyAnswer.id).where(SurveyAnswer.survey_id == survey.id, SurveyAnswer.household_id == home).limit(1)
    ):
        raise Clash("这户已经答过这次统计，不用再填。")
    actor = current_actor()
    row = SurveyAnswer(
        id=uuid7(), survey_id=survey.id, courtyard_id=yard, household_id=home, form_version=version,
        answers=json.dumps(found, ensure_ascii=False), other=found.get("other_need"),
        categories=found.get("category_needs", []), items=found.get("item_needs", []), consent=True, how=how,
        worker_id=actor.account_id, worker=actor.name or actor.role, at=at, client_key=key,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("survey.answer", "survey_answer", row.id, survey=survey.number, version=version, how=how)
    facts.send(SurveyAnswered(tenant_id=current_tenant().id, object_id=row.id, counts={"survey_answers": 1}))
    return row


def _settle(survey_id: UUID, household_id: UUID | None) -> None:
    """A drawn door that answered is done, however the answer came."""
    if household_id is not None:
        here = update(SurveyDoor).where(SurveyDoor.survey_id == survey_id, SurveyDoor.household_id == household_id)
        words = {"state": "answered", "tried_at": now()}
        db.session.execute(here.values(words).execution_options(synchronize_session="fetch"))


def _see_hardship(row: SurveyAnswer, found: Mapping[str, Any]) -> None:
    reasons, points = rules.hardship(found.get("group_tags", ()), found.get("income_band", ""), row.categories)
    if reasons:
        home_visits.put_on_visit_list(
            row.household_id, reasons, "survey", row.id, points=points, courtyard_id=row.courtyard_id,
            door=str(found.get("building_unit_room", "")),
        )  # fmt: skip


def _known(courtyard_id: UUID, told: str) -> UUID | None:
    """The household behind a door as it was told, when the register has exactly that door."""
    parts = questions.door_parts(told)
    if parts is None:
        return None
    query = select(Household.id, Household.building, Household.unit, Household.room).where(
        Household.courtyard_id == courtyard_id, Household.left_on.is_(None), Household.merged_into.is_(None)
    )
    same = [
        row.id
        for row in db.session.execute(query)
        if questions.door_parts(f"{row.building} {row.unit} {row.room}") == parts
    ]
    return same[0] if len(same) == 1 else None


def withdraw(survey_id: UUID, answer_id: UUID) -> None:
    """Delete an answer because whoever gave it asks for it; its door may be asked no more. Raises Absent."""
    row = db.session.scalar(
        select(SurveyAnswer).where(SurveyAnswer.id == answer_id, SurveyAnswer.survey_id == survey_id).with_for_update()
    )
    if row is None:
        raise Absent("没有这份答卷。")
    db.session.delete(row)
    db.session.flush()
    audit.record("survey.withdraw", "survey_answer", answer_id, reason="本人要求")
    facts.send(SurveyAnswered(tenant_id=current_tenant().id, object_id=answer_id, counts={"survey_answers": -1}))


def over(row: Any) -> bool:
    """Is the last day of a running survey behind us?"""
    return bool(row.state == "running" and row.ends_on < today())
