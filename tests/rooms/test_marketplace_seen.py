"""Providers as communities find them and as they hear of offers: services, search, inbox, messages."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from rongjiu import files, outbox
from rongjiu.db import Scope, db, scoped, tenant_scope
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import candidates, inbox, listings, offers, queries, search, vetting
from rongjiu.marketplace.models import ProviderInbox
from rongjiu.notify.models import Message
from tests import factories
from tests.shops import JPEG, an_offer, an_owner, applied, community_place, street_place


def test_papers_by_content(inside: None) -> None:
    made = listings.begin(an_owner())
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
    made = applied(street)
    vetting.approve(made, street_place(street))
    (one,) = queries.services(made)
    for words, at in (
        ({"streets": ()}, "streets"), ({"streets": (uuid7(),)}, "streets"), ({"places_a_month": -1}, "places"),
        ({"price_class": "x"}, "price_class"), ({"delivery_mode": "x"}, "delivery_mode"), ({"title": ""}, "title"),
        ({"price": Decimal(-1)}, "price"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            offers.save_service(made, an_offer(street, **words), one.id)
        assert refused.value.field == at
    with pytest.raises(Refused, match="已经登记过"):
        offers.save_service(made, an_offer(street))
    offers.save_service(made, an_offer(street, other, places_a_month=3), one.id)
    assert [row.free for row in candidates.candidates(other.id, ["home-haircut"])] == [3]
    with pytest.raises(Absent):
        offers.save_service(made, an_offer(street), uuid7())
    offers.stop_service(made, one.id)
    assert candidates.candidates(other.id, ["home-haircut"]) == []
    assert offers.save_service(made, an_offer(other)) == one.id


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
        inbox.inbox_put(
            task, provider_id, community_place(community), offered.id, "上门理发", "雁鸣小区", "requested", None
        )
        inbox.inbox_put(
            task, provider_id, community_place(community), offered.id, "上门理发", "雁鸣小区", "requested", None
        )
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
    made = applied(street)
    vetting.approve(made, street_place(street))
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
