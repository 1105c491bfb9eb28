"""A provider's calendar, figures and sealed sheet: its own work across communities, never a person."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.marketplace import sheets
from rongjiu.marketplace.models import Provider
from tenants.accompaniment import work
from tenants.referrals import answering
from tenants.referrals import service as referrals
from tests import casework, factories
from tests.asked import statements

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


def _world() -> dict[str, Any]:
    family = casework.a_family()
    helper = casework.a_helper(family, "home-checkup")
    owner = factories.a_person_with_role("provider_owner", "provider", helper.id)
    other = casework.a_helper(family, "home-checkup")
    stranger = factories.a_person_with_role("provider_owner", "provider", other.id)
    with tenant_scope(family.tenant):
        consent = casework.a_consent(family, helper)
        task = referrals.offer(family.need, [helper.service], consent, family.old_man)[0].id
        answering.accept([task], helper.id, now() + timedelta(hours=1))
        db.session.flush()
    return {
        "owner": owner.token, "stranger": stranger.token, "task": str(task), "slug": db.session.get_one(Provider, helper.id).slug,
        "tenant": family.tenant, "helper": helper.id, "task_id": task,
    }  # fmt: skip


@pytest.fixture
def world(made: Made) -> dict[str, Any]:
    return made(_world)  # type: ignore[no-any-return]


def test_the_calendar_shows_when_and_where_and_nobody(client: FlaskClient, login: Login, world: dict[str, Any]) -> None:
    login(client, world["owner"])
    page = client.get("/provider/calendar").text
    assert world["task"] in page
    assert not any(word in page for word in (casework.NAME, casework.PHONE))
    login(client, world["stranger"])
    assert world["task"] not in client.get("/provider/calendar").text


def test_figures_count_what_was_done_and_the_sheet_can_be_checked(
    client: FlaskClient, login: Login, made: Made, world: dict[str, Any]
) -> None:
    def finish() -> None:
        with tenant_scope(world["tenant"]):
            work.arrive([world["task_id"]], world["helper"])
            work.finish([world["task_id"]], world["helper"], [world["task_id"]])

    made(finish)
    login(client, world["owner"])
    with statements() as seen:
        months = client.get("/provider/figures").text
    assert re.search(rf"{today():%Y-%m}</td><td[^>]*>1</td>", months)
    assert months.count("</td><td") > 1 and sum("FROM visit" in each for each in seen) == 1, "all months at once"
    page = client.get("/provider/sheet").text
    assert "data:image/svg+xml" in page
    made_ = sheets.Sheet(world["slug"], today().replace(day=1), 1, 0, 1)
    seal = made(lambda: sheets.seal(made_))
    at = f"/market/providers/{world['slug']}/sheets/{today():%Y-%m}?confirmed=0&communities=1"
    assert "是真的" in client.get(f"{at}&done=1&seal={seal}").text
    assert "对不上" in client.get(f"{at}&done=9&seal={seal}").text
    assert "对不上" in client.get(f"{at}&done=1&seal=zz").text
    assert client.get(f"/market/providers/{world['slug']}/sheets/nonsense?done=1").status_code == 404


def test_a_stranger_has_figures_of_its_own(client: FlaskClient, login: Login, world: dict[str, Any]) -> None:
    login(client, world["stranger"])
    assert re.search(rf"{today():%Y-%m}</td><td[^>]*>0</td>", client.get("/provider/figures").text)
