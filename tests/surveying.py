"""Surveys for tests: a running one, and what somebody says."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.actor import acting
from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from tenants.residents import service as residents
from tenants.residents.service import Door, NewPerson
from tenants.surveys import sampling, service
from tenants.surveys.models import Survey
from tenants.surveys.sampling import Aim
from tests.desk_of import Desk

Login = Callable[[FlaskClient, str], None]
TOLD: dict[str, Any] = {
    "building_unit_room": "3-2-501", "household_size": "2", "category_needs": ["comfort"],
    "item_needs": ["companionship", "elder-canteen"], "consent_basic": "1",
}  # fmt: skip


def a_survey(here: Desk, *, households: int = 6, sample: int = 4) -> UUID:
    """A running survey: `households` doors in the first courtyard, none registered in the second, which says 40."""
    for n in range(households):
        residents.register(here.yard, Door("1", "1", f"{101 + n}"), [NewPerson(f"住户{n}")])
    survey = service.start_draft("春季需求统计", today(), sample=sample, quota=3)
    lines = {here.yard: Aim(households, min(sample, households)), here.other_yard: Aim(40, 5)}
    sampling.aim(survey.id, sample, 3, lines)
    service.begin(survey.id)
    return survey.id


def say(survey_id: UUID, yard: UUID, **words: Any) -> UUID:
    """Somebody answers; the id of the answer."""
    key = words.pop("client_key", None) or uuid4()
    told = {**TOLD, "building_unit_room": "", **words}
    told["building_unit_room"] = told["building_unit_room"] or "9-9"
    return service.answer(survey_id, told, client_key=key, courtyard_id=yard)


SHEET = {
    "building_unit_room": "9-9", "household_size": "2", "category_needs": ["comfort"], "item_needs": ["companionship"],
    "item_needs-1": "elder-canteen", "consent_basic": "1",
}  # fmt: skip


class Surveyed:
    """A desk with six doors in its first courtyard, as plain values."""

    def __init__(self, here: Desk) -> None:
        self.here, self.slug = here, here.slug
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            for n in range(6):
                residents.register(here.yard, Door("1", "1", f"{101 + n}"), [NewPerson("欧阳建国")])

    def url(self, path: str, door: str = "desk") -> str:
        return f"/c/{self.slug}/{door}/{path}"


def begin(app: Flask, client: FlaskClient, login: Login, surveyed: Surveyed) -> str:
    """Lay out and begin a survey through the pages; answers its id."""
    login(client, surveyed.here.clerk.token)
    answer = client.post(surveyed.url("surveys/new"), data={"title": "春季统计", "starts_on": today().isoformat()})
    assert answer.status_code == 303
    with app.app_context(), tenant_scope(surveyed.here.tenant):
        survey_id = str(db.session.scalars(select(Survey.id)).one())
    yard, other = surveyed.here.yard, surveyed.here.other_yard
    numbers = {
        "sample": "9", "quota": "3", f"{yard}-households": "6", f"{yard}-target": "4", f"{other}-households": "40",
        f"{other}-target": "5",
    }  # fmt: skip
    assert client.post(surveyed.url(f"surveys/{survey_id}/sample"), data=numbers).status_code == 303
    assert client.post(surveyed.url(f"surveys/{survey_id}/begin")).status_code == 303
    return survey_id


def paper(client: FlaskClient, surveyed: Surveyed, survey_id: str, yard: UUID, **words: Any) -> Any:
    """A sheet of paper is typed in."""
    data = {**SHEET, "courtyard": str(yard), "client_key": str(uuid4()), "at": today().isoformat(), **words}
    return client.post(surveyed.url(f"surveys/{survey_id}/answers/new"), data=data)
