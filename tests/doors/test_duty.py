"""/desk/settings/duty: a week, single dates, the minutes; only members of staff, kept when refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from rongjiu.clock import today
from tests.asked import statements
from tests.desk_of import Desk, a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


def world() -> tuple[Desk, str]:
    """A community at work, and the account of its clerk."""
    desk = a_desk()
    return desk, str(desk.clerk.account.id)


@pytest.fixture
def here(made: Made) -> tuple[Desk, str]:
    return made(world)  # type: ignore[no-any-return]


def test_a_secretary_names_who_is_on_duty(client: FlaskClient, login: Login, here: tuple[Desk, str]) -> None:
    desk, clerk = here
    url = f"/c/{desk.slug}/desk/settings/duty"
    login(client, desk.secretary.token)
    assert "没有排人" in client.get(url).text
    every = {f"{day}-{shift}": clerk for day in range(1, 8) for shift in ("day", "night")}
    wrong = client.post(url, data={**every, "3-night": str(desk.tenant.uid)})
    assert wrong.status_code == 422 and "请从列出的人里选" in wrong.text
    assert client.post(url, data=every).status_code == 303
    with statements() as seen:
        page = client.get(url).text
    assert sum("FROM duty_shift" in each for each in seen) <= 4, (
        "week and dates for the table, and for who is on duty now"
    )
    assert "没有排人" not in page and page.count(f'value="{clerk}" selected') == 14
    assert "现在值班" in client.get(f"/c/{desk.slug}/desk/urgent").text
    day = (today() + timedelta(days=2)).isoformat()
    bad = client.post(f"{url}/dates", data={"on_date": "", "shift": "night", "account": clerk})
    assert bad.status_code == 422 and "请选今天起一年以内的一天" in bad.text
    assert client.post(f"{url}/dates", data={"on_date": day, "shift": "night", "account": clerk}).status_code == 303
    page = client.get(url).text
    drop = page.partition(f"{url}/dates/")[2][:36]
    assert client.post(f"{url}/dates/{drop}/drop").status_code == 303
    assert "没有单独排的日期" in client.get(url).text
    late = client.post(f"{url}/minutes", data={"minutes": "90"})
    assert late.status_code == 422 and 'value="90"' in late.text
    assert client.post(f"{url}/minutes", data={"minutes": "15"}).status_code == 303
    assert "15 分钟没有人认领" in client.get(url).text


def test_a_worker_reads_who_is_on_duty_and_changes_nothing(
    client: FlaskClient, login: Login, here: tuple[Desk, str]
) -> None:
    desk, _clerk = here
    login(client, desk.worker.token)
    assert "现在值班" in client.get(f"/c/{desk.slug}/desk/urgent").text
    assert client.get(f"/c/{desk.slug}/desk/settings/duty").status_code == 404
    login(client, desk.clerk.token)
    assert client.post(f"/c/{desk.slug}/desk/settings/duty/minutes", data={"minutes": "15"}).status_code == 404
