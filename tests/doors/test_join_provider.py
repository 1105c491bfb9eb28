"""A merchant registers on a phone: everything typed is kept, everything wrong is told at its field."""

import io
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from rongjiu import codes
from rongjiu.db import db
from rongjiu.files import LIMIT
from rongjiu.marketplace import reading
from rongjiu.marketplace.models import Provider, ProviderPaper, ProviderService, VettingEvent
from rongjiu.notify.models import Message
from rongjiu.tenancy.models import Membership
from tests import factories

Made = Callable[[Callable[[], Any]], Any]
Login = Callable[[FlaskClient, str], None]
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 64


def _code() -> str:
    head = f"92610103MA7{factories.number():06d}"
    return head + codes.credit_check(head)


def _street() -> tuple[str, str]:
    street = factories.a_street()
    community = factories.a_community(street)
    return str(street.id), community.slug


def _sent() -> str:
    text = db.session.scalars(select(Message.text).where(Message.purpose == "code").order_by(Message.id.desc())).first()
    found = re.search(r"\d{6}", text or "")
    return found[0] if found else ""


def _phone() -> str:
    return f"139{factories.number():08d}"


def _signed_up(client: FlaskClient, made: Made, invited: str = "") -> str:
    phone = _phone()
    client.get(f"/join/provider?from={invited}")
    answer = client.post("/join/provider", data={"phone": phone})
    assert answer.headers["Location"] == "/join/provider/code"
    words = {"code": made(_sent), "name": "王师傅", "password": "shunfeng-shui-1"}
    answer = client.post("/join/provider/code", data=words)
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"] == "/join/provider/shop"
    return phone


def _shop(street: str, **words: str) -> dict[str, str]:
    given = {
        "name": "雁发理发店", "group": "company", "kind": "barber", "uscc": _code(), "street": street,
        "phone": "029-88887777", "contact": "", "address": "雁塔路 1 号", "intro": "",
    }  # fmt: skip
    return {**given, **words}


def _service(street: str, **words: Any) -> dict[str, Any]:
    given = {
        "service_type": "home-haircut", "title": "", "price_class": "free", "price": "", "delivery_mode": "at_home",
        "places": "8", "days": ["MO"], "part": "afternoon", "streets": [street],
    }  # fmt: skip
    return {**given, **words}


def _paper(content: bytes = JPEG, name: str = "执照.jpg", **words: Any) -> dict[str, Any]:
    return {"kind": "licence", "ends_on": "", **words, "file": (io.BytesIO(content), name)}


def test_five_minutes_from_leaflet_to_review(client: FlaskClient, made: Made) -> None:
    street, slug = made(_street)
    assert "5 分钟" in client.get(f"/join/provider?from={slug}.3f2a").text
    _signed_up(client, made, f"{slug}.3f2a")
    assert client.post("/join/provider/shop", data=_shop(street)).headers["Location"] == "/join/provider/details"
    answer = client.post("/join/provider/papers", data=_paper(), content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    answer = client.post("/join/provider/services", data=_service(street))
    assert answer.status_code == 303, answer.text
    page = client.get("/join/provider/review").text
    assert "雁发理发店" in page
    assert "上门理发" in page
    assert "提交审核" in page
    client.post("/join/provider/hand-in")
    page = client.get("/join/provider/review").text
    assert "5 个工作日内审核" in page
    assert "待审核" in page
    assert "5 个工作日内审核" in client.get("/provider/status").text
    assert client.get("/provider/inbox").headers["Location"] == "/provider/status"

    def stored() -> tuple[str, str, list[str]]:
        row = db.session.scalars(select(Provider).where(Provider.street_id == UUID(street))).one()
        roles = db.session.scalars(select(Membership.role).where(Membership.scope_id == row.id)).all()
        return row.state, row.invited_by, list(roles)

    assert made(stored) == ("applied", f"{slug}.3f2a", ["provider_owner"])


def test_handing_in_twice_is_once(client: FlaskClient, made: Made) -> None:
    street, _ = made(_street)
    _signed_up(client, made)
    client.post("/join/provider/shop", data=_shop(street))
    client.post("/join/provider/papers", data=_paper(), content_type="multipart/form-data")
    client.post("/join/provider/services", data=_service(street))
    for _ in range(2):
        assert client.post("/join/provider/hand-in").status_code == 303

    def steps() -> int:
        count = select(func.count()).select_from(VettingEvent).join(Provider, Provider.id == VettingEvent.provider_id)
        return db.session.scalar(count.where(Provider.street_id == UUID(street))) or 0

    assert made(steps) == 1


def test_the_same_form_sent_twice_makes_one_paper_and_one_service(client: FlaskClient, made: Made) -> None:
    street, _ = made(_street)
    _signed_up(client, made)
    client.post("/join/provider/shop", data=_shop(street))
    key, paper_key = str(uuid4()), str(uuid4())
    for _ in range(2):
        words = _service(street, _key=key)
        assert client.post("/join/provider/services", data=words).headers["Location"] == "/join/provider/services"
        words = _paper(_key=paper_key)
        answer = client.post("/join/provider/papers", data=words, content_type="multipart/form-data")
        assert answer.headers["Location"] == "/join/provider/papers"

    def rows() -> tuple[int, int]:
        mine = select(Provider.id).where(Provider.street_id == UUID(street))
        papers = select(func.count()).select_from(ProviderPaper).where(ProviderPaper.provider_id.in_(mine))
        offered = select(func.count()).select_from(ProviderService).where(ProviderService.provider_id.in_(mine))
        return db.session.scalar(papers) or 0, db.session.scalar(offered) or 0

    assert made(rows) == (1, 1)


def test_a_wrong_check_digit_is_told_at_its_field_and_nothing_is_lost(client: FlaskClient, made: Made) -> None:
    street, _ = made(_street)
    _signed_up(client, made)
    right = _code()
    wrong = right[:17] + ("0" if right[17] != "0" else "1")
    answer = client.post("/join/provider/shop", data=_shop(street, uscc=wrong, intro="老街坊免费"))
    assert answer.status_code == 422
    assert re.search(r'id="uscc-error".*?第 18 位对不上', answer.text, re.DOTALL)
    for typed in ("雁发理发店", wrong, "雁塔路 1 号", "老街坊免费", "029-88887777"):
        assert typed in answer.text
    assert f'selected value="{street}"' in answer.text or f'value="{street}" selected' in answer.text
    answer = client.post("/join/provider/shop", data=_shop(street, uscc="", name=""))
    assert answer.status_code == 422
    assert "请写店名" in answer.text
    answer = client.post("/join/provider/shop", data=_shop(street, phone="12"))
    assert re.search(r'id="phone-error"', answer.text)


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (JPEG + b"0" * LIMIT, "big.jpg", "文件超过 10 MB"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.jpg", "只收照片"),
        (b"<svg/>", "a.svg", "只收照片"),
        (b"%PDF-1.7 x", "a.jpg", "内容和后缀不一致"),
        (b"", "", "请先选照片"),
    ],
)
def test_papers_are_judged_by_content(client: FlaskClient, made: Made, content: bytes, name: str, message: str) -> None:
    _signed_up(client, made)
    words = _paper(content, name, ends_on="2099-05-31")
    answer = client.post("/join/provider/papers", data=words, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()  # the client spools a large body into a file
    assert answer.status_code == 422
    assert message in answer.text
    assert 'value="2099-05-31"' in answer.text


def test_days_and_numbers_are_refused_in_our_words(client: FlaskClient, made: Made) -> None:
    street, _ = made(_street)
    _signed_up(client, made)
    answer = client.post("/join/provider/papers", data=_paper(ends_on="明年"), content_type="multipart/form-data")
    assert "请写成 2027-05-31 这样的日期" in answer.text
    answer = client.post("/join/provider/papers", data=_paper(ends_on="2020-01-01"), content_type="multipart/form-data")
    assert "已经到期" in answer.text
    for words, message in (
        ({"places": "很多"}, "每月名额写"), ({"places": ""}, "请写每月能帮几人次"), ({"price": "十块"}, "价格写数字"),
        ({"streets": []}, "请至少选一个服务的街道"), ({"service_type": ""}, "请选一项服务"),
    ):  # fmt: skip
        answer = client.post("/join/provider/services", data=_service(street, **words))
        assert answer.status_code == 422
        assert message in answer.text
        assert "Not a valid" not in answer.text


def test_an_incomplete_application_says_what_is_missing(client: FlaskClient, made: Made) -> None:
    _signed_up(client, made)
    page = client.get("/join/provider/review").text
    for words in ("店名", "统一社会信用代码", "至少一项服务", "营业执照"):
        assert words in page
    assert "提交审核" not in page
    client.post("/join/provider/hand-in")
    assert "还有几项没填" in client.get("/join/provider/review").text


def test_it_resumes_where_it_was(client: FlaskClient, made: Made, login: Login) -> None:
    street, _ = made(_street)
    _signed_up(client, made)
    client.post("/join/provider/shop", data=_shop(street))
    assert "接着填" in client.get("/join/provider").text
    assert "雁发理发店" in client.get("/join/provider/shop").text
    assert "接着填" in client.get("/provider/status").text


def test_a_wrong_code_counts_and_a_known_phone_logs_in(app: Flask, client: FlaskClient, made: Made) -> None:
    phone = _signed_up(client, made)
    fresh = app.test_client()
    assert fresh.get("/join/provider/code").headers["Location"] == "/join/provider"
    fresh.post("/join/provider", data={"phone": phone})
    words = {"code": "000000", "name": "王师傅", "password": "shunfeng-shui-1"}
    answer = fresh.post("/join/provider/code", data=words)
    assert answer.status_code == 422
    assert "验证码不对" in answer.text
    answer = fresh.post("/join/provider/code", data={**words, "code": made(_sent)})
    assert answer.headers["Location"] == "/account/login?next=/join/provider"
    answer = fresh.post("/join/provider", data={"phone": "123"})
    assert answer.status_code == 422
    assert "phone-error" in answer.text


def test_staff_may_register_a_shop_of_their_own(client: FlaskClient, made: Made, login: Login) -> None:
    login(
        client, made(lambda: factories.a_person_with_role("volunteer", "community", factories.a_community().id).token)
    )
    assert "用现在的账号登记" in client.get("/join/provider").text
    assert client.post("/join/provider/begin").headers["Location"] == "/join/provider/shop"
    assert client.get("/join/provider/shop").status_code == 200


def test_another_persons_papers_and_services_are_absent(app: Flask, client: FlaskClient, made: Made) -> None:
    street, _ = made(_street)
    _signed_up(client, made)
    client.post("/join/provider/shop", data=_shop(street))
    client.post("/join/provider/papers", data=_paper(), content_type="multipart/form-data")
    client.post("/join/provider/services", data=_service(street))

    def ids() -> tuple[str, str]:
        mine = select(Provider.id).where(Provider.street_id == UUID(street))
        paper = db.session.scalars(select(ProviderPaper.id).where(ProviderPaper.provider_id.in_(mine))).one()
        offered = db.session.scalars(select(ProviderService.id).where(ProviderService.provider_id.in_(mine))).one()
        return str(paper), str(offered)

    paper, offered = made(ids)
    own = client.get(f"/join/provider/papers/{paper}")
    assert own.data == JPEG
    assert own.headers["Content-Disposition"].startswith("attachment")
    assert own.headers["X-Content-Type-Options"] == "nosniff"
    other = app.test_client()
    _signed_up(other, made)
    for address in (f"/join/provider/papers/{paper}", f"/join/provider/services/{offered}", f"/provider/papers/{paper}",
                    f"/provider/services/{offered}"):  # fmt: skip
        assert other.get(address).status_code == 404
    assert other.post(f"/provider/services/{offered}/stop").status_code == 404
    assert other.post(f"/join/provider/services/{offered}/drop").status_code == 404
    assert client.get(f"/provider/services/{offered}").status_code == 200


def test_without_login_the_steps_ask_for_one(client: FlaskClient) -> None:
    for step in ("shop", "papers", "services", "review"):
        assert client.get(f"/join/provider/{step}").headers["Location"].startswith("/account/login")


def test_a_photograph_of_the_licence_fills_the_form_where_a_reader_is_installed(
    client: FlaskClient, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    street, _ = made(_street)
    _signed_up(client, made)
    code = _code()
    at, photo = "/join/provider/shop", (io.BytesIO(JPEG), "执照.jpg")
    monkeypatch.setattr(reading, "PACKAGE", "no_such_reader")
    assert "没有装证照识别" in client.get(at).text
    typed = {**_shop(street, name="", uscc="", intro="手艺好"), "read": "1"}
    answer = client.post(at, data={**typed, "photo": (io.BytesIO(JPEG), "a.jpg")}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "请照执照输入" in answer.text
    monkeypatch.setattr(reading, "_chosen", [lambda _photo: [f"统一社会信用代码{code}", "名称 雁发理发店"]])
    page = client.post(at, data={**typed, "photo": photo}, content_type="multipart/form-data")
    assert page.status_code == 200
    for words in (code, "雁发理发店", "手艺好", "校验位正确"):
        assert words in page.text
    assert "请先选执照照片" in client.post(at, data=typed, content_type="multipart/form-data").text
    monkeypatch.setattr(reading, "_chosen", [lambda _photo: [f"{code[:17]}*", "名称 雁发理发店"]])
    half = client.post(at, data={**typed, "photo": (io.BytesIO(JPEG), "b.jpg")}, content_type="multipart/form-data")
    assert "代码没有认出来" in half.text
