"""Founding a community through its pages, from nobody to a clone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.db import db
from rongjiu.library import queries as library
from rongjiu.notify.models import Message
from rongjiu.tenancy.models import Community
from tests import factories
from tests.joining import CREDIT, PACK, SLOTS, begun, cloned, given

Made = Callable[[Callable[[], Any]], Any]
Login = Callable[[FlaskClient, str], None]
PHONE = "13800000021"


def code_sent() -> str:
    texts = [
        row.text for row in db.session.scalars(select(Message).order_by(Message.created_at.desc(), Message.id.desc()))
    ]
    return re.findall(r"\d{6}", next(text for text in texts if "验证码" in text))[0]


def sign_up(client: FlaskClient, made: Made) -> None:
    assert client.post("/join/community", data={"address": PHONE}).status_code == 303
    assert client.post("/join/community/code", data={"code": made(code_sent)}).location == "/join/community/account"
    answer = client.post("/join/community/account", data={"name": "测试书记", "password": "柏树林的一句话 2022"})
    assert answer.location == "/join/community/drafts"


def test_nobody_comes_to_a_clone_by_phone_and_code(client: FlaskClient, made: Made) -> None:
    sign_up(client, made)
    at = str(client.post("/join/community/drafts", data={"post": "secretary"}).location).removesuffix("/place")
    assert client.post(f"{at}/place", data={"code": "610103002002"}).location == f"{at}/pack"
    assert client.post(f"{at}/pack", data={"pack": PACK}).location == f"{at}/name"
    name = {"title": "端履门“融救联助”", "slug": "duanlumen", "mark": "DL"}
    assert client.post(f"{at}/name", data=name).location == f"{at}/slots"
    assert client.post(f"{at}/slots", data=SLOTS).location == f"{at}/clone"
    assert client.post(f"{at}/clone", data={}).location == f"{at}/clone"
    assert client.post(f"{at}/staff", data={"role": "assistance_clerk", "phone": "13800000055"}).status_code == 303
    assert "/account/invitation/" in client.get(f"{at}/staff").text


def test_many_parameters_are_answered_at_once(client: FlaskClient, made: Made) -> None:
    at = cloned(client, made, rest=False)
    assert client.post(f"{at}/slots", data={**SLOTS, "rest": "reference"}).status_code == 303
    page = client.get(f"{at}/slots").text
    assert "8 / 30" in page
    client.post(f"{at}/slots", data={**SLOTS, "rest": "not_set", **given(page)})
    assert "30 / 30" in client.get(f"{at}/slots").text


def test_an_unknown_code_is_answered_in_words(client: FlaskClient, made: Made) -> None:
    at = begun(client, made)
    page = client.get(f"{at}/place", query_string={"q": "610103002999"}).text
    assert "名单里没有这个代码" in page
    answer = client.post(f"{at}/place", data={"code": "610103002999"})
    assert answer.status_code == 422
    assert "名单里没有这个代码" in answer.text


@pytest.mark.parametrize("words", ["dlm", "端履门", "610103002002"])
def test_the_community_is_found_as_typed(client: FlaskClient, made: Made, words: str) -> None:
    at = begun(client, made)
    assert 'value="610103002002"' in client.get(f"{at}/place", query_string={"q": words}).text


def test_a_community_that_is_not_listed_is_written_down(client: FlaskClient, made: Made) -> None:
    at = begun(client, made)
    answer = client.post(f"{at}/place?free=1", data={"name": "新开社区", "street": "某某街道"})
    assert answer.location == f"{at}/pack"


def test_a_second_founder_is_warned_and_may_go_on(client: FlaskClient, made: Made, app: Any) -> None:
    at = begun(client, made)
    client.post(f"{at}/place", data={"code": "610103002002"})
    second = app.test_client()
    mine = f"{begun(second, made)}/place"
    answer = second.post(mine, data={"code": "610103002002"})
    assert answer.status_code == 409
    assert "社区书记" in answer.text
    assert "测试书记" not in answer.text
    assert second.post(mine, data={"code": "610103002002", "sure": "y"}).status_code == 303


def test_it_resumes_where_it_was_left(client: FlaskClient, made: Made, app: Any) -> None:
    sign_up(client, made)
    at = str(client.post("/join/community/drafts", data={"post": "secretary"}).location).removesuffix("/place")
    client.post(f"{at}/place", data={"code": "610103002002"})
    later = app.test_client()
    later.post("/join/community", data={"address": PHONE})
    assert later.post("/join/community/code", data={"code": made(code_sent)}).location == "/join/community/drafts"
    assert "端履门社区" in later.get("/join/community/drafts").text
    assert later.get(at).location == f"{at}/pack"


def test_a_strangers_draft_is_not_there(client: FlaskClient, made: Made, app: Any, login: Login) -> None:
    at = cloned(client, made, rest=False)
    token = made(lambda: factories.a_person_with_role("provider_owner", "provider", None).token)
    stranger = app.test_client()
    login(stranger, token)
    for step in ("place", "pack", "name", "slots", "clone", "staff", "check"):
        assert stranger.get(f"{at}/{step}").status_code == 404
        assert stranger.post(f"{at}/{step}", data={}).status_code == 404
    assert app.test_client().get(f"{at}/check").status_code == 302


def test_pressing_clone_twice_makes_one_community(client: FlaskClient, made: Made) -> None:
    at = cloned(client, made, rest=False)
    assert client.post(f"{at}/clone", data={}).status_code == 303
    assert made(lambda: len(db.session.scalars(select(Community.id)).all())) == 1
    page = client.get(f"{at}/clone").text
    once = made(lambda: library.counts(library.find(PACK))["timers"])
    assert f">{once}<" in page


def test_a_bad_parameter_stands_at_its_field_and_nothing_is_lost(client: FlaskClient, made: Made) -> None:
    at = begun(client, made)
    client.post(f"{at}/place", data={"code": "610103002002"})
    client.post(f"{at}/pack", data={"pack": PACK})
    client.post(f"{at}/name", data={"title": "端履门", "slug": "duanlumen", "mark": "DL"})
    answer = client.post(
        f"{at}/slots", data={**SLOTS, "p-medical_aid_dibao_ratio": "value", "v-medical_aid_dibao_ratio": "70"}
    )
    assert answer.status_code == 422
    assert "0 到 1 之间" in answer.text
    assert "东大街 1 号" in answer.text


def test_what_is_not_answered_blocks_the_submission(client: FlaskClient, made: Made) -> None:
    at = cloned(client, made, rest=False)
    page = client.get(f"{at}/check").text
    assert "还差 2 项即可提交" in page
    assert client.post(f"{at}/check", data={"kind": "credit_code", "credit_code": CREDIT}).status_code == 422
