"""Hospice care: in no list that is open, offered only where its provider is let in, known to named posts alone."""

from decimal import Decimal

import pytest
from sqlalchemy import select, update

from rongjiu.actor import Actor, acting
from rongjiu.audit import Audit
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Refused
from rongjiu.marketplace import candidates, offers, opendata, restricted, search
from rongjiu.marketplace.models import OpenRecord, Provider, ProviderService
from rongjiu.marketplace.service import publish
from tenants.nearby.queries import _offered
from tenants.outreach import gaps
from tenants.referrals import queries, service
from tenants.referrals.matching import service as matching
from tests import casework, factories

CLERK, SECRETARY = Actor(role="assistance_clerk"), Actor(role="secretary")
TITLE = "安宁陪伴病房"


@pytest.fixture
def home(inside: None) -> tuple[casework.Family, casework.Helper]:
    family = casework.a_family()
    helper = casework.a_helper(family, "hospice", "rehab-care", name="雁康护理医院")
    db.session.execute(update(Provider).where(Provider.id == helper.id).values(kind="nursing_hospital"))
    db.session.execute(update(ProviderService).where(ProviderService.id == helper.service).values(title=TITLE))
    publish(helper.id)
    return family, helper


def test_it_stands_in_no_list_that_is_open(home: tuple[casework.Family, casework.Helper]) -> None:
    _family, helper = home
    found, _total = search.listings(search.Wanted(words="雁康"))
    assert [row.service_type for row in found] == ["rehab-care"]
    assert not any(kind == "hospice" for area in search.by_area() for kind, _n in area.kinds)
    texts = db.session.execute(
        select(OpenRecord.whole, OpenRecord.page).where(OpenRecord.provider_id == helper.id)
    ).all()
    assert texts and not any(TITLE in str(row) or str(helper.service) in str(row) for row in texts)
    assert opendata.one("service", helper.service) is None


def test_a_community_that_did_not_let_it_in_never_meets_it(home: tuple[casework.Family, casework.Helper]) -> None:
    family, helper = home
    street = db.session.get_one(factories.Street, family.street_id)
    other = factories.a_community(street)
    asked = candidates.candidates(street.id, ["hospice", "rehab-care"], community_id=other.id)
    assert [one.service_type for one in asked] == ["rehab-care"]
    own = candidates.candidates(street.id, ["hospice"], community_id=family.community_id)
    assert [one.service_id for one in own] == [helper.service]
    titles = {one.id: one.titles for one in search.for_community(other.id, street.id)}[helper.id]
    assert titles == ("服务 rehab-care",)


def test_it_is_matched_only_when_it_is_named_and_by_who_may_know(home: tuple[casework.Family, casework.Helper]) -> None:
    family, helper = home
    with tenant_scope(family.tenant):
        with acting(CLERK):
            assert "hospice" in {row["id"] for row in matching.types_for("home-medical")}
            assert not any(
                line["type"] == "hospice" for row in matching.match(family.need).candidates for line in row["services"]
            )
            named = matching.match(family.need, ["hospice"])
            kept = db.session.scalars(select(Audit.detail).where(Audit.verb == "need.match")).all()
            assert kept and not any("hospice" in str(each) for each in kept)
            assert [row["provider_id"] for row in named.candidates] == [str(helper.id)]
        with acting(SECRETARY):
            assert "hospice" not in {row["id"] for row in matching.types_for("home-medical")}
            run = matching.match(family.need, ["hospice"])
            assert not any(line["type"] == "hospice" for row in run.candidates for line in row["services"])
            consent = casework.a_consent(family, helper)
            with pytest.raises(Absent):
                service.offer(family.need, [helper.service], consent, family.old_man, "")


def test_that_somebody_was_referred_is_masked_for_the_others(home: tuple[casework.Family, casework.Helper]) -> None:
    family, helper = home
    with tenant_scope(family.tenant):
        consent = casework.a_consent(family, helper)
        with acting(CLERK):
            (task,) = service.offer(family.need, [helper.service], consent, family.old_man, "")
            assert [row.title for row in queries.slips(family.case_id)] == [TITLE]
        for role in ("secretary", "community_worker", "grid_worker", "street_overseer", "provider_staff", "anonymous"):
            with acting(Actor(role=role)):
                assert [row.title for row in queries.slips(family.case_id)] == [restricted.HIDDEN], role
                listed, _total = queries.offers_listed("", "", "", 1, 50)
                assert [row.title for row in listed] == [restricted.HIDDEN], role
                assert [row.title for row in queries.tasks([task.id])] == [restricted.HIDDEN], role
        details = db.session.scalars(select(Audit.detail).where(Audit.tenant_id == family.tenant.id)).all()
        assert not any("hospice" in str(each) or TITLE in str(each) for each in details)


def test_neither_the_network_nor_the_needs_near_a_shop_name_it(home: tuple[casework.Family, casework.Helper]) -> None:
    family, helper = home
    with tenant_scope(family.tenant):
        found, alone = gaps.network()
        assert "rehab-care" in found and "hospice" not in found and "hospice" not in alone
    with acting(Actor(role="provider_owner")), tenant_scope(family.tenant):
        assert helper.service not in {one.id for one in _offered(helper.id, family.street_id).values()}


def test_it_cannot_be_offered_under_another_name_or_without_a_licence(inside: None) -> None:
    street = factories.a_street()
    hospital = factories.a_provider(street, state="draft")
    hospital.kind = "nursing_hospital"
    shop = factories.a_provider(street, state="draft")

    def offer(kind: str, title: str) -> offers.Offer:
        return offers.Offer(kind, title, "free", "on_site", 2, (street.id,), price=Decimal(0))

    for provider, kind, title in (
        (hospital, "own-1", "临终关怀陪伴"),
        (hospital, "rehab-care", "安宁疗护"),
        (shop, "hospice", "陪伴"),
    ):
        with pytest.raises(Refused) as caught:
            offers.save_service(provider.id, offer(kind, title))
        assert caught.value.field == "service_type"
    assert offers.save_service(hospital.id, offer("hospice", "安宁疗护病房"))
