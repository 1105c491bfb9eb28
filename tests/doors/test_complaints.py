"""Complaints through the doors: the public page, the receiver, the desk's own people, the provider's right of reply."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from rongjiu.db import db
from rongjiu.tenancy.models import Community, Street
from tests import factories
from tests.desk_of import a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
WHO, PHONE, WORDS = "李婆婆", "13800001234", "师傅没来还要加钱"


def _world() -> dict[str, str]:
    here = a_desk()
    community = db.session.get_one(Community, here.tenant.uid)
    provider = factories.a_provider(db.session.get_one(Street, community.street_id), name="雁发理发店")
    factories.an_admission(provider, community)
    owner = factories.a_person_with_role("provider_owner", "provider", provider.id)
    other = factories.a_provider(db.session.get_one(Street, community.street_id))
    stranger = factories.a_person_with_role("provider_owner", "provider", other.id)
    return {
        "url": f"/c/{here.slug}", "secretary": here.secretary.token, "clerk": here.clerk.token, "worker": here.worker.token,
        "worker_id": str(here.worker.account.id), "provider": str(provider.id), "owner": owner.token, "stranger": stranger.token,
        "secretary_id": str(here.secretary.account.id),
    }  # fmt: skip


@pytest.fixture
def world(made: Made) -> dict[str, str]:
    return made(_world)  # type: ignore[no-any-return]


def _complain(client: FlaskClient, world: dict[str, str], **more: str) -> str:
    at = f"{world['url']}/desk/complaints"
    typed = {"channel": "phone", "about": "provider", "provider": world["provider"], "category": "late", "words": WORDS,
             "complainant": WHO, "phone": PHONE, **more}  # fmt: skip
    answer = client.post(f"{at}/new", data=typed)
    assert answer.status_code == 303, answer.text
    found = re.search(r"[A-Z]+-TS-\d{4}-\d{6}", client.get(at).text)
    assert found
    return f"{at}/{found.group()}"


def test_a_provider_is_heard_and_never_learns_who(client: FlaskClient, login: Login, world: dict[str, str]) -> None:
    login(client, world["secretary"])
    one = _complain(client, world)
    page = client.get(one).text
    assert WHO in page and WORDS in page
    assert client.post(one, data={"verb": "decide", "upheld": "yes", "finding": "查了"}).status_code == 422
    assert client.post(one, data={"verb": "ask", "question": f"{WHO}说您没来"}).status_code == 422
    assert client.post(one, data={"verb": "ask", "question": "8 月 10 日为什么没有到？"}).status_code == 303

    login(client, world["owner"])
    listed = client.get("/provider/hearings").text
    matter = "/provider/hearings/" + listed.split("/provider/hearings/")[1].split('"')[0]
    asked = client.get(matter).text
    assert "8 月 10 日为什么没有到？" in asked
    assert not any(word in listed + asked for word in (WHO, PHONE, WORDS, "-TS-"))
    assert client.post(matter, data={"reply": ""}).status_code == 422
    assert client.post(matter, data={"reply": "车坏在路上"}).status_code == 303

    login(client, world["stranger"])
    assert client.get(matter).status_code == 404
    assert client.post(matter, data={"reply": "x"}).status_code == 404

    login(client, world["secretary"])
    assert "车坏在路上" in client.get(one).text
    assert client.post(one, data={"verb": "decide", "upheld": "yes", "finding": "派单上没到"}).status_code == 303
    assert client.post(one, data={"verb": "answer", "how": "call", "answer": "换了一家"}).status_code == 303
    assert "已答复" in client.get(one).text
    assert client.post(one, data={"verb": "reopen"}).status_code == 303
    assert client.get(one).status_code == 404, "somebody else looks again"


def test_a_worker_reads_the_question_and_nothing_else(client: FlaskClient, login: Login, world: dict[str, str]) -> None:
    login(client, world["secretary"])
    one = _complain(client, world, about="worker", staff=world["worker_id"], provider="")
    client.post(one, data={"verb": "ask", "question": "那天怎么说的？"})
    login(client, world["worker"])
    page = client.get(f"{world['url']}/desk/hearings").text
    assert "那天怎么说的？" in page
    assert not any(word in page for word in (WHO, PHONE, WORDS, "-TS-"))
    assert client.get(one).status_code == 404
    matter = page.split("/desk/hearings/")[1].split('"')[0]
    assert client.post(f"{world['url']}/desk/hearings/{matter}", data={"reply": "是我没讲清"}).status_code == 303


def test_the_secretary_complained_about_sees_no_trace(client: FlaskClient, login: Login, world: dict[str, str]) -> None:
    login(client, world["clerk"])
    one = _complain(client, world, about="worker", staff=world["secretary_id"], provider="")
    login(client, world["secretary"])
    assert one.rsplit("/", 1)[1] not in client.get(f"{world['url']}/desk/complaints").text
    assert client.get(one).status_code == 404
    assert client.post(one, data={"verb": "decide", "upheld": "no", "finding": "没有"}).status_code == 404


def test_anybody_complains_on_the_page(client: FlaskClient, login: Login, world: dict[str, str]) -> None:
    at = f"{world['url']}/complain"
    assert client.get(at).status_code == 200
    assert client.post(at, data={"words": "", "category": "late"}).status_code == 422
    told = client.post(at, data={"words": WORDS, "category": "late", "complainant": WHO}, follow_redirects=True).text
    assert "-TS-" in told
    login(client, world["secretary"])
    assert "-TS-" in client.get(f"{world['url']}/desk/complaints").text


def test_the_desk_knows_that_it_came_by_a_familys_link(
    client: FlaskClient, login: Login, world: dict[str, str]
) -> None:
    at = f"{world['url']}/complain?by=link"
    assert f'action="{at}"' in client.get(at).text
    assert client.post(at, data={"words": WORDS, "category": "late"}).status_code == 303
    login(client, world["secretary"])
    page = client.get(f"{world['url']}/desk/complaints").text
    number = re.search(r"[A-Z]+-TS-\d{4}-\d{6}", page)
    assert number
    assert "链接" in client.get(f"{world['url']}/desk/complaints/{number.group()}").text


def test_the_export_names_nobody(client: FlaskClient, login: Login, world: dict[str, str]) -> None:
    login(client, world["secretary"])
    one = _complain(client, world)
    file = client.post(f"{world['url']}/desk/complaints/export", data={"purpose": "月报"})
    cells = str(CalamineWorkbook.from_filelike(BytesIO(file.data)).get_sheet_by_index(0).to_python())
    assert one.rsplit("/", 1)[1] in cells
    assert not any(word in cells for word in (WHO, PHONE, WORDS))
