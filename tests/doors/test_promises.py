"""What was promised stays promised: fewer places than reserved, a service edited while offered, a no after the yes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.marketplace import queries
from rongjiu.marketplace.models import Capacity
from tenants.referrals import service as referrals
from tenants.referrals.models import ReferralTask
from tests import casework, factories

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


@pytest.fixture
def world(client: FlaskClient, made: Made, login: Login) -> dict[str, Any]:
    """A provider with two offers out for one service of three places; its owner is logged in."""

    def build() -> dict[str, Any]:
        family = casework.a_family()
        helper = casework.a_helper(family, "home-checkup", places=3)
        owner = factories.a_person_with_role("provider_owner", "provider", helper.id)
        clerk = factories.a_person_with_role("assistance_clerk", "community", family.community_id)
        with tenant_scope(family.tenant):
            consent = casework.a_consent(family, helper)
            tasks = [
                referrals.offer(need, [helper.service], consent, family.old_man, again="三项需求各派一次")[0].id
                for need in (family.need, family.girl_need)
            ]
        return {"family": family, "helper": helper, "tasks": tasks, "owner": owner.token, "clerk": clerk.token}

    found: dict[str, Any] = made(build)
    login(client, found["owner"])
    return found


def _form(made: Made, world: dict[str, Any], **words: Any) -> dict[str, Any]:
    def typed() -> dict[str, Any]:
        (one,) = queries.services(world["helper"].id)
        return {
            "service_type": one.service_type, "title": one.title, "price_class": "free", "price": "",
            "delivery_mode": "at_home", "places": "3", "days": ["MO"], "part": "morning",
            "streets": [str(key) for key, _name in one.streets],
        }  # fmt: skip

    return {**made(typed), **words}


def _ledger(made: Made, service: UUID) -> tuple[int, int]:
    def read() -> tuple[int, int]:
        row = db.session.scalars(select(Capacity).where(Capacity.service_id == service)).one()
        return row.maximum, row.reserved

    return made(read)  # type: ignore[no-any-return]


def test_fewer_places_than_are_promised_keep_the_promise_and_say_so(
    client: FlaskClient, made: Made, world: dict[str, Any]
) -> None:
    at = f"/provider/services/{world['helper'].service}"
    answer = client.post(at, data=_form(made, world, places="1"), follow_redirects=True)
    assert f"{today().month}月已答应 2 人次" in answer.text
    assert _ledger(made, world["helper"].service) == (2, 2), "what is promised stays, nothing more is free"
    bad = client.post(at, data=_form(made, world, places="-1", title="改了的名字"))
    assert bad.status_code == 422
    assert "改了的名字" in bad.text


def test_a_service_edited_while_offered_leaves_the_offer_as_it_was_sent(
    client: FlaskClient, made: Made, world: dict[str, Any]
) -> None:
    at = f"/provider/services/{world['helper'].service}"
    changed = _form(made, world, title="只做半套", price_class="market", price="80")
    assert client.post(at, data=changed).status_code == 303
    page = client.get(f"/provider/jobs/{world['tasks'][0]}").text
    assert "服务 home-checkup" in page
    assert "免费" in page
    assert "只做半套" not in page
    assert client.post(f"{at}/stop").status_code == 303
    assert client.get(f"/provider/jobs/{world['tasks'][0]}").status_code == 200, "stopping recalls nothing"


def test_a_no_after_the_yes_is_said_plainly_and_reaches_the_desk(
    client: FlaskClient, login: Login, made: Made, world: dict[str, Any]
) -> None:
    at = f"/provider/jobs/{world['tasks'][0]}"
    slot = (now() + timedelta(hours=2)).isoformat()
    assert client.post(f"{at}/accept", data={"slot": slot}).status_code == 303
    late = client.post(f"{at}/decline", data={"reason": "no-capacity"})
    assert late.status_code == 409
    assert "已经答复过" in late.text
    bare = client.post(f"{at}/fail", data={"reason": ""})
    assert bare.status_code == 422
    assert "请选一个原因" in bare.text
    answer = client.post(f"{at}/fail", data={"reason": "lack-of-resources"}, follow_redirects=True)
    assert "社区会马上接手" in answer.text

    def stored() -> tuple[str, str]:
        with tenant_scope(world["family"].tenant):
            row = db.session.scalars(select(ReferralTask).where(ReferralTask.id == world["tasks"][0])).one()
            return row.state, row.reason_code

    assert made(stored) == ("failed", "lack-of-resources")
    login(client, world["clerk"])
    family = world["family"]
    page = client.get(f"/c/{family.slug}/desk/cases/{family.number}/needs/w1/offer").text
    assert "人手或材料不够" in page
