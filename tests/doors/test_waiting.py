"""Waiting for a place at the desk, another time proposed by link, and the needs near a shop."""

import re
from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.marketplace import capacity, keeping, rules
from rongjiu.tenancy.models import Community
from tenants.referrals import queries
from tenants.referrals import service as referrals
from tenants.referrals.matching import service as matching
from tenants.referrals.offering import opening
from tests import casework, factories

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


def _world() -> dict[str, Any]:
    family = casework.a_family()
    helper = casework.a_helper(family, places=1)
    clerk = factories.a_person_with_role("assistance_clerk", "community", family.community_id)
    owner = factories.a_person_with_role("provider_owner", "provider", helper.id)
    with tenant_scope(family.tenant):
        consent = casework.a_consent(family, helper)
        matching.match(family.need)
    slug = db.session.get_one(Community, family.community_id).slug
    return {
        "family": family,
        "helper": helper,
        "clerk": clerk.token,
        "owner": owner.token,
        "slug": slug,
        "consent": consent,
    }


@pytest.fixture
def world(made: Made) -> dict[str, Any]:
    return made(_world)  # type: ignore[no-any-return]


def _fields(page: str) -> dict[str, str]:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return {"csrf_token": found[1]}


def test_when_nothing_is_free_the_clerk_waits_and_may_step_out(
    client: FlaskClient, login: Login, made: Made, world: dict[str, Any]
) -> None:
    family, helper = world["family"], world["helper"]
    made(lambda: capacity.reserve(uuid7(), helper.service, today(), family.community_id))
    login(client, world["clerk"])
    base = f"/c/{world['slug']}/desk/cases/{family.number}/needs/w1"
    url = f"{base}/offer?service={helper.service}&person={family.old_man}"
    typed = {"service": str(helper.service), "person_id": str(family.old_man), "wish": "轻一点"}
    answer = client.post(url, data={**_fields(client.get(url).text), **typed})
    assert answer.status_code == 409
    assert "排队等名额" in answer.text
    answer = client.post(f"{base}/wait", data={**_fields(answer.text), **typed}, follow_redirects=True)
    assert "排队中，第 1 位" in answer.text
    login(client, world["owner"])
    assert "有 1 单在排队等您的名额" in client.get("/provider/inbox").text
    login(client, world["clerk"])
    page = client.get(f"{base}/offer").text
    leave = re.search(rf"{base}/offers/[0-9a-f-]+/leave", page)
    assert leave
    assert "排队中" not in client.post(leave[0], data=_fields(page), follow_redirects=True).text


def test_another_time_goes_by_link_without_account_and_the_clerk_agrees(
    client: FlaskClient, login: Login, made: Made, world: dict[str, Any]
) -> None:
    family, helper = world["family"], world["helper"]

    def sent() -> str:
        with tenant_scope(family.tenant):
            (task,) = referrals.offer(family.need, [helper.service], world["consent"], family.old_man)
            return opening.job_link([task.id], helper.id, "provider_task")

    token = made(sent)
    page = client.get(f"/provider/link/{token}", follow_redirects=True).text
    day = (now() + timedelta(days=3)).date()
    typed = {"day": day.isoformat(), "hour": "19:30"}
    page = client.post("/provider/link/propose", data={**_fields(page), **typed}, follow_redirects=True).text
    assert "等社区答复" in page
    assert not any(word in page for word in (casework.NAME, casework.PHONE))
    login(client, world["clerk"])
    page = client.get(f"/c/{world['slug']}/desk/cases/{family.number}/needs/w1/offer").text
    agree = re.search(r"/c/[^\"]+/agree", page)
    assert agree
    client.post(agree[0], data=_fields(page))

    def state() -> str:
        with tenant_scope(family.tenant):
            return str(queries.slips(family.case_id)[0].task_state)

    assert made(state) == "accepted"


def test_a_shop_takes_what_is_near_in_one_tap(
    client: FlaskClient, login: Login, made: Made, world: dict[str, Any]
) -> None:
    made(lambda: keeping.quiet(world["helper"].id, rules.WEEKDAYS, time(0), time(23, 59), []))
    login(client, world["owner"])
    page = client.get("/provider/near").text
    assert "服务 catheter-change" in page
    assert not any(word in page for word in (casework.NAME, casework.PHONE, "雁北新村"))
    action = re.search(r'action="(/provider/near/[^"]+)"', page)
    slot = re.search(r'<option value="(20[^"]+)"', page)
    assert action
    assert slot
    answer = client.post(action[1], data={**_fields(page), "slot": slot[1]}, follow_redirects=True)
    assert "这单是您的了" in answer.text
    assert "服务 catheter-change" not in client.get("/provider/near").text


def test_quiet_hours_keep_what_was_typed_when_they_are_wrong(
    client: FlaskClient, login: Login, world: dict[str, Any]
) -> None:
    login(client, world["owner"])
    page = client.get("/provider/quiet").text
    typed = {"days": ["MO"], "since": "16:00", "until": "14:00"}
    answer = client.post("/provider/quiet", data={**_fields(page), **typed})
    assert answer.status_code == 422
    assert "结束要晚于开始" in answer.text
    assert "16:00" in answer.text
