"""Ways in for everybody: the code on a door, the form with its question, following by code."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import text

from rongjiu.db import db, tenant_scope
from tenants.signals import service
from tests.doors.test_wish import WISH, send, solve
from tests.signalling import Place, signals_of

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


def words_of(page: str) -> str:
    """The words of a page without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_scan_at_a_door_opens_the_form_with_its_courtyard(client: FlaskClient, made: Made, counter: Place) -> None:
    page = client.get(counter.url(f"d/{counter.code}"))
    assert page.status_code == 200
    assert "您扫的是：雁北新村 3 号楼" in page.text
    assert re.search(rf'<option selected value="{counter.yard}">', page.text)
    assert (
        client.post(counter.url("wish"), data=WISH | {"door": counter.code, "courtyard": str(counter.yard)}).status_code
        == 303
    )
    (row,) = signals_of(made, counter)
    assert (row.courtyard_id, row.building, row.channel) == (counter.yard, "3", "self")


def test_a_code_that_is_over_or_unknown_opens_the_plain_form_with_a_friendly_line(
    client: FlaskClient, made: Made, login: Login, counter: Place
) -> None:
    def code_id() -> UUID:
        with tenant_scope(counter.tenant):
            return UUID(str(db.session.scalar(text("SELECT id FROM door_code"))))

    login(client, counter.tokens["clerk"])
    assert client.post(counter.url(f"desk/door-codes/{made(code_id)}/end")).status_code == 303
    for token in (counter.code, "nothing", "x" * 200):
        page = client.get(counter.url(f"d/{token}"))
        assert page.status_code == 200
        assert "这个码已经换过了" in page.text
        assert "号楼" not in page.text
    assert client.get("/c/no-such-place/d/x").status_code == 404


def test_the_building_of_a_code_counts_only_for_its_own_courtyard(
    client: FlaskClient, made: Made, counter: Place
) -> None:
    send(client, counter.url("wish"), door=counter.code, courtyard="")
    (row,) = signals_of(made, counter)
    assert (row.courtyard_id, row.building) == (None, "")


def test_sheets_for_the_doors_are_printed_with_the_full_address(
    client: FlaskClient, login: Login, counter: Place
) -> None:
    login(client, counter.tokens["worker"])
    page = client.get(counter.url("desk/door-codes")).text
    assert "雁北新村" in page
    assert "换一个码" not in page
    sheet = client.get(counter.url("desk/door-codes/print?size=a5")).text
    assert (
        f"http://localhost/c/{counter.slug}/d/{counter.code}" in sheet or f"/c/{counter.slug}/d/{counter.code}" in sheet
    )
    assert "data:image/svg+xml" in sheet
    for words in ("有困难、有心愿", "扫一扫", "打电话", "sheets-a5"):
        assert words in sheet
    login(client, counter.tokens["clerk"])
    bad = client.post(counter.url("desk/door-codes"), data={"courtyard": str(counter.yard), "building": "3"})
    assert bad.status_code == 409
    assert "已经有一个码了" in bad.text
    assert client.post(counter.url("desk/door-codes"), data={"all": "1"}).status_code == 303
    assert client.get(counter.url("desk/door-codes/print")).text.count("door-sheet") == 3


def test_the_second_form_of_an_hour_asks_a_question_that_needs_no_eyes(
    client: FlaskClient, made: Made, counter: Place
) -> None:
    url = counter.url("wish")
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
    assert len(signals_of(made, counter)) == 1
    assert client.post(url, data=WISH | {"token": fresh, "riddle": answer}).status_code == 303
    reused = client.post(url, data=WISH | {"token": fresh, "riddle": answer})
    assert reused.status_code == 422
    assert len(signals_of(made, counter)) == 2


def test_the_question_stands_in_english_words_too(client: FlaskClient, counter: Place) -> None:
    client.post(counter.url("wish"), data=WISH)
    client.get("/prefs?lang=en")
    page = client.post(counter.url("wish"), data=WISH).text
    said = re.search(r'id="riddle-said">([^<]+)<', page)
    assert said
    assert re.fullmatch(r"(What is \w+ (plus|minus) \w+|How many .+)\?", said[1])


def test_whoever_left_a_wish_follows_it_by_code(client: FlaskClient, made: Made, counter: Place) -> None:
    answer = client.post(counter.url("wish"), data=WISH)
    thanks = client.get(answer.headers["Location"]).text
    code = re.search(r'class="track-code[^"]*"[^>]*>([^<]+)<', thanks)
    assert code
    page = client.post(counter.url("track"), data={"code": code[1].lower(), "tail": "4444"})
    assert page.status_code == 200
    for words in ("已收到", "救助专干", "分派线索"):
        assert words in page.text
    for hidden in ("李阿姨", "13700004444", "137 0000 4444", "上门理发"):
        assert hidden not in page.text
    wrong = {
        words_of(client.post(counter.url("track"), data=data).text)
        for data in ({"code": code[1], "tail": "1234"}, {"code": "ACD-EFG-HJK", "tail": "4444"})
    }
    assert all("没有查到" in each for each in wrong)
    assert len({re.sub(r"编号.*", "", each) for each in wrong}) == 1
    (row,) = signals_of(made, counter)

    def settle() -> None:
        with tenant_scope(counter.tenant):
            service.settle(row.id, "question", answer="下周二有人来理发")

    made(settle)
    assert "下周二有人来理发" in client.post(counter.url("track"), data={"code": code[1], "tail": "4444"}).text
    assert client.post(counter.url("track"), data={"code": "", "tail": ""}).status_code == 422


def test_wrong_codes_are_counted_though_the_answer_is_an_error(client: FlaskClient, counter: Place) -> None:
    for _ in range(10):
        assert (
            client.post(counter.url("track"), data={"code": f"ACD-EFG-H{'JKMNPQRTWX'[_]}K", "tail": "1"}).status_code
            == 422
        )
    assert client.post(counter.url("track"), data={"code": "ACD-EFG-HJK", "tail": "1111"}).status_code == 429
