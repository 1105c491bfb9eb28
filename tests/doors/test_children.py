"""Somebody under 14 is there for everybody who works, and open only to whoever works on the family's case."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from rongjiu import workbook
from rongjiu.db import tenant_scope
from tenants.cases import service as cases
from tenants.residents import changing, service
from tenants.residents.service import Door, NewPerson
from tests.desk_of import a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
EYE = {"fields": ["name"], "reason": "verify"}


class Here:
    """A grandmother and a child of 11."""

    def __init__(self) -> None:
        desk = a_desk()
        self.base, self.tenant, self.yard = f"/c/{desk.slug}/desk", desk.tenant, desk.yard
        self.secretary, self.clerk = desk.secretary.token, desk.clerk.token
        with tenant_scope(desk.tenant):
            people = [NewPerson("李示例", age=70), NewPerson("周小果", age=11, groups=["disabled"])]
            home = service.register(desk.yard, Door("3", "1", "102"), people)
            self.home, (self.old, self.child) = home.household_id, home.person_ids
            changing.change_person(self.child, {"phone": "13800002222"})


@pytest.fixture
def here(made: Made) -> Here:
    return made(Here)  # type: ignore[no-any-return]


def test_a_child_opens_for_an_open_case_alone_and_never_for_the_secretary(
    client: FlaskClient, login: Login, made: Made, here: Here
) -> None:
    def eye(person: UUID) -> str:
        return client.post(f"{here.base}/people/{person}/reveal", data=EYE).text

    login(client, here.clerk)
    assert "李示例" in eye(here.old)
    assert "请先建个案" in eye(here.child) and "周小果" not in eye(here.child)

    def case() -> None:
        with tenant_scope(here.tenant):
            cases.attach_household(cases.open_case(here.yard).id, here.home)

    made(case)
    assert "周小果" in eye(here.child)
    history = f"{here.base}/people/{here.child}/history"
    assert "13800002222" in client.post(history, data={"reason": "verify"}).text
    login(client, here.secretary)
    assert "李示例" in eye(here.old)
    assert "办这户个案的人" in eye(here.child) and "周小果" not in eye(here.child)
    assert "13800002222" not in client.post(history, data={"reason": "verify"}).text


def test_the_ledger_counts_a_child_without_naming_it(client: FlaskClient, login: Login, here: Here) -> None:
    login(client, here.secretary)
    file = client.post(f"{here.base}/register/export", data={"purpose": "年度普查"})
    rows = workbook.rows(file.data, "register.xlsx")[2:]
    assert [(row[4], row[7]) for row in rows] == [("李示例", "70"), ("周**", "未满 14 周岁")]
    assert "周小果" not in str(rows) and "残" not in str(rows[1])
