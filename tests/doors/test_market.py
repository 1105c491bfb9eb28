"""The shared marketplace: anyone searches it, a secretary admits from it, the desk prints leaflets."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.db import db, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.marketplace import inbox
from rongjiu.marketplace.models import ProviderService
from rongjiu.tenancy.models import Community, Street
from rongjiu.tenancy.queries import Place
from tests import factories

Made = Callable[[Callable[[], Any]], Any]
Login = Callable[[FlaskClient, str], None]


def _market() -> dict[str, str]:
    community = factories.a_community()
    street = db.session.get_one(Street, community.street_id)
    barber = factories.a_provider(street, name="雁发理发店")
    factories.a_service(barber, street, places=8)
    hidden = factories.a_provider(street, name="没审核的店", state="applied")
    factories.a_service(hidden, street)
    return {
        "street": str(street.id), "barber": barber.slug, "barber_id": str(barber.id), "hidden": hidden.slug,
        "hidden_id": str(hidden.id), "community": community.slug,
        "secretary": factories.a_person_with_role("secretary", "community", community.id).token,
        "worker": factories.a_person_with_role("community_worker", "community", community.id).token,
        "owner": factories.a_person_with_role("provider_owner", "provider", barber.id).token,
        "stranger": factories.a_person_with_role("secretary", "community", factories.a_community().id).token,
    }  # fmt: skip


def test_anyone_searches(client: FlaskClient, made: Made) -> None:
    case = made(_market)
    page = client.get(f"/market/?q=理发&street={case['street']}").text
    assert "雁发理发店" in page
    assert "没审核的店" not in client.get(f"/market/?street={case['street']}").text
    assert "没有找到" in client.get(f"/market/?q=不存在的&street={case['street']}").text
    for odd in ("street=x&type=y&price=z&page=a", "page=-1", "page=99999999", "q=%27%22%25_"):
        assert client.get(f"/market/?{odd}").status_code == 200


def test_a_page_of_an_active_provider_only(client: FlaskClient, made: Made) -> None:
    case = made(_market)
    page = client.get(f"/market/providers/{case['barber']}").text
    assert "上门理发" in page
    assert "准入条件" not in page
    assert "029-88881111" not in page
    assert client.get(f"/market/providers/{case['hidden']}").status_code == 404
    assert client.get("/market/providers/nobody").status_code == 404


def test_a_secretary_admits_from_the_page(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_market)
    login(client, case["secretary"])
    one = f"/c/{case['community']}/desk/providers/{case['barber_id']}"
    assert one in client.get(f"/market/providers/{case['barber']}").text
    assert client.post(f"{one}/admit", data={"limit": "4"}).status_code == 303
    assert "每月最多 4 人次" in client.get(f"/market/providers/{case['barber']}").text
    page = client.get(f"/c/{case['community']}/desk/providers?state=active").text
    assert "雁发理发店" in page
    assert "雁发理发店" not in client.get(f"/c/{case['community']}/desk/providers?state=waiting").text
    assert client.get(f"/c/{case['community']}/desk/providers/{case['hidden_id']}").status_code == 404


def test_a_street_that_is_not_served_cannot_admit(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_market)
    login(client, case["stranger"])
    page = client.get(f"/market/providers/{case['barber']}")
    assert "未准入" in page.text
    assert client.post(f"/c/{case['community']}/desk/providers/{case['barber_id']}/admit").status_code == 404


@pytest.mark.parametrize("verb", ["admit", "stop", "vet"])
def test_only_the_secretary_decides(client: FlaskClient, made: Made, login: Login, verb: str) -> None:
    case = made(_market)
    login(client, case["worker"])
    one = f"/c/{case['community']}/desk/providers/{case['barber_id']}"
    assert client.get(one).status_code == 200
    assert client.post(f"{one}/{verb}").status_code == 404


def test_the_leaflet_carries_a_code_of_the_community(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_market)
    login(client, case["worker"])
    page = client.get(f"/c/{case['community']}/desk/outreach/leaflets?shop=雁发理发店").text
    assert f"from={case['community']}." in page
    assert "data:image/svg+xml" in page
    leaflet = client.get(f"/c/{case['community']}/desk/outreach/leaflet?shop=雁发理发店").text
    assert "雁发理发店" in leaflet
    assert "data:image/svg+xml" in leaflet


def test_the_inbox_shows_what_and_where_but_nobody(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(_market)

    def send() -> None:

        community = db.session.scalars(select(Community).where(Community.slug == case["community"])).one()
        offered = db.session.scalar(
            select(ProviderService.id).where(ProviderService.provider_id == UUID(case["barber_id"]))
        )
        assert offered is not None
        place = Place("community", community.id, community.slug, community.name, tenant=factories.tenant(community))
        with tenant_scope(factories.tenant(community)):
            for area, state in (("雁鸣小区", "requested"), ("雁北新村", "accepted"), ("", "completed")):
                inbox.inbox_put(
                    uuid7(), UUID(case["barber_id"]), place, offered, "上门理发", area, state, factories.now()
                )

    made(send)
    login(client, case["owner"])
    page = client.get("/provider/inbox").text
    for words in ("等您答复", "雁鸣小区", "进行中", "雁北新村", "已结束", "待答复"):
        assert words in page
