"""From a shop on the street to a helper: the pool first, the table of moves, lists that can be undone."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from rongjiu import sheet
from rongjiu.actor import acting
from rongjiu.clock import today
from rongjiu.db import Tenant, db, telling, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.neighbours.models import StreetProspect
from rongjiu.oversight.models import Step
from rongjiu.tenancy.models import Community, Street
from tenants.outreach import lists, queries, service
from tenants.outreach.models import Prospect, ProspectEvent
from tenants.outreach.service import Typed
from tests import factories
from tests.desk_of import Desk, a_desk

BARBER = Typed("雁发 理发店", "shop", "barber", "", "雁北路12号", "示例店主", "13800001234", "home-haircut")


@pytest.fixture
def here(inside: None) -> Iterator[Desk]:
    desk = a_desk()
    with tenant_scope(desk.tenant), acting(desk.as_clerk()):
        yield desk


def _street(here: Desk) -> Street:
    street_id = db.session.scalar(select(Community.street_id).where(Community.tenant_id == here.tenant.id))
    assert street_id is not None
    return db.session.get_one(Street, street_id)


def _next_door(here: Desk) -> Tenant:
    return factories.tenant(factories.a_modelled_community(_street(here)))


def _walked(number: str, *steps: str) -> None:
    row = queries.one(number)
    assert row is not None
    for step in steps:
        service.talk(row.id, step)


def test_the_pipeline_ends_with_an_admitted_provider(here: Desk) -> None:
    row = service.add(BARBER)
    _walked(row.number, "visited", "interested", "explained", "agreed")
    with pytest.raises(Refused) as refused:
        service.talk(row.id, "active")
    assert refused.value.field == "provider"
    provider = factories.a_provider(_street(here))
    with pytest.raises(Refused, match="没有准入"):
        service.talk(row.id, "active", provider_id=provider.id)
    community = db.session.scalars(select(Community).where(Community.tenant_id == here.tenant.id)).one()
    factories.an_admission(provider, community)
    assert service.talk(row.id, "active", provider_id=provider.id).provider_id == provider.id
    assert [event.state_to for event in queries.history(row.id)] == [
        "active", "agreed", "explained", "interested", "visited", "prospect",
    ]  # fmt: skip
    assert db.session.scalar(select(Step).where(Step.id == row.id)) is None


def test_a_move_that_the_table_lacks_is_refused(here: Desk) -> None:
    row = service.add(BARBER)
    with pytest.raises(Clash):
        service.talk(row.id, "agreed")
    with pytest.raises(Absent):
        service.talk(uuid7(), "visited")


def test_a_no_has_a_reason_and_a_day_to_try_again(here: Desk) -> None:
    row = service.add(BARBER)
    with pytest.raises(Refused) as refused:
        service.talk(row.id, "declined")
    assert refused.value.field == "reason"
    with pytest.raises(Refused) as refused:
        service.talk(row.id, "declined", reason="no_time", retry_on=today())
    assert refused.value.field == "retry_on"
    assert service.talk(row.id, "declined", reason="no_time").retry_on == today() + timedelta(days=180)
    assert queries.due_again() == 0
    service.talk(row.id, "visited")
    assert service.talk(row.id, "declined", reason="moved").retry_on is None


def test_money_is_not_noted(here: Desk) -> None:
    row = service.add(BARBER)
    with pytest.raises(Refused, match="捐款"):
        service.talk(row.id, "visited", note="愿意捐款两千")


def test_the_same_shop_is_entered_once(here: Desk) -> None:
    number = service.add(BARBER).number
    with pytest.raises(Clash, match=number):
        service.add(Typed("雁发理发店"))


def test_the_neighbours_shop_is_shown_before_it_is_entered(here: Desk) -> None:
    row = service.add(BARBER)
    service.talk(row.id, "visited")
    with tenant_scope(_next_door(here)), acting(here.as_clerk()):
        other = Typed("雁发造型", address="雁北路 12 号")
        found = service.known(other)
        assert [(one.why, one.state) for one in found.spoken] == [("place", "visited")]
        with pytest.raises(Clash):
            service.add(other)
        assert service.add(other, seen=True).number.endswith("000001")


def test_the_pool_holds_no_address_no_contact_no_private_person(here: Desk) -> None:
    service.add(BARBER)
    service.add(Typed("热心王某", "person", phone="13900001234"))
    query = text("SELECT row_to_json(p)::text FROM street_prospect p")
    assert db.session.scalars(query).all() == []  # a street is named, or nothing is read
    with telling(pool_street=_street(here).id):
        rows = db.session.scalars(query).all()
    mine = [row for row in rows if "雁发" in row]
    assert len(mine) == 1
    assert not any(word in row for row in rows for word in ("雁北路", "示例店主", "138000", "热心王某"))


def test_a_provider_of_the_street_is_found(here: Desk) -> None:
    provider = factories.a_provider(_street(here), name="雁味老年餐桌")
    assert [one.id for one in service.known(Typed("雁味老年餐桌")).listed] == [provider.id]


def _table(*lines: tuple[str, ...]) -> bytes:
    return sheet.workbook("名单", [lists.HEAD, *lines])


def test_a_list_is_looked_at_entered_and_undone(here: Desk) -> None:
    service.add(Typed("雁发理发店"))
    content = _table(
        ("雁发理发店", "商户", "理发店", "", "", "", "", ""),
        ("雁味餐馆", "商户", "餐馆、老年餐桌", "", "雁北路 20 号", "", "13800005678", ""),
        ("雁味餐馆", "商户", "", "", "", "", "", ""),
        ("雁康医院", "驻地单位", "医院", "911101080000000000", "", "", "", ""),
        ("热心人", "爱心人士", "", "", "", "", "", ""),
    )
    list_id = lists.read(content, "a.xlsx", "雁北路")
    row = lists.one(list_id)
    assert row is not None
    assert [(line.row, line.how) for line in lists.lines(row)] == [
        (2, "own"), (3, "new"), (4, "twice"), (5, "wrong"), (6, "new"),
    ]  # fmt: skip
    assert lists.enter(list_id) == 2
    with pytest.raises(Clash):
        lists.enter(list_id)
    restaurant = db.session.scalars(select(Prospect).where(Prospect.name == "雁味餐馆")).one()
    service.talk(restaurant.id, "visited")
    assert lists.undo(list_id) == (1, 1)
    assert db.session.scalar(select(func.count()).select_from(Prospect)) == 2
    with telling(community_id=here.tenant.uid):
        pooled = db.session.scalars(select(StreetProspect.name)).all()
    assert set(pooled) == {"雁发理发店", "雁味餐馆"}


@pytest.mark.parametrize(("content", "name"), [(b"", "a.xlsx"), (b"<svg/>", "a.xlsx"), (b"\xd0\xcf\x11\xe0", "a.csv")])
def test_what_is_no_table_is_refused(here: Desk, content: bytes, name: str) -> None:
    with pytest.raises(Refused) as refused:
        lists.read(content, name, "x")
    assert refused.value.field == "file"


def test_a_list_without_names_is_refused(here: Desk) -> None:
    with pytest.raises(Refused, match="列名"):
        lists.read("地址,电话\n雁北路,1".encode(), "a.csv", "x")


def test_history_stays(here: Desk) -> None:
    row: UUID = service.add(BARBER).id
    service.tie(row, "friend", who="示例网格员")
    assert [tie.how for tie in queries.ties(row)] == ["friend"]
    with pytest.raises(Refused):
        service.tie(row, "friend", other_id=row)
    assert db.session.scalar(select(func.count()).select_from(ProspectEvent)) == 1
