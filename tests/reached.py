"""Something of each kind that a stranger might reach for, for tests that try every address."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from rongjiu.clock import now, today
from rongjiu.db import db
from rongjiu.ids import uuid7
from rongjiu.policies import service as lines
from tenants.catalogue import editing
from tenants.express import duty
from tenants.finding import home_visits
from tenants.nearby.models import Willing
from tenants.rescreening.models import VerdictChange
from tenants.screening.models import NearMiss
from tenants.surveys import forms, sampling
from tenants.surveys import service as surveys
from tenants.sweeps import planning
from tenants.sweeps.models import Entitled
from tests import casework


def a_willing(theirs: casework.Family, helper: casework.Helper) -> UUID:
    """A shop that offered to come by itself."""
    row = Willing(
        id=uuid7(), case_id=theirs.case_id, need_id=theirs.girl_need, provider_id=helper.id, service_id=helper.service,
        slot_at=now() + timedelta(days=1), state="asked", at=now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row.id


def a_shift() -> UUID:
    """Somebody on duty on one date."""
    duty.set_date(today(), "day", duty.staff()[0].account_id)
    return duty.dates()[0].id


def a_line(street_id: UUID) -> UUID:
    """A line that the street of the victim passes down."""
    paper = lines.Document("通知", "1号", today())
    return lines.publish("street", street_id, "street", "dibao_line_urban_month", Decimal(900), today(), paper, "街道")


def a_change(theirs: casework.Family) -> UUID:
    """A policy newly reaches the family."""
    change = VerdictChange(
        id=uuid7(), household_id=theirs.household_id, subject_id=theirs.household_id, policy_slug="dibao",
        kind="reached", on_date=today(), cause="asked", detail="", run_id=None, at=now(), state="open",
    )  # fmt: skip
    db.session.add(change)
    db.session.flush()
    return change.id


def a_near_miss(theirs: casework.Family, screening_id: UUID) -> UUID:
    """The family is just outside a line."""
    near = NearMiss(
        id=uuid7(), case_id=theirs.case_id, screening_id=screening_id, policy_slug="dibao", look_again_on=today(),
        looked_at=None,
    )  # fmt: skip
    db.session.add(near)
    db.session.flush()
    return near.id


def survey_ids(yard: Any) -> dict[str, Any]:
    """A running survey with a drawn door and an answer, a family on the visit list, words of the community's own."""
    survey = surveys.start_draft("需求统计", today(), sample=1)
    sampling.aim(survey.id, 1, 1, {yard: sampling.Aim(5, 1)})
    surveys.begin(survey.id)
    told = {"building_unit_room": "9-9", "household_size": "1", "no_need": "1", "consent_basic": "1"}
    answer = surveys.answer(survey.id, told, client_key=uuid4(), courtyard_id=yard)
    visit = home_visits.put_on_visit_list(None, ["under_line"], "survey", answer, courtyard_id=yard)
    number = forms.add(1, {"label_zh": "楼道灯亮不亮", "type": "bool"})
    return {
        "survey_id": survey.id, "answer_id": answer, "home_visit_id": visit,
        "door_id": db.session.scalar(text("SELECT id FROM survey_door LIMIT 1")),
        "question": next(row["id"] for row in forms.version(number) if row["id"].startswith("own-")),
        "need_slug": editing.add("item", "楼道照明", category="comfort"), "category_slug": editing.add("category", "其他"),
        "group_slug": editing.add("group", "外来务工"),
    }  # fmt: skip


def a_sweep(yard: Any, person_id: Any) -> dict[str, Any]:
    """A running sweep of one courtyard with a door and somebody who may have been missed."""
    others = list(db.session.scalars(text("SELECT id FROM courtyard")))
    sweep_id = planning.plan(
        "heat",
        "高温",
        today(),
        today(),
        courtyards=[yard],
        left_out={each: "下一批" for each in others if each != yard},
    ).id
    planning.start(sweep_id)
    household = db.session.scalar(text("SELECT id FROM household"))
    stop_id = planning.add_stop(sweep_id, yard, household, at_door=False)
    row = Entitled(
        id=uuid4(), sweep_id=sweep_id, stop_id=stop_id, person_id=person_id, signal_id=None, leak_reason="",
        state="possible", policy="", reason=None, possible_on=today(), changed_by="",
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return {"sweep_id": sweep_id, "courtyard_id": yard, "stop_id": stop_id, "entitled_id": row.id}
