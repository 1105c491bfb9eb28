"""/desk/policies/<policy>/desk and /edit: what is typed stays, a second person publishes, names are masked."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from rongjiu.actor import Actor, acting
from rongjiu.clock import today
from rongjiu.db import tenant_scope
from rongjiu.sheet import workbook
from rongjiu.workbook import rows as read_rows
from tenants.catalogue import queries as catalogue
from tenants.policydesk import rules, service, trials
from tests.desk_of import Desk, a_desk
from tests.rooms.test_policydesk import dibao_line, drafted, tried
from tests.rooms.test_rescreening import family

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
CLERK = Actor(None, "assistance_clerk", "救助专干")


@pytest.fixture
def desk(made: Made) -> Desk:
    return made(a_desk)  # type: ignore[no-any-return]


def grid(rows: list[dict[str, str]], **more: str) -> dict[str, Any]:
    """The form of the editor with these rows."""
    cells = {f"{name}-{n}": row[name] for n, row in enumerate(rows, 1) for name in rules.COLUMNS}
    return {"act": "save", "seen": "0", "rows": str(len(rows)), **cells, **more}


def dry_run(desk: Desk, slug: str) -> None:
    """Try the draft of a policy to the end."""
    with tenant_scope(desk.tenant), acting(CLERK):
        tried(slug)


def criteria(made: Made, desk: Desk, slug: str) -> list[dict[str, str]]:
    def read() -> Any:
        with tenant_scope(desk.tenant):
            return rules.rows_of(next(row for row in catalogue.policies() if row["id"] == slug)["criteria"])

    return made(read)  # type: ignore[no-any-return]


def test_a_clerk_drafts_in_the_grid_and_the_secretary_publishes(
    client: FlaskClient, login: Login, desk: Desk, made: Made
) -> None:
    url = f"/c/{desk.slug}/desk/policies/age-subsidy"
    login(client, desk.clerk.token)
    page = client.get(f"{url}/edit").text
    assert "@高龄" in page and "年龄" in page and "任一1" in page
    rows = [
        {**row, "value": "６５"} if row["fact"] == "person.age" else row for row in criteria(made, desk, "age-subsidy")
    ]
    saved = client.post(
        f"{url}/edit", data=grid(rows, source_title="关于调整高龄补贴的通知", source_number="〔2026〕8号")
    )
    assert saved.status_code == 303 and saved.headers["Location"].endswith("/age-subsidy/desk")
    page = client.get(f"{url}/desk").text
    assert "关于调整高龄补贴的通知" in page and "65" in page and "核对无误" not in page
    assert client.post(f"{url}/publish", data={"seq": "1", "effective_on": today().isoformat()}).status_code == 404
    login(client, desk.secretary.token)
    assert client.get(f"{url}/edit").status_code == 404
    made(lambda: dry_run(desk, "age-subsidy"))
    assert "核对无误，发布" in client.get(f"{url}/desk").text
    late = client.post(f"{url}/publish", data={"seq": "1", "effective_on": str(today() - timedelta(days=2))})
    assert late.status_code == 422 and "今天或以后" in late.text
    assert client.post(f"{url}/publish", data={"seq": "1", "effective_on": "soon"}).status_code == 422
    assert client.post(f"{url}/publish", data={"seq": "1", "effective_on": today().isoformat()}).status_code == 303
    page = client.get(f"{url}/desk").text
    assert "第 2 版" in page and "恢复这一版" in page
    assert "不低于 65 岁" in client.get(url).text
    assert client.post(f"{url}/restore", data={"version": "1"}).status_code == 303
    assert "不低于 65 岁" not in client.get(url).text


def test_a_wrong_cell_is_named_and_everything_typed_stays(
    client: FlaskClient, login: Login, desk: Desk, made: Made
) -> None:
    login(client, desk.clerk.token)
    rows = [
        {"group": "任一1", "fact": "年令", "op": "不低于", "value": "＠没有的线", "near": "", "hint": "先去办证"},
        {"group": "乱写", "fact": "person.age", "op": "＞＝", "value": "很老", "near": "", "hint": ""},
    ]
    answer = client.post(f"/c/{desk.slug}/desk/policies/dibao/edit", data=grid(rows, name_zh="", gives_zh="每月发钱"))
    assert answer.status_code == 422
    for words in ("年令", "＠没有的线", "先去办证", "很老", "乱写", "每月发钱", "没有叫“年令”的条件项", "第 2 行"):
        assert words in answer.text, words
    assert answer.text.count('aria-invalid="true"') >= 4


def test_a_table_pasted_from_a_spreadsheet_is_read_into_the_grid(client: FlaskClient, login: Login, desk: Desk) -> None:
    login(client, desk.clerk.token)
    url = f"/c/{desk.slug}/desk/policies/dibao/edit"
    table = "分组\t条件项\t比较\t数值或标准\t算临界\t差这一条怎么补\n\t家庭人均月收入\t＜\t＠城市低保标准\t是\t\n\t年龄\t≥\t６０\t\t"
    read = client.post(url, data=grid([], act="paste", paste=table))
    assert read.status_code == 200 and 'value="６０"' in read.text
    many = client.post(url, data=grid([], paste="\t年龄\t≥\t60\t\t\n" * 10_000))
    assert many.status_code == 422 and "10000" in many.text and many.text.count("年龄\t≥") == 10_000
    assert client.post(url, data=grid([], paste=table, source_title="通知")).status_code == 303


def test_two_clerks_at_once_the_second_sees_the_first_and_keeps_the_typing(
    client: FlaskClient, login: Login, desk: Desk, made: Made
) -> None:
    login(client, desk.clerk.token)
    url = f"/c/{desk.slug}/desk/policies/age-subsidy/edit"
    row = {"group": "", "fact": "person.age", "op": "gte", "value": "61", "near": "", "hint": ""}
    assert client.post(url, data=grid([row])).status_code == 303
    second = client.post(url, data=grid([{**row, "value": "62"}]))
    assert second.status_code == 409 and "已经存了" in second.text and 'value="62"' in second.text

    def kept() -> Any:
        with tenant_scope(desk.tenant):
            draft = service.draft_of("age-subsidy")
            return draft and draft.content["criteria"]["all"][0]["value"]

    assert made(kept) == 61
    assert client.post(f"/c/{desk.slug}/desk/policies/age-subsidy/draft/drop").status_code == 303
    assert made(kept) is None


def test_an_example_that_fails_stands_with_its_condition(
    client: FlaskClient, login: Login, desk: Desk, made: Made
) -> None:
    login(client, desk.clerk.token)
    url = f"/c/{desk.slug}/desk/policies/age-subsidy"
    wrong = client.post(f"{url}/examples", data={"name": "", "expected": "eligible", "f-person.age": "66"})
    assert wrong.status_code == 422 and 'value="66"' in wrong.text
    told = {"name": "六十六岁", "expected": "eligible", "f-person.age": "66", "f-person.hukou_local": "yes"}
    assert client.post(f"{url}/examples", data=told).status_code == 303
    page = client.get(f"{url}/desk").text
    assert "六十六岁" in page and "和预期不一样" in page and "卡在" in page


def test_the_dry_run_shows_counts_and_masked_names(client: FlaskClient, login: Login, desk: Desk, made: Made) -> None:
    def trial() -> None:
        with tenant_scope(desk.tenant), acting(CLERK):
            family(desk, "101", 800)
            dibao_line("1.2")
            made_ = trials.start("dibao")
            assert trials.part(made_, trials.FIRST) is None

    made(trial)
    login(client, desk.clerk.token)
    url = f"/c/{desk.slug}/desk/policies/dibao"
    assert "新够得着" in client.get(f"{url}/desk").text
    page = client.get(f"{url}/trial?kind=reached").text
    assert "李**" in page and "李示例" not in page and "最低生活保障" in page
    assert client.get(f"/c/{desk.slug}/desk/policies/tekun/trial").status_code == 404
    assert client.post(f"{url}/trial").status_code == 303
    login(client, desk.worker.token)
    assert client.get(f"{url}/trial").status_code == 404


def test_a_version_that_has_not_begun_can_be_withdrawn(
    client: FlaskClient, login: Login, desk: Desk, made: Made
) -> None:
    def draft() -> int:
        with tenant_scope(desk.tenant), acting(CLERK):
            return drafted()

    seq = made(draft)
    made(lambda: dry_run(desk, "age-subsidy"))
    login(client, desk.secretary.token)
    url = f"/c/{desk.slug}/desk/policies/age-subsidy"
    day = (today() + timedelta(days=4)).isoformat()
    assert client.post(f"{url}/publish", data={"seq": str(seq), "effective_on": day}).status_code == 303
    assert "撤回" in client.get(f"{url}/desk").text
    assert client.post(f"{url}/withdraw", data={"version": "2"}).status_code == 303
    assert "已撤回" in client.get(f"{url}/desk").text
    again = client.post(f"{url}/withdraw", data={"version": "2"})
    assert again.status_code == 404


def test_the_workbook_goes_out_and_comes_back(client: FlaskClient, login: Login, desk: Desk) -> None:
    login(client, desk.clerk.token)
    url = f"/c/{desk.slug}/desk/policies/workbook"
    file = client.get(f"{url}/file").data
    lines = read_rows(file, "policies.xlsx")
    assert lines[0][0] == "政策编号" and len(lines) > 100
    same = client.post(url, data={"file": (BytesIO(file), "policies.xlsx")})
    assert same.status_code == 303 and "没有改动" in client.get(url).text
    wrong = [lines[0], *[[*line[:4], "年令", *line[5:]] for line in lines[1:3]]]
    bad = client.post(url, data={"file": (BytesIO(workbook("条件", wrong)), "policies.xlsx")})
    assert (
        bad.status_code == 422
        and "第 2 行" in bad.text
        and "没有叫“年令”的条件项" in bad.text
        and "可以填的" in bad.text
    )
    only = [line for line in lines if line[0] in ("政策编号", "age-subsidy")]
    changed = [[*line[:6], "６６", *line[7:]] if line[4:5] == ["年龄"] else line for line in only]
    assert client.post(url, data={"file": (BytesIO(workbook("条件", changed)), "policies.xlsx")}).status_code == 303
    assert "高龄老人生活保健补贴" in client.get(url).text
    assert len(read_rows(client.get(f"{url}/file?policy=dibao").data, "x.xlsx")) == 4
    assert client.get(f"{url}/file?policy=nothing").status_code == 404
    assert client.post(url, data={"file": (BytesIO(b"x"), "virus.exe")}).status_code == 422
