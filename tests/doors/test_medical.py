"""A nursing visit from acceptance to the log of care: who goes, which acts, and the price the family heard before."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

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
        worker = factories.a_person_with_role("community_worker", "community", family.community_id)
        tokens = {"owner": owner.token, "staff": staff.token, "clerk": clerk.token, "worker": worker.token}
        with tenant_scope(family.tenant), acting(Actor(role="assistance_clerk")):
            consent = casework.a_consent(family, helper)
            (task,) = service.offer(family.need, [helper.service], consent, family.old_man, "")
            job = f"/provider/jobs/{task.id}"
        case = f"/c/{family.slug}/desk/cases/{family.number}"
        return {
            **tokens,
            "job": job,
            "provider": str(helper.id),
            "case": case,
            "shop": f"/c/{family.slug}/desk/providers/{helper.id}",
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
    assert "请登记会上门的人和执业证" in status
    wrong = client.post(
        "/provider/licences", data={"name": "刘护士", "post": "", "licence": "1", "ends_on": "2020-01-01"}
    )
    assert wrong.status_code == 422 and 'value="刘护士"' in wrong.text
    _licence(client, "刘护士", 40)
    assert "还有 40 天" in client.get("/provider/licences").text
    assert "请登记会上门的人和执业证" not in client.get("/provider/status").text
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
    for page in ("care", "licences"):
        book = client.post(f"/provider/{page}/export", data={"purpose": "质控"})
        cells = str(CalamineWorkbook.from_filelike(BytesIO(book.data)).get_sheet_by_index(0).to_python())
        assert "刘" in cells and not any(word in cells for word in ("刘护士", "20261030001", world["name"]))
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


def test_who_charges_more_than_declared_says_why_and_the_desk_sees_it(
    client: FlaskClient, login: Login, world: dict[str, str]
) -> None:
    login(client, world["owner"])
    price = {"item": "导尿管", "unit": "根", "price": "18.50", "declared_on": str(today()), "proof": "公示 2026-17 号"}
    assert client.post("/provider/prices", data=price).status_code == 303
    slot = (now() + timedelta(hours=2)).isoformat()
    assert client.post(f"{world['job']}/accept", data={"slot": slot}).status_code == 303
    task = world["job"].rsplit("/", 1)[1]
    charged = re.search(r'name="(charged-[0-9a-f-]+)"', client.get(world["job"]).text)
    assert charged
    done = {"ticked": [task], "price": "40", charged.group(1): "2"}
    for why in ("", "贵"):
        refused = client.post(f"{world['job']}/done", data=done | {"over": why})
        assert refused.status_code == 422
        assert "收了 ¥40，按申报的是 ¥37" in refused.text
        assert f'name="{charged.group(1)}" min="0"' in refused.text and 'value="2"' in refused.text
    assert client.post(f"{world['job']}/done", data=done | {"over": "夜里上门，多收车费"}).status_code == 303
    login(client, world["clerk"])
    assert "收费 ¥40，比申报的 ¥37 高" in client.get(world["case"]).text
    shop = client.get(world["shop"]).text
    assert "收费 ¥40，申报 ¥37" in shop and "夜里上门，多收车费" in shop
    login(client, world["worker"])
    shop = client.get(world["shop"]).text
    assert "收费 ¥40，申报 ¥37" in shop and "夜里上门" not in shop


@pytest.mark.parametrize("price", ["37", "18.5", "0", ""])
def test_as_declared_or_less_needs_no_word(
    client: FlaskClient, login: Login, world: dict[str, str], price: str
) -> None:
    login(client, world["owner"])
    row = {"item": "导尿管", "unit": "根", "price": "18.50", "declared_on": str(today()), "proof": "公示 2026-17 号"}
    client.post("/provider/prices", data=row)
    slot = (now() + timedelta(hours=2)).isoformat()
    client.post(f"{world['job']}/accept", data={"slot": slot})
    charged = re.search(r'name="(charged-[0-9a-f-]+)"', client.get(world["job"]).text)
    assert charged
    done = {"ticked": [world["job"].rsplit("/", 1)[1]], "price": price, charged.group(1): "2", "over": "没有用"}
    assert client.post(f"{world['job']}/done", data=done).status_code == 303
    login(client, world["clerk"])
    assert "收费" not in client.get(world["shop"]).text


def test_a_hospital_that_declared_nothing_is_flagged(client: FlaskClient, login: Login, world: dict[str, str]) -> None:
    login(client, world["owner"])
    slot = (now() + timedelta(hours=2)).isoformat()
    client.post(f"{world['job']}/accept", data={"slot": slot})
    assert 'name="over"' not in client.get(world["job"]).text
    done = {"ticked": [world["job"].rsplit("/", 1)[1]], "price": "20"}
    assert client.post(f"{world['job']}/done", data=done).status_code == 303
    login(client, world["clerk"])
    assert "收费 ¥20，这家没有申报过价格" in client.get(world["shop"]).text
    assert "收费 ¥20，这家没有申报过价格" in client.get(world["case"]).text
