"""Every opening of a household's file is written down with its reason: the task in hand, or what was typed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.actor import acting
from rongjiu.audit import Audit
from rongjiu.db import db, tenant_scope
from tenants.cases import service as cases
from tenants.residents import service as residents
from tests.desk_of import DOOR, ZHOU, Desk, a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


class Home:
    """A registered household, with or without a case, and the clerk who looks."""

    def __init__(self, desk: Desk, *, case: bool, closed: bool = False) -> None:
        self.desk, self.token, self.number = desk, desk.clerk.token, ""
        with tenant_scope(desk.tenant), acting(desk.as_clerk()):
            home = residents.register(desk.yard, DOOR, ZHOU)
            self.household: UUID = home.household_id
            if case:
                row = cases.open_case(desk.yard)
                cases.attach_household(row.id, home.household_id)
                if closed:
                    cases.event(row.id, "closed")
                self.number = row.number

    def url(self, path: str) -> str:
        return f"/c/{self.desk.slug}/desk/{path}"


@pytest.fixture
def openings(made: Made) -> Callable[[Home], list[tuple[str, str, dict[str, str]]]]:
    def read(home: Home) -> list[tuple[str, str, dict[str, str]]]:
        def rows() -> list[Any]:
            with tenant_scope(home.desk.tenant):
                query = select(Audit.object_id, Audit.reason, Audit.detail).where(Audit.verb == "open")
                return [tuple(row) for row in db.session.execute(query.order_by(Audit.seq))]

        return made(rows)  # type: ignore[no-any-return]

    return read


Openings = Callable[[Home], list[tuple[str, str, dict[str, str]]]]


def test_the_open_case_is_the_task_in_hand(client: FlaskClient, login: Login, made: Made, openings: Openings) -> None:
    home = made(lambda: Home(a_desk(), case=True))
    login(client, home.token)
    assert "周*" in client.get(home.url(f"households/{home.household}")).text
    assert openings(home) == [(str(home.household), "task", {"task": home.number})]


def test_without_a_case_a_reason_is_typed_first(
    client: FlaskClient, login: Login, made: Made, openings: Openings
) -> None:
    home = made(lambda: Home(a_desk(), case=False))
    login(client, home.token)
    url = home.url(f"households/{home.household}")
    asked = client.get(url)
    assert asked.status_code == 200
    assert "请写明理由" in asked.text
    assert "周*" not in asked.text
    short = client.get(url, query_string={"reason": "看"})
    assert "至少 4 个字" in short.text
    assert 'value="看"' in short.text
    assert "周*" not in short.text
    assert openings(home) == []
    opened = client.get(url, query_string={"reason": "接到本人电话，核对人数"})
    assert "周*" in opened.text
    assert openings(home) == [(str(home.household), "接到本人电话，核对人数", {})]


def test_a_closed_case_is_no_task_in_hand(client: FlaskClient, login: Login, made: Made, openings: Openings) -> None:
    home = made(lambda: Home(a_desk(), case=True, closed=True))
    login(client, home.token)
    for path in (f"cases/{home.number}", f"households/{home.household}"):
        assert "请写明理由" in client.get(home.url(path)).text
    assert openings(home) == []
    assert "周*" in client.get(home.url(f"cases/{home.number}?reason=复核办结材料")).text
    assert openings(home) == [(home.number, "复核办结材料", {})]
