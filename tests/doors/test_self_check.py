"""The quick self-check: one question a page, nothing kept, back works, never a hard no."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from rongjiu.db import Base, db
from rongjiu.library.packfiles import read_pack
from tenants.founding import checking
from tenants.screening import reading
from tests import factories

Made = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def slug(made: Made) -> str:
    return str(made(lambda: factories.a_modelled_community().slug))


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found.group(1) if found else ""


def walk(client: FlaskClient, slug: str, answers: dict[str, str], most: int = 20) -> tuple[list[str], str]:
    """Answer as told, 不清楚 otherwise; the questions asked and the last page."""
    page, asked = client.get(f"/c/{slug}/check").text, list[str]()
    while (question := hidden(page, "question")) and len(asked) < most:
        asked.append(question)
        told = {"so_far": hidden(page, "so_far"), "question": question, "choice": answers.get(question, "unsure")}
        page = client.post(f"/c/{slug}/check", data=told).text
    return asked, page


def test_an_elder_is_asked_few_questions_and_told_what_may_fit_where_and_with_what(
    client: FlaskClient, slug: str
) -> None:
    asked, page = walk(client, slug, {"age": "85", "sudden": "no", "hukou": "yes", "recognised": "none"})
    assert asked[:2] == ["age", "sudden"]
    assert len(asked) <= checking.MOST
    assert len(asked) == len(set(asked))
    assert "parents" not in asked
    for words in (
        "可能符合",
        "高龄",
        "到哪里",
        "带什么",
        "由部门决定",
        "没有列出的，也可以问",
        "写心愿、求帮助",
        "029",
    ):
        assert words in page
    assert "不符合" not in page


@pytest.mark.parametrize("choice", ["unsure", "none", "no"])
def test_there_is_never_a_hard_no(client: FlaskClient, slug: str, choice: str) -> None:
    answers = {each.id: choice for each in checking.QUESTIONS if checking.known(each.id, choice)} | {"age": "30"}
    _asked, page = walk(client, slug, answers)
    assert "没有列出的，也可以问" in page
    assert "服务项目" in page
    assert "不符合" not in page


def test_an_emergency_is_told_to_ring_first(client: FlaskClient, slug: str) -> None:
    _asked, page = walk(client, slug, {"age": "45", "sudden": "yes"})
    assert "请马上打电话" in page
    assert "急难型" in page


def test_back_takes_the_last_answer_away_and_no_choice_asks_again(client: FlaskClient, slug: str) -> None:
    first = client.get(f"/c/{slug}/check").text
    told = {"so_far": hidden(first, "so_far"), "question": "age", "choice": "85"}
    second = client.post(f"/c/{slug}/check", data=told).text
    assert hidden(second, "question") == "sudden"
    back = client.post(f"/c/{slug}/check", data={"so_far": hidden(second, "so_far"), "back": "1"}).text
    assert hidden(back, "question") == "age"
    again = client.post(f"/c/{slug}/check", data={"so_far": hidden(second, "so_far"), "question": "sudden"})
    assert again.status_code == 200
    assert "请选一项" in again.text
    enough = client.post(f"/c/{slug}/check", data={"so_far": hidden(second, "so_far"), "enough": "1"}).text
    assert "可以问一问的" in enough


@pytest.mark.parametrize("so_far", ["", "x.y", "W10.forged", "[]"])
def test_answers_nobody_signed_begin_anew(client: FlaskClient, slug: str, so_far: str) -> None:
    answer = client.post(f"/c/{slug}/check", data={"so_far": so_far, "question": "age", "choice": "<script>"})
    assert answer.status_code == 200
    assert hidden(answer.text, "question") == "age"


def test_nothing_is_kept_and_nothing_stands_in_an_address(app: Flask, client: FlaskClient, slug: str) -> None:
    def rows() -> dict[str, int]:
        with app.app_context():
            names = sorted({mapper.local_table.name for mapper in Base.registry.mappers})
            return {name: db.session.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in names}

    before = rows()
    _asked, page = walk(client, slug, {"age": "85", "hukou": "yes"})
    assert rows() == before
    assert "?" not in "".join(re.findall(r'action="([^"]*)"', page))
    assert client.post(f"/c/{slug}/check", data={}).headers["Cache-Control"] == "no-store"


def test_it_speaks_english(client: FlaskClient, slug: str) -> None:
    client.get("/prefs?lang=en&next=/")
    page = client.get(f"/c/{slug}/check").text
    assert "How old" in page
    assert "Next question" in page
    asked, last = walk(client, slug, {"age": "85"})
    assert asked
    assert "may ask and apply" in last


def test_incomes_are_asked_in_bands_of_the_lines_in_force_and_not_at_all_without_one() -> None:
    pack = read_pack()["parameters"]["parameters"]

    def bands(**values: Any) -> list[tuple[str, dict[str, str], Any]]:
        rows = [{**row, "history": [], "value": values[row["id"]]} if row["id"] in values else row for row in pack]
        ask = checking.questions(reading.parameters_of(rows), date(2026, 11, 25)).get("income")
        return (
            [(code, dict(ask.numbers[code]), facts[checking.INCOME]) for code, _w, facts in ask.choices] if ask else []
        )

    found = bands(dibao_line_urban_month=1000, dibao_margin_multiple=1.5)
    assert [(code, *numbers.values()) for code, numbers, _value in found] == [
        ("under", "0", "1000"), ("margin", "1000", "1500"), ("above", "1500", "3000"), ("far", "3000", "12000"),
    ]  # fmt: skip
    assert all(int(numbers["least"]) < value < int(numbers["most"]) for _code, numbers, value in found)
    assert [code for code, *_rest in bands(dibao_line_urban_month=800, dibao_margin_multiple=None)] == ["under", "margin", "far"]  # fmt: skip
    assert bands(dibao_line_urban_month=None) == []


def test_the_page_shows_the_bands_of_the_community(client: FlaskClient, slug: str) -> None:
    page = client.get(f"/c/{slug}/check").text
    for _ in range(checking.MOST):
        question = hidden(page, "question")
        if question == "income":
            break
        choice = {"age": "45", "sudden": "no", "hukou": "yes", "recognised": "none"}.get(question, "unsure")
        page = client.post(f"/c/{slug}/check", data={"so_far": hidden(page, "so_far"), "question": question, "choice": choice}).text  # fmt: skip
    assert "不到 740 元" in page and "740–1110 元" in page and "%(" not in page
