"""The family answers by link: once, for each need, and silence says nothing."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.notify.models import Message
from tenants.accompaniment import work
from tenants.needs.models import Need
from tenants.referrals import answering, jobs, service
from tenants.referrals.models import Confirmation
from tests import casework

Made = Callable[[Callable[[], object]], object]


@pytest.fixture
def family(made: Made) -> casework.Family:
    def build() -> casework.Family:
        family = casework.a_family()
        helper = casework.a_helper(family, "catheter-change")
        with tenant_scope(family.tenant):
            consent = casework.a_consent(family, helper)
            ids = [task.id for task in service.offer(family.need, [helper.service], consent, family.old_man)]
            answering.accept(ids, helper.id, now() + timedelta(hours=1))
            work.finish(ids, helper.id, ids)
            jobs.ask_family({"case": str(family.case_id)})
        return family

    return made(build)  # type: ignore[return-value]


def link(made: Made) -> str:
    def read() -> str:
        rows = db.session.scalars(select(Message).where(Message.purpose == "resident_confirm")).all()
        (row,) = rows
        assert row.address == casework.PHONE
        return re.findall(r"https?://[^/]+(/c/\S+)", row.text)[0]

    return str(made(read))


def begin(client: FlaskClient, place: str) -> None:
    """Open the questions on this device."""
    begun = client.post(f"{place}begin")
    assert begun.status_code == 303
    assert "HttpOnly" in begun.headers["Set-Cookie"]


def result(made: Made, family: casework.Family) -> tuple[str, str, int]:
    def read() -> tuple[str, str, int]:
        with tenant_scope(family.tenant):
            need = db.session.execute(select(Need.result, Need.result_by).where(Need.id == family.need)).one()
            return need.result, need.result_by, len(db.session.scalars(select(Confirmation.id)).all())

    return made(read)  # type: ignore[return-value]


def test_the_family_says_it_once(client: FlaskClient, made: Made, family: casework.Family) -> None:
    path = link(made)
    moved = client.get(path)
    assert moved.status_code == 303
    assert f"Path=/c/{family.slug}/link" in moved.headers["Set-Cookie"]
    before = client.get(moved.location)
    assert "共 1 件事" in before.text
    assert "上门医疗" not in before.text, "a previewer's GET learns nothing"
    begin(client, moved.location)
    page = client.get(moved.location)
    assert page.status_code == 200
    assert "上门医疗与慢病照护" in page.text
    for secret in (casework.NAME, casework.PHONE, "7楼", "长期卧床"):
        assert secret not in page.text
    assert result(made, family) == ("", "", 0), "opening says nothing"
    nothing = client.post(moved.location, data={})
    assert nothing.status_code == 422
    assert "请为每一项选一个答案" in nothing.text
    form = {"w1": "solved", "stars": "5", "words": "谢谢", "_key": "9c1e1f7e-7f1c-4c1e-9a7e-0d6c1e1f7e00"}
    for _ in range(2):
        answer = client.post(moved.location, data=form)
        assert answer.location.endswith("/link/thanks")
    thanks = client.get(answer.location).text
    assert "谢谢您" in thanks
    assert "上门更换尿管" in thanks, "the next visit is named"
    assert result(made, family) == ("solved", "resident", 1)
    assert client.get(path).status_code == 404
    assert client.post(moved.location, data={"w1": "not_solved"}).status_code == 404


def test_dead_links_and_other_communities(client: FlaskClient, made: Made, family: casework.Family) -> None:
    path = link(made)
    other = str(made(lambda: casework.factories.a_community().slug))
    wrong = [
        client.get(path[:-2] + "zz"),
        client.get(path.replace(family.slug, other)),
        client.get(f"/c/{family.slug}/link/"),
        client.get("/c/no-such-place/link/abc"),
    ]
    assert [each.status_code for each in wrong] == [404] * 4
    thanks = client.get(f"/c/{family.slug}/link/thanks").text
    assert "谢谢您" in thanks
    assert "上门更换尿管" not in thanks, "without the link nothing is told"
    assert client.get(path).status_code == 303


def test_a_dispute_comes_back_to_the_desk(client: FlaskClient, made: Made, family: casework.Family) -> None:
    moved = client.get(link(made))
    begin(client, moved.location)
    assert client.post(moved.location, data={"w1": "not_solved"}).status_code == 303
    assert result(made, family) == ("not_solved", "resident", 1)


def test_a_forwarded_link_shows_less_and_answers_nothing(
    client: FlaskClient, app: Flask, made: Made, family: casework.Family
) -> None:
    path = link(made)
    place = client.get(path).location
    early = client.post(place, data={"w1": "not_solved"})
    assert early.location.endswith("/link/"), "nothing is answered before it is opened here"
    begin(client, place)
    other = app.test_client()
    elsewhere = other.get(other.get(path).location)
    assert "已在另一部手机上打开" in elsewhere.text
    assert "上门医疗" not in elsewhere.text
    assert other.post(f"{place}begin").status_code == 303
    assert other.post(place, data={"w1": "solved"}).location.endswith("/link/")
    assert "上门医疗" not in other.get(place).text
    assert result(made, family) == ("", "", 0)
    assert client.post(place, data={"w1": "partly"}).location.endswith("/link/thanks")
    assert result(made, family) == ("partly", "resident", 1)
