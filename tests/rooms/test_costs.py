"""Several prices, who may have a service, and the person's language: kept, published, ranked, frozen in an offer."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from rongjiu.marketplace import offers, rules, search
from rongjiu.marketplace.costs import Cost
from rongjiu.marketplace.models import Listing, OpenRecord, Provider, ProviderService
from rongjiu.marketplace.service import publish
from tenants.referrals import service as referrals
from tenants.referrals.matching import service as matching
from tenants.residents.changing import change_person
from tests import casework, factories

FREE = Cost("free", groups=("severely-disabled",), proof="助残公示", proof_on=today(), rest_by="sponsor")
BULK = Cost("cost_price", Decimal("8.50"), Decimal(20), proof="出厂价单", proof_on=today(), rest_by="provider")


def _saved(*prices: Cost, **terms: Any) -> tuple[Provider, Any]:
    street = factories.a_street()
    provider = factories.a_provider(street)
    made = offers.save_service(
        provider.id,
        offers.Offer(
            "home-haircut", "上门理发", "market", "at_home", 8, (street.id,), Decimal(30),
            terms=rules.Terms(costs=prices, **terms),
        ),
    )  # fmt: skip
    return provider, made


def test_each_price_is_published_with_its_proof_day_and_who_bears_the_rest(inside: None) -> None:
    _provider, made = _saved(FREE, BULK)
    whole = json.loads(db.session.scalars(select(OpenRecord.whole).where(OpenRecord.id == made)).one())
    first, free, bulk = whole["cost_options"]
    assert [one["option"] for one in (first, free, bulk)] == ["市场价", "免费", "成本价(出厂价)"]
    assert [one["amount"] for one in (first, free, bulk)] == [30.0, 0, 8.5]
    assert {one["currency"] for one in whole["cost_options"]} == {"CNY"}
    assert len({one["id"] for one in whole["cost_options"]}) == 3
    assert free["amount_description"] == "限重度残疾人;差额由爱心单位或基金承担;依据:助残公示"
    assert bulk["amount_description"] == "平时价 20 元;差额由服务方承担;依据:出厂价单"
    assert free["valid_from"] == bulk["valid_from"] == today().isoformat()
    assert (
        db.session.scalars(select(Listing.who).where(Listing.service_id == made)).one()["costs"][0]["price_class"]
        == "free"
    )
    for price_class, found in (("free", 1), ("market", 1), ("discount", 0)):
        wanted = search.Wanted(service_type="home-haircut", price_class=price_class, words="上门理发")
        assert sum(row.service_id == made for row in search.listings(wanted)[0]) == found, price_class


@pytest.mark.parametrize(
    ("cost", "at"),
    [
        (replace(BULK, proof=""), "costs-0-proof"), (replace(BULK, proof_on=None), "costs-0-proof_on"),
        (replace(BULK, proof_on=today() + timedelta(days=1)), "costs-0-proof_on"), (replace(BULK, price=None), "costs-0-price"),
        (replace(BULK, usual_price=Decimal(1)), "costs-0-usual_price"), (replace(BULK, rest_by="nobody"), "costs-0-rest_by"),
        (replace(FREE, groups=("nobody",)), "costs-0-groups"), (replace(BULK, price_class="gift"), "costs-0-price_class"),
        (replace(BULK, proof="加微信转账"), "costs-0-proof"),
    ],
)  # fmt: skip
def test_a_price_without_proof_day_or_amount_is_refused_at_its_field(inside: None, cost: Cost, at: str) -> None:
    with pytest.raises(Refused) as caught:
        _saved(cost)
    assert caught.value.field == at
    with pytest.raises(Refused) as caught:
        _saved(FREE, BULK, FREE, BULK)
    assert caught.value.field == "costs"


def _terms(helper: casework.Helper, **terms: Any) -> None:
    """Give a helper's service a market price and further terms."""
    kept = rules.stored(rules.Terms(**terms))
    db.session.execute(
        update(ProviderService)
        .where(ProviderService.id == helper.service)
        .values(price_class="market", price=Decimal(30), terms=kept)
    )
    publish(helper.id)


def _match(family: casework.Family) -> tuple[list[Any], list[Any]]:
    run = matching.match(family.need, ["home-checkup"])
    return run.candidates, run.excluded


def test_a_family_is_shown_and_offered_its_own_price(inside: None) -> None:
    family = casework.a_family()
    helper = casework.a_helper(family, "home-checkup")
    dear = casework.a_helper(family, "home-checkup", price_class="discount")
    _terms(helper, costs=(FREE, BULK))
    with tenant_scope(family.tenant):
        db.session.execute(update(casework.Person).values(groups=["severely-disabled"]))
        found, _left = _match(family)
        assert [row["provider_id"] for row in found] == [str(helper.id), str(dear.id)]
        assert found[0]["services"][0]["price_class"] == "free"
        assert {"own_price", "free"} <= set(found[0]["reasons"])
        task = referrals.offer(family.need, [helper.service], casework.a_consent(family, helper), family.old_man)[0]
        assert (task.terms["price_class"], task.terms["price"]) == ("free", None)
        db.session.execute(update(casework.Person).values(groups=[], labels=[]))
        found, _left = _match(family)
        mine = next(row for row in found if row["provider_id"] == str(helper.id))
        assert (mine["services"][0]["price_class"], mine["services"][0]["price"]) == ("cost_price", "8.50")
        assert "own_price" not in mine["reasons"]


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        ({"groups": ("children-in-hardship",)}, "not_for_group"), ({"minimum_age": 90}, "not_for_age"),
        ({"maximum_age": 70}, "not_for_age"), ({"minimum_age": 60, "groups": ("severely-disabled",)}, ""),
    ],
)  # fmt: skip
def test_who_may_not_have_it_is_named_among_those_left_out(inside: None, terms: dict[str, Any], why: str) -> None:
    family = casework.a_family()
    helper = casework.a_helper(family, "home-checkup")
    _terms(helper, **terms)
    with tenant_scope(family.tenant):
        db.session.execute(
            update(casework.needs.Need).where(casework.needs.Need.id == family.need).values(person_id=family.old_man)
        )
        found, left = _match(family)
    assert [row["reason"] for row in left if row["provider_id"] == str(helper.id)] == ([why] if why else [])
    assert bool(found) is not bool(why)


def test_who_speaks_the_persons_language_comes_first_and_it_is_said(inside: None) -> None:
    family = casework.a_family()
    first = casework.a_helper(family, "home-checkup", slug="a-first")
    second = casework.a_helper(family, "home-checkup", slug="b-second")
    db.session.execute(update(Provider).where(Provider.id == second.id).values(languages=["henan", "sign"]))
    with tenant_scope(family.tenant):
        found, _left = _match(family)
        assert [row["provider_id"] for row in found] == [str(first.id), str(second.id)]
        assert {"speaks_henan", "speaks_sign"} <= set(found[1]["reasons"])
        with pytest.raises(Refused) as caught:
            change_person(family.old_man, {"languages": ["klingon"]})
        assert caught.value.field == "languages"
        assert change_person(family.old_man, {"languages": ["sign"]}).changed == ("languages",)
        found, _left = _match(family)
    assert [row["provider_id"] for row in found] == [str(second.id), str(first.id)]
    assert {"own_sign", "speaks_henan"} <= set(found[0]["reasons"])
    assert "speaks_sign" not in found[0]["reasons"]
