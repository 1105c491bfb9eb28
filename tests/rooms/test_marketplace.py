"""Providers: from a draft to a listing that communities admit."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from rongjiu import codes, files, outbox
from rongjiu.actor import Actor, acting
from rongjiu.clock import today
from rongjiu.db import Scope, db, scoped, tenant_scope
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import candidates, inbox, listings, offers, opendata, queries, requirements, search, vetting
from rongjiu.marketplace.admissions import queries as admissions
from rongjiu.marketplace.admissions import service as admitting
from rongjiu.marketplace.models import Listing, ListingArea, Provider, ProviderInbox, VettingEvent
from rongjiu.notify.models import Message
from rongjiu.tenancy.models import Community, Membership, Street
from rongjiu.tenancy.queries import Place
from tests import factories

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 64


def _code() -> str:
    head = f"92610103MA6{factories.number():06d}"
    return head + codes.credit_check(head)


def _street_place(street: Street) -> Place:
    return Place("street", street.id, street.slug, street.name)


def _place(community: Community) -> Place:
    return Place(
        "community", community.id, community.slug, community.name, tenant=factories.tenant(community),
        street_id=community.street_id,
    )  # fmt: skip


def _shop(street: Street, **words: object) -> listings.Shop:
    given = {
        "name": "雁发理发店", "group": "company", "kind": "barber", "uscc": _code(), "phone": "029-88887777",
        "contact": "店主", "address": "雁塔路", "intro": "", "street_id": street.id,
    }  # fmt: skip
    return listings.Shop(**{**given, **words})  # type: ignore[arg-type]


def _offer(*streets: Street, **words: object) -> offers.Offer:
    given = {
        "service_type": "home-haircut", "title": "上门理发", "price_class": "free", "delivery_mode": "at_home",
        "places_a_month": 8, "streets": tuple(street.id for street in streets),
        "schedule": {"days": ["MO"], "part": "afternoon"},
    }  # fmt: skip
    return offers.Offer(**{**given, **words})  # type: ignore[arg-type]


def _owner() -> UUID:
    return factories.a_person_with_role("provider_owner", "provider", uuid7()).account.id


def _applied(street: Street, invited_by: str = "") -> UUID:
    made = listings.begin(_owner(), invited_by=invited_by)
    listings.save_shop(made, _shop(street))
    listings.add_paper(made, "licence", JPEG, "a.jpg", None)
    offers.save_service(made, _offer(street))
    vetting.hand_in(made)
    vetting.sign(made, requirements.TERMS)
    return made


def test_a_registration_resumes_and_has_an_owner(inside: None) -> None:
    account = _owner()
    made = listings.begin(account)
    assert listings.begin(account) == made
    owned = db.session.scalars(select(Membership.role).where(Membership.scope_id == made)).all()
    assert owned == ["provider_owner"]
    found = queries.of_account(account)
    assert found is not None
    assert found.id == made


def test_a_wrong_check_digit_is_told_at_its_field(inside: None) -> None:
    street = factories.a_street()
    made = listings.begin(_owner())
    right = _code()
    wrong = right[:17] + ("0" if right[17] != "0" else "1")
    with pytest.raises(Refused, match="第 18 位对不上") as refused:
        listings.save_shop(made, _shop(street, uscc=wrong))
    assert refused.value.field == "uscc"
    with pytest.raises(Refused) as refused:
        listings.save_shop(made, _shop(street, uscc=""))
    assert refused.value.field == "uscc"
    listings.save_shop(made, _shop(street, uscc="", group="individual"))


def test_one_code_is_one_provider(inside: None) -> None:
    street, code = factories.a_street(), _code()
    listings.save_shop(listings.begin(_owner()), _shop(street, uscc=code))
    with pytest.raises(Refused, match="已经登记过"):
        listings.save_shop(listings.begin(_owner()), _shop(street, uscc=code))


def test_slugs_are_readable_and_unique(inside: None) -> None:
    street = factories.a_street()
    slugs = []
    for _ in range(2):
        made = listings.begin(_owner())
        listings.save_shop(made, _shop(street, name="雁阵测试理发"))
        slugs.append(db.session.get_one(Provider, made).slug)
    assert slugs == ["yanzhenceshilifa", "yanzhenceshilifa-2"]


def test_nothing_is_handed_in_half_done(inside: None) -> None:
    made = listings.begin(_owner())
    assert vetting.lacking(made) == ("shop_name", "shop_code", "shop_phone", "shop_street", "paper", "service")
    with pytest.raises(Refused):
        vetting.hand_in(made)


def test_the_whole_way_to_two_communities(inside: None) -> None:
    street = factories.a_street()
    here, beside = factories.a_community(street), factories.a_community(street)
    made = _applied(street, invited_by=f"{here.slug}.3f2a")
    row = db.session.get_one(Provider, made)
    assert row.state == "applied"
    assert row.due_at is not None
    assert row.due_at.date() > today() + timedelta(days=4)
    assert vetting.hand_in(made) == row.due_at
    assert db.session.scalar(select(Listing.service_id).where(Listing.provider_id == made)) is None
    vetting.take(made, _street_place(street))
    vetting.approve(made, _street_place(street))
    assert db.session.scalars(select(ListingArea.street_id)).all().count(street.id) == 1
    states = {one.name: one.state for one in admissions.of_provider(made, [street.id])}
    assert states == {here.name: "applied", beside.name: ""}
    for community in (here, beside):
        with tenant_scope(factories.tenant(community)):
            admitting.admit(made, _place(community), 4)
            admitting.admit(made, _place(community), 5)
    (offered,) = [one for one in search.for_community(beside.id, street.id) if one.id == made]
    assert (offered.admission, offered.monthly_limit, offered.free, offered.titles) == ("active", 5, 8, ("上门理发",))
    assert search.resources(here.id) == {"providers": 1, "services": 1, "free": 8, "asking": 0}
    with tenant_scope(factories.tenant(here)):
        with pytest.raises(Refused, match="请写明原因"):
            admitting.suspend(made, _place(here), " ")
        admitting.suspend(made, _place(here), "多次未答复")
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
    made = _applied(street, invited_by=here.slug)
    for stranger in (_street_place(factories.a_street()), _place(beside), _place(factories.a_community())):
        with pytest.raises(Absent):
            vetting.approve(made, stranger)
    owner = db.session.scalar(select(Membership.account_id).where(Membership.scope_id == made))
    with acting(Actor(owner, "street_vetting")), pytest.raises(Refused, match="同事"):
        vetting.approve(made, _street_place(street))
    vetting.approve(made, _place(here))
    with pytest.raises(Refused, match="有人办过"):
        vetting.deny(made, _street_place(street), "晚了")


def test_asked_for_papers_it_goes_back_and_returns(inside: None) -> None:
    street = factories.a_street()
    made = _applied(street)
    with pytest.raises(Refused, match="请写明原因"):
        vetting.ask(made, _street_place(street), "")
    vetting.ask(made, _street_place(street), "执照照片看不清")
    row = queries.find(made)
    assert row is not None
    assert (row.state, row.state_reason) == ("draft", "执照照片看不清")
    vetting.hand_in(made)
    vetting.deny(made, _street_place(street), "不在服务范围")
    vetting.reopen(made)
    assert db.session.get_one(Provider, made).state == "draft"


def test_suspension_takes_it_out_of_every_list(inside: None) -> None:
    street = factories.a_street()
    made = _applied(street)
    vetting.approve(made, _street_place(street))
    vetting.suspend(made, _street_place(street), "投诉核实中")
    assert opendata.shop_page(db.session.get_one(Provider, made).slug) is None
    assert candidates.candidates(street.id, ["home-haircut"]) == []
    with pytest.raises(Refused, match="还没有通过审核,或已暂停"):
        admitting.ask(made, factories.a_community(street).id)
    vetting.resume(made, _street_place(street), "已核实")
    assert [one.provider_id for one in candidates.candidates(street.id, ["home-haircut"])] == [made]
    vetting.withdraw(made)
    assert candidates.candidates(street.id, ["home-haircut"]) == []


def test_active_providers_keep_name_and_code(inside: None) -> None:
    street = factories.a_street()
    made = _applied(street)
    vetting.approve(made, _street_place(street))
    before = db.session.get_one(Provider, made).uscc
    listings.save_shop(made, _shop(street, name="别的店", intro="周一休息"))
    row = db.session.get_one(Provider, made)
    assert (row.name, row.uscc, row.intro) == ("雁发理发店", before, "周一休息")
    with pytest.raises(Refused, match="不能撤掉"):
        listings.drop_paper(made, uuid7())


def test_papers_by_content(inside: None) -> None:
    made = listings.begin(_owner())
    for content, name, message in (
        (b"<svg/>", "a.jpg", "只收照片"),
        (JPEG, "a.pdf", "不一致"),
        (JPEG + b"0" * files.LIMIT, "a.jpg", "超过 10 MB"),
        (b"", "a.jpg", "空的"),
    ):
        with pytest.raises(Refused, match=message) as refused:
            listings.add_paper(made, "licence", content, name, None)
        assert refused.value.field == "file"
    with pytest.raises(Refused, match="已经到期"):
        listings.add_paper(made, "licence", JPEG, "a.jpg", date(2020, 1, 1))
    paper = listings.add_paper(made, "licence", JPEG, "a.jpg", None)
    assert [one.kind for one in queries.papers(made)] == ["licence"]
    listings.drop_paper(made, paper)
    assert queries.papers(made) == []


def test_services_are_checked_and_listed(inside: None) -> None:
    street, other = factories.a_street(), factories.a_street()
    made = _applied(street)
    vetting.approve(made, _street_place(street))
    (one,) = queries.services(made)
    for words, at in (
        ({"streets": ()}, "streets"), ({"streets": (uuid7(),)}, "streets"), ({"places_a_month": -1}, "places"),
        ({"price_class": "x"}, "price_class"), ({"delivery_mode": "x"}, "delivery_mode"), ({"title": ""}, "title"),
        ({"price": Decimal(-1)}, "price"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            offers.save_service(made, _offer(street, **words), one.id)
        assert refused.value.field == at
    with pytest.raises(Refused, match="已经登记过"):
        offers.save_service(made, _offer(street))
    offers.save_service(made, _offer(street, other, places_a_month=3), one.id)
    assert [row.free for row in candidates.candidates(other.id, ["home-haircut"])] == [3]
    with pytest.raises(Absent):
        offers.save_service(made, _offer(street), uuid7())
    offers.stop_service(made, one.id)
    assert candidates.candidates(other.id, ["home-haircut"]) == []
    assert offers.save_service(made, _offer(other)) == one.id


def test_search_by_words_area_and_type(inside: None) -> None:
    street, other = factories.a_street(), factories.a_street()
    barber = factories.a_provider(street, name="雁发理发店")
    factories.a_service(barber, street)
    bath = factories.a_provider(street, name="雁沐助浴")
    factories.a_service(bath, street, other, service_type="home-bathing", title="上门助浴")

    def names(**words: object) -> set[str]:
        rows, total = search.listings(search.Wanted(**words))  # type: ignore[arg-type]
        assert total == len(rows)
        return {row.public_name for row in rows}

    assert names(words="理发", street_id=street.id) == {"雁发理发店"}
    assert names(words="浴", street_id=street.id) == {"雁沐助浴"}
    assert names(words="上门", street_id=street.id) == {"雁发理发店", "雁沐助浴"}
    assert names(street_id=other.id) == {"雁沐助浴"}
    assert names(service_type="home-haircut", street_id=other.id) == set()
    assert names(words="没有这个", street_id=street.id) == set()


def test_the_inbox_belongs_to_its_provider(inside: None) -> None:
    street = factories.a_street()
    community = factories.a_community(street)
    provider, other = factories.a_provider(street), factories.a_provider(street)
    offered = factories.a_service(provider, street)
    task = uuid7()
    provider_id, other_id = provider.id, other.id
    with tenant_scope(factories.tenant(community)):
        inbox.inbox_put(task, provider_id, _place(community), offered.id, "上门理发", "雁鸣小区", "requested", None)
        inbox.inbox_put(task, provider_id, _place(community), offered.id, "上门理发", "雁鸣小区", "requested", None)
        inbox.inbox_state(task, "accepted", None)
    with scoped(Scope(provider_id=provider_id)):
        (row,) = queries.inbox(provider_id)
        assert (row.title, row.area, row.state) == ("上门理发", "雁鸣小区", "accepted")
        assert queries.inbox(provider_id, ["requested"]) == []
    with scoped(Scope(provider_id=other_id)):
        assert db.session.scalars(select(ProviderInbox.task_id)).all() == []
    assert db.session.scalars(select(ProviderInbox.task_id)).all() == []


def test_the_provider_is_told_without_names(inside: None) -> None:
    street = factories.a_street()
    made = _applied(street)
    vetting.approve(made, _street_place(street))
    row = db.session.scalars(
        select(outbox.PlatformOutbox)
        .where(outbox.PlatformOutbox.kind == "provider_told")
        .order_by(outbox.PlatformOutbox.id.desc())
    ).first()
    assert row is not None
    outbox._effects[row.kind](row.payload)
    outbox._effects[row.kind](row.payload)
    texts = db.session.scalars(select(Message.text).where(Message.purpose == "provider")).all()
    assert texts == ["您的服务方登记已通过审核。请登录查看下一步。"]
