"""The desk: list, case, masks, reveals, other communities, double submits, statements a page."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from rongjiu.actor import acting
from rongjiu.audit import Audit
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.oversight.service import next_step
from tenants.cases import service as cases
from tenants.needs import service as needs
from tenants.needs.models import Need
from tenants.residents import service as residents
from tenants.residents.service import Door, NewPerson
from tests.desk_of import DOOR, WISHES, ZHOU, Desk, a_desk

NUMBER = "610103194001011235"
Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


class World:
    """A desk with one case of a family, as plain values."""

    def __init__(self, here: Desk) -> None:
        self.here, self.slug = here, here.slug
        self.tokens = {name: getattr(here, name).token for name in ("secretary", "clerk", "worker", "grid", "live")}
        self.accounts = {name: getattr(here, name).account.id for name in self.tokens}
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            home = residents.register(here.yard, DOOR, ZHOU)
            residents.link_carer(home.person_ids[2], home.person_ids[0])
            residents.amend_person(home.person_ids[0], condition="高位截瘫")
            case = cases.open_case(here.yard)
            cases.attach_household(case.id, home.household_id)
            for text in WISHES:
                needs.add(case.id, text, is_wish=True)
            next_step(
                "case", case.id, number=case.number, case_id=case.id, actor_role="assistance_clerk", actor="救助专干",
                verb="完成甄别研判", due_at=now(),
            )  # fmt: skip
            self.number, self.case_id = case.number, case.id
            self.household, self.head = home.household_id, home.person_ids[0]

    def url(self, path: str = "") -> str:
        return f"/c/{self.slug}/desk/{path}"

    run: Made

    def audits(self, verb: str) -> list[Any]:
        """Rows of the community's audit: verb, actor, object, reason, detail."""

        def rows() -> list[Any]:
            with tenant_scope(self.here.tenant):
                a = Audit
                found = db.session.execute(
                    select(a.verb, a.actor_id, a.object_id, a.reason, a.detail).where(a.verb == verb).order_by(a.seq)
                )
                return [tuple(row) for row in found]

        return self.run(rows)  # type: ignore[no-any-return]


def _world(made: Made) -> World:
    found: World = made(lambda: World(a_desk()))
    found.run = made
    return found


@pytest.fixture
def world(made: Made) -> World:
    return _world(made)


@pytest.fixture
def there(made: Made) -> World:
    return _world(made)


def test_the_first_page_shows_alarms_pillars_and_who_should_be_helped(
    client: FlaskClient, login: Login, world: World
) -> None:
    login(client, world.tokens["secretary"])
    page = client.get(world.url())
    assert page.status_code == 200
    for words in (
        "急难无人认领",
        "超期",
        "可享受未申请",
        "联系人缺接手",
        "周* 一家",
        "雁北新村",
        "重度残疾人",
        "完成甄别研判",
        "我的一天",
    ):
        assert words in page.text, words
    assert "周某" not in page.text
    assert "13800001234" not in page.text


def test_an_empty_desk_says_where_to_begin(client: FlaskClient, login: Login, made: Made) -> None:
    slug, token = made(lambda: (lambda d: (d.slug, d.clerk.token))(a_desk()))
    login(client, token)
    page = client.get(f"/c/{slug}/desk/").text
    assert "还没有个案" in page
    assert "记一条线索" in page


@pytest.mark.parametrize("families", [1, 40])
def test_the_list_takes_at_most_six_statements_whatever_the_rows(
    app: Flask, client: FlaskClient, login: Login, world: World, made: Made, families: int
) -> None:
    def more() -> None:
        with tenant_scope(world.here.tenant), acting(world.here.as_clerk()):
            for n in range(families):
                case = cases.open_case(world.here.yard)
                home = residents.register(world.here.yard, Door("9", "1", str(n)), [NewPerson("李某")])
                cases.attach_household(case.id, home.household_id)

    made(more)
    login(client, world.tokens["clerk"])
    client.get(world.url("cases"))
    seen: list[str] = []

    def listen(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "SAVEPOINT" not in statement:
            seen.append(statement)

    with app.app_context():
        connection: Any = db.engine
    event.listen(connection, "before_cursor_execute", listen)
    page = client.get(world.url("cases"))
    event.remove(connection, "before_cursor_execute", listen)
    assert page.text.count("data-row") == families + 1
    assert len(seen) <= 6, seen


def test_filters_sort_and_an_unknown_page(client: FlaskClient, login: Login, world: World) -> None:
    login(client, world.tokens["clerk"])
    for query, found in (
        (f"courtyard={world.here.yard}", True), (f"courtyard={world.here.other_yard}", False), ("group=disabled-elderly", True),
        ("group=orphans", False), ("state=closed", False), ("due=late", True), ("sort=number&dir=asc", True), ("page=7", False),
        (f"worker={world.accounts['clerk']}", True), ("size=20", True), ("courtyard=nonsense", True), (f"q={world.number[-4:]}", True),
    ):  # fmt: skip
        page = client.get(world.url(f"cases?{query}"))
        assert page.status_code == 200
        assert (world.number in page.text) is found, query


def test_a_case_answers_the_five_questions_with_masked_names_and_its_opening_is_logged(
    client: FlaskClient, login: Login, world: World
) -> None:
    login(client, world.tokens["clerk"])
    page = client.get(world.url(f"cases/{world.number}"))
    assert page.status_code == 200
    for words in (
        "谁该帮",
        "帮什么",
        "谁来帮",
        "帮到哪",
        "帮得怎么样",
        "2 项心愿",
        "缺口 2",
        WISHES[0],
        "由儿子照护",
        "下一步",
        "建立个案",
    ):
        assert words in page.text, words
    for secret in ("周某之子", "13800001234", "高位截瘫", "501甲"):
        assert secret not in page.text, secret
    opened = world.audits("open")
    assert any(row[1] == world.accounts["clerk"] and row[2] == world.number and row[3] == "task" for row in opened)


@pytest.mark.parametrize(
    ("who", "fields", "seen", "unseen"),
    [
        ("clerk", ("name", "phone", "address", "id_number", "condition"), ("周某", "138 0000 1234", "3号楼", "501甲室", NUMBER, "高位截瘫"), ()),
        ("secretary", ("phone", "id_number", "condition"), ("138 0000 1234", "高位截瘫"), (NUMBER,)),
        ("secretary", ("id_number",), ("您的岗位不能看",), (NUMBER,)),
    ],
)  # fmt: skip
def test_a_reveal_opens_what_the_role_may_see_and_is_written_down(
    client: FlaskClient, login: Login, world: World, made: Made, who: str, fields: tuple[str, ...],
    seen: tuple[str, ...], unseen: tuple[str, ...],
) -> None:  # fmt: skip
    def number() -> None:
        with tenant_scope(world.here.tenant):
            residents.amend_person(world.head, id_number=NUMBER)

    made(number)
    login(client, world.tokens[who])
    url = world.url(f"people/{world.head}/reveal")
    page = client.post(url, data={"fields": list(fields), "reason": "visit", "reason_text": "电话回访"})
    for words in seen:
        assert words in page.text, words
    for words in unseen:
        assert words not in page.text
    rows = world.audits("reveal")
    if unseen and len(fields) == 1:
        assert page.status_code == 422
        assert rows == []
    else:
        assert rows[0][3] == "visit 电话回访"
        assert set(rows[0][4]["fields"]) <= set(fields)
        assert "1380000" not in str(rows)


def test_a_reveal_without_a_reason_shows_nothing(client: FlaskClient, login: Login, world: World) -> None:
    login(client, world.tokens["clerk"])
    url = world.url(f"people/{world.head}/reveal")
    page = client.post(url, data={"fields": "phone"}, headers={"HX-Request": "true"})
    assert "请选一个理由" in page.text
    assert "0000 1234" not in page.text and "00001234" not in page.text
    assert world.audits("reveal") == []


def test_a_worker_sees_own_cases_only_and_another_community_nothing(
    client: FlaskClient, login: Login, world: World, there: World
) -> None:
    paths = (
        f"cases/{world.number}x",
        f"cases/{world.number}",
        f"households/{world.household}",
        f"cases/{world.number}/needs",
    )
    login(client, world.tokens["worker"])
    assert world.number not in client.get(world.url("cases")).text
    for path in paths:
        assert client.get(world.url(path)).status_code == 404
    assert (
        client.post(world.url(f"people/{world.head}/reveal"), data={"fields": "phone", "reason": "visit"}).status_code
        == 404
    )
    assert "没有找到" in client.get(world.url("search?q=周某")).text
    before = len(there.audits("absent"))
    login(client, there.tokens["secretary"])
    for path in paths[2:3]:
        assert client.get(there.url(path)).status_code == 404
    assert (
        client.post(there.url(f"people/{world.head}/reveal"), data={"fields": "phone", "reason": "visit"}).status_code
        == 404
    )
    assert client.get(world.url("cases")).status_code == 404
    assert len(there.audits("absent")) == before + 2
    assert len(there.audits("refused")) == 1
    assert world.audits("reveal") == []


@pytest.mark.parametrize("who", ["grid", "live"])
def test_grid_and_live_have_no_desk(client: FlaskClient, login: Login, world: World, who: str) -> None:
    login(client, world.tokens[who])
    for path in ("", "cases", f"cases/{world.number}", "search?q=周某", "households", "signals"):
        assert client.get(world.url(path)).status_code == 404


def test_a_case_is_handed_to_a_worker_who_then_sees_it(client: FlaskClient, login: Login, world: World) -> None:
    login(client, world.tokens["clerk"])
    answer = client.post(world.url(f"cases/{world.number}/assign"), data={"worker": str(world.accounts["worker"])})
    assert answer.status_code == 303
    login(client, world.tokens["worker"])
    page = client.get(world.url(f"cases/{world.number}"))
    assert "交办给 社区工作者" in page.text
    assert "id_number" not in page.text
    assert "身体情况" not in page.text


def test_search_finds_masked_people_and_numbers_are_found_or_not(
    client: FlaskClient, login: Login, world: World
) -> None:
    login(client, world.tokens["secretary"])
    for text in ("周某", "zhoumou", "zm", "138 0000 1234", world.number.lower()):
        page = client.get(world.url("search"), query_string={"q": text}).text
        assert "周*" in page or world.number in page, text
        assert "周某之子" not in page.replace('value="周某"', "")
    assert "没有登记过" in client.get(world.url(f"search?q={NUMBER}")).text
    assert world.audits("search")[0][4] == {"found": 1}


def test_needs_are_added_sorted_and_a_double_submit_counts_once(
    client: FlaskClient, login: Login, world: World, made: Made
) -> None:
    login(client, world.tokens["clerk"])
    url = world.url(f"cases/{world.number}/needs")
    body = {"words": "儿子全职照护，没有收入", "item_slug": "job-income", "urgency": "ordinary", "_key": str(uuid4())}
    assert [client.post(url, data=body).status_code for _ in range(2)] == [303, 303]
    assert client.post(url, data=body | {"words": "别的"}).status_code == 409
    sorted_ = {
        "w1-words": WISHES[0],
        "w1-item_slug": "home-medical",
        "w1-urgency": "urgent",
        "w1-person_id": str(world.head),
    }
    assert client.post(f"{url}/w1", data=sorted_).status_code == 303
    bad = client.post(f"{url}/w1", data=sorted_ | {"w1-words": " "})
    assert bad.status_code == 422
    assert "请用家里人的原话" in bad.text
    assert client.post(f"{url}/w9", data=sorted_).status_code == 404
    empty = client.post(url, data={"words": "", "item_slug": "elder-canteen"})
    assert empty.status_code == 422
    assert 'value="elder-canteen" selected' in empty.text or 'selected value="elder-canteen"' in empty.text

    def rows() -> list[tuple[int, str | None, str]]:
        with tenant_scope(world.here.tenant):
            found = db.session.execute(select(Need.seq, Need.item_slug, Need.urgency).order_by(Need.seq))
            return [(row.seq, row.item_slug, row.urgency) for row in found]

    assert made(rows) == [(1, "home-medical", "urgent"), (2, None, "ordinary"), (3, "job-income", "ordinary")]
    page = client.get(world.url(f"cases/{world.number}")).text
    assert "3 项需求" in page
    assert "急" in page


def test_households_list_and_file(client: FlaskClient, login: Login, world: World) -> None:
    login(client, world.tokens["clerk"])
    page = client.get(world.url("households")).text
    assert "周* 一家" in page
    file = client.get(world.url(f"households/{world.household}")).text
    assert world.number in file
    assert "84 岁" in file
    assert "501甲" not in file
    assert UUID(str(world.household))
    assert "我的一天" in client.get(world.url("day")).text


def test_a_person_is_corrected_and_one_more_registered(client: FlaskClient, login: Login, world: World) -> None:
    login(client, world.tokens["clerk"])
    url = world.url(f"people/{world.head}/edit")
    page = client.get(url).text
    assert "周*" in page
    assert "13800001234" not in page
    bad = client.post(url, data={"id_number": "610103194001011230"})
    assert bad.status_code == 422
    assert "最后一位对不上" in bad.text
    assert client.post(url, data={"id_number": NUMBER, "groups": ["orphans"]}).status_code == 303
    assert "已登记" in client.get(world.url(f"search?q={NUMBER}")).text
    assert "孤儿" in client.get(world.url("cases")).text
    more = world.url(f"households/{world.household}/people")
    assert client.get(more).status_code == 200
    assert client.post(more, data={"name": ""}).status_code == 422
    assert client.post(more, data={"name": "周某女", "relation": "30", "age": "x"}).status_code == 422
    assert client.post(more, data={"name": "周某女", "relation": "30", "age": "48"}).status_code == 303
    assert "48 岁" in client.get(world.url(f"households/{world.household}")).text
    login(client, world.tokens["secretary"])
    assert "id_number" not in client.get(url).text
    login(client, world.tokens["worker"])
    assert client.get(url).status_code == 404
    assert client.get(more).status_code == 404


def test_the_pillars_open(client: FlaskClient, login: Login, world: World) -> None:
    login(client, world.tokens["secretary"])
    page = client.get(world.url("departments")).text
    assert page.count("data-row") == 13
    helping = client.get(world.url("help")).text
    assert f"{world.number} w1" in helping
    assert "没有等答复的派单" in helping
    login(client, world.tokens["worker"])
    assert world.number not in client.get(world.url("help")).text


def test_the_list_is_exported_masked_with_a_purpose(client: FlaskClient, login: Login, world: World) -> None:
    login(client, world.tokens["secretary"])
    assert "desk/cases/export" in client.get(world.url("cases?state=open")).text
    url = world.url("cases/export?state=open")
    assert client.post(url, data={"purpose": " "}).status_code == 303
    assert world.audits("export") == []
    answer = client.post(url, data={"purpose": "街道月报"})
    assert answer.headers["Content-Disposition"].endswith('.xlsx"')
    text = ZipFile(BytesIO(answer.data)).read("xl/sharedStrings.xml").decode()
    for words in ("用途：街道月报", world.number, "周*", "重度残疾人", "完成甄别研判"):
        assert words in text, words
    assert "周某" not in text
    assert world.audits("export")[0][3:] == ("街道月报", {"rows": 1})
    login(client, world.tokens["clerk"])
    assert client.post(url, data={"purpose": "看看"}).status_code == 404
