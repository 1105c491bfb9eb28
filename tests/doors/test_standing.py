"""An owner pauses, confirms, fills in what its kind needs, invites staff; a listing is claimed; bad files are refused."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.marketplace.models import Provider
from tests import factories

Made = Callable[[Callable[[], Any]], Any]
Login = Callable[[FlaskClient, str], None]
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 64
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


def _shop() -> dict[str, str]:
    street = factories.a_street()
    provider = factories.a_provider(street, name=f"雁发理发店{factories.number()}")
    factories.a_service(provider, street)
    loose = factories.a_provider(street, name=f"没人管的店{factories.number()}")
    return {
        "id": str(provider.id), "slug": provider.slug, "street": street.slug, "loose": str(loose.id), "name": loose.name,
        "owner": factories.a_person_with_role("provider_owner", "provider", provider.id).token,
        "staff": factories.a_person_with_role("provider_staff", "provider", provider.id).token,
        "one": factories.a_person_with_role("volunteer", "community", factories.a_community().id).token,
        "two": factories.a_person_with_role("volunteer", "community", factories.a_community().id).token,
        "clerk": factories.a_person_with_role("street_vetting", "street", street.id).token,
    }  # fmt: skip


def test_pause_and_confirm_in_a_tap(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_shop)
    login(client, case["owner"])
    wrong = client.post("/provider/pause", data={"until": str(today() - timedelta(days=1))})
    assert wrong.status_code == 422
    assert "请选今天以后" in wrong.text
    assert client.post("/provider/pause", data={"until": ""}).status_code == 303
    assert "暂停接新单中" in client.get("/provider/status").text
    assert "暂停接新单" in client.get(f"/market/providers/{case['slug']}").text
    assert client.post("/provider/unpause").status_code == 303
    assert "暂停接新单中" not in client.get("/provider/status").text
    assert client.post("/provider/confirm").status_code == 303
    assert str(today()) in client.get(f"/market/providers/{case['slug']}").text


def test_staff_see_offers_and_nothing_else(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_shop)
    login(client, case["staff"])
    assert client.get("/provider/inbox").status_code == 200
    for page in ("staff", "pause", "details", "services", "places"):
        assert client.get(f"/provider/{page}").status_code == 404
    login(client, case["owner"])
    page = client.get("/provider/staff").text
    assert "员工" in page
    wrong = client.post("/provider/staff", data={"phone": "12", "role": "provider_staff"})
    assert wrong.status_code == 422
    assert client.post("/provider/staff", data={"phone": "13900001234", "role": "provider_staff"}).status_code == 303
    page = client.get("/provider/staff").text
    assert "/account/invitation/" in page
    assert "已邀请" in client.get("/provider/staff").text
    ends = [part.partition('"')[0] for part in page.split('action="/provider/staff/')[1:]]
    answers = [client.post(f"/provider/staff/{end}", follow_redirects=True) for end in ends]
    assert any("最后一位负责人" in answer.text for answer in answers)
    login(client, case["staff"])
    assert client.get("/provider/inbox").status_code != 200


def test_the_form_of_a_kind_comes_from_the_table(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_shop)

    def kind() -> None:
        row = db.session.get_one(Provider, UUID(case["id"]))
        row.kind, row.group = "rescue_centre", "social_org"

    made(kind)
    login(client, case["owner"])
    page = client.get("/provider/details").text
    assert "多少分钟到场" in page
    form = {"response_minutes": "15", "last_drill": "2026-05-01", "on_call": "y"}
    wrong = client.post("/provider/details", data=form | {"response_minutes": ""})
    assert wrong.status_code == 422
    assert client.post("/provider/details", data=form).status_code == 303
    assert "2026-05-01" in client.get("/provider/details").text
    login(client, case["clerk"])
    page = client.get(f"/street/{case['street']}/vetting/{case['id']}").text
    assert "多少分钟到场" in page


def test_volunteers_keep_their_insurance(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_shop)

    def team() -> None:
        db.session.get_one(Provider, UUID(case["id"])).group = "volunteer_team"

    made(team)
    login(client, case["owner"])
    assert "没有有效保险" in client.get("/provider/status").text
    form = {"members": "12", "insurance_note": "平安 123", "insured_until": str(today() - timedelta(days=1))}
    wrong = client.post("/provider/details", data=form)
    assert wrong.status_code == 422
    assert "已经到期" in wrong.text
    assert client.post("/provider/details", data=form | {"insured_until": str(today())}).status_code == 303
    assert "没有有效保险" not in client.get("/provider/status").text


def test_two_claim_one_listing(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_shop)
    login(client, case["one"])
    assert case["name"] in client.get(f"/join/provider/claim?q={case['name']}").text
    assert client.post(f"/join/provider/claim/{case['loose']}", data={"proof": ""}).status_code == 422
    page = client.post(f"/join/provider/claim/{case['loose']}", data={"proof": "法人是我"}, follow_redirects=True).text
    assert "街道 5 个工作日内核实" in page
    login(client, case["two"])
    page = client.post(f"/join/provider/claim/{case['loose']}", data={"proof": "我的店"}, follow_redirects=True).text
    assert "也有别人在认领这家" in page
    login(client, case["clerk"])
    page = client.get(f"/street/{case['street']}/claims").text
    assert page.count("不止一人认领") == 2
    claim = page.split("/claims/")[1].partition("/")[0]
    assert client.post(f"/street/{case['street']}/claims/{claim}/accept", data={"reason": ""}).status_code == 422
    assert (
        client.post(f"/street/{case['street']}/claims/{claim}/accept", data={"reason": "打过电话"}).status_code == 303
    )
    login(client, case["two"])
    assert "已经由别人认领" in client.get("/join/provider/claim").text
    login(client, case["one"])
    assert "已归您" in client.get("/join/provider/claim").text


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg"), (b"<!doctype html><p>x", "a.html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.jpg"), (JPEG + b"<script>alert(1)</script>", "a.jpg"),
        (PNG + b"<HTML><body>", "a.png"), (JPEG + b"PK\x05\x06" + b"\0" * 18, "a.jpg"),
        (b"%PDF-1.7 /OpenAction << /S /JavaScript /JS (app.alert(1)) >>", "a.pdf"), (JPEG, "a.html"), (b"GIF89a", "a.gif"),
    ],
)  # fmt: skip
def test_pages_scripts_and_two_faced_files_are_refused(
    client: FlaskClient, made: Made, login: Login, content: bytes, name: str
) -> None:
    case = made(_shop)
    login(client, case["owner"])
    data = {"kind": "licence", "ends_on": "", "file": (io.BytesIO(content), name)}
    assert client.post("/provider/papers", data=data, content_type="multipart/form-data").status_code == 422
    assert name not in client.get("/provider/papers").text.split("</form>")[0]


def test_a_paper_that_ended_yesterday_is_refused(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_shop)
    login(client, case["owner"])
    data = {"kind": "licence", "ends_on": str(today() - timedelta(days=1)), "file": (io.BytesIO(JPEG), "a.jpg")}
    wrong = client.post("/provider/papers", data=data, content_type="multipart/form-data")
    assert wrong.status_code == 422
    assert "已经到期" in wrong.text
