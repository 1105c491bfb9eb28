"""A nursing visit from acceptance to the log of care: who goes, which acts, and the price the family heard before."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from rongjiu.actor import Actor, acting
from rongjiu.clock import now, today
from rongjiu.db import tenant_scope
from rongjiu.marketplace.kinds import licences
from tenants.referrals import service
from tests import casework, factories

Made = Callable[[Callable[[], object]], object]
Login = Callable[[FlaskClient, str], None]


@pytest.fixture
def world(made: Made) -> dict[str, str]:
    def build() -> dict[str, str]:
        family = casework.a_family()
        helper = casework.a_helper(family, "catheter-change", name="雁康护理医院", price_class="cost_price")
        owner = factories.a_person_with_role("provider_owner", "provider", helper.id)
        staff = factories.a_person_with_role("provider_staff", "provider", helper.id)
        clerk = factories.a_person_with_role("assistance_clerk", "community", family.community_id)
        tokens = {"owner": owner.token, "staff": staff.token, "clerk": clerk.token}
        with tenant_scope(family.tenant), acting(Actor(role="assistance_clerk")):
            consent = casework.a_consent(family, helper)
            (task,) = service.offer(family.need, [helper.service], consent, family.old_man, "")
            job = f"/provider/jobs/{task.id}"
        case = f"/c/{family.slug}/desk/cases/{family.number}"
        return {
            **tokens,
            "job": job,
            "provider": str(helper.id),
            "consent": f"{case}/consents/new?provider={helper.id}",
            "name": casework.NAME,
        }

    return made(build)  # type: ignore[return-value]


def _licence(client: FlaskClient, name: str, days: int) -> None:
    data = {"name": name, "post": "nurse", "licence": "20261030001", "ends_on": str(today() + timedelta(days=days))}
    assert client.post("/provider/licences", data=data).status_code == 303


def _picked(client: FlaskClient, job: str, name: str) -> str:
    page = client.get(job).text
    return next(
        part.split('"')[0] for part in page.split('<option value="')[1:] if f">{name}" in part.split("</option>")[0]
    )


def test_from_the_licence_to_the_log(client: FlaskClient, login: Login, world: dict[str, str]) -> None:
    login(client, world["owner"])
    status = client.get("/provider/status").text
    assert all(f"/provider/{page}" in status for page in ("care", "licences", "prices"))
    wrong = client.post(
        "/provider/licences", data={"name": "刘护士", "post": "", "licence": "1", "ends_on": "2020-01-01"}
    )
    assert wrong.status_code == 422 and 'value="刘护士"' in wrong.text
    _licence(client, "刘护士", 40)
    assert "还有 40 天" in client.get("/provider/licences").text
    slot = (now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0).isoformat()
    refused = client.post(f"{world['job']}/accept", data={"slot": slot})
    assert refused.status_code == 422 and "请选谁去" in refused.text
    nurse = _picked(client, world["job"], "刘护士")
    assert client.post(f"{world['job']}/accept", data={"slot": slot, "staff": nurse}).status_code == 303
    task = world["job"].rsplit("/", 1)[1]
    refused = client.post(f"{world['job']}/done", data={"ticked": [task], "staff": nurse})
    assert refused.status_code == 422 and "请勾选做了哪些护理" in refused.text
    done = {"ticked": [task], "staff": nurse, "acts": ["catheter", "vital_signs"], "price": "18"}
    assert client.post(f"{world['job']}/done", data=done).status_code == 303
    log = client.get("/provider/care").text
    assert "更换尿管" in log and "刘护士" in log and world["name"] not in log
    assert client.post("/provider/care/export", data={"purpose": "质控"}).status_code == 200
    login(client, world["staff"])
    assert client.get("/provider/care").status_code == 404


def test_whose_licence_ends_before_the_day_is_not_sent(
    client: FlaskClient, login: Login, world: dict[str, str], made: Made
) -> None:
    login(client, world["owner"])
    _licence(client, "王护士", 0)
    nurse = _picked(client, world["job"], "王护士")
    slot = (now() + timedelta(days=2)).isoformat()
    refused = client.post(f"{world['job']}/accept", data={"slot": slot, "staff": nurse})
    assert refused.status_code == 422 and "执业证已到期" in refused.text
    people = made(lambda: [row.name for row in licences.at_work(UUID(world["provider"]))])
    assert people == ["王护士"]


def test_a_missed_visit_is_counted(client: FlaskClient, login: Login, world: dict[str, str]) -> None:
    login(client, world["owner"])
    _licence(client, "刘护士", 40)
    nurse = _picked(client, world["job"], "刘护士")
    slot = (now() + timedelta(hours=2)).isoformat()
    assert client.post(f"{world['job']}/accept", data={"slot": slot, "staff": nurse}).status_code == 303
    assert "已约" in client.get("/provider/care?state=planned").text
    assert client.post(f"{world['job']}/missed", data={}).status_code == 303
    assert "有 1 次没见到人" in client.get("/provider/care?state=missed").text


def test_the_family_hears_the_declared_price_before_it_agrees(
    client: FlaskClient, login: Login, world: dict[str, str]
) -> None:
    login(client, world["owner"])
    price = {
        "item": "一次性导尿管",
        "unit": "根",
        "price": "18.50",
        "declared_on": str(today()),
        "proof": "西安价公示 2026-17 号",
    }
    wrong = client.post("/provider/prices", data=price | {"proof": ""})
    assert wrong.status_code == 422 and "一次性导尿管" in wrong.text
    assert client.post("/provider/prices", data=price).status_code == 303
    login(client, world["clerk"])
    page = client.get(world["consent"]).text
    assert "一次性导尿管" in page and "西安价公示 2026-17 号" in page and "18.5" in page
    login(client, world["owner"])
    one = re.search(r"/provider/prices/[0-9a-f-]+/withdraw", client.get("/provider/prices").text)
    assert one and client.post(one.group()).status_code == 303
    login(client, world["clerk"])
    assert "一次性导尿管" not in client.get(world["consent"]).text
