"""What keeps listings true: papers, insurance, pauses, confirmation, the night; claims and public names."""

from datetime import date, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, update

from rongjiu.actor import Actor, acting
from rongjiu.clock import now, today
from rongjiu.db import db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import (
    candidates,
    capacity,
    claims,
    keeping,
    listings,
    opendata,
    requirements,
    search,
    vetting,
)
from rongjiu.marketplace.models import Listing, Provider, ProviderPaper, ProviderService, VettingEvent
from rongjiu.marketplace.service import publish
from rongjiu.outbox import PlatformOutbox
from rongjiu.tenancy import service as tenancy
from rongjiu.tenancy.models import Community, Membership, Street
from rongjiu.tenancy.queries import Place
from tests import factories

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 64


def _offering(**words: object) -> tuple[Provider, ProviderService, Community, Street]:
    street = factories.a_street()
    provider = factories.a_provider(street, **words)  # type: ignore[arg-type]
    service = factories.a_service(provider, street)
    community = factories.a_community(street)
    factories.an_admission(provider, community)
    return provider, service, community, street


def _reserve(service: ProviderService, community: Community) -> None:
    capacity.reserve(uuid7(), service.id, today(), community.id)


def _offered(service: ProviderService, street: Street) -> bool:
    return service.id in {row.service_id for row in candidates.candidates(street.id, [service.service_type])}


def _told(provider: Provider, what: str) -> int:
    rows = db.session.scalars(select(PlatformOutbox.payload).where(PlatformOutbox.kind == "provider_told"))
    return sum(row["what"] == what and row["provider_id"] == str(provider.id) for row in rows)


def _paper(provider: Provider, ends_on: date | None, kind: str = "licence") -> None:
    made = listings.add_paper(provider.id, kind, JPEG, "a.jpg", None)
    db.session.execute(update(ProviderPaper).where(ProviderPaper.id == made).values(ends_on=ends_on, state="accepted"))
    publish(provider.id)


def test_a_pause_stops_new_offers_and_ends_by_itself(inside: None) -> None:
    provider, service, community, street = _offering()
    assert _offered(service, street)
    keeping.pause(provider.id, today() + timedelta(days=3))
    assert not _offered(service, street)
    with pytest.raises(Refused, match="暂停接新单"):
        _reserve(service, community)
    with time_machine.travel(now() + timedelta(days=4), tick=False):
        keeping.nightly()
        db.session.refresh(provider)
        assert provider.paused_at is None
        assert _offered(service, street)
    keeping.pause(provider.id, None)
    keeping.unpause(provider.id)
    keeping.unpause(provider.id)
    _reserve(service, community)
    with pytest.raises(Refused) as caught:
        keeping.pause(provider.id, today() - timedelta(days=1))
    assert caught.value.field == "until"


def test_a_paper_that_ended_expires_its_provider_until_a_new_one_is_vetted(inside: None) -> None:
    provider, service, community, street = _offering(uscc=None, phone_index=b"x")
    _paper(provider, today())
    keeping.nightly()
    assert provider.state == "active"
    with time_machine.travel(now() + timedelta(days=1), tick=False):
        assert not _offered(service, street)
        with pytest.raises(Refused, match="证照已到期"):
            _reserve(service, community)
        keeping.nightly()
        keeping.nightly()
        db.session.refresh(provider)
        assert provider.state == "expired"
        steps = db.session.scalars(select(VettingEvent).where(VettingEvent.provider_id == provider.id)).all()
        assert [(step.state_from, step.state_to, step.reason) for step in steps] == [
            ("active", "expired", "证照已到期")
        ]
        assert _told(provider, "expired") == 1
        assert db.session.scalar(select(Listing.service_id).where(Listing.provider_id == provider.id)) is None
        assert "paper" in vetting.lacking(provider.id)
        provider.uscc = "91610103MA6TESTX1X"
        _paper(provider, today() + timedelta(days=400))
        assert vetting.lacking(provider.id) == ()
        vetting.hand_in(provider.id)
        vetting.sign(provider.id, requirements.TERMS)
        vetting.approve(provider.id, Place("street", street.id, street.slug, street.name))
        _reserve(service, community)
        keeping.nightly()
        db.session.refresh(provider)
        assert provider.state == "active"


def test_reminders_come_once_for_each_step(inside: None) -> None:
    provider, *_rest = _offering()
    _paper(provider, today() + timedelta(days=61))
    keeping.nightly()
    assert _told(provider, "paper_soon") == 0
    for days, wanted in ((1, 1), (2, 1), (31, 2), (54, 3), (60, 3)):
        with time_machine.travel(now() + timedelta(days=days), tick=False):
            keeping.nightly()
            keeping.nightly()
            assert _told(provider, "paper_soon") == wanted, days
    _paper(provider, today() + timedelta(days=800))
    with time_machine.travel(now() + timedelta(days=61), tick=False):
        keeping.nightly()
        assert _told(provider, "paper_soon") == 3


def test_nobody_is_sent_to_a_home_without_insurance(inside: None) -> None:
    provider, service, community, street = _offering()
    provider.group = "volunteer_team"
    publish(provider.id)
    assert not _offered(service, street)
    with pytest.raises(Refused, match="保险"):
        _reserve(service, community)
    with pytest.raises(Refused) as caught:
        listings.save_insurance(provider.id, "平安 123", today() - timedelta(days=1))
    assert caught.value.field == "insured_until"
    with pytest.raises(Refused) as caught:
        listings.save_insurance(provider.id, " ", today())
    assert caught.value.field == "insurance_note"
    listings.save_insurance(provider.id, "平安 123", today() + timedelta(days=7))
    assert _offered(service, street)
    _reserve(service, community)
    keeping.nightly()
    assert _told(provider, "insurance_soon") == 1
    with time_machine.travel(now() + timedelta(days=8), tick=False):
        assert not _offered(service, street)
        with pytest.raises(Refused, match="保险"):
            _reserve(service, community)
    service.delivery_mode = "on_site"
    db.session.flush()
    with time_machine.travel(now() + timedelta(days=8), tick=False):
        _reserve(service, community)


def test_a_listing_nobody_confirms_sinks_and_one_tap_lifts_it(inside: None) -> None:
    provider, service, _community, street = _offering(slug="a-first")
    other = factories.a_provider(street, slug="b-second")
    second = factories.a_service(other, street)
    wanted = search.Wanted(street_id=street.id)
    assert [row.service_id for row in search.listings(wanted)[0]] == [service.id, second.id]
    with time_machine.travel(now() + timedelta(days=181), tick=False):
        keeping.confirm(other.id)
        keeping.nightly()
        keeping.nightly()
        assert (_told(provider, "confirm"), _told(other, "confirm")) == (1, 0)
    with time_machine.travel(now() + timedelta(days=215), tick=False):
        rows = search.listings(wanted)[0]
        assert [(row.service_id, row.stale) for row in rows] == [(second.id, False), (service.id, True)]
        offered = [row.service_id for row in candidates.candidates(street.id, [service.service_type])]
        assert offered == [second.id, service.id]
        keeping.confirm(provider.id)
        keeping.confirm(provider.id)
        assert [row.stale for row in search.listings(wanted)[0]] == [False, False]


def test_an_individual_appears_only_under_a_name_of_its_choice(inside: None) -> None:
    provider, service, _community, street = _offering(name="李四光", slug="p-x")
    provider.group = "individual"
    with pytest.raises(Refused) as caught:
        listings.show_in_public(provider.id, "13900001111", True)
    assert caught.value.field == "public_name"
    listings.show_in_public(provider.id, "热心李阿姨", True)
    found = opendata.shop_page("p-x")
    assert found is not None
    assert found[1]["name"] == "热心李阿姨"
    assert "李四光" not in str(found[1])
    listings.show_in_public(provider.id, "", False)
    assert opendata.shop_page("p-x") is None
    assert search.listings(search.Wanted(street_id=street.id))[1] == 0
    assert _offered(service, street)
    with pytest.raises(Refused):
        listings.show_in_public(factories.a_provider(street).id, "店", True)


def test_details_of_a_kind_are_asked_and_kept(inside: None) -> None:
    street = factories.a_street()
    provider = factories.a_provider(street, state="draft")
    provider.kind, provider.group = "academy", "social_org"
    assert {"details", "paper"} <= set(vetting.lacking(provider.id))
    with pytest.raises(Refused) as caught:
        listings.save_details(provider.id, {"seats": 40, "no_sales": False})
    assert caught.value.field == "no_sales"
    listings.save_details(provider.id, {"seats": 40, "no_sales": True, "beds": 3})
    assert provider.details == {"seats": 40, "no_sales": True}
    assert "details" not in vetting.lacking(provider.id)
    assert requirements.need("social_org", "academy").papers == ("licence",)


def _made_by_a_community() -> tuple[Provider, Place]:
    street = factories.a_street()
    provider = factories.a_provider(street, name=f"没人管的店{factories.number()}")
    return provider, Place("street", street.id, street.slug, street.name)


def _account() -> UUID:
    return factories.a_person_with_role("volunteer", "community", factories.a_community().id).account.id


def test_two_claim_one_listing_and_a_person_decides(inside: None) -> None:
    provider, street = _made_by_a_community()
    first, second = _account(), _account()
    assert [row.id for row in claims.find(provider.name)] == [provider.id]
    assert claims.ask(provider.id, first, "法人是我") is False
    assert claims.ask(provider.id, first, "再问一次") is False
    assert claims.ask(provider.id, second, "我也是") is True
    assert [row.rival for row in claims.of_account(first)] == [True]
    assert street.id
    rows = claims.waiting(street.id)
    assert [row.proof for row in rows] == ["法人是我", "我也是"]
    elsewhere = factories.a_street()
    with pytest.raises(Absent):
        claims.decide(rows[0].id, Place("street", elsewhere.id, "x", "x"), granted=True, reason="核实过")
    with pytest.raises(Refused) as caught:
        claims.decide(rows[0].id, street, granted=True, reason=" ")
    assert caught.value.field == "reason"
    with acting(Actor(second, "street_vetting")), pytest.raises(Refused, match="同事"):
        claims.decide(rows[1].id, street, granted=True, reason="我核实我")
    claims.decide(rows[0].id, street, granted=True, reason="打过店里电话")
    owners = db.session.scalars(select(Membership.account_id).where(Membership.scope_id == provider.id)).all()
    assert owners == [first]
    assert [(row.state, row.reason) for row in claims.of_account(second)] == [("refused", claims.LOST)]
    assert claims.find(provider.name) == []
    with pytest.raises(Clash):
        claims.decide(rows[1].id, street, granted=True, reason="晚了")
    with pytest.raises(Clash):
        claims.ask(provider.id, _account(), "第三个")


def test_nobody_claims_a_person(inside: None) -> None:
    provider, _street = _made_by_a_community()
    provider.group = "individual"
    db.session.flush()
    assert claims.find(provider.name) == []
    with pytest.raises(Absent):
        claims.ask(provider.id, _account(), "是我")


def test_a_listing_that_found_an_owner_meanwhile_is_not_given_to_a_second(inside: None) -> None:
    provider, street = _made_by_a_community()
    owner, asker = _account(), _account()
    claims.ask(provider.id, asker, "法人是我")
    tenancy.join(owner, "provider", provider.id, "provider_owner")
    assert street.id
    (row,) = claims.waiting(street.id)
    with pytest.raises(Clash):
        claims.decide(row.id, street, granted=True, reason="打过电话")
    owners = db.session.scalars(select(Membership.account_id).where(Membership.scope_id == provider.id)).all()
    assert owners == [owner]
    claims.decide(row.id, street, granted=False, reason="已有负责人")


@pytest.mark.parametrize("state", ["denied", "withdrawn", "draft"])
def test_what_is_not_found_is_not_claimed_by_its_address(inside: None, state: str) -> None:
    provider, _street = _made_by_a_community()
    provider.state = state
    db.session.flush()
    with pytest.raises(Absent):
        claims.ask(provider.id, _account(), "法人是我")
