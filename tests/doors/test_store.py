"""The provider's own pages: places, what a service says, a kind of its own."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.marketplace import capacity
from rongjiu.marketplace.models import ProviderLocation, ProviderService
from tests import factories

Made = Callable[[Callable[[], Any]], Any]
Login = Callable[[FlaskClient, str], None]


def _shop() -> dict[str, str]:
    street = factories.a_street()
    provider = factories.a_provider(street, name="雁发理发店")
    service = factories.a_service(provider, street)
    return {
        "street": str(street.id), "id": str(provider.id), "service": str(service.id), "slug": provider.slug,
        "owner": factories.a_person_with_role("provider_owner", "provider", provider.id).token,
        "other": factories.a_person_with_role("provider_owner", "provider", factories.a_provider(street).id).token,
    }  # fmt: skip


SITE = {
    "name": "雁塔店", "address": "雁塔路 1 号", "city": "西安市", "province": "陕西省", "postal_code": "710054",
    "accessibility": ["ramp"], "note": "",
}  # fmt: skip


def test_a_place_is_written_used_and_shown(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_shop)
    login(client, case["owner"])
    wrong = client.post("/provider/places", data=SITE | {"postal_code": "71x"})
    assert wrong.status_code == 422
    assert "邮政编码是 6 位数字" in wrong.text
    assert "雁塔路 1 号" in wrong.text
    assert client.post("/provider/places", data=SITE).status_code == 303
    place = made(
        lambda: str(
            db.session.scalars(
                select(ProviderLocation.id).where(ProviderLocation.provider_id == UUID(case["id"]))
            ).one()
        )
    )
    assert "有坡道" in client.get("/provider/places").text
    form = {
        "service_type": "home-haircut", "title": "到店理发", "price_class": "discount", "price": "10", "usual_price": "25",
        "delivery_mode": "on_site", "places": "8", "days": ["MO"], "part": "morning", "streets": [case["street"]],
        "location": place, "documents": "身份证\n老年卡", "groups": ["empty-nest-elderly"], "minimum_age": "60",
        "rest_by": "provider", "proof": "价目表", "proof_on": "2026-01-05", "description": "剪短发",
    }  # fmt: skip
    assert client.post(f"/provider/services/{case['service']}", data=form).status_code == 303
    page = client.get(f"/market/providers/{case['slug']}").text
    for words in ("到店理发", "剪短发", "空巢老人", "老年卡", "有坡道", "服务方", "雁塔店", "data:image/svg+xml"):
        assert words in page
    again = client.get(f"/provider/services/{case['service']}").text
    assert "身份证\n老年卡" in again
    assert client.post(f"/provider/places/{place}", data=SITE | {"name": "新店"}).status_code == 303
    login(client, case["other"])
    assert client.get(f"/provider/places/{place}").status_code == 404
    client.post(f"/provider/places/{place}/close")
    login(client, case["owner"])
    assert "新店" in client.get("/provider/places").text
    assert client.post(f"/provider/places/{place}/close").status_code == 303
    assert "新店" not in client.get("/provider/places").text


def test_a_kind_of_its_own_needs_a_name(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_shop)
    login(client, case["owner"])
    form = {
        "service_type": "new", "title": "", "price_class": "free", "price": "", "delivery_mode": "at_home", "places": "2",
        "part": "all_day", "streets": [case["street"]],
    }  # fmt: skip
    wrong = client.post("/provider/services", data=form)
    assert wrong.status_code == 422 or "请写服务名称" in wrong.text
    assert client.post("/provider/services", data=form | {"title": "修老式钟表"}).status_code == 303
    kinds = made(
        lambda: list(
            db.session.scalars(select(ProviderService.service_type).where(ProviderService.title == "修老式钟表"))
        )
    )
    assert len(kinds) == 1
    assert kinds[0].startswith("own-")
    assert "修老式钟表" in client.get("/market/?q=钟表").text


def test_areas_list_streets_without_a_map(client: FlaskClient, made: Made) -> None:
    case = made(_shop)
    page = client.get("/market/areas").text
    assert f"street={case['street']}" in page
    assert "data-print" in page


def test_several_prices_are_typed_kept_and_shown(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_shop)
    login(client, case["owner"])
    form = {
        "service_type": "home-haircut", "title": "上门理发", "price_class": "market", "price": "30", "delivery_mode": "at_home",
        "places": "8", "part": "morning", "streets": [case["street"]], "costs-0-price_class": "",
        "costs-1-price_class": "free", "costs-2-price_class": "", "costs-1-groups": "severely-disabled", "costs-1-rest_by": "sponsor", "costs-1-proof": "助残公示",
    }  # fmt: skip
    at = f"/provider/services/{case['service']}"
    wrong = client.post(at, data=form)
    assert wrong.status_code == 422
    assert 'id="costs-1-proof_on-error"' in wrong.text, (
        "the price that was written second is named, not the empty first"
    )
    assert "助残公示" in wrong.text
    assert client.post(at, data=form | {"costs-1-proof_on": "2026-01-05"}).status_code == 303
    page = client.get(f"/market/providers/{case['slug']}").text
    for words in ("给 重度残疾人", "差额由爱心单位或基金出", "助残公示", "2026-01-05"):
        assert words in page, words
    again = client.get(at).text
    assert 'value="助残公示"' in again
    assert "免费 · 重度残疾人" in client.get("/provider/services").text


def test_there_are_places_again_when_the_owner_says_so(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_shop)
    service = UUID(case["service"])
    login(client, case["owner"])
    assert "又有名额了" not in client.get("/provider/services").text
    made(lambda: capacity.close(service, today()))
    assert "又有名额了" in client.get("/provider/services").text
    again = f"/provider/services/{service}/again"
    login(client, case["other"])
    assert client.post(again).status_code == 404
    login(client, case["owner"])
    for _each in range(2):
        assert client.post(again).location.endswith("/provider/services")
    assert "又有名额了" not in client.get("/provider/services").text
