"""A new policy on the screen: every wrong input keeps what was typed, a dry run comes before publishing."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from rongjiu.clock import today
from rongjiu.db import tenant_scope
from rongjiu.sheet import workbook as plain_book
from rongjiu.workbook import tables
from tenants.policydesk import service, trials
from tests.desk_of import Desk, a_desk
from tests.doors.test_policydesk import grid
from tests.rooms.test_policydesk_new import NEW

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
ROW = {"group": "", "fact": "household.income_per_capita_month", "op": "lt", "value": "900", "near": "", "hint": ""}


@pytest.fixture
def desk(made: Made) -> Desk:
    return made(a_desk)  # type: ignore[no-any-return]


def test_a_new_policy_goes_from_the_form_to_the_catalogue(
    client: FlaskClient, login: Login, desk: Desk, made: Made
) -> None:
    root = f"/c/{desk.slug}/desk/policies"
    login(client, desk.clerk.token)
    assert "新政策" in client.get(f"{root}/workbook").text and "新政策" in client.get(f"{root}/new").text
    wrong = client.post(f"{root}/new", data=grid([ROW], **{**NEW, "name_zh": "", "bands": "七十岁"}))
    assert wrong.status_code == 422 and "七十岁" in wrong.text and "每户每年一次取暖补助" in wrong.text
    assert wrong.text.count('aria-invalid="true"') >= 2
    saved = client.post(f"{root}/new", data=grid([ROW], **NEW))
    assert saved.status_code == 303
    url = saved.headers["Location"].removesuffix("/desk")
    slug = url.rpartition("/")[2]
    page = client.get(f"{url}/desk").text
    assert "冬季取暖补助" in page and "现金、每年、" in page and "10 个工作日" in page
    assert client.get(f"{url}/edit").status_code == 200 and client.get(url).status_code == 404
    for name, income, verdict in (("低", "100", "eligible"), ("高", "20000", "not_eligible")):
        told = {"name": name, "expected": verdict, "f-household.income_per_capita_month": income}
        assert client.post(f"{url}/examples", data=told).status_code == 303

    login(client, desk.secretary.token)
    assert "冬季取暖补助" in client.get(root).text, "the second person finds the draft"
    assert client.get(f"{root}/new").status_code == 404
    page = client.get(f"{url}/desk").text
    assert "核对无误，发布" not in page and "请先试算" in page
    form = {"seq": "1", "effective_on": today().isoformat()}
    early = client.post(f"{url}/publish", data=form)
    assert early.status_code == 422 and "请先试算" in early.text
    assert client.post(f"{url}/trial").status_code == 303

    def tried() -> None:
        with tenant_scope(desk.tenant):
            trial = trials.latest(slug)
            assert trial and trials.part(trial.id, trials.FIRST) is None

    made(tried)
    assert "核对无误，发布" in client.get(f"{url}/desk").text
    assert client.get(f"{url}/trial").status_code == 200
    assert client.post(f"{url}/publish", data=form).status_code == 303
    page = client.get(url).text
    assert "冬季取暖补助" in page and "关于调整高龄补贴的通知" in page and "上次核对" in page
    assert "第 1 版" in client.get(f"{url}/desk").text


def test_a_new_draft_that_is_dropped_leaves_nothing(client: FlaskClient, login: Login, desk: Desk) -> None:
    login(client, desk.clerk.token)
    root = f"/c/{desk.slug}/desk/policies"
    url = client.post(f"{root}/new", data=grid([ROW], **NEW)).headers["Location"].removesuffix("/desk")
    assert len(tables(client.get(f"{root}/workbook/file?policy={url.rpartition('/')[2]}").data, "x.xlsx")[1]) == 2
    assert client.post(f"{url}/draft/drop").headers["Location"].endswith("/workbook")
    assert client.get(f"{url}/desk").status_code == 404


def test_amounts_papers_and_limits_go_through_the_form_and_the_file(
    client: FlaskClient, login: Login, desk: Desk, made: Made
) -> None:
    login(client, desk.clerk.token)
    root = f"/c/{desk.slug}/desk/policies"
    page = client.get(f"{root}/age-subsidy/edit").text
    assert "70-79 @" in page and "按什么分档" in page
    items = tables(client.get(f"{root}/workbook/file").data, "policies.xlsx")[1]
    heads = items[0]
    for line in items:
        if line and line[0] == "dibao":
            line[heads.index("待遇")], line[heads.index("办理时限（工作日）")] = "服务", "0"
    file = plain_book("政策", [line + [""] * (len(heads) - len(line)) for line in items])
    sent = client.post(f"{root}/workbook", data={"file": (BytesIO(file), "policies.xlsx")})
    assert sent.status_code == 303

    def kept() -> Any:
        with tenant_scope(desk.tenant):
            draft = service.draft_of("dibao")
            return draft and (draft.content["benefit"]["kind"], draft.content["time_limit"]["working_days"])

    assert made(kept) == ("service", 0)
    items[2][heads.index("部门")] = "没有的局"
    bad = client.post(
        f"{root}/workbook", data={"file": (BytesIO(plain_book("政策", [line + [""] * (len(heads) - len(line)) for line in items])), "p.xlsx")}
    )  # fmt: skip
    assert bad.status_code == 409 and "重新下载" in bad.text
