"""The street's overview: own communities only, exact counts of work, hidden counts of persons, no name."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text

from rongjiu import workbook
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.facts import Fact, send
from rongjiu.ids import uuid7
from rongjiu.oversight.service import next_step
from rongjiu.tenancy.models import Division
from tenants.residents.models import Courtyard, Household, Person
from tests import factories
from tests.asked import statements

Made = Callable[[Callable[[], Any]], Any]
NAME = "欧阳植入"


def a_street_with(numbers: dict[str, int], *, district: Any = None, code: str | None = None) -> dict[str, Any]:
    """A street with a live community that has these indicators, a resident and an overdue step; plain values."""
    street = factories.a_street(district)
    street.code = code
    community = factories.a_community(street)
    with tenant_scope(factories.tenant(community)):
        send(Fact(tenant_id=community.tenant_id, counts=numbers))
        _a_resident()
        next_step(
            "task", uuid7(), number="CS-2026-000001", case_id=None, actor_role="provider_owner", actor="测试卫生站",
            verb="答复派单", due_at=now() - timedelta(hours=3),
        )  # fmt: skip
    staff = factories.a_person_with_role("street_overseer", "street", street.id)
    return {
        "slug": street.slug, "id": street.id, "name": community.name, "community": community.slug,
        "tenant": community.tenant_id, "token": staff.token, "district": street.district_id,
    }  # fmt: skip


def _a_resident() -> None:
    yard = Courtyard(id=uuid7(), slug="y1", seq=1, name="测试院")
    db.session.add(yard)
    db.session.flush()
    home = Household(id=uuid7(), courtyard_id=yard.id, created_at=now())
    db.session.add(home)
    db.session.flush()
    db.session.add(Person(id=uuid7(), household_id=home.id, name=NAME, phone="13987654321"))
    db.session.flush()


def test_a_street_sees_its_community_exactly_and_no_name(client: FlaskClient, made: Made, login: Any) -> None:
    numbers = {"signals_received": 7, "signals_met": 6, "offers_sent": 4, "offers_answered": 3, "near_miss_open": 3}
    one = made(lambda: a_street_with(numbers))
    login(client, one["token"])
    page = client.get(f"/street/{one['slug']}/")
    assert page.status_code == 200
    assert "7 / 6" in page.text
    assert "4 / 3" in page.text
    assert "少于5" in page.text
    assert "测试卫生站" in page.text
    assert "已超期" in page.text
    detail = client.get(f"/street/{one['slug']}/communities/{one['community']}")
    assert "CS-2026-000001" in detail.text
    assert "86 %" in detail.text
    for answer in (page, detail):
        assert NAME not in answer.text
        assert "欧阳" not in answer.text
        assert "13987654321" not in answer.text
        assert "****4321" not in answer.text


def test_claimed_and_confirmed_stand_as_two_numbers_and_closed_is_not_solved(
    client: FlaskClient, made: Made, login: Any
) -> None:
    numbers = {"offers_accepted": 8, "claimed_done": 6, "confirmed_done": 2, "cases_closed": 5, "needs_solved": 3}
    one = made(lambda: a_street_with(numbers))
    login(client, one["token"])
    for path in ("", f"communities/{one['community']}"):
        page = client.get(f"/street/{one['slug']}/{path}").text
        said = re.sub(r"<[^>]+>", " ", page[page.index('class="figures"') :].split("</dl>")[0])
        assert said.split()[1:] == [
            "声称完成", "6", "占接单", "75%", "本人确认", "2", "占接单", "25%", "办结个案", "5", "办结不等于解决",
            "需求解决", "3", "家里人或抽查说了算",
        ]  # fmt: skip
    assert "声称 75% · 确认 25%" in client.get(f"/street/{one['slug']}/").text


def test_a_sum_does_not_betray_a_hidden_cell(client: FlaskClient, made: Made, login: Any) -> None:
    def make() -> dict[str, Any]:
        first = a_street_with({"near_miss_open": 3})
        street = db.session.get_one(factories.Street, first["id"])
        for count in (8, 12):
            other = factories.a_community(street)
            with tenant_scope(factories.tenant(other)):
                send(Fact(tenant_id=other.tenant_id, counts={"near_miss_open": count}))
        return first

    one = made(make)
    login(client, one["token"])
    page = client.get(f"/street/{one['slug']}/").text
    foot = page[page.index("<tfoot>") :]
    assert "…" in foot
    assert "23" not in foot


def test_another_streets_pages_are_404_and_written_down(client: FlaskClient, made: Made, login: Any) -> None:
    one, other = made(lambda: a_street_with({})), made(lambda: a_street_with({}))
    login(client, one["token"])
    before = made(_refusals)
    assert client.get(f"/street/{other['slug']}/").status_code == 404
    assert client.get(f"/street/{one['slug']}/communities/{other['community']}").status_code == 404
    assert client.post(f"/street/{other['slug']}/export", data={"purpose": "x"}).status_code == 404
    assert made(_refusals) == before + 3
    assert other["name"] not in client.get(f"/street/{one['slug']}/").text


def _refusals() -> int:
    query = "SELECT count(*) FROM platform_audit WHERE verb IN ('refused', 'absent')"
    return int(db.session.execute(text(query)).scalar_one())


def test_the_district_sees_both_streets_added_up(client: FlaskClient, made: Made, login: Any) -> None:
    def make() -> dict[str, Any]:
        district = factories.a_district()
        ones = [a_street_with({"offers_sent": n, "offers_answered": 1}, district=district) for n in (4, 9)]
        staff = factories.a_person_with_role("district_overseer", "district", district.id)
        return {"slug": district.slug, "names": [one["name"] for one in ones], "token": staff.token}

    found = made(make)
    login(client, found["token"])
    page = client.get(f"/street/{found['slug']}/").text
    assert all(name in page for name in found["names"])
    assert "13 / 2" in page
    assert NAME not in page


def test_divisions_without_a_community_are_listed(client: FlaskClient, made: Made, login: Any) -> None:
    def make() -> dict[str, Any]:
        one = a_street_with({}, code="990101001")
        db.session.add_all(
            Division(
                code=f"99010100100{n}", name=f"未来{n}社区", source_name="x", street_code="990101001", street_name="x",
                pinyin="x", initials="x",
            )
            for n in range(3)
        )  # fmt: skip
        return one

    one = made(make)
    login(client, one["token"])
    page = client.get(f"/street/{one['slug']}/").text
    assert page.count("未来") == 3
    assert "未开始 3" in page


def test_export_asks_for_a_purpose_and_hides_the_same_cells(client: FlaskClient, made: Made, login: Any) -> None:
    one = made(lambda: a_street_with({"near_miss_open": 2, "signals_received": 5}))
    login(client, one["token"])
    assert client.post(f"/street/{one['slug']}/export").status_code == 303
    answer = client.post(f"/street/{one['slug']}/export", data={"purpose": "月例会"})
    mark, head, row = workbook.rows(answer.data, "overview.xlsx")
    assert "用途：月例会" in mark[0]
    cells = dict(zip(head, row, strict=False))
    assert (cells["社区"], cells["临界户"]) == (one["name"], "少于5")
    assert "5 / 0" in row
    assert NAME not in str(row)


def test_overseers_must_pass_the_second_factor(client: FlaskClient, made: Made, login: Any) -> None:
    one = made(lambda: a_street_with({}))
    made(lambda: db.session.execute(text("UPDATE login_session SET second_factor_at = NULL")))
    login(client, one["token"])
    answer = client.get(f"/street/{one['slug']}/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/second-factor?next=/street/")


def test_few_statements_whatever_the_number_of_communities(client: FlaskClient, made: Made, login: Any) -> None:

    def make() -> dict[str, Any]:
        one = a_street_with({})
        street = db.session.get_one(factories.Street, one["id"])
        for _each in range(8):
            factories.a_community(street)
        return one

    one = made(make)
    login(client, one["token"])
    with statements() as seen:
        client.get(f"/street/{one['slug']}/")
    reads = [words for words in seen if words.lstrip().startswith("SELECT")]
    assert len(reads) <= 14
