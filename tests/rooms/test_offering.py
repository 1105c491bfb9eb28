"""What a service says beyond its price, and the places of a provider."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from rongjiu.clock import now, today
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import capacity, offering, offers, queries, rules, vacancies
from rongjiu.marketplace.models import OpenRecord, Provider, ProviderService
from rongjiu.tenancy.models import Street
from tests import factories

SITE = offering.Site("雁塔店", "雁塔路 1 号", "西安市", "陕西省", "710054", ("ramp",))


def _offer(street: Street, **words: Any) -> offers.Offer:
    given: dict[str, Any] = {
        "service_type": "home-haircut", "title": "上门理发", "price_class": "discount", "delivery_mode": "on_site",
        "places_a_month": 8, "streets": (street.id,), "price": Decimal(10), "usual_price": Decimal(25),
    }  # fmt: skip
    return offers.Offer(**{**given, **words})


def _provider(**words: Any) -> tuple[Provider, Street]:
    street = factories.a_street()
    return factories.a_provider(street, **words), street


def test_terms_are_kept_and_read_back(inside: None) -> None:
    provider, street = _provider()
    place = offering.save_site(provider.id, SITE)
    terms = rules.Terms(
        description="剪短发", groups=("empty-nest-elderly",), minimum_age=60, documents=("身份证",), proof="价目表",
        proof_on=today(), rest_by="provider",
    )  # fmt: skip
    made = offers.save_service(provider.id, _offer(street, terms=terms, location_id=place))
    one = queries.services(provider.id)[0]
    assert (rules.terms(one.terms), one.location_id, one.usual_price) == (terms, place, Decimal(25))
    whole = db.session.scalars(select(OpenRecord.whole).where(OpenRecord.id == made)).one()
    for words in ("剪短发", "空巢老人", "身份证", "平时价 25 元", "差额由服务方承担", "有坡道"):
        assert words in whole


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ({"minimum_age": 70, "maximum_age": 60}, "maximum_age"), ({"minimum_age": 200}, "minimum_age"),
        ({"groups": ("nobody",)}, "groups"), ({"documents": ("证",) * 11}, "documents"),
        ({"proof_on": today() + timedelta(days=1)}, "proof_on"), ({"rest_by": "nobody"}, "rest_by"),
    ],
)  # fmt: skip
def test_terms_that_cannot_be_are_refused_at_their_field(inside: None, words: dict[str, Any], at: str) -> None:
    provider, street = _provider()
    with pytest.raises(Refused) as caught:
        offers.save_service(provider.id, _offer(street, terms=rules.Terms(**words)))
    assert caught.value.field == at


def test_prices_and_places_of_others_are_refused(inside: None) -> None:
    provider, street = _provider()
    other = offering.save_site(factories.a_provider(street).id, SITE)
    with pytest.raises(Refused) as caught:
        offers.save_service(provider.id, _offer(street, usual_price=Decimal(5)))
    assert caught.value.field == "usual_price"
    with pytest.raises(Refused) as caught:
        offers.save_service(provider.id, _offer(street, location_id=other))
    assert caught.value.field == "location"
    with pytest.raises(Absent):
        offering.save_site(provider.id, SITE, other)
    with pytest.raises(Refused) as caught:
        offering.save_site(provider.id, replace(SITE, postal_code="7100"))
    assert caught.value.field == "postal_code"


def test_a_place_that_closes_leaves_its_services(inside: None) -> None:
    provider, street = _provider()
    place = offering.save_site(provider.id, SITE)
    made = offers.save_service(provider.id, _offer(street, location_id=place))
    kinds = select(OpenRecord.kind).where(OpenRecord.provider_id == provider.id)
    assert "service_at_location" in set(db.session.scalars(kinds))
    offering.close_site(provider.id, place)
    offering.close_site(provider.id, place)
    assert offering.sites(provider.id) == []
    assert db.session.scalar(select(ProviderService.location_id).where(ProviderService.id == made)) is None
    assert "service_at_location" not in set(db.session.scalars(kinds))


def test_an_individual_writes_no_number(inside: None) -> None:
    provider, street = _provider()
    provider.group = "individual"
    for title in ("找我 139 0000 1111", "029-88881111 陪聊"):
        with pytest.raises(Refused) as caught:
            offers.save_service(provider.id, _offer(street, title=title))
        assert caught.value.field == "title"
    assert offers.save_service(provider.id, _offer(street, title="陪聊 2 小时"))


def test_fewer_places_than_promised_stay_promised(inside: None) -> None:
    provider, street = _provider()
    made = offers.save_service(provider.id, _offer(street))
    community = factories.a_community(street)
    factories.an_admission(provider, community)
    for _turn in range(5):
        capacity.reserve(uuid7(), made, now().date(), community.id)
    offers.save_service(provider.id, _offer(street, places_a_month=3), made)
    assert vacancies.promised_over(made, 3) == [(rules.month(today()), 5)]
    assert vacancies.free_places([made], today()) == {made: 0}
    with pytest.raises(capacity.Full):
        capacity.reserve(uuid7(), made, today(), community.id)
    assert vacancies.promised_over(made, 5) == []
