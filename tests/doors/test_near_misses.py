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
    refused = clerk.post(f"{queue}?sort=day", data={"near": str(near), "day": "whenever", "reason": "等新标准出来再说"})
    assert refused.status_code == 422
    form = refused.text[refused.text.index(f'id="day-{near}"') :]
    assert "请选明天以后、一年以内的日子" in refused.text
    assert 'value="等新标准出来再说"' in form, "what was typed stands in its own form"
    assert '<details class="more" open><summary' in refused.text
    assert refused.text.count('<details class="more" open>') == 1
    short = clerk.post(f"{queue}", data={"near": str(near), "day": f"{today() + timedelta(days=9)}", "reason": "等"})
    assert "请写明为什么改日子" in short.text
    assert f'value="{today() + timedelta(days=9)}"' in short.text
    assert clerk.post(
        f"{queue}?sort=day", data={"near": str(near), "day": f"{today() + timedelta(days=9)}", "reason": "等新标准"}
    ).location.endswith("sort=day")
    day = (today() + timedelta(days=30)).isoformat()
    assert clerk.post(f"{queue}", data={"near": str(near), "day": day, "reason": "等新标准出来"}).status_code == 303
