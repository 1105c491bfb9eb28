"""Several requests on one page: looked at, ticked, approved together, each written down by itself."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu import workbook
from rongjiu.actor import acting
from rongjiu.audit import Audit
from rongjiu.db import db, tenant_scope
from tenants.residents import changing
from tenants.residents.models import Person
from tenants.reviews import requests
from tests.doors.test_reviews import Login, Made, Two, two

__all__ = ["two"]  # the fixture


def asked(made: Made, two: Two) -> list[str]:
    def put() -> list[str]:
        with tenant_scope(two.here.tenant), acting(two.here.as_clerk()):
            found = [
                requests.put(person, {"name": name}, reason="户口本上是这样写的").request_id
                for person, name in ((two.keep, "王方"), (two.drop, "王访"), (two.boy, "李晓"))
            ]
            return [str(each) for each in found]

    return list(made(put))


def rows(made: Made, two: Two, query: Any) -> list[Any]:
    def read() -> list[Any]:
        with tenant_scope(two.here.tenant):
            return list(db.session.scalars(query))

    return list(made(read))


def test_the_secretary_looks_at_several_and_approves_what_is_ticked(
    client: FlaskClient, login: Login, two: Two, made: Made
) -> None:
    first, second, third = asked(made, two)
    login(client, two.tokens["secretary"])
    page = client.get(two.url("reviews?tab=requests")).text
    assert all(f'form="together" name="r" value="{each}"' in page for each in (first, second, third))
    url = two.url("reviews/requests/together")
    shown = client.get(f"{url}?r={first}&r={second}&r=junk").text
    assert "王方" in shown and "王访" in shown and "李晓" not in shown and "户口本上是这样写的" in shown
    opened = rows(made, two, select(Audit.object_id).where(Audit.verb == "open", Audit.object_kind == "change_request"))
    assert set(opened) == {first, second}, "each that was shown is written down, and no other"
    nothing = client.post(url)
    assert (nothing.status_code, "请先勾选" in nothing.text) == (422, True)
    assert client.post(url, data={"r": [first]}).status_code == 303
    assert rows(made, two, select(Person.name).where(Person.id == two.keep)) == ["王方"]
    again = client.post(url, data={"r": [first, second]})
    assert again.status_code == 303
    assert "其余 1 项已经有结果" in client.get(again.headers["Location"]).text
    assert rows(made, two, select(Person.name).where(Person.id == two.drop)) == ["王访"]
    assert rows(made, two, select(Person.name).where(Person.id == two.boy)) == ["李小"]
    file = client.post(two.url("reviews/export?tab=requests"), data={"purpose": "月末核对"})
    _mark, head, *_lines = workbook.rows(file.data, "reviews.xlsx")
    assert head[:2] == ["申请", "改什么"], "the boxes stay on the screen"


def test_ones_own_and_what_changed_since_stay_with_their_reason(
    client: FlaskClient, login: Login, two: Two, made: Made
) -> None:
    first, second, _third = asked(made, two)

    def changed_since() -> None:
        with tenant_scope(two.here.tenant), acting(two.here.as_clerk()):
            changing.change_person(two.drop, {"name": "王舫"})

    made(changed_since)
    login(client, two.tokens["secretary"])
    url = two.url("reviews/requests/together")
    answer = client.post(url, data={"r": [first, second]})
    assert answer.status_code == 409
    assert "没有批准" in answer.text and "已被别人改过：姓名" in answer.text
    assert "已批准 1 项" in answer.text
    assert rows(made, two, select(Person.name).where(Person.id == two.drop)) == ["王舫"]
    for who in ("clerk", "worker", "grid"):
        login(client, two.tokens[who])
        assert client.get(f"{url}?r={second}").status_code == 404
        assert client.post(url, data={"r": [second]}).status_code == 404
