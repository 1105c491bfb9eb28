"""The livestream desk and the signals desk: words heard, sorted, answered."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.db import db, tenant_scope
from tenants.livestream import service as livestream
from tenants.signals.models import Signal
from tests.desk_of import WISHES, Desk, a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


class Stage:
    """One outdoor broadcast, as plain values."""

    def __init__(self, here: Desk) -> None:
        self.here, self.slug = here, here.slug
        self.tokens = {name: getattr(here, name).token for name in ("live", "clerk", "secretary", "worker")}
        with tenant_scope(here.tenant):
            self.seq = livestream.open_session(date(2022, 8, 3), "进院落", outdoor=True)

    def live(self, path: str = "") -> str:
        return f"/c/{self.slug}/live/{path or f'{self.seq}/desk'}"

    def desk(self, path: str) -> str:
        return f"/c/{self.slug}/desk/{path}"


@pytest.fixture
def stage(made: Made) -> Stage:
    return made(lambda: Stage(a_desk()))  # type: ignore[no-any-return]


def _signals(made: Made, stage: Stage) -> list[tuple[Any, ...]]:
    def rows() -> list[tuple[Any, ...]]:
        with tenant_scope(stage.here.tenant):
            found = db.session.execute(
                select(Signal.id, Signal.channel, Signal.kind, Signal.state, Signal.became).order_by(Signal.id)
            )
            return [tuple(row) for row in found]

    return made(rows)  # type: ignore[no-any-return]


def _heard(client: FlaskClient, login: Login, stage: Stage, **words: str) -> None:
    login(client, stage.tokens["live"])
    body = {"words": "雁北新村一户：老人高位截瘫", "courtyard": str(stage.here.yard), "kind": "need"} | words
    assert client.post(stage.live(), data=body).status_code == 303


def test_words_are_noted_with_the_next_step_and_a_double_press_counts_once(
    client: FlaskClient, login: Login, stage: Stage, made: Made
) -> None:
    login(client, stage.tokens["live"])
    body = {"words": "老人高位截瘫", "courtyard": str(stage.here.yard), "kind": "need", "_key": str(uuid4())}
    for _ in range(2):
        assert client.post(stage.live(), data=body).status_code == 303
    page = client.get(stage.live()).text
    assert "已记下，下一步：救助专干" in page
    assert "18:00 前分派" in page
    assert [row[1:4] for row in _signals(made, stage)] == [("livestream_outdoor", "need", "new")]
    assert client.post(stage.live(), data={"words": " ", "kind": "need"}).status_code == 422
    assert client.post(stage.live(), data={"words": "x", "kind": "other"}).status_code == 422
    assert client.get(stage.live("99/desk")).status_code == 404
    assert "进院落" in client.get(f"/c/{stage.slug}/live/").text


def test_a_broadcast_is_begun(client: FlaskClient, login: Login, stage: Stage) -> None:
    login(client, stage.tokens["clerk"])
    url = f"/c/{stage.slug}/live/"
    assert client.post(url, data={"topic": " "}).status_code == 422
    answer = client.post(url, data={"topic": "政策问答"})
    assert answer.headers["Location"].endswith(f"/live/{stage.seq + 1}/desk")


def test_the_clerk_sorts_a_signal_into_a_case_in_the_familys_words(
    client: FlaskClient, login: Login, stage: Stage, made: Made
) -> None:
    _heard(client, login, stage)
    signal = _signals(made, stage)[0][0]
    login(client, stage.tokens["clerk"])
    listed = client.get(stage.desk("signals"))
    assert "待分派" in listed.text
    assert "高位截瘫" not in listed.text
    url = stage.desk(f"signals/{signal}")
    page = client.get(url).text
    assert "老人高位截瘫" in page
    assert "没有找到同电话" in page
    sort = {"became": "need", "urgency": "ordinary", "courtyard": str(stage.here.yard)}
    empty = client.post(url, data=sort)
    assert empty.status_code == 422
    assert "请至少写一条心愿" in empty.text
    done = client.post(url, data=sort | {"wish_1": WISHES[0], "wish_2": WISHES[1]})
    assert done.status_code == 303
    case = client.get(done.headers["Location"]).text
    assert "-000001 已建立，下一步：网格员03" in case
    assert "2 项心愿" in case
    assert client.post(url, data=sort | {"wish_1": "再来"}).status_code == 409
    assert _signals(made, stage)[0][3:] == ("triaged", "need")


def test_a_question_is_answered_and_nothing_is_dropped_without_a_reason(
    client: FlaskClient, login: Login, stage: Stage, made: Made
) -> None:
    _heard(client, login, stage, kind="question")
    _heard(client, login, stage, words="广告")
    first, second = (row[0] for row in _signals(made, stage))
    login(client, stage.tokens["secretary"])
    assert client.post(stage.desk(f"signals/{first}/answer")).status_code == 303
    assert "请先分派" in client.get(stage.desk(f"signals/{first}")).text
    assert (
        client.post(stage.desk(f"signals/{first}"), data={"became": "question", "urgency": "ordinary"}).status_code
        == 303
    )
    assert "记下已答复" in client.get(stage.desk(f"signals/{first}")).text
    assert client.post(stage.desk(f"signals/{first}/answer"), data={"how": "call"}).status_code == 303
    bad = client.post(stage.desk(f"signals/{second}"), data={"became": "no_action", "urgency": "ordinary"})
    assert bad.status_code == 422
    assert "请写明不处理的理由" in bad.text
    assert client.post(stage.desk(f"signals/{uuid4()}/answer")).status_code == 404
    assert [row[3:] for row in _signals(made, stage)] == [("answered", "question"), ("new", "")]


def test_a_signal_heard_at_the_desk_keeps_the_author_of_a_tip_with_the_clerk(
    client: FlaskClient, login: Login, stage: Stage, made: Made
) -> None:
    login(client, stage.tokens["worker"])
    body = {
        "channel": "neighbour", "kind": "need", "words": "楼上老人没下楼", "phone": "13900003333", "caller": "王阿姨",
        "urgency": "ordinary",
    }  # fmt: skip
    assert client.post(stage.desk("signals/new"), data=body | {"phone": "12"}).status_code == 422
    assert client.post(stage.desk("signals/new"), data=body).status_code == 303
    assert client.get(stage.desk("signals")).status_code == 404
    signal = _signals(made, stage)[0][0]
    for who, seen in (("clerk", True), ("secretary", False)):
        login(client, stage.tokens[who])
        page = client.get(stage.desk(f"signals/{signal}")).text
        assert ("139 0000 3333" in page) is seen
        assert ("王阿姨" in page) is seen
        assert "138****" not in page
        assert "139****" not in page
