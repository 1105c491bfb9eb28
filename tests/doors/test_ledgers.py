"""The 台账 through the pages: the clerk asks, the secretary approves, the file comes once with its purpose in it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from rongjiu import workbook
from rongjiu.db import db, tenant_scope
from tenants.residents import service
from tenants.reviews.models import LedgerRequest
from tests.desk_of import DOOR, ZHOU, a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


class Here:
    """A community with one family."""

    def __init__(self) -> None:
        desk = a_desk()
        self.base, self.tenant = f"/c/{desk.slug}/desk", desk.tenant
        self.secretary, self.clerk, self.worker = desk.secretary.token, desk.clerk.token, desk.worker.token
        with tenant_scope(desk.tenant):
            service.register(desk.yard, DOOR, ZHOU)


@pytest.fixture
def here(made: Made) -> Here:
    return made(Here)  # type: ignore[no-any-return]


def test_a_clerk_asks_the_secretary_approves_and_the_file_comes_once(
    client: FlaskClient, login: Login, made: Made, here: Here
) -> None:
    login(client, here.clerk)
    assert "申请导出居民台账" in client.get(f"{here.base}/households").text
    asked = client.post(f"{here.base}/register/export", data={"purpose": "年度普查上报"})
    assert (asked.status_code, asked.headers["Location"].endswith("reviews?tab=ledgers")) == (303, True)
    assert "等书记批准" in client.get(f"{here.base}/reviews?tab=ledgers").text

    def number() -> Any:
        with tenant_scope(here.tenant):
            return db.session.scalars(select(LedgerRequest.id)).one()

    url = f"{here.base}/register/requests/{made(number)}"
    early = client.post(f"{url}/file", follow_redirects=True).text
    assert "没有批准" in early and "取台账" not in early
    assert "自己申请的不能自己批" in client.post(url, data={"act": "approve"}, follow_redirects=True).text
    login(client, here.secretary)
    assert "批准或退回台账导出" in client.get(f"{here.base}/day").text
    assert "年度普查上报" in client.get(f"{here.base}/reviews?tab=ledgers").text
    assert client.post(f"{url}/file").status_code == 404, "the secretary takes none in another's name"
    assert "可以取一次" in client.post(url, data={"act": "approve"}, follow_redirects=True).text
    login(client, here.clerk)
    assert "取台账" in client.get(f"{here.base}/reviews?tab=ledgers").text
    file = client.post(f"{url}/file")
    mark, _head, *rows = workbook.rows(file.data, "register.xlsx")
    assert "年度普查上报" in mark[0] and "周某" in str(rows)
    assert "已经取过" in client.post(f"{url}/file", follow_redirects=True).text

    def written() -> list[str]:
        with tenant_scope(here.tenant):
            return list(db.session.scalars(text("SELECT reason FROM audit WHERE verb = 'export' ORDER BY seq")))

    assert made(written) == ["年度普查上报"]
    login(client, here.worker)
    assert client.post(f"{here.base}/register/export", data={"purpose": "年度普查上报"}).status_code == 404
