"""The lists of staff, door codes and policies, of street, operator, live desk, provider and one's own account: filtered,
paged, and taken away with the filter, for a purpose that is written down."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu import workbook
from rongjiu.audit import PlatformAudit
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.notify.models import Message
from tenants.livestream import service as livestream
from tenants.signals import door_codes
from tests import factories
from tests.desk_of import a_desk

Made = Callable[[Callable[[], Any]], Any]
Login = Callable[[FlaskClient, str], None]


def taken(client: FlaskClient, path: str) -> tuple[str, list[str], list[list[str]]]:
    """Mark, head and rows of the file of a list; without a purpose there is none."""
    address, _, query = path.partition("?")
    url = f"{address.rstrip('/')}/export" + (f"?{query}" if query else "")
    assert client.post(url).status_code == 303
    page = client.get(path)
    assert page.status_code == 200
    assert f'action="{url.replace("&", "&amp;")}"' in unquote(page.text), f"{path} does not offer its file"
    answer = client.post(url, data={"purpose": "月末核对"})
    assert answer.status_code == 200
    mark, head, *rows = [[str(cell) for cell in row] for row in workbook.rows(answer.data, "list.xlsx")]
    assert "用途：月末核对" in mark[0]
    assert f"共 {len(rows)} 条" in mark[0]
    return mark[0], head, rows


class Office:
    """A secretary with a colleague of each kind, two courtyards with codes, one broadcast."""

    def __init__(self) -> None:
        desk = a_desk()
        self.base, self.secretary = f"/c/{desk.slug}", desk.secretary.token
        with tenant_scope(desk.tenant):
            door_codes.make(desk.yard, "3")
            door_codes.make(desk.other_yard)
            livestream.open_session(today(), "冬天的话", outdoor=False)
        self.other = str(desk.other_yard)


@pytest.fixture
def office(made: Made, client: FlaskClient, login: Login) -> Office:
    found: Office = made(Office)
    login(client, found.secretary)
    return found


def test_staff_are_filtered_by_role_and_word_and_leave_so(client: FlaskClient, office: Office) -> None:
    url = f"{office.base}/desk/staff"
    _mark, head, everybody = taken(client, url)
    assert head[:2] == ["姓名", "岗位"]
    _mark, _head, clerks = taken(client, f"{url}?role=assistance_clerk")
    assert 0 < len(clerks) < len(everybody)
    assert all("救助专干" in row for row in clerks)
    nobody = client.get(f"{url}?q=没有这个人").text
    assert "没有找到" in nobody


def test_a_staff_file_is_only_the_secretarys(client: FlaskClient, made: Made, login: Login) -> None:
    desk = made(a_desk)
    login(client, desk.clerk.token)
    assert client.post(f"/c/{desk.slug}/desk/staff/export", data={"purpose": "看看"}).status_code == 404


def test_door_codes_are_filtered_by_courtyard_and_leave_without_the_code(client: FlaskClient, office: Office) -> None:
    url = f"{office.base}/desk/door-codes"
    page = client.get(url).text
    tokens = [part.split('"')[0] for part in page.split("/s/")[1:]]
    _mark, head, every = taken(client, url)
    assert (head, len(every)) == (["贴在哪里", "做好"], 2)
    assert not [token for token in tokens if token and token in str(every)]
    _mark, _head, one = taken(client, f"{url}?courtyard={office.other}")
    assert [row[0] for row in one] == ["雁鸣小区"]
    _mark, _head, third = taken(client, f"{url}?q=3")
    assert [row[0].endswith("3 号楼") for row in third] == [True]


def test_policies_leave_with_department_and_filter_and_the_lines_by_themselves(
    client: FlaskClient, office: Office
) -> None:
    url = f"{office.base}/desk/policies"
    _mark, head, every = taken(client, url)
    assert head[:3] == ["政策", "部门", "给什么"]
    department = client.get(url).text.split('id="d-')[1].split('"')[0]
    _mark, _head, own = taken(client, f"{url}?department={department}")
    assert 0 < len(own) < len(every)
    assert len({row[1] for row in own}) == 1
    answer = client.post(f"{url}/export?list=lines", data={"purpose": "核对标准"})
    _mark, head, *lines = workbook.rows(answer.data, "policies.xlsx")
    assert head[:3] == ["标准", "数值", "从哪天起"]
    assert lines


def test_broadcasts_leave(client: FlaskClient, office: Office) -> None:
    _mark, _head, rows = taken(client, f"{office.base}/live/")
    assert ["冬天的话" in row[0] for row in rows] == [True]


class Above:
    """A street with its overseer and vetting clerk, a provider that serves it, a community; and an operator."""

    def __init__(self) -> None:
        street = factories.a_street()
        community = factories.a_community(street)
        provider = factories.a_provider(street, name="甲诊所")
        factories.a_provider(street, name="乙食堂", state="suspended")
        self.base, self.community = f"/street/{street.slug}", community.name
        self.overseer = factories.a_person_with_role("street_overseer", "street", street.id).token
        self.clerk = factories.a_person_with_role("street_vetting", "street", street.id).token
        self.operator = factories.a_person_with_role("operator", "platform", None).token
        self.owner = factories.a_person_with_role("provider_owner", "provider", provider.id).token


@pytest.fixture
def above(made: Made) -> Above:
    return made(Above)  # type: ignore[no-any-return]


def test_providers_of_a_street_leave_with_the_filter(client: FlaskClient, login: Login, above: Above) -> None:
    login(client, above.clerk)
    _mark, _head, every = taken(client, f"{above.base}/providers")
    assert {row[0] for row in every} == {"甲诊所", "乙食堂"}
    _mark, _head, one = taken(client, f"{above.base}/providers?state=suspended")
    assert [row[0] for row in one] == ["乙食堂"]
    _mark, _head, found = taken(client, f"{above.base}/providers?q=诊所")
    assert [row[0] for row in found] == ["甲诊所"]


@pytest.mark.parametrize(
    ("who", "path"),
    [("overseer", "{base}/"), ("overseer", "{base}/desks"), ("overseer", "{base}/providers"), ("operator", "/operator/streets"),
     ("owner", "/provider/figures")],
)  # fmt: skip
def test_each_list_leaves_for_a_purpose(who: str, path: str, client: FlaskClient, login: Login, above: Above) -> None:
    login(client, getattr(above, who))
    _mark, head, rows = taken(client, path.format(base=above.base))
    assert all(head)
    assert rows


@pytest.mark.parametrize(
    ("who", "path"),
    [("overseer", "{base}/lines"), ("overseer", "{base}/lines/trials"), ("overseer", "{base}/vetting"), ("overseer", "{base}/founding"),
     ("operator", "/operator/jobs"), ("operator", "/operator/founding")],
)  # fmt: skip
def test_an_empty_list_leaves_as_an_empty_file(
    who: str, path: str, client: FlaskClient, login: Login, above: Above
) -> None:
    login(client, getattr(above, who))
    url = f"{path.format(base=above.base)}/export"
    assert client.post(url).status_code == 303
    assert client.post(url, data={"purpose": "例会"}).data[:2] == b"PK"


def test_ones_own_messages_and_promises_leave_and_nobody_elses(client: FlaskClient, made: Made, login: Login) -> None:
    def people() -> str:
        one, other = (factories.a_person_with_role("operator", "platform", None) for _each in range(2))
        for person, words in ((one, "给甲的话"), (other, "给乙的话")):
            db.session.add(
                Message(
                    id=uuid7(), unique_key=words, channel="sms", address="13800000000", text=words, purpose="signal_late",
                    created_at=now(), account_id=person.account.id, state="sent", sent_at=now(),
                )
            )  # fmt: skip
        return one.token

    login(client, made(people))
    _mark, head, rows = taken(client, "/account/inbox?show=unread")
    assert (head, [row[1] for row in rows]) == (["时间", "内容", "状态"], ["给甲的话"])
    answer = client.post("/account/wishes/export", data={"purpose": "自己留底"})
    assert "共 0 条" in str(workbook.rows(answer.data, "wishes.xlsx"))
    kept = made(lambda: db.session.scalars(select(PlatformAudit.reason).where(PlatformAudit.verb == "export")).all())
    assert {"月末核对", "自己留底"} <= set(kept)
