"""Every list leaves as a file: for a purpose, with the filter of the page, masked like the page."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from rongjiu import workbook
from rongjiu.db import tenant_scope
from tenants.residents import changing, service
from tenants.residents.service import Door, NewPerson
from tests.desk_of import DOOR, ZHOU, a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


class Here:
    """A community with two families, one person corrected once."""

    def __init__(self) -> None:
        desk = a_desk()
        self.base, self.tenant = f"/c/{desk.slug}/desk", desk.tenant
        self.secretary, self.clerk = desk.secretary.token, desk.clerk.token
        with tenant_scope(desk.tenant):
            service.register(desk.yard, DOOR, ZHOU)
            alone = service.register(desk.yard, Door("3", "1", "102"), [NewPerson("张示例", "female", age=77)])
            self.old = alone.person_ids[0]
            changing.change_person(self.old, {"phone": "13800001949"})


@pytest.fixture
def here(made: Made) -> Here:
    return made(Here)  # type: ignore[no-any-return]


@pytest.mark.parametrize("what", ["contacts", "courtyards", "reviews"])
def test_lists_of_the_register_are_exported_for_a_purpose(
    what: str, client: FlaskClient, login: Login, here: Here
) -> None:
    login(client, here.secretary)
    assert client.post(f"{here.base}/{what}/export").status_code == 303
    file = client.post(f"{here.base}/{what}/export", data={"purpose": "月度例会"})
    assert (file.status_code, file.data[:2]) == (200, b"PK")
    assert f"{here.base}/{what}/export" in client.get(f"{here.base}/{what}").text
    login(client, here.clerk)
    assert client.post(f"{here.base}/{what}/export", data={"purpose": "月度例会"}).status_code == 404


@pytest.mark.parametrize("path", ["reviews/export?tab=requests", "reviews/export?tab=questions", "reviews/export?tab=merged",
                                  "reviews/export?tab=numbers", "sweeps/export", "surveys/export", "field/export", "departments/export",
                                  "departments/coverage/export?days=30", "resources/export", "urgent/export", "imports/export",
                                  "near-misses/export", "changes/export", "home-visits/export", "policies/export",
                                  "policies/export?list=lines", "staff/export", "door-codes/export", "load/export",
                                  "network/export", "profile/export"])  # fmt: skip
def test_every_list_is_exported_for_a_purpose(path: str, client: FlaskClient, login: Login, here: Here) -> None:
    login(client, here.secretary)
    assert client.post(f"{here.base}/{path}").status_code == 303
    file = client.post(f"{here.base}/{path}", data={"purpose": "月度例会"})
    assert (file.status_code, file.data[:2]) == (200, b"PK")


def test_a_file_is_the_page_with_all_its_rows(client: FlaskClient, login: Login, here: Here) -> None:
    login(client, here.secretary)
    page = client.get(f"{here.base}/households").text
    file = client.post(f"{here.base}/households/export?page=7", data={"purpose": "=1+1"})
    mark, head, *rows = workbook.rows(file.data, "households.xlsx")
    assert "用途：=1+1" in mark[0] and set(head) == {"家庭", "院落", "人数"}
    assert [str(len(rows))] == re.findall(r"共 (\d+) 条", page)[:1]
    assert "张示例" not in str(rows) and "张**" in str(rows)
    assert client.get(f"{here.base}/households/export").status_code == 405
    one = client.post(f"{here.base}/households/export?courtyard={uuid4()}", data={"purpose": "核对"})
    assert "共 0 条" in str(workbook.rows(one.data, "households.xlsx"))


def test_what_was_changed_leaves_without_its_values(client: FlaskClient, login: Login, here: Here) -> None:
    login(client, here.secretary)
    url = f"{here.base}/people/{here.old}/history"
    file = client.post(f"{url}/export", data={"purpose": "家属询问", "reason": "task"})
    _mark, head, *rows = workbook.rows(file.data, "history.xlsx")
    assert (head, len(rows)) == (["时间", "内容", "谁改的", "从哪里改的"], 1)
    assert "1949" not in str(rows)
    login(client, here.clerk)
    assert client.post(f"{url}/export", data={"purpose": "家属询问"}).status_code == 404


def test_english_titles_of_lists_are_plural_and_a_column_names_one(
    client: FlaskClient, login: Login, here: Here
) -> None:
    login(client, here.secretary)
    with client.session_transaction() as session:
        session["lang"] = "en"
    page = client.get(f"{here.base}/departments").text
    assert all(f"<span>{word}</span>" in page for word in ("Cases", "Departments", "Households"))
    assert ">Departments</h1>" in page and ">Department</th>" in page
    assert "<span>部门</span>" not in page
