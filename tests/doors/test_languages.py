"""What a resident speaks: written down at the desk, kept in the history, seen by whoever sends somebody."""

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from rongjiu.db import tenant_scope
from tenants.residents import service
from tests.desk_of import DOOR, ZHOU, a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


def test_what_somebody_speaks_is_kept_and_seen(client: FlaskClient, login: Login, made: Made) -> None:
    def build() -> tuple[str, str, str, str]:
        desk = a_desk()
        with tenant_scope(desk.tenant):
            home = service.register(desk.yard, DOOR, ZHOU)
        return f"/c/{desk.slug}/desk", desk.clerk.token, str(home.household_id), str(home.person_ids[0])

    base, clerk, home, person = made(build)
    login(client, clerk)
    edit = f"{base}/people/{person}/edit"
    same = {"groups": ["severely-disabled", "disabled-elderly"]}
    assert client.post(edit, data=same | {"languages": ["shaanxi", "sign"]}).status_code == 303
    assert client.get(edit).text.count("checked") == 4
    assert client.post(edit, data=same | {"languages": ["klingon"]}).status_code == 422
    page = client.get(f"{base}/households/{home}?reason=走访前看看").text
    assert "陕西话" in page
    assert "会说什么改过" in page
    more = {"name": "王新", "age": "70", "languages": ["english"]}
    assert client.post(f"{base}/households/{home}/people", data=more).status_code == 303
    assert "英语" in client.get(f"{base}/households/{home}?reason=走访前看看").text
