"""The queue of near misses: help behind the need, another day to look again."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from tenants.screening.models import NearMiss
from tests.screened import Desk, Make, screened

Login = Callable[[FlaskClient, str], None]


def test_the_queue_of_near_misses_proposes_help_and_another_day(
    clerk: FlaskClient, zhous: Desk, made: Make, app: Flask
) -> None:
    page = screened(made, zhous)
    assert clerk.post(f"{page}/confirm", data={}).status_code == 303
    queue = f"/c/{zhous.slug}/desk/near-misses"
    text = clerk.get(queue).text
    assert "就业与增收帮扶" in text
    assert f"{zhous.case}/needs" in text
    for sort in ("weight", "day", "nonsense"):
        assert clerk.get(f"{queue}?sort={sort}").status_code == 200
    with app.app_context(), tenant_scope(zhous.tenant):
        near = db.session.scalars(select(NearMiss.id)).first()
    assert clerk.post(f"{queue}/{near}/look", data={"day": "whenever", "reason": "等新标准"}).status_code in (400, 422)
    day = (today() + timedelta(days=30)).isoformat()
    assert clerk.post(f"{queue}/{near}/look", data={"day": day, "reason": "等新标准出来"}).status_code == 303
