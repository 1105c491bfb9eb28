"""Providers: from a draft to a listing that communities admit."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from rongjiu.actor import Actor, acting
from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import candidates, listings, opendata, queries, search, vetting
from rongjiu.marketplace.admissions import queries as admissions
from rongjiu.marketplace.admissions import service as admitting
from rongjiu.marketplace.models import Listing, ListingArea, Provider, VettingEvent
from rongjiu.tenancy.models import Membership
from tests import factories
from tests.shops import a_shop, an_owner, applied, community_place, credit_code, street_place


def test_a_registration_resumes_and_has_an_owner(inside: None) -> None:
    account = an_owner()
    made = listings.begin(account)
    assert listings.begin(account) == made
    owned = db.session.scalars(select(Membership.role).where(Membership.scope_id == made)).all()
    assert owned == ["provider_owner"]
    found = queries.of_account(account)
    assert found is not None
    assert found.id == made


def test_a_wrong_check_digit_is_told_at_its_field(inside: None) -> None:
    street = factories.a_street()
    made = listings.begin(an_owner())
    right = credit_code()
    wrong = right[:17] + ("0" if right[17] != "0" else "1")
    with pytest.raises(Refused, match="第 18 位对不上") as refused:
        listings.save_shop(made, a_shop(street, uscc=wrong))
    assert refused.value.field == "uscc"
    with pytest.raises(Refused) as refused:
        listings.save_shop(made, a_shop(street, uscc=""))
    assert refused.value.field == "uscc"
    listings.save_shop(made, a_shop(street, uscc="", group="individual"))


def test_one_code_is_one_provider(inside: None) -> None:
    street, code = factories.a_street(), credit_code()
    listings.save_shop(listings.begin(an_owner()), a_shop(street, uscc=code))
    with pytest.raises(Refused, match="已经登记过"):
        listings.save_shop(listings.begin(an_owner()), a_shop(street, uscc=code))


def test_slugs_are_readable_and_unique(inside: None) -> None:
    street = factories.a_street()
    slugs = []
    for _ in range(2):
        made = listings.begin(an_owner())
        listings.save_shop(made, a_shop(street, name="雁阵测试理发"))
        slugs.append(db.session.get_one(Provider, made).slug)
    assert slugs == ["yanzhenceshilifa", "yanzhenceshilifa-2"]


def test_nothing_is_handed_in_half_done(inside: None) -> None:
    made = listings.begin(an_owner())
    assert vetting.lacking(made) == ("shop_name", "shop_code", "shop_phone", "shop_street", "paper", "service")
    with pytest.raises(Refused):
        vetting.hand_in(made)


def test_the_whole_way_to_two_communities(inside: None) -> None:
    street = factories.a_street()
    here, beside = factories.a_community(street), factories.a_community(street)
    made = applied(street, invited_by=f"{here.slug}.3f2a")
    row = db.session.get_one(Provider, made)
    assert row.state == "applied"
    assert row.due_at is not None
    assert row.due_at.date() > today() + timedelta(days=4)
    assert vetting.hand_in(made) == row.due_at
    assert db.session.scalar(select(Listing.service_id).where(Listing.provider_id == made)) is None
    vetting.take(made, street_place(street))
    vetting.approve(made, street_place(street))
    assert db.session.scalars(select(ListingArea.street_id)).all().count(street.id) == 1
    states = {one.name: one.state for one in admissions.of_provider(made, [street.id])}
    assert states == {here.name: "applied", beside.name: ""}
    for community in (here, beside):
        with tenant_scope(factories.tenant(community)):
            admitting.admit(made, community_place(community), 4)
            admitting.admit(made, community_place(community), 5)
    (offered,) = [one for one in search.for_community(beside.id, street.id) if one.id == made]
    assert (offered.admission, offered.monthly_limit, offered.free, offered.titles) == ("active", 5, 8, ("上门理发",))
    assert search.resources(here.id) == {"providers": 1, "services": 1, "free": 8, "asking": 0}
    with tenant_scope(factories.tenant(here)):
        with pytest.raises(Refused, match="请写明原因"):
            admitting.suspend(made, community_place(here), " ")
        admitting.suspend(made, community_place(here), "多次未答复")
    assert search.resources(here.id)["providers"] == 0
    assert search.resources(beside.id)["providers"] == 1
    steps = db.session.execute(
        select(VettingEvent.state_from, VettingEvent.state_to)
        .where(VettingEvent.provider_id == made)
        .order_by(VettingEvent.id)
    ).all()
    assert [tuple(step) for step in steps] == [
        ("draft", "applied"),
        ("applied", "under_review"),
        ("under_review", "approved"),
        ("approved", "active"),
    ]


def test_who_may_vet(inside: None) -> None:
    street = factories.a_street()
    here, beside = factories.a_community(street), factories.a_community(street)
    made = applied(street, invited_by=here.slug)
    for stranger in (
        street_place(factories.a_street()),
        community_place(beside),
        community_place(factories.a_community()),
    ):
        with pytest.raises(Absent):
            vetting.approve(made, stranger)
    owner = db.session.scalar(select(Membership.account_id).where(Membership.scope_id == made))
    with acting(Actor(owner, "street_vetting")), pytest.raises(Refused, match="同事"):
        vetting.approve(made, street_place(street))
    vetting.approve(made, community_place(here))
    with pytest.raises(Refused, match="有人办过"):
        vetting.deny(made, street_place(street), "晚了")


def test_asked_for_papers_it_goes_back_and_returns(inside: None) -> None:
    street = factories.a_street()
    made = applied(street)
    with pytest.raises(Refused, match="请写明原因"):
        vetting.ask(made, street_place(street), "")
    vetting.ask(made, street_place(street), "执照照片看不清")
    row = queries.find(made)
    assert row is not None
    assert (row.state, row.state_reason) == ("draft", "执照照片看不清")
    vetting.hand_in(made)
    vetting.deny(made, street_place(street), "不在服务范围")
    vetting.reopen(made)
    assert db.session.get_one(Provider, made).state == "draft"


def test_suspension_takes_it_out_of_every_list(inside: None) -> None:
    street = factories.a_street()
    made = applied(street)
    vetting.approve(made, street_place(street))
    vetting.suspend(made, street_place(street), "投诉核实中")
    assert opendata.shop_page(db.session.get_one(Provider, made).slug) is None
    assert candidates.candidates(street.id, ["home-haircut"]) == []
    with pytest.raises(Refused, match="还没有通过审核,或已暂停"):
        admitting.ask(made, factories.a_community(street).id)
    vetting.resume(made, street_place(street), "已核实")
    assert [one.provider_id for one in candidates.candidates(street.id, ["home-haircut"])] == [made]
    vetting.withdraw(made)
    assert candidates.candidates(street.id, ["home-haircut"]) == []


def test_active_providers_keep_name_and_code(inside: None) -> None:
    street = factories.a_street()
    made = applied(street)
    vetting.approve(made, street_place(street))
    before = db.session.get_one(Provider, made).uscc
    listings.save_shop(made, a_shop(street, name="别的店", intro="周一休息"))
    row = db.session.get_one(Provider, made)
    assert (row.name, row.uscc, row.intro) == ("雁发理发店", before, "周一休息")
    with pytest.raises(Refused, match="不能撤掉"):
        listings.drop_paper(made, uuid7())
