"""The register at the desk: search, courtyards drawn, the community's figures."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.ids import uuid7
from tenants.accompaniment.service import finish_visit, plan_visit
from tenants.cases import service as cases
from tenants.finding import home_visits
from tenants.residents import changing, contacts, places, queries, service
from tenants.residents.models import Household
from tenants.residents.service import Door, NewPerson
from tenants.signals import service as signals
from tenants.sweeps import planning
from tenants.sweeps.models import SweepStop
from tenants.sweeps.service import Seen, Sheet, record
from tests.desk_of import DOOR, ZHOU, a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


class Register:
    """A community with three doors, as plain values."""

    def __init__(self) -> None:
        desk = a_desk()
        self.base = f"/c/{desk.slug}/desk"
        self.slug, self.tenant, self.yard = desk.slug, desk.tenant, desk.yard
        self.secretary, self.clerk, self.worker = desk.secretary.token, desk.clerk.token, desk.worker.token
        self.grid_account, self.grid_membership = desk.grid.account.id, desk.grid.membership.id
        self.worker_account = desk.worker.account.id
        with tenant_scope(desk.tenant):
            home = service.register(desk.yard, DOOR, ZHOU)
            self.home, self.head, self.wife = home.household_id, home.person_ids[0], home.person_ids[1]
            service.link_carer(home.person_ids[2], self.head)
            alone = service.register(desk.yard, Door("3", "1", "102"), [NewPerson("张示例", "female", age=77)])
            self.alone, self.old = alone.household_id, alone.person_ids[0]
            empty = service.register(desk.yard, Door("5", "1", "101"), [NewPerson("李某", age=40)])
            changing.change_person(empty.person_ids[0], {"status": "moved"})
            changing.change_household(empty.household_id, {"occupancy": "vacant"})
            self.empty, self.gone = empty.household_id, empty.person_ids[0]


@pytest.fixture
def register(made: Made) -> Register:
    return made(Register)  # type: ignore[no-any-return]


def test_the_box_finds_by_words_together_and_masks(client: FlaskClient, login: Login, register: Register) -> None:
    login(client, register.clerk)
    page = client.get(f"{register.base}/search?q=张 独居").text
    assert "张**" in page
    assert "张示例" not in page.replace('value="张 独居"', "")
    assert "独居老人" in page
    assert f"/households/{register.alone}" in page
    assert "已搬走" in client.get(f"{register.base}/search?q=李某").text
    assert "没有找到" in client.get(f"{register.base}/search?q=9-9-901").text
    login(client, register.worker)  # sees the households of own cases only
    assert "没有找到" in client.get(f"{register.base}/search?q=张 独居").text


def test_a_courtyard_is_drawn_with_a_table_that_says_the_same(
    client: FlaskClient, login: Login, register: Register
) -> None:
    login(client, register.clerk)
    page = client.get(f"{register.base}/courtyards/{register.yard}").text
    assert page.count('<g class="plan-door') == 3 + 5  # three doors, five kinds in the legend
    assert page.count("plan-door plan-blank") == 2
    assert "501甲 有人要每周走访" in page
    assert "张示例" not in page and "周某" not in page
    tree = page.split('id="tree"')[1].split("</section>")[0]
    assert [word in tree for word in ("3号楼", "2单元", "501甲", "1单元", "102")] == [True] * 5, "building, unit, room"
    assert "data-chart=" in page and "ages-drawn" in page
    assert "雁北新村" in client.get(f"{register.base}/courtyards").text
    login(client, register.worker)
    assert client.get(f"{register.base}/courtyards/{register.yard}").status_code == 404


def test_a_building_keeps_what_was_typed_when_refused(client: FlaskClient, login: Login, register: Register) -> None:
    login(client, register.clerk)
    url = f"{register.base}/courtyards/{register.yard}/buildings"
    wrong = client.post(url, data={"name": "3", "floors": "many", "note": "门朝东"})
    assert (wrong.status_code, "门朝东" in wrong.text) == (422, True)
    said = client.post(url, data={"name": "3", "floors": "6", "lift": "no", "barriers": ["steps"]})
    assert said.status_code == 303
    page = client.get(f"{register.base}/courtyards/{register.yard}").text
    assert "门口有台阶" in page and "没有电梯" in page
    assert client.post(f"{register.base}/courtyards/{register.yard}/estate", data={"old": "1"}).status_code == 303
    assert "老旧小区" in client.get(f"{register.base}/courtyards").text


def test_sources_that_disagree_both_stand_and_the_page_says_so(
    client: FlaskClient, login: Login, register: Register, made: Made
) -> None:
    def state() -> None:
        with tenant_scope(register.tenant):
            places.save_stat("courtyards", "14", source="社区简介")

    made(state)
    login(client, register.secretary)
    assert "没有替您选一个" not in client.get(f"{register.base}/profile").text
    data = {"kind": "courtyards", "value": "13", "as_of": "2022-07-25", "source": "摸排通稿"}
    assert client.post(f"{register.base}/profile", data=data).status_code == 303
    page = client.get(f"{register.base}/profile").text
    assert "没有替您选一个" in page and "社区简介" in page and "摸排通稿" in page
    assert "系统登记，现在数出来的" in page
    wrong = client.post(f"{register.base}/profile", data=data | {"source": "", "note": "留着我"})
    assert (wrong.status_code, "留着我" in wrong.text) == (422, True)
    login(client, register.clerk)
    assert client.post(f"{register.base}/profile", data=data).status_code == 404


def test_a_household_is_one_file_with_one_timeline(
    client: FlaskClient, login: Login, register: Register, made: Made
) -> None:
    def change() -> None:
        with tenant_scope(register.tenant):
            changing.change_person(register.old, {"phone": "13800009876"})
            contacts.add(register.old, "family", name="赵小雨", phone="13800004321")

    made(change)
    login(client, register.clerk)
    page = client.get(f"{register.base}/households/{register.alone}?reason=走访前看看").text
    assert "独居老人（按规则）" in page and "每周走访" in page
    assert "电话改过（工作台）" in page and "紧急联系人：家人" in page and "登记入册" in page
    assert not [secret for secret in ("张示例", "赵小雨", "13800009876", "13800004321") if secret in page]
    only = client.get(f"{register.base}/households/{register.alone}?reason=走访前看看&kind=contact").text
    assert "紧急联系人：家人" in only and "登记入册" not in only
    gone = client.get(f"{register.base}/households/{register.empty}?reason=走访前看看").text
    assert "已搬走或去世 1 人" in gone and "空房" in gone
    assert client.get(f"{register.base}/people/{register.gone}/edit").status_code == 200


def test_everything_found_of_a_family_stands_in_its_timeline(
    client: FlaskClient, login: Login, register: Register, made: Made
) -> None:
    def find() -> str:
        with tenant_scope(register.tenant):
            tip = signals.receive(
                "neighbour", "need", "邻居赵某说她病了", household_id=register.alone, phone="13800004321"
            )
            home_visits.put_on_visit_list(register.alone, ["illness"], "sweep", uuid7())
            day = today()
            others = {each.id: "下一批" for each in queries.courtyards() if each.id != register.yard}
            sweep = planning.plan("heat", "高温", day, day, courtyards=[register.yard], left_out=others)
            planning.start(sweep.id)
            stop = db.session.scalar(select(SweepStop.id).where(SweepStop.household_id == register.alone))
            record(stop, Sheet("visited", (Seen(register.old, "seen"),)), client_key=uuid7(), at=now())
            return tip.number

    number = made(find)
    login(client, register.clerk)
    page = client.get(f"{register.base}/households/{register.alone}?reason=走访前看看&kind=found").text
    for words in (number, "：已见到", "列入入户名单"):
        assert words in page
    assert not [each for each in ("赵某", "邻居", "13800004321", "登记入册") if each in page]


def test_rounds_are_overdue_by_group_and_a_visit_puts_them_off(
    client: FlaskClient, login: Login, register: Register, made: Made
) -> None:
    login(client, register.clerk)
    assert f"/households/{register.alone}" not in client.get(f"{register.base}/rounds?state=late").text

    def long_ago() -> None:
        with tenant_scope(register.tenant):
            db.session.execute(update(Household).values(created_at=now() - timedelta(days=40)))

    made(long_ago)
    page = client.get(f"{register.base}/rounds?state=alarm&every=weekly").text
    assert "张**" in page and "张示例" not in page and "从没去过" in page and "3-1-102" in page
    assert f"/households/{register.alone}" in page and f"/households/{register.empty}" not in page
    file = client.post(f"{register.base}/rounds/export", data={"purpose": "月度例会"})
    assert (file.status_code, file.data[:2]) == (200, b"PK")

    def visited() -> None:
        with tenant_scope(register.tenant):
            case = cases.open_case(register.yard)
            cases.attach_household(case.id, register.alone)
            finish_visit(plan_visit(case.id, "worker", now()).id, "done")

    made(visited)
    assert f"/households/{register.alone}" not in client.get(f"{register.base}/rounds?state=late").text
    assert f"/households/{register.alone}" in client.get(f"{register.base}/rounds").text


def test_contacts_one_touch_and_the_card(client: FlaskClient, login: Login, register: Register) -> None:
    login(client, register.clerk)
    url = f"{register.base}/people/{register.old}"
    home = client.get(f"{register.base}/households/{register.home}?reason=走访前看看").text
    assert home.count('/card"') == len(ZHOU), "a card for every member, with or without a contact"
    assert "还没有联系人，先写社区电话" in client.get(f"{url}/card").text
    wrong = client.post(f"{url}/contacts", data={"kind": "family", "name": "赵小雨", "phone": "12"})
    assert (wrong.status_code, 'value="12"' in wrong.text) == (422, True)
    data = {"kind": "family", "name": "赵小雨", "phone": "13800004321"}
    assert client.post(f"{url}/contacts", data=data).status_code == 303
    page = client.get(f"{url}/contacts").text
    assert "138****4321" in page and "赵**" in page and "13800004321" not in page
    assert client.post(f"{url}/one-touch", data={"tested_on": "2022-08-10"}).status_code == 422
    assert client.post(f"{url}/one-touch", data={"tested_on": "2022-08-10", "works": "no"}).status_code == 303
    assert "没打通" in client.get(f"{url}/contacts").text
    card = client.get(f"{url}/card").text
    assert 'href="tel:13800004321"' in card and "138 0000 4321" in card and "张示例" in card and "独居老人" in card
    assert "data:image/svg+xml" in card
    login(client, register.worker)
    assert client.get(f"{url}/card").status_code == 404


def test_a_leavers_contact_rings_at_the_desk_and_is_taken_over_with_one_press(
    client: FlaskClient, login: Login, register: Register, made: Made
) -> None:
    def give() -> tuple[str, str]:
        with tenant_scope(register.tenant):
            contact = contacts.add(register.old, "staff", account_id=register.grid_account)
        return str(contact), str(register.grid_membership)

    contact, membership = made(give)
    login(client, register.secretary)
    assert "缺接手" not in client.get(f"{register.base}/contacts").text.split("<table")[1]
    assert client.post(f"{register.base}/staff/{membership}/end").status_code == 303
    assert "有 1 位老人的紧急联系人已离岗" in client.get(f"{register.base}/staff").text
    home = client.get(f"{register.base}/").text
    assert '联系人缺接手</span><span class="count">1' in home
    page = client.get(f"{register.base}/contacts").text
    assert f"/contacts/{contact}/take-over" in page and "覆盖 0%" in page
    taken = client.post(f"{register.base}/contacts/{contact}/take-over", data={"account": str(register.worker_account)})
    assert taken.status_code == 303
    assert "覆盖 100%" in client.get(f"{register.base}/contacts").text
    again = client.post(f"{register.base}/contacts/{contact}/take-over", data={"account": str(register.worker_account)})
    assert again.status_code == 409


def test_a_heavy_load_becomes_needs_with_one_press(
    client: FlaskClient, login: Login, register: Register, made: Made
) -> None:
    login(client, register.clerk)
    home = f"{register.base}/households/{register.home}?reason=走访前看看"
    assert "照护很重" not in client.get(home).text
    link = made(lambda: _link_of(register))
    url = f"{register.base}/carers/{link}"
    wrong = client.post(url, data={"hours_a_week": "200"})
    assert (wrong.status_code, 'value="200"' in wrong.text) == (422, True)
    assert client.post(url, data={"hours_a_week": "50", "relief_wanted": "y"}).status_code == 303
    page = client.get(home).text
    assert "照护很重" in page and f"{url}/needs" in page
    assert client.post(f"{url}/needs").status_code == 303
    page = client.get(home).text
    assert f"{url}/needs" not in page
    assert client.post(f"{url}/needs").status_code == 409


def _link_of(register: Register) -> str:
    with tenant_scope(register.tenant):
        return str(queries.care(register.home)[0].id)


def test_care_is_noted_between_two_people_of_one_household(
    client: FlaskClient, login: Login, register: Register
) -> None:
    login(client, register.clerk)
    url = f"{register.base}/households/{register.home}/care"
    both = {"carer": str(register.wife), "cared": str(register.wife)}
    assert client.post(url, data=both).status_code == 422
    assert client.post(url, data={"carer": str(register.old), "cared": str(register.wife)}).status_code == 422
    said = client.post(url, data={"carer": str(register.wife), "cared": str(register.head)})
    assert said.status_code == 303
    assert "由配偶、儿子照护" in client.get(f"{register.base}/households/{register.home}?reason=走访前看看").text


def test_who_moved_away_or_is_related_otherwise_is_corrected_at_the_desk(
    client: FlaskClient, login: Login, register: Register
) -> None:
    login(client, register.clerk)
    url = f"{register.base}/people/{register.wife}/edit"
    assert client.post(url, data={"relation": "45", "status": "here"}).status_code == 303
    home = f"{register.base}/households/{register.home}?reason=走访前看看"
    assert "孙媳妇或外孙媳妇" in client.get(home).text
    assert client.post(url, data={"relation": "nobody", "status": "here"}).status_code == 422
    assert client.post(url, data={"status": "moved"}).status_code == 303
    assert "已搬走或去世 1 人" in client.get(home).text


def test_the_list_of_contacts_is_narrowed_to_who_has_none(
    client: FlaskClient, login: Login, register: Register
) -> None:
    login(client, register.clerk)
    assert "张**" in client.get(f"{register.base}/contacts?state=bare").text
    page = client.get(f"{register.base}/contacts?state=late").text
    assert "张**" not in page and "0 / 1" in page
