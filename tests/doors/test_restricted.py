"""A referral to hospice care through the doors: the clerk's page names it, nobody else's does."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.actor import Actor, acting
from rongjiu.db import db, tenant_scope
from rongjiu.marketplace import restricted
from rongjiu.marketplace.models import Provider
from rongjiu.notify.models import Message
from tenants.casework import following
from tenants.referrals import service
from tenants.referrals.matching import service as matching
from tests import casework, factories

Made = Callable[[Callable[[], object]], object]
Login = Callable[[FlaskClient, str], None]
TITLE, HIDDEN = "服务 hospice", "受限服务"


@pytest.fixture
def world(made: Made) -> dict[str, str]:
    def build() -> dict[str, str]:
        family = casework.a_family()
        helper = casework.a_helper(family, "hospice", name="雁康护理医院", slug="yankang")
        staff = {
            role: factories.a_person_with_role(role, "community", family.community_id).token
            for role in ("assistance_clerk", "secretary")
        }
        people = {
            role: factories.a_person_with_role(role, "provider", helper.id).token
            for role in ("provider_owner", "provider_staff")
        }
        with tenant_scope(family.tenant), acting(Actor(role="assistance_clerk")):
            matching.match(family.need, ["hospice"])
            consent = casework.a_consent(family, helper)
            (task,) = service.offer(family.need, [helper.service], consent, family.old_man, "")
            task_id = str(task.id)
        with tenant_scope(family.tenant):
            following.send(family.case_id)
            following.tell_family(family.case_id)
            text = db.session.scalars(select(Message.text).where(Message.purpose == following.PURPOSE)).one()
        assert TITLE not in text
        return {
            **staff,
            **people,
            "desk": f"/c/{family.slug}/desk",
            "number": family.number,
            "provider": str(helper.id),
            "task": task_id,
            "link": re.findall(r"/c/[^/]+/family/link/\S+", text)[0],
        }

    return made(build)  # type: ignore[return-value]


def test_the_clerk_reads_it_and_the_secretary_does_not(
    client: FlaskClient, login: Login, world: dict[str, str]
) -> None:
    desk = world["desk"]
    pages = [
        f"{desk}/cases/{world['number']}",
        f"{desk}/offers",
        f"{desk}/help",
        f"{desk}/cases/{world['number']}/needs/w1/match",
    ]
    login(client, world["assistance_clerk"])
    assert all(TITLE in client.get(page).text for page in pages)
    login(client, world["secretary"])
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200 and TITLE not in answer.text and "hospice" not in answer.text, page
    assert HIDDEN in client.get(pages[0]).text


def test_the_providers_staff_reads_that_something_came_and_opens_nothing(
    client: FlaskClient, login: Login, world: dict[str, str]
) -> None:
    login(client, world["provider_owner"])
    assert TITLE in client.get("/provider/inbox").text
    assert client.get(f"/provider/jobs/{world['task']}").status_code == 200
    login(client, world["provider_staff"])
    listed = client.get("/provider/inbox").text
    assert HIDDEN in listed and TITLE not in listed
    assert client.get(f"/provider/jobs/{world['task']}").status_code == 404


def test_the_family_reads_it_by_its_own_link_and_nobody_by_having_no_log_in(
    client: FlaskClient, world: dict[str, str]
) -> None:
    page = client.get(world["link"], follow_redirects=True).text
    assert "谁在帮" in page and TITLE in page
    assert not restricted.may_know(Actor().role), "whoever comes without a log-in"


def test_nothing_of_it_is_public(client: FlaskClient, world: dict[str, str]) -> None:
    for page in (
        "/market/",
        "/market/areas",
        "/market/yankang",
        "/hsds/services?full=true",
        "/hsds/organizations?full_service=true",
    ):
        assert TITLE not in client.get(page).text, page


def test_whether_a_hospital_gives_it_is_not_shown_to_the_others(
    client: FlaskClient, login: Login, world: dict[str, str], made: Made
) -> None:
    def tick() -> None:
        row = db.session.get_one(Provider, UUID(world["provider"]))
        row.details = {"beds": 20, "care_level": "二级", "hospice": True}

    made(tick)
    page = f"{world['desk']}/providers/{world['provider']}"
    login(client, world["assistance_clerk"])
    assert "提供安宁疗护" in client.get(page).text
    login(client, world["secretary"])
    shown = client.get(page).text
    assert "二级" in shown and "提供安宁疗护" not in shown and TITLE not in shown
