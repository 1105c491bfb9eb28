"""At the door, on a phone: own courtyards only, a family registered once, nothing typed is lost."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from rongjiu.actor import acting
from rongjiu.audit import Audit
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from tenants.accompaniment.models import Visit
from tenants.accompaniment.service import plan_visit
from tenants.cases.models import CaseFile
from tenants.consents.models import Consent
from tenants.residents.models import Carer, Person
from tenants.signals import service as signals
from tests.desk_of import WISHES, Desk, a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


class Door:
    """A first visit in each of the two courtyards, as plain values."""

    def __init__(self, here: Desk) -> None:
        self.here, self.slug, self.token = here, here.slug, here.grid.token
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            self.visit, self.number, self.case_id = self._opened(here.yard, "老人高位截瘫卧床")
            self.other, _number, _case = self._opened(here.other_yard, "另一户")

    def _opened(self, yard: UUID, words: str) -> tuple[UUID, str, UUID]:
        got = signals.receive("hotline", "need", words, phone="13900002222", courtyard_id=yard)
        case = signals.open_case(got.id, WISHES, courtyard_id=yard, urgency="ordinary")
        visit = db.session.scalars(select(Visit.id).where(Visit.case_id == case.case_id)).one()
        return visit, case.number, case.case_id

    def url(self, path: str) -> str:
        return f"/c/{self.slug}/grid/{path}"


@pytest.fixture
def door(made: Made) -> Door:
    return made(lambda: Door(a_desk()))  # type: ignore[no-any-return]


def sheet(**words: Any) -> dict[str, Any]:
    found = {
        "building": "3", "unit": "2", "room": "501", "persons-0-name": "周某", "persons-0-relation": "02", "persons-0-age": "84",
        "persons-0-groups": ["severely-disabled", "disabled-elderly"], "persons-0-gender": "male", "persons-1-name": "马某",
        "persons-1-relation": "10", "persons-1-age": "81", "persons-2-name": "", "persons-3-name": "周某之子", "persons-3-relation": "20",
        "persons-3-age": "52", "persons-3-cares_for": "0", "read_aloud": "y", "consent_by": "0", "how": "paper",
        "photo": (BytesIO(PNG), "c1.png"), "client_key": str(uuid4()),
    }  # fmt: skip
    return found | words


def counted(made: Made, door: Door, model: Any) -> int:
    def run() -> int:
        with tenant_scope(door.here.tenant):
            return db.session.scalar(select(func.count()).select_from(model)) or 0

    return made(run)  # type: ignore[no-any-return]


def test_today_shows_own_courtyards_only(client: FlaskClient, login: Login, door: Door) -> None:
    login(client, door.token)
    page = client.get(door.url("today")).text
    assert door.number in page
    assert "雁北新村" in page
    assert "雁鸣小区" not in page
    assert client.get(door.url("courtyards")).status_code == 200
    visit = client.get(door.url(f"visits/{door.visit}")).text
    for words in ("老人高位截瘫卧床", "139 0000 2222", "读给家里人听", "再加一人", "登记完成"):
        assert words in visit, words


def test_a_visit_of_another_courtyard_is_not_there_and_the_try_is_written_down(
    client: FlaskClient, login: Login, door: Door, made: Made
) -> None:
    login(client, door.token)
    assert client.get(door.url(f"visits/{door.other}")).status_code == 404
    answer = client.post(door.url(f"visits/{door.other}"), data=sheet(), content_type="multipart/form-data")
    assert answer.status_code == 404
    assert client.post(door.url(f"visits/{door.other}/missed")).status_code == 404
    assert counted(made, door, Person) == 0

    def absences() -> int:
        with tenant_scope(door.here.tenant):
            return db.session.scalar(select(func.count()).select_from(Audit).where(Audit.verb == "absent")) or 0

    assert made(absences) == 3


def test_a_family_is_registered_and_a_second_sending_changes_nothing(
    client: FlaskClient, login: Login, door: Door, made: Made
) -> None:
    login(client, door.token)
    key = str(uuid4())
    for _ in range(2):
        answer = client.post(
            door.url(f"visits/{door.visit}"), data=sheet(client_key=key), content_type="multipart/form-data"
        )
        assert answer.status_code == 303, answer.text
    page = client.get(door.url("today")).text
    assert "3 人已登记，已核实；待上传 0" in page
    assert "今天已上门" in page
    assert "周*" in page
    assert (counted(made, door, Person), counted(made, door, Carer), counted(made, door, Consent)) == (3, 1, 1)
    again = client.post(door.url(f"visits/{door.visit}"), data=sheet(), content_type="multipart/form-data")
    assert again.status_code == 409
    assert "已经登记过" in again.text

    def state() -> str | None:
        with tenant_scope(door.here.tenant):
            return db.session.scalar(select(CaseFile.state).where(CaseFile.id == door.case_id))

    assert made(state) == "assessing"
    assert "3-2-501" in client.get(door.url("courtyards")).text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"read_aloud": ""}, "请先把同意书读给家里人听"),
        ({"photo": (BytesIO(b""), "")}, "请拍下签好字的同意书"),
        ({"photo": (BytesIO(b"<svg/>"), "c1.png")}, "只收照片"),
        ({"persons-3-phone": "123"}, "手机号应为 11 位"),
        ({"persons-0-id_number": "610103194001011230"}, "最后一位对不上"),
        ({"persons-1-name": ""}, "请写姓名"),
        ({"persons-0-age": "八十四"}, "年龄请写"),
        ({"persons-1-birth_date": "昨天"}, "出生日期请写成"),
        ({"how": "voice"}, "口头同意请写见证人"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    client: FlaskClient, login: Login, door: Door, made: Made, words: dict[str, Any], said: str
) -> None:
    login(client, door.token)
    body = sheet(**words)
    answer = client.post(door.url(f"visits/{door.visit}"), data=body, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert said in answer.text
    assert "周某之子" in answer.text
    assert body["client_key"] in answer.text
    assert counted(made, door, Person) == 0


def test_one_more_person_keeps_what_was_typed(client: FlaskClient, login: Login, door: Door) -> None:
    login(client, door.token)
    answer = client.post(door.url(f"visits/{door.visit}"), data=sheet(more="1"), content_type="multipart/form-data")
    assert answer.status_code == 200
    assert "persons-4-name" in answer.text
    assert "周某之子" in answer.text


def test_nobody_at_home_plans_another_visit(client: FlaskClient, login: Login, door: Door, made: Made) -> None:
    login(client, door.token)
    assert client.post(door.url(f"visits/{door.visit}/missed"), data={"client_key": str(uuid4())}).status_code == 303
    page = client.get(door.url("today")).text
    assert "已记下没有见到人" in page
    assert str(door.visit) not in page
    assert door.number in page
    assert counted(made, door, Visit) == 3


def test_a_later_visit_is_noted_once(client: FlaskClient, login: Login, door: Door, made: Made) -> None:
    def later() -> UUID:
        with tenant_scope(door.here.tenant):
            return plan_visit(door.case_id, "worker", now()).id

    visit, key = made(later), str(uuid4())
    login(client, door.token)
    assert "例行探访" in client.get(door.url(f"visits/{visit}")).text
    for _ in range(2):
        body = {"client_key": key, "note": "精神好", "mood": "good"}
        assert client.post(door.url(f"visits/{visit}"), data=body).status_code == 303
    assert "已经登记过" in client.get(door.url(f"visits/{visit}")).text


def test_a_report_from_the_way_stays_in_own_courtyards(client: FlaskClient, login: Login, door: Door) -> None:
    login(client, door.token)
    body = {"words": "三楼灯一直亮着", "courtyard": str(door.here.yard), "urgency": "urgent"}
    assert client.post(door.url("report"), data=body).status_code == 303
    assert client.post(door.url("report"), data=body | {"courtyard": str(door.here.other_yard)}).status_code == 422
    assert client.post(door.url("report"), data=body | {"words": " "}).status_code == 422
    assert "雁鸣小区" not in client.get(door.url("report")).text
