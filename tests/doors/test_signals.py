"""Signals at the desk: noted, found again, joined, answered, listed."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text

from rongjiu import workbook
from rongjiu.db import db, tenant_scope
from tests.signalling import Place, signals_of

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
HEARD = {
    "channel": "hotline", "kind": "need", "words": "老人卧床没有人照顾", "phone": "139 0000 3333", "caller": "周某之子",
    "urgency": "urgent", "call_back": "yes",
}  # fmt: skip


def test_a_call_is_noted_with_its_family_found_in_the_register(
    client: FlaskClient, made: Made, login: Login, counter: Place
) -> None:
    login(client, counter.tokens["clerk"])
    found = client.post(counter.url("desk/signals/new"), data=HEARD | {"phone": "138 0000 1234", "find": "1"})
    assert found.status_code == 200
    assert str(counter.home) in found.text
    assert "周*" in found.text
    assert "周某 " not in found.text
    assert "老人卧床没有人照顾" in found.text
    assert signals_of(made, counter) == []
    done = client.post(
        counter.url("desk/signals/new"), data=HEARD | {"household": str(counter.home)}, follow_redirects=True
    )
    assert "请读给对方听" in done.text
    assert "查询码" in done.text
    assert "登记里的这一家" in done.text
    (row,) = signals_of(made, counter)
    assert (row.channel, row.household_id, row.courtyard_id, row.call_back) == (
        "hotline",
        counter.home,
        counter.yard,
        True,
    )
    nobody = client.post(counter.url("desk/signals/new"), data=HEARD | {"phone": "", "caller": "无名氏", "find": "1"})
    assert "登记里没有找到" in nobody.text


def test_a_caller_is_asked_whether_to_call_back(client: FlaskClient, made: Made, login: Login, counter: Place) -> None:
    login(client, counter.tokens["clerk"])
    page = client.post(counter.url("desk/signals/new"), data={k: v for k, v in HEARD.items() if k != "call_back"})
    assert page.status_code == 422
    assert "请问一句：可以给您回电" in page.text
    assert client.post(counter.url("desk/signals/new"), data=HEARD | {"call_back": "no"}).status_code == 303
    assert signals_of(made, counter)[0].call_back is False


def test_the_same_matter_is_shown_at_the_counter_and_joined_with_one_press(
    client: FlaskClient, made: Made, login: Login, counter: Place
) -> None:
    login(client, counter.tokens["clerk"])
    url = counter.url("desk/signals/new")
    client.post(url, data=HEARD | {"courtyard": str(counter.yard)})
    again = HEARD | {
        "channel": "counter",
        "courtyard": str(counter.yard),
        "phone": "",
        "words": "老人卧床，没有人照顾他",
    }
    seen = client.post(url, data=again)
    assert seen.status_code == 422
    assert "可能是同一件事" in seen.text
    assert "老人卧床，没有人照顾他" in seen.text
    (first,) = signals_of(made, counter)
    joined = client.post(url, data=again | {"join": first.number}, follow_redirects=True)
    assert f"已并入线索 {first.number}" in joined.text
    assert [(row.state, row.became) for row in signals_of(made, counter)] == [("new", ""), ("triaged", "duplicate")]
    apart = client.post(url, data=again | {"seen": "1"})
    assert apart.status_code == 303
    assert len(signals_of(made, counter)) == 3


def test_a_worker_who_does_not_sort_is_told_no_more_than_that_it_is_noted(
    client: FlaskClient, made: Made, login: Login, counter: Place
) -> None:
    login(client, counter.tokens["worker"])
    url = counter.url("desk/signals/new")
    found = client.post(url, data=HEARD | {"phone": "138 0000 1234", "find": "1"})
    assert str(counter.home) not in found.text
    body = HEARD | {"household": str(counter.home)}
    assert client.post(url, data=body).status_code == 303
    assert client.post(url, data=body | {"words": "再说一次"}).status_code == 303
    assert [row.household_id for row in signals_of(made, counter)] == [None, None]


def test_a_departments_list_is_looked_at_confirmed_and_undone(
    client: FlaskClient, made: Made, login: Login, counter: Place
) -> None:
    login(client, counter.tokens["clerk"])
    url = counter.url("desk/signals/import")

    def body(content: bytes, name: str = "名单.csv") -> dict[str, Any]:
        return {
            "department": counter.department,
            "name": "监测名单",
            "dated": "2026-11-01",
            "file": (BytesIO(content), name),
        }

    assert client.get(url).status_code == 200
    assert "身份证号" in client.get(f"{url}/template").text
    for content, name in ((b"", "a.csv"), (b"x", "a.xlsx"), (b"x", "a.exe")):
        assert client.post(url, data=body(content, name)).status_code == 422
    content = "姓名,小区,楼号,单元,门牌\n周某,雁北新村,3号楼,2单元,501甲\n无名,雁北新村,9,9,999\n".encode()
    answer = client.post(url, data=body(content))
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"])
    for words in ("姓名和门牌对上了", "登记里没有", "确认后会登记 1 条线索", "周*"):
        assert words in page.text
    assert "无名" not in page.text
    assert signals_of(made, counter) == []
    done = client.post(answer.headers["Location"], follow_redirects=True)
    assert "已登记 1 条线索" in done.text
    (row,) = signals_of(made, counter)
    assert (row.channel, row.household_id) == ("department", counter.home)
    assert client.post(url, data=body(content)).headers["Location"] == answer.headers["Location"]
    undone = client.post(f"{answer.headers['Location']}/undo", follow_redirects=True)
    assert "已撤销 1 条" in undone.text
    assert signals_of(made, counter) == []
    login(client, counter.tokens["worker"])
    assert client.get(url).status_code == 404


def test_a_question_is_answered_with_ready_words(client: FlaskClient, made: Made, login: Login, counter: Place) -> None:
    login(client, counter.tokens["clerk"])
    client.post(counter.url("desk/signals/new"), data=HEARD | {"kind": "question", "phone": ""})
    (row,) = signals_of(made, counter)
    page = counter.url(f"desk/signals/{row.id}")
    sort = {"became": "question", "urgency": "ordinary", "canned": "window", "answer": ""}
    assert client.post(page, data=sort).status_code == 303
    assert "请带身份证和户口本" in signals_of(made, counter)[0].answer
    refused = client.post(f"{page}/answer", data={"how": "none"})
    assert refused.status_code == 422
    assert "请写明为什么没有办法答复" in refused.text
    assert client.post(f"{page}/answer", data={"how": "pigeon"}).status_code == 422
    assert client.post(f"{page}/answer", data={"how": "board"}).status_code == 303
    assert signals_of(made, counter)[0].state == "answered"
    assert "按时答复" in client.get(counter.url("desk/signals")).text


def test_late_ones_are_found_by_filter(client: FlaskClient, made: Made, login: Login, counter: Place) -> None:
    login(client, counter.tokens["clerk"])
    client.post(counter.url("desk/signals/new"), data=HEARD)
    (row,) = signals_of(made, counter)
    client.get(counter.url("desk/signals"))  # what was said once is not said again
    assert row.number not in client.get(counter.url("desk/signals?late=1")).text

    def late() -> None:
        with tenant_scope(counter.tenant):
            db.session.execute(text("UPDATE step SET due_at = now() - interval '1 day'"))

    made(late)
    assert row.number in client.get(counter.url("desk/signals?late=1")).text


def test_the_list_leaves_as_a_file_without_words_or_people(client: FlaskClient, login: Login, counter: Place) -> None:
    login(client, counter.tokens["clerk"])
    client.post(counter.url("desk/signals/new"), data=HEARD)
    assert client.post(counter.url("desk/signals/export"), data={"purpose": ""}).status_code == 303
    file = client.post(counter.url("desk/signals/export?state=new"), data={"purpose": "周例会"}).data
    rows = workbook.rows(file, "signals.xlsx")
    assert (len(rows), rows[2][1]) == (3, "电话")
    assert "周例会" in rows[0][0]
    assert not [each for each in (HEARD["words"], "13900003333", HEARD["caller"]) if each in str(rows)]
