"""The start page, a look before signing up, and what anyone may see of a community."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.marketplace.models import Admission, Listing, Provider, ProviderService
from rongjiu.oversight.models import Indicator
from rongjiu.tenancy import divisions
from rongjiu.tenancy.models import Community, FoundingDraft
from tests import factories

Made = Callable[[Callable[[], Any]], Any]


def _community() -> str:
    community = factories.a_modelled_community()
    with tenant_scope(factories.tenant(community)):
        db.session.add(Indicator(name="needs_solved", value=3))
        db.session.add(Indicator(name="visits_done", value=17))
    return community.slug


def _admitted(slug: str) -> None:
    community = db.session.scalars(select(Community).where(Community.slug == slug)).one()
    for n, state in enumerate(("active", "denied")):
        provider = Provider(
            id=uuid7(), slug=f"p-{n}", name=f"{'雁晴' if n == 0 else '未准入'}诊所", group="social_org", kind="clinic", state="active",
            created_at=now(),
        )  # fmt: skip
        service = ProviderService(
            id=uuid7(), provider_id=provider.id, service_type="home-checkup", title="上门体检", price_class="free",
            delivery_mode="at_home", places_a_month=4,
        )  # fmt: skip
        db.session.add(provider)
        db.session.flush()
        db.session.add(service)
        db.session.flush()
        db.session.add(
            Listing(
                service_id=service.id, provider_id=provider.id, provider_slug=provider.slug, provider_name=provider.name,
                public_name=provider.name,
                group="social_org", kind="clinic", service_type="home-checkup", title="上门体检", price_class="free",
                delivery_mode="at_home", places_a_month=4, words=[], demo=False,
            )
        )  # fmt: skip
        db.session.add(
            Admission(id=uuid7(), provider_id=provider.id, community_id=community.id, state=state, changed_at=now())
        )
    db.session.flush()


def test_the_start_page_lists_live_communities_only(client: FlaskClient, made: Made) -> None:
    live, preparing = made(lambda: [factories.a_community(state=state).name for state in ("live", "preparing")])
    page = client.get("/").text
    assert live in page
    assert preparing not in page
    assert live in client.get("/", query_string={"q": live}).text
    assert "没有找到" in client.get("/", query_string={"q": "没有的"}).text


@pytest.mark.parametrize("words", ["端履门", "端履门社区", "dlm", "610103002002"])
def test_a_name_shows_the_page_and_the_board_and_stores_nothing(client: FlaskClient, made: Made, words: str) -> None:
    made(divisions.import_shipped)
    start = time.perf_counter()
    page = client.get("/try", query_string={"name": words}).text
    board = client.get("/try/board", query_string={"name": words}).text
    assert time.perf_counter() - start < 10
    assert "端履门“融救联助”" in page
    assert "柏树林街道" in page
    assert "没有保存任何内容" in page
    assert "老年餐桌" in board
    count = lambda: [db.session.scalar(select(func.count()).select_from(each)) for each in (Community, FoundingDraft)]  # noqa: E731
    assert made(count) == [0, 0]


def test_a_place_nobody_lists_is_shown_too(client: FlaskClient) -> None:
    assert "新开社区" in client.get("/try", query_string={"name": "新开"}).text


@pytest.mark.parametrize("words", ["", "  ", "zzzz", "<script>alert(1)</script>"])
def test_words_that_are_no_name_lead_back(client: FlaskClient, words: str) -> None:
    answer = client.get("/try", query_string={"name": words})
    assert answer.status_code == 303
    assert "missing=1" in answer.location


def test_the_public_page_shows_the_lists_and_hides_small_counts(client: FlaskClient, made: Made) -> None:
    slug = made(_community)
    made(lambda: _admitted(slug))
    page = client.get(f"/c/{slug}/").text
    for words in ("最低生活保障", "老年餐桌", "义诊", "民政局", "雁晴诊所", "13 个部门 50 项", "5 类 12 项"):
        assert words in page, words
    assert "未准入诊所" not in page
    assert "少于5" in page
    assert ">17<" in page
    assert "黄雁社区" in page


def test_the_board_carries_phone_and_code(client: FlaskClient, made: Made) -> None:
    slug = made(_community)
    page = client.get(f"/c/{slug}/board").text
    assert "data:image/svg+xml" in page
    assert "029-88880000" in page
    assert client.get(f"/c/{slug}/privacy").status_code == 200


@pytest.mark.parametrize("state", ["preparing", "submitted", "suspended"])
def test_a_community_that_is_not_live_is_not_there(client: FlaskClient, made: Made, state: str) -> None:
    slug = made(lambda: factories.a_community(state=state).slug)
    for path in ("", "board", "privacy"):
        assert client.get(f"/c/{slug}/{path}").status_code == 404


def test_english_is_served(client: FlaskClient, made: Made) -> None:
    slug = made(_community)
    client.get("/prefs?lang=en")
    page = client.get(f"/c/{slug}/").text
    assert "Civil Affairs Bureau" in page
    assert 'lang="en"' in page
