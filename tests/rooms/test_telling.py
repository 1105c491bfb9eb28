"""A confirmed message really goes out, once, and names nobody; the way a family chose is kept."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import select

from rongjiu.actor import acting
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from rongjiu.notify.models import Message
from rongjiu.outbox import Outbox
from tenants.rescreening import jobs, queries, service, telling
from tenants.rescreening.models import VerdictChange
from tenants.residents.models import Household
from tenants.residents.service import NewPerson
from tests.desk_of import Desk, a_desk
from tests.rooms.test_rescreening import LINE, family, raise_line, run


@pytest.fixture
def desk(inside: None) -> Iterator[Desk]:
    """A community at work, entered as the clerk."""
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        yield here


def reached(desk: Desk, *phones: str) -> UUID:
    """A family that a raised line newly reaches, with these telephones."""
    people = [NewPerson(f"李示例{n}", "male", "02", age=50, phone=phone) for n, phone in enumerate(phones)]
    family(desk, "101", 800 * len(phones), *people)
    run()
    raise_line(900)
    run("parameter", LINE)
    found = db.session.scalar(
        select(VerdictChange.id).where(VerdictChange.kind == "reached", VerdictChange.policy_slug == "dibao")
    )
    assert found
    return found


def sent() -> list[tuple[str, str]]:
    query = select(Message.address, Message.text).where(Message.purpose == "policy_change")
    return [(row.address, row.text) for row in db.session.execute(query)]


def test_a_message_goes_out_after_the_clerk_confirmed_once_and_names_nobody(desk: Desk) -> None:
    change = reached(desk, "", "13912345678")
    assert sent() == [], "nothing goes out before a clerk confirms"
    service.tell(change, "sms", "救助专干")
    payload = db.session.scalars(select(Outbox.payload).where(Outbox.kind == "rescreen.tell")).one()
    assert payload == {"change_id": str(change)}
    jobs.tell(payload)
    jobs.tell(payload)
    ((address, text),) = sent()
    assert address == "13912345678"
    for hidden in ("李示例", "低保", "最低生活保障", "13912345678"):
        assert hidden not in text
    assert "由部门决定" in text


def test_without_a_mobile_number_a_message_is_refused_and_the_change_stays_open(desk: Desk) -> None:
    change = reached(desk, "029-85251234")
    with pytest.raises(Refused, match="没有登记手机号") as refused:
        service.tell(change, "sms", "救助专干")
    assert refused.value.field == "channel"
    assert db.session.scalar(select(VerdictChange.state).where(VerdictChange.id == change)) == "open"
    service.tell(change, "visit", "救助专干")
    assert telling.send(change) is False, "told by a visit"
    assert sent() == []


def test_the_way_a_family_chose_is_kept_only_when_they_did(desk: Desk) -> None:
    change = reached(desk, "13912345678")
    asked = queries.Wanted(state="open", policy="dibao")
    assert queries.page(asked)[0][0].told_by == ""
    service.tell(change, "call", "救助专干", wanted=True)
    assert db.session.scalars(select(Household.told_by)).one() == "call"
    others = db.session.scalars(select(VerdictChange.id).where(VerdictChange.state == "open")).all()
    for each in others:
        service.tell(each, "visit", "救助专干")
    assert db.session.scalars(select(Household.told_by)).one() == "call"


@pytest.mark.parametrize(("phone", "can"), [
    ("13912345678", True), ("+8613912345678", True), ("029-85251234", False), ("", False), (None, False), ("139123456", False),
])  # fmt: skip
def test_only_mobile_numbers_are_texted(phone: str | None, can: bool) -> None:
    assert telling.mobile(phone) is can
