"""Printed sheets: one for the family, one for each member, and none that names a child under 14."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from blueprints.desk import papers
from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from tenants.consents import service as consents
from tenants.residents.models import EmergencyContact, Person
from tests import casework, factories

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
KINDS = ("slip", "visit", "card", "consent", "answer")
SON, SON_RING, GIRL_RING = "周子测试", "13911112222", "13933334444"


@pytest.fixture
def world(made: Made) -> dict[str, Any]:
    def make() -> dict[str, Any]:
        family = casework.a_family()
        clerk = factories.a_person_with_role("assistance_clerk", "community", family.community_id)
        helper = casework.a_helper(family)
        with tenant_scope(family.tenant):
            for person, phone in ((family.son, SON_RING), (family.girl, GIRL_RING)):
                db.session.add(
                    EmergencyContact(person_id=person, kind="family", name="李邻居", phone=phone, since=today())
                )
            consents.give(
                family.case_id, family.girl, family.son, "share_with_provider", provider_id=helper.id, fields=["name"],
                how="screen", guardian=True,
            )  # fmt: skip
        desk = f"/c/{family.slug}/desk/cases/{family.number}/papers"
        return {"papers": desk, "clerk": clerk.token, "tenant": family.tenant, "girl": family.girl}

    found: dict[str, Any] = made(make)
    return found


def girl_first(made: Made, world: dict[str, Any]) -> None:
    """The girl of 11 stands first in the household's list."""

    def make() -> None:
        with tenant_scope(world["tenant"]):
            db.session.execute(update(Person).where(Person.id == world["girl"]).values(seq=0))

    made(make)


def test_each_member_has_a_card_with_the_own_contact(client: FlaskClient, login: Login, world: dict[str, Any]) -> None:
    login(client, world["clerk"])
    page = client.get(f"{world['papers']}/card").text
    assert casework.NAME in page
    assert "每人一张" in page
    son = client.get(f"{world['papers']}/card?for=2").text
    assert "139 1111 2222" in son
    assert SON in son.split("<article")[1]
    every = client.get(f"{world['papers']}/card?for=all").text
    assert every.count("<article") == 3
    for each in ("139 1111 2222", "139 3333 4444"):
        assert each in every


def test_each_member_reads_what_is_done_for_them_in_large_print(
    client: FlaskClient, login: Login, world: dict[str, Any]
) -> None:
    login(client, world["clerk"])
    old = client.get(f"{world['papers']}/answer?for=1").text
    assert f"{casework.NAME}，您好" in old
    assert "社区正在安排" in old
    son = client.get(f"{world['papers']}/answer?for=2").text
    assert "没有只为您一个人办的事" in son
    assert client.get(f"{world['papers']}/answer?for=all").text.count("<article") == 3
    assert client.get(f"{world['papers']}/answer?for=99").text.count("<article") == 1


@pytest.mark.parametrize("kind", KINDS)
def test_no_sheet_names_a_child_under_14(
    kind: str, client: FlaskClient, login: Login, world: dict[str, Any], made: Made
) -> None:
    girl_first(made, world)
    login(client, world["clerk"])
    for wanted in ("", "?for=0", "?for=all"):
        page = client.get(f"{world['papers']}/{kind}{wanted}")
        assert page.status_code == 200
        assert "周孙测试" not in page.text, wanted
    own = client.get(f"{world['papers']}/{kind}?for=0").text.split("<article")[1]
    if kind == "answer":
        assert f"{SON}，您好。这是您家孩子的答复" in own
    else:
        assert f"监护人 {SON}" in own, "the guardian on the consent, not the first adult of the list"


def test_the_pdf_is_asked_for_the_same_reader(
    client: FlaskClient, login: Login, world: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def ask(_kind: str, _number: str, page: str) -> Any:
        asked.append(page)
        raise papers.Refused("这台服务器做不了 PDF")

    monkeypatch.setattr(papers.service, "ask", ask)
    login(client, world["clerk"])
    answer = client.post(f"{world['papers']}/card?for=all")
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/card?for=all")
    assert asked[0].count("<article") == 3
