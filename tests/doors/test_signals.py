"""Each way a signal comes in, through the door it comes by; what the asker sees; a tip's author stays with the clerk."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from rongjiu import workbook
from rongjiu.actor import acting
from rongjiu.db import db, tenant_scope
from tenants.cases.models import CaseFile
from tenants.catalogue import queries as catalogue
from tenants.residents import service as residents
from tenants.signals import door_codes, service
from tenants.signals.models import Signal
from tests.desk_of import DOOR, WISHES, ZHOU, a_desk
from tests.doors.test_wish import WISH, send, solve

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
ROLES = ("secretary", "clerk", "worker", "grid", "live")


class Place:
    """A community at work with a family and codes on its doors, as plain values."""

    def __init__(self) -> None:
        here = a_desk()
        self.tenant, self.slug, self.yard = here.tenant, here.slug, here.yard
        self.tokens = {name: getattr(here, name).token for name in ROLES}
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            self.home = residents.register(here.yard, DOOR, ZHOU).household_id
            self.code = door_codes.make(here.yard, "3")
            self.department = catalogue.departments()[0]["id"]

    def url(self, path: str) -> str:
        """An address of the community."""
        return f"/c/{self.slug}/{path}"


@pytest.fixture
def place(made: Made) -> Place:
    return made(Place)  # type: ignore[no-any-return]


def _signals(made: Made, place: Place) -> list[Any]:
    def rows() -> list[Any]:
        with tenant_scope(place.tenant):
            return list(
                db.session.execute(
                    select(Signal.id, Signal.channel, Signal.number, Signal.courtyard_id, Signal.building, Signal.household_id,
                           Signal.call_back, Signal.state, Signal.became, Signal.answer, Signal.phone)
                    .order_by(Signal.number)
                )
            )  # fmt: skip

    return made(rows)  # type: ignore[no-any-return]


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_scan_at_a_door_opens_the_form_with_its_courtyard(client: FlaskClient, made: Made, place: Place) -> None:
    page = client.get(place.url(f"d/{place.code}"))
    assert page.status_code == 200
    assert "您扫的是：雁北新村 3 号楼" in page.text
    assert re.search(rf'<option selected value="{place.yard}">', page.text)
    assert (
        client.post(place.url("wish"), data=WISH | {"door": place.code, "courtyard": str(place.yard)}).status_code
        == 303
    )
    (row,) = _signals(made, place)
    assert (row.courtyard_id, row.building, row.channel) == (place.yard, "3", "self")


def test_a_code_that_is_over_or_unknown_opens_the_plain_form_with_a_friendly_line(
    client: FlaskClient, made: Made, login: Login, place: Place
) -> None:
    def code_id() -> UUID:
        with tenant_scope(place.tenant):
            return UUID(str(db.session.scalar(text("SELECT id FROM door_code"))))

    login(client, place.tokens["clerk"])
    assert client.post(place.url(f"desk/door-codes/{made(code_id)}/end")).status_code == 303
    for token in (place.code, "nothing", "x" * 200):
        page = client.get(place.url(f"d/{token}"))
        assert page.status_code == 200
        assert "这个码已经换过了" in page.text
        assert "号楼" not in page.text
    assert client.get("/c/no-such-place/d/x").status_code == 404


def test_the_building_of_a_code_counts_only_for_its_own_courtyard(
    client: FlaskClient, made: Made, place: Place
) -> None:
    send(client, place.url("wish"), door=place.code, courtyard="")
    (row,) = _signals(made, place)
    assert (row.courtyard_id, row.building) == (None, "")


def test_sheets_for_the_doors_are_printed_with_the_full_address(
    client: FlaskClient, login: Login, place: Place
) -> None:
    login(client, place.tokens["worker"])
    page = client.get(place.url("desk/door-codes")).text
    assert "雁北新村" in page
    assert "换一个码" not in page
    sheet = client.get(place.url("desk/door-codes/print?size=a5")).text
    assert f"http://localhost/c/{place.slug}/d/{place.code}" in sheet or f"/c/{place.slug}/d/{place.code}" in sheet
    assert "data:image/svg+xml" in sheet
    for words in ("有困难、有心愿", "扫一扫", "打电话", "sheets-a5"):
        assert words in sheet
    login(client, place.tokens["clerk"])
    bad = client.post(place.url("desk/door-codes"), data={"courtyard": str(place.yard), "building": "3"})
    assert bad.status_code == 409
    assert "已经有一个码了" in bad.text
    assert client.post(place.url("desk/door-codes"), data={"all": "1"}).status_code == 303
    assert client.get(place.url("desk/door-codes/print")).text.count("door-sheet") == 3


def test_the_second_form_of_an_hour_asks_a_question_that_needs_no_eyes(
    client: FlaskClient, made: Made, place: Place
) -> None:
    url = place.url("wish")
    assert 'name="token"' not in client.get(url).text
    assert client.post(url, data=WISH).status_code == 303
    asked = client.post(url, data=WISH | {"words": "想请人代买菜"})
    assert asked.status_code == 422
    assert "想请人代买菜" in asked.text
    assert "<img" not in asked.text.split('id="small-question"')[1].split("</section>")[0]
    assert re.search(r'<label class="field-label" for="riddle">', asked.text)
    token, right = solve(asked.text)
    wrong = client.post(url, data=WISH | {"token": token, "riddle": "77"})
    assert wrong.status_code == 422
    assert "答案不对" in wrong.text
    fresh, answer = solve(wrong.text)
    assert fresh != token
    again = client.post(url, data=WISH | {"token": token, "riddle": right})
    assert again.status_code == 422
    assert "已经用过" in again.text
    assert len(_signals(made, place)) == 1
    assert client.post(url, data=WISH | {"token": fresh, "riddle": answer}).status_code == 303
    reused = client.post(url, data=WISH | {"token": fresh, "riddle": answer})
    assert reused.status_code == 422
    assert len(_signals(made, place)) == 2


def test_the_question_stands_in_english_words_too(client: FlaskClient, place: Place) -> None:
    client.post(place.url("wish"), data=WISH)
    client.get("/prefs?lang=en")
    page = client.post(place.url("wish"), data=WISH).text
    said = re.search(r'id="riddle-said">([^<]+)<', page)
    assert said
    assert re.fullmatch(r"(What is \w+ (plus|minus) \w+|How many .+)\?", said[1])


def test_whoever_left_a_wish_follows_it_by_code(client: FlaskClient, made: Made, place: Place) -> None:
    answer = client.post(place.url("wish"), data=WISH)
    thanks = client.get(answer.headers["Location"]).text
    code = re.search(r'class="track-code[^"]*"[^>]*>([^<]+)<', thanks)
    assert code
    page = client.post(place.url("track"), data={"code": code[1].lower(), "tail": "4444"})
    assert page.status_code == 200
    for words in ("已收到", "救助专干", "分派线索"):
        assert words in page.text
    for hidden in ("李阿姨", "13700004444", "137 0000 4444", "上门理发"):
        assert hidden not in page.text
    wrong = {
        _text(client.post(place.url("track"), data=data).text)
        for data in ({"code": code[1], "tail": "1234"}, {"code": "ACD-EFG-HJK", "tail": "4444"})
    }
    assert all("没有查到" in each for each in wrong)
    assert len({re.sub(r"编号.*", "", each) for each in wrong}) == 1
    (row,) = _signals(made, place)

    def settle() -> None:
        with tenant_scope(place.tenant):
            service.settle(row.id, "question", answer="下周二有人来理发")

    made(settle)
    assert "下周二有人来理发" in client.post(place.url("track"), data={"code": code[1], "tail": "4444"}).text
    assert client.post(place.url("track"), data={"code": "", "tail": ""}).status_code == 422


def test_wrong_codes_are_counted_though_the_answer_is_an_error(client: FlaskClient, place: Place) -> None:
    for _ in range(10):
        assert (
            client.post(place.url("track"), data={"code": f"ACD-EFG-H{'JKMNPQRTWX'[_]}K", "tail": "1"}).status_code
            == 422
        )
    assert client.post(place.url("track"), data={"code": "ACD-EFG-HJK", "tail": "1111"}).status_code == 429


HEARD = {
    "channel": "hotline", "kind": "need", "words": "老人卧床没有人照顾", "phone": "139 0000 3333", "caller": "周某之子",
    "urgency": "urgent", "call_back": "yes",
}  # fmt: skip


def test_a_call_is_noted_with_its_family_found_in_the_register(
    client: FlaskClient, made: Made, login: Login, place: Place
) -> None:
    login(client, place.tokens["clerk"])
    found = client.post(place.url("desk/signals/new"), data=HEARD | {"phone": "138 0000 1234", "find": "1"})
    assert found.status_code == 200
    assert str(place.home) in found.text
    assert "周*" in found.text
    assert "周某 " not in found.text
    assert "老人卧床没有人照顾" in found.text
    assert _signals(made, place) == []
    done = client.post(
        place.url("desk/signals/new"), data=HEARD | {"household": str(place.home)}, follow_redirects=True
    )
    assert "请读给对方听" in done.text
    assert "查询码" in done.text
    assert "登记里的这一家" in done.text
    (row,) = _signals(made, place)
    assert (row.channel, row.household_id, row.courtyard_id, row.call_back) == ("hotline", place.home, place.yard, True)
    nobody = client.post(place.url("desk/signals/new"), data=HEARD | {"phone": "", "caller": "无名氏", "find": "1"})
    assert "登记里没有找到" in nobody.text


def test_a_caller_is_asked_whether_to_call_back(client: FlaskClient, made: Made, login: Login, place: Place) -> None:
    login(client, place.tokens["clerk"])
    page = client.post(place.url("desk/signals/new"), data={k: v for k, v in HEARD.items() if k != "call_back"})
    assert page.status_code == 422
    assert "请问一句：可以给您回电" in page.text
    assert client.post(place.url("desk/signals/new"), data=HEARD | {"call_back": "no"}).status_code == 303
    assert _signals(made, place)[0].call_back is False


def test_the_same_matter_is_shown_at_the_counter_and_joined_with_one_press(
    client: FlaskClient, made: Made, login: Login, place: Place
) -> None:
    login(client, place.tokens["clerk"])
    url = place.url("desk/signals/new")
    client.post(url, data=HEARD | {"courtyard": str(place.yard)})
    counter = HEARD | {
        "channel": "counter",
        "courtyard": str(place.yard),
        "phone": "",
        "words": "老人卧床，没有人照顾他",
    }
    seen = client.post(url, data=counter)
    assert seen.status_code == 422
    assert "可能是同一件事" in seen.text
    assert "老人卧床，没有人照顾他" in seen.text
    (first,) = _signals(made, place)
    joined = client.post(url, data=counter | {"join": first.number}, follow_redirects=True)
    assert f"已并入线索 {first.number}" in joined.text
    assert [(row.state, row.became) for row in _signals(made, place)] == [("new", ""), ("triaged", "duplicate")]
    apart = client.post(url, data=counter | {"seen": "1"})
    assert apart.status_code == 303
    assert len(_signals(made, place)) == 3


def test_a_worker_who_does_not_sort_is_told_no_more_than_that_it_is_noted(
    client: FlaskClient, made: Made, login: Login, place: Place
) -> None:
    login(client, place.tokens["worker"])
    url = place.url("desk/signals/new")
    found = client.post(url, data=HEARD | {"phone": "138 0000 1234", "find": "1"})
    assert str(place.home) not in found.text
    body = HEARD | {"household": str(place.home)}
    assert client.post(url, data=body).status_code == 303
    assert client.post(url, data=body | {"words": "再说一次"}).status_code == 303
    assert [row.household_id for row in _signals(made, place)] == [None, None]


def test_a_departments_list_is_looked_at_confirmed_and_undone(
    client: FlaskClient, made: Made, login: Login, place: Place
) -> None:
    login(client, place.tokens["clerk"])
    url = place.url("desk/signals/import")

    def body(content: bytes, name: str = "名单.csv") -> dict[str, Any]:
        return {
            "department": place.department,
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
    assert _signals(made, place) == []
    done = client.post(answer.headers["Location"], follow_redirects=True)
    assert "已登记 1 条线索" in done.text
    (row,) = _signals(made, place)
    assert (row.channel, row.household_id) == ("department", place.home)
    assert client.post(url, data=body(content)).headers["Location"] == answer.headers["Location"]
    undone = client.post(f"{answer.headers['Location']}/undo", follow_redirects=True)
    assert "已撤销 1 条" in undone.text
    assert _signals(made, place) == []
    login(client, place.tokens["worker"])
    assert client.get(url).status_code == 404


def test_a_question_is_answered_with_ready_words(client: FlaskClient, made: Made, login: Login, place: Place) -> None:
    login(client, place.tokens["clerk"])
    client.post(place.url("desk/signals/new"), data=HEARD | {"kind": "question", "phone": ""})
    (row,) = _signals(made, place)
    page = place.url(f"desk/signals/{row.id}")
    sort = {"became": "question", "urgency": "ordinary", "canned": "window", "answer": ""}
    assert client.post(page, data=sort).status_code == 303
    assert "请带身份证和户口本" in _signals(made, place)[0].answer
    refused = client.post(f"{page}/answer", data={"how": "none"})
    assert refused.status_code == 422
    assert "请写明为什么没有办法答复" in refused.text
    assert client.post(f"{page}/answer", data={"how": "pigeon"}).status_code == 422
    assert client.post(f"{page}/answer", data={"how": "board"}).status_code == 303
    assert _signals(made, place)[0].state == "answered"
    assert "按时答复" in client.get(place.url("desk/signals")).text


def test_late_ones_are_found_by_filter(client: FlaskClient, made: Made, login: Login, place: Place) -> None:
    login(client, place.tokens["clerk"])
    client.post(place.url("desk/signals/new"), data=HEARD)
    (row,) = _signals(made, place)
    client.get(place.url("desk/signals"))  # what was said once is not said again
    assert row.number not in client.get(place.url("desk/signals?late=1")).text

    def late() -> None:
        with tenant_scope(place.tenant):
            db.session.execute(text("UPDATE step SET due_at = now() - interval '1 day'"))

    made(late)
    assert row.number in client.get(place.url("desk/signals?late=1")).text


def test_the_list_leaves_as_a_file_without_words_or_people(client: FlaskClient, login: Login, place: Place) -> None:
    login(client, place.tokens["clerk"])
    client.post(place.url("desk/signals/new"), data=HEARD)
    assert client.post(place.url("desk/signals/export"), data={"purpose": ""}).status_code == 303
    file = client.post(place.url("desk/signals/export?state=new"), data={"purpose": "周例会"}).data
    rows = workbook.rows(file, "signals.xlsx")
    assert (len(rows), rows[2][1]) == (3, "电话")
    assert "周例会" in rows[0][0]
    assert not [each for each in (HEARD["words"], "13900003333", HEARD["caller"]) if each in str(rows)]


AUTHOR = ("司马青竹", "13955556666", "139 5555 6666", "139****6666", "司马**")
TOLD = "我是司马青竹，楼上老人好几天没下楼"


def _pages(app: Flask, place: Place, ids: dict[str, Any]) -> list[tuple[str, str]]:
    adapter = app.url_map.bind("localhost")
    return [
        (rule.endpoint, adapter.build(rule.endpoint, {name: ids[name] for name in rule.arguments}))
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and "<slug>" in rule.rule and rule.arguments <= set(ids)
    ]


def test_a_tips_author_is_on_no_page_but_the_clerks_page_of_the_signal(
    app: Flask, client: FlaskClient, made: Made, login: Login, place: Place
) -> None:
    def plant() -> dict[str, Any]:
        with tenant_scope(place.tenant):
            got = service.ask(
                TOLD, kind="need", caller=AUTHOR[0], phone=AUTHOR[1], about="neighbour", courtyard_id=place.yard
            )
            again = service.receive(
                "neighbour", "need", TOLD, caller=AUTHOR[0], phone=AUTHOR[1], courtyard_id=place.yard
            )
            opened = service.open_case(got.id, WISHES, courtyard_id=place.yard, urgency="ordinary")
            service.receive("hotline", "need", "问低保", phone=AUTHOR[1], courtyard_id=place.yard)
            visit = db.session.scalar(text("SELECT id FROM visit"))
            member = db.session.scalar(text("SELECT id FROM person LIMIT 1"))
            number = db.session.scalar(select(CaseFile.number).where(CaseFile.id == opened.case_id))
        return {
            "slug": place.slug, "signal_id": again.id, "number": number, "visit_id": visit, "need": "w1", "token": place.code,
            "household_id": place.home, "person_id": member, "policy": "dibao", "item": "sweep", "sorted": got.id,
        }  # fmt: skip

    ids = made(plant)
    opened: dict[str, set[str]] = {}
    for who in ROLES:
        login(client, place.tokens[who])
        pages = _pages(app, place, ids)
        pages.append(("desk.signal", place.url(f"desk/signals/{ids['sorted']}")))
        for query in ("司马青竹", AUTHOR[1]):
            pages.append(("desk.search", place.url(f"desk/search?q={query}")))
        for endpoint, path in pages:
            answer = client.get(path)
            if answer.status_code != 200 or not answer.mimetype.startswith("text/"):
                continue
            opened.setdefault(who, set()).add(endpoint)
            seen, asked = answer.text, path.partition("q=")[2]  # a search says again what was sought
            if (who, endpoint) == ("clerk", "desk.signal"):
                assert AUTHOR[0] in seen
                assert AUTHOR[2] in seen
            else:
                assert not [each for each in (*AUTHOR, TOLD) if each != asked and each in seen], (who, endpoint)
    assert "desk.signal" in opened["secretary"] & opened["clerk"]
    assert "grid.visit" in opened["grid"]
    assert "desk.case" in opened["clerk"]


def test_the_clerk_opening_a_tip_is_written_down_and_a_visitor_reads_neutral_words(
    client: FlaskClient, made: Made, login: Login, place: Place
) -> None:
    def plant() -> UUID:
        with tenant_scope(place.tenant):
            return service.ask(TOLD, kind="need", caller=AUTHOR[0], phone=AUTHOR[1], about="neighbour").id

    signal_id = made(plant)
    login(client, place.tokens["clerk"])
    page = place.url(f"desk/signals/{signal_id}")
    seen = client.get(page).text
    assert TOLD in seen
    paper = re.sub(r'<(span|blockquote) class="[^"]*no-print">.*?</\1>', "", seen, flags=re.DOTALL)
    assert not [each for each in (*AUTHOR, TOLD) if each in paper]
    sort = {
        "became": "need", "urgency": "ordinary", "courtyard": str(place.yard), "wish_1": "想有人常来看看",
        "visitor_words": "请看看家里是否需要照顾",
    }  # fmt: skip
    assert client.post(page, data=sort).status_code == 303

    def after() -> tuple[Any, Any]:
        with tenant_scope(place.tenant):
            opened = db.session.scalar(
                text("SELECT count(*) FROM audit WHERE verb = 'open' AND object_kind = 'signal'")
            )
            return opened, db.session.scalar(text("SELECT id FROM visit"))

    opened, visit = made(after)
    assert opened == 1
    login(client, place.tokens["grid"])
    seen = client.get(place.url(f"grid/visits/{visit}")).text
    assert "请看看家里是否需要照顾" in seen
    assert TOLD not in seen
    login(client, place.tokens["secretary"])
    seen = client.get(page).text
    assert "请看看家里是否需要照顾" in seen
    assert TOLD not in seen


def test_what_the_grid_worker_and_the_broadcast_hear_still_comes_in(
    client: FlaskClient, made: Made, login: Login, place: Place
) -> None:
    login(client, place.tokens["grid"])
    report = {"words": "楼道灯坏了", "courtyard": str(place.yard), "urgency": "ordinary"}
    assert client.post(place.url("grid/report"), data=report).status_code == 303
    login(client, place.tokens["live"])
    assert client.post(place.url("live/"), data={"topic": "进院落", "outdoor": "y"}).status_code == 303
    assert client.post(place.url("live/1/desk"), data={"words": "想理发", "kind": "wish"}).status_code == 303
    assert [row.channel for row in _signals(made, place)] == ["grid_report", "livestream_outdoor"]
