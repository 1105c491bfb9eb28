"""/desk/benefits: what was told at a door waits for a clerk, who checks it, puts it right, or says it is not received."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from rongjiu.actor import acting
from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from tenants.benefits import arriving
from tenants.benefits.models import ReceivedBenefit
from tenants.cases import service as cases
from tenants.residents.service import Door, NewPerson, register
from tenants.screening import service as screening
from tests.desk_of import Desk, a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
NAME, GROUND = "欧阳建国", "低保证第 1 号（示例）"


def _told() -> tuple[Desk, str, str, str]:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = register(here.yard, Door("1", "1", "101"), [NewPerson(NAME, "male", "02", age=72)])
        case = cases.open_case(here.yard)
        cases.attach_household(case.id, home.household_id)
        arriving.told(home.household_id, [(home.person_ids[0], "dibao")], today() - timedelta(days=9))
        entry = db.session.scalars(select(ReceivedBenefit.id)).one()
        taken = screening.take(case.id, today()).id
    desk = f"/c/{here.slug}/desk"
    return here, f"{desk}/benefits", f"{desk}/benefits/{entry}", f"{desk}/cases/{case.number}/screening/{taken}"


@pytest.fixture
def world(made: Made) -> tuple[Desk, str, str, str]:
    return made(_told)  # type: ignore[no-any-return]


def test_the_list_names_what_waits_and_leaves_as_a_file(client: FlaskClient, login: Login, world: Any) -> None:
    desk, url, entry, _screening = world
    login(client, desk.clerk.token)
    page = client.get(url).text
    for words in ("日期待核的待遇", "最低生活保障", "救助专干", ">9<", f"{entry}?back=told"):
        assert words in page, words
    assert NAME not in page, "masked like every list"
    for narrowed in ("?state=paper", "?policy=age-subsidy", f"?courtyard={desk.other_yard}", "?q=网格员"):
        assert "没有要核对的" in client.get(url + narrowed).text, narrowed
    assert f"{entry}?back=told" in client.get(f"{url}?policy=dibao&courtyard={desk.yard}&q=救助").text
    assert "待遇日期待核" in client.get(f"/c/{desk.slug}/desk/").text
    login(client, desk.secretary.token)
    book = client.post(f"{url}/export", data={"purpose": "月报"})
    cells = str(CalamineWorkbook.from_filelike(BytesIO(book.data)).get_sheet_by_index(0).to_python())
    assert "最低生活保障" in cells and "待核" in cells and NAME not in cells
    for who in (desk.worker, desk.grid):
        login(client, who.token)
        assert client.get(url).status_code == 404


def test_a_screening_says_that_what_it_counts_is_only_told(client: FlaskClient, login: Login, world: Any) -> None:
    desk, _url, entry, screened = world
    login(client, desk.clerk.token)
    assert "家里说已在享受，日期待核" in client.get(screened).text
    page = client.get(entry).text
    assert "日期待核" in page and "核对好了" in page and "改期限或依据" not in page


def test_it_is_checked_with_its_source_and_its_dates(client: FlaskClient, login: Login, world: Any) -> None:
    desk, url, entry, _screening = world
    login(client, desk.clerk.token)
    since = today() - timedelta(days=400)
    data = {"since": str(since), "until": "", "ground": GROUND, "seen": "1"}
    wrong = client.post(f"{entry}?back=told", data=data)
    assert wrong.status_code == 422 and GROUND in wrong.text and "back=told" in wrong.text
    done = client.post(f"{entry}?back=told", data={**data, "how": "paper"})
    assert done.status_code == 303 and done.location == url
    assert "没有要核对的" in client.get(url).text
    assert "看到了证件或批复" in client.get(f"{url}?state=paper").text
    page = client.get(entry).text
    assert "改期限或依据" in page and "看到了证件或批复" in page and "救助专干" in page
    late = client.post(entry, data={**data, "how": "paper", "seen": "1"})
    assert late.status_code == 409, "a colleague who comes late overwrites nothing"


def test_or_it_is_not_received(client: FlaskClient, login: Login, world: Any) -> None:
    desk, url, entry, _screening = world
    login(client, desk.clerk.token)
    short = client.post(f"{entry}/strike?back=told", data={"seen": "1", "why": "没"})
    assert short.status_code == 422 and "怎么知道没有在享受" in short.text and "back=told" in short.text
    done = client.post(f"{entry}/strike?back=told", data={"seen": "1", "why": "民政说早已停发"})
    assert done.status_code == 303 and done.location == url
    assert "没有在享受" in client.get(f"{url}?state=none").text
    home = client.get(entry).text
    assert "民政说早已停发" in home and "核对好了" not in home
