"""From the rounds: a visit is planned for the grid worker, or one that was made is written down."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from tenants.accompaniment.models import Visit
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.finding.models import HomeVisit
from tenants.residents import service
from tenants.residents.models import Household
from tenants.residents.service import Door, NewPerson
from tests.desk_of import a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


class Here:
    """A community with two families of a special group, registered 40 days ago, and one of none."""

    def __init__(self) -> None:
        desk = a_desk()
        self.url, self.tenant, self.yard = f"/c/{desk.slug}/desk/rounds", desk.tenant, desk.yard
        self.clerk, self.worker = desk.clerk.token, desk.worker.token
        with tenant_scope(desk.tenant):
            old = [service.register(desk.yard, Door("3", "1", str(n)), [NewPerson("张示例", age=77)]) for n in (1, 2)]
            self.one, self.other = (each.household_id for each in old)
            self.young = service.register(desk.yard, Door("3", "1", "9"), [NewPerson("李某", age=40)]).household_id
            db.session.execute(update(Household).values(created_at=now() - timedelta(days=40)))


@pytest.fixture
def here(made: Made) -> Here:
    return made(Here)  # type: ignore[no-any-return]


def rows(made: Made, here: Here, query: Any) -> Any:
    def read() -> Any:
        with tenant_scope(here.tenant):
            return [tuple(row) for row in db.session.execute(query)]

    return made(read)


def test_a_visit_is_planned_once_in_a_case_of_the_family(
    client: FlaskClient, login: Login, made: Made, here: Here
) -> None:
    login(client, here.clerk)
    page = client.get(f"{here.url}?state=late").text
    assert page.count("安排上门") == 2
    done = client.post(f"{here.url}/{here.one}?state=late", data={"act": "plan"})
    assert (done.status_code, done.headers["Location"].endswith("/rounds?state=late")) == (303, True)
    page = client.get(f"{here.url}?state=late").text
    assert "已安排" in page and page.count("安排上门</button>") == 1
    kept = select(HomeVisit.state, HomeVisit.source, Visit.state, CaseFile.household_id)
    kept = kept.join(Visit, Visit.id == HomeVisit.visit_id).join(CaseFile, CaseFile.id == HomeVisit.case_id)
    assert rows(made, here, kept) == [("planned", "round", "planned", here.one)]
    again = client.post(f"{here.url}/{here.one}", data={"act": "plan"}, follow_redirects=True).text
    assert "刚刚有人处理过" in again and len(rows(made, here, select(Visit.id))) == 1
    assert client.post(f"{here.url}/{here.young}", data={"act": "plan"}).status_code == 404, "it is on no round"
    assert client.post(f"{here.url}/{uuid4()}", data={"act": "been"}).status_code == 404
    login(client, here.worker)
    assert client.post(f"{here.url}/{here.one}", data={"act": "plan"}).status_code == 404


def test_a_visit_that_was_made_puts_the_next_one_off_and_opens_no_case(
    client: FlaskClient, login: Login, made: Made, here: Here
) -> None:
    login(client, here.clerk)
    for day in ("", "2099-01-01", str(today() - timedelta(days=60))):
        refused = client.post(f"{here.url}/{here.other}", data={"act": "been", "day": day}, follow_redirects=True).text
        assert "31 天内" in refused
    told = client.post(
        f"{here.url}/{here.other}", data={"act": "been", "day": str(today())}, follow_redirects=True
    ).text
    assert "已记下上门" in told
    late = client.get(f"{here.url}?state=late").text
    assert f"/households/{here.other}" not in late and f"/households/{here.one}" in late
    assert rows(made, here, select(HomeVisit.state, HomeVisit.household_id)) == [("done", here.other)]
    assert rows(made, here, select(CaseFile.id)) == []
    client.post(f"{here.url}/{here.one}", data={"act": "plan"})
    first = client.post(f"{here.url}/{here.one}", data={"act": "been", "day": str(today())}, follow_redirects=True).text
    assert "首次上门核实" in first, "the first visit of a case is told with its sheet"


def test_a_visit_planned_in_a_case_that_stands_is_ended_by_writing_it_down(
    client: FlaskClient, login: Login, made: Made, here: Here
) -> None:
    def case() -> None:
        with tenant_scope(here.tenant):
            cases.attach_household(cases.open_case(here.yard).id, here.one)

    made(case)
    login(client, here.clerk)
    client.post(f"{here.url}/{here.one}", data={"act": "plan"})
    assert rows(made, here, select(Visit.kind, Visit.state)) == [("worker", "planned")]
    client.post(f"{here.url}/{here.one}", data={"act": "been", "day": str(today())})
    assert rows(made, here, select(Visit.state, Visit.done_at.is_not(None))) == [("done", True)]
    assert rows(made, here, select(HomeVisit.state)) == [("done",)]
