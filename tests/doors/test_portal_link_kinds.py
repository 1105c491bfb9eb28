"""What a kind of provider keeps beside its jobs opens by link too: seen and noted, but neither rights nor the listing."""

import re
from collections.abc import Callable
from datetime import time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from rongjiu.actor import Actor, acting
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.marketplace import keeping, words
from rongjiu.marketplace.kinds import licences, openings, prices
from rongjiu.marketplace.kinds.models import CareStaff
from rongjiu.marketplace.models import Provider
from rongjiu.notify.models import Message
from tenants.referrals import answering, service
from tenants.referrals.models import ReferralRequest
from tenants.referrals.offering import opening
from tests import casework, factories

Login = Callable[[FlaskClient, str], None]
Made = Callable[[Callable[[], object]], Any]


def _hospital() -> dict[str, Any]:
    """A hospital with one offer nobody has answered, a nurse, a declared price and an opening."""
    family = casework.a_family()
    helper = casework.a_helper(family, "catheter-change", price_class="cost_price")
    with tenant_scope(family.tenant), acting(Actor(role="assistance_clerk")):
        consent = casework.a_consent(family, helper)
        (task,) = service.offer(family.need, [helper.service], consent, family.old_man, "")
        task_id = task.id
        link = opening.job_link([task_id], helper.id, "provider_task")
    clerk = factories.a_person_with_role("assistance_clerk", "community", family.community_id)
    nurse = licences.save(helper.id, licences.Member("刘护士", "nurse", "20261030001", today() + timedelta(days=40)))
    prices.declare(helper.id, prices.Price("一次性导尿管", "根", Decimal("18.50"), today(), "西安价公示 2026-17 号"))
    work = openings.Opening("食堂帮工", 20, Decimal(20), Decimal(25), "hour", ("MO",), None, None, 300, True, 1, None)
    openings.save(helper.id, work)
    return {
        "helper": helper.id, "tenant": family.tenant, "phone": helper.phone, "job": f"/provider/jobs/{task_id}", "nurse": str(nurse),
        "task": str(task_id), "open": opening.portal_link(helper.id, proved=True),
        "link": link, "clerk": clerk.token, "offer": f"/c/{family.slug}/desk/cases/{family.number}/needs/w1/offers/{task_id}",
    }  # fmt: skip


@pytest.fixture
def hospital(made: Made) -> dict[str, Any]:
    return made(_hospital)  # type: ignore[no-any-return]


def _open(client: FlaskClient, hospital: dict[str, Any]) -> None:
    client.set_cookie("__Secure-provider", hospital["open"], path="/provider", secure=True)


def _kind(made: Made, hospital: dict[str, Any], group: str, kind: str) -> None:
    row = update(Provider).where(Provider.id == hospital["helper"])
    made(lambda: db.session.execute(row.values(group=group, kind=kind)))


def test_a_hospital_sees_its_log_and_prices_and_changes_none(
    client: FlaskClient, made: Made, hospital: dict[str, Any]
) -> None:
    _open(client, hospital)
    menu = client.get("/provider/figures").text
    assert 'href="/provider/care"' in menu and 'href="/provider/prices"' in menu
    assert 'href="/provider/licences"' not in menu and 'href="/provider/oncall"' not in menu
    for page in ("care", "prices"):
        text = client.get(f"/provider/{page}").text
        assert "自动关闭" in text and 'href="/provider/figures"' in text, page
        assert 'href="/provider/status"' not in text and "/export" not in text, page
    text = client.get("/provider/prices").text
    assert "一次性导尿管" in text and "/withdraw" not in text and "申报一项" not in text
    typed = {"item": "换药", "unit": "次", "price": "9", "declared_on": str(today()), "proof": "公示 2026-18 号"}
    for path in ("prices", "care/export", "prices/export"):
        assert client.post(f"/provider/{path}", data=typed).location.startswith("/account/login"), path
    row = made(lambda: prices.listed(hospital["helper"])[0][0].id)
    assert client.post(f"/provider/prices/{row}/withdraw").location.startswith("/account/login")
    assert made(lambda: [one.state for one in prices.listed(hospital["helper"])[0]]) == ["valid"]
    for page in ("licences", "licences/" + hospital["nurse"]):
        assert client.get(f"/provider/{page}").location.startswith("/account/login"), page


def test_an_employer_sees_its_openings(client: FlaskClient, made: Made, hospital: dict[str, Any]) -> None:
    _kind(made, hospital, "company", "employer")
    _open(client, hospital)
    assert 'href="/provider/openings"' in client.get("/provider/figures").text
    text = client.get("/provider/openings").text
    assert "食堂帮工" in text and "/provider/openings/" not in text
    assert client.get("/provider/openings?state=closed").status_code == 200
    one = made(lambda: openings.listed(hospital["helper"])[0][0].id)
    for path in ("new", str(one)):
        assert client.get(f"/provider/openings/{path}").location.startswith("/account/login")
    assert client.post(f"/provider/openings/{one}/close").location.startswith("/account/login")
    assert made(lambda: openings.listed(hospital["helper"])[0][0].state) == "open"


def test_rescuers_note_their_hours_and_drills(client: FlaskClient, made: Made, hospital: dict[str, Any]) -> None:
    _kind(made, hospital, "social_org", "rescue_centre")
    _open(client, hospital)
    assert 'href="/provider/oncall"' in client.get("/provider/figures").text
    call = {"phone": "029-88001234", "days": ["MO", "TU"], "since": "08:00", "until": "20:00"}
    assert client.post("/provider/oncall", data=call).status_code == 303
    drill = {"held_on": str(today()), "kind": "fire", "people": "6", "minutes": "9", "learnt": ""}
    assert client.post("/provider/oncall/drills", data=drill).status_code == 303
    text = client.get("/provider/oncall").text
    assert "029-88001234" in text and "还没有演练记录" not in text and "/export" not in text
    wrong = client.post("/provider/oncall/drills", data=drill | {"people": "0"})
    assert wrong.status_code == 422 and "自动关闭" in wrong.text


def test_who_goes_is_named_on_the_portal(client: FlaskClient, hospital: dict[str, Any]) -> None:
    _open(client, hospital)
    page = client.get(hospital["job"]).text
    assert f'<option value="{hospital["nurse"]}">刘护士' in page
    slot = (now() + timedelta(days=1)).isoformat()
    refused = client.post(f"{hospital['job']}/accept", data={"slot": slot})
    assert refused.status_code == 422 and "请选谁去" in refused.text
    taken = client.post(f"{hospital['job']}/accept", data={"slot": slot, "staff": hospital["nurse"]})
    assert taken.status_code == 303
    done = {"ticked": [hospital["task"]], "acts": ["catheter"], "staff": hospital["nurse"]}
    assert client.post(f"{hospital['job']}/done", data=done).status_code == 303
    log = client.get("/provider/care").text
    assert "更换尿管" in log and "刘护士" in log


def test_who_goes_is_named_on_one_jobs_link(client: FlaskClient, made: Made, hospital: dict[str, Any]) -> None:
    client.get(f"/provider/link/{hospital['link']}")
    slot = (now() + timedelta(days=1)).isoformat()
    client.post("/provider/link/code", data={"slot": slot})
    page = client.get("/provider/link/").text
    assert f'<option value="{hospital["nurse"]}">刘护士' in page

    def sent() -> str:
        rows = db.session.execute(select(Message.address, Message.text).order_by(Message.id)).all()
        return " ".join(row.text for row in rows if row.address == hospital["phone"])

    code = re.findall(r"验证码 (\d{6})", made(sent))[-1]
    refused = client.post("/provider/link/accept", data={"slot": slot, "code": code})
    assert refused.status_code == 422 and "请选谁去" in refused.text
    taken = client.post("/provider/link/accept", data={"slot": slot, "code": code, "staff": hospital["nurse"]})
    assert taken.status_code == 303
    assert 'name="acts"' in client.get("/provider/link/").text


def test_the_desk_agrees_to_a_time_only_while_the_licence_holds(
    client: FlaskClient, login: Login, made: Made, hospital: dict[str, Any]
) -> None:
    _open(client, hospital)
    day = {"day": str(today() + timedelta(days=3)), "hour": "10:00"}
    refused = client.post(f"{hospital['job']}/propose", data=day)
    assert refused.status_code == 422 and "请选谁去" in refused.text
    assert client.post(f"{hospital['job']}/propose", data=day | {"staff": hospital["nurse"]}).status_code == 303

    def ends(days: int) -> None:
        with licences.own(hospital["helper"]):
            row = db.session.get_one(CareStaff, UUID(hospital["nurse"]))
            row.ends_on = today() + timedelta(days=days)
            db.session.flush()

    made(lambda: ends(2))
    login(client, hospital["clerk"])
    refused = client.post(f"{hospital['offer']}/agree")
    assert refused.status_code == 422
    assert "去的人那天执业证已到期" in refused.text and "刘护士" not in refused.text
    made(lambda: ends(3))
    assert client.post(f"{hospital['offer']}/agree").status_code == 303


def _give_up(hospital: dict[str, Any]) -> None:
    with tenant_scope(hospital["tenant"]):
        answering.cancel(UUID(hospital["task"]), "other")
        for slip in db.session.scalars(select(ReferralRequest)):
            slip.state = "completed"
        db.session.flush()


def test_what_is_needed_near_by_is_taken_for_somebody(
    client: FlaskClient, made: Made, hospital: dict[str, Any]
) -> None:
    made(lambda: keeping.quiet(hospital["helper"], words.WEEKDAYS, time(0), time(23, 59), []))
    made(lambda: _give_up(hospital))
    _open(client, hospital)
    page = client.get("/provider/near").text
    path = re.search(r'action="(/provider/near/[^"]+)"', page)
    slot = re.search(r'<option value="(20[^"]+)"', page)
    assert path and slot and f'<option value="{hospital["nurse"]}">刘护士' in page
    client.post(path.group(1), data={"slot": slot.group(1)})
    assert "请选谁去" in client.get("/provider/near").text
    assert path.group(1) in client.get("/provider/near").text, "nothing was taken"
    taken = client.post(path.group(1), data={"slot": slot.group(1), "staff": hospital["nurse"]})
    assert taken.location == "/provider/inbox"
    assert "刘护士" in client.get("/provider/care?state=planned").text
