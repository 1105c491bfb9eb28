"""A complaint: a receiver outside the matter, the other side heard, told to neighbours without a resident in it."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, text

from rongjiu.actor import Actor, acting
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.neighbours import service as neighbours
from rongjiu.oversight.models import Step
from rongjiu.tenancy.models import Community, Street
from tenants.complaints import queries, rules, service
from tenants.complaints.models import STATES, Complaint
from tests import factories
from tests.desk_of import Desk, a_desk

WORDS, WHO, PHONE = "师傅没来，还要加钱", "李婆婆", "13800001234"


@pytest.fixture
def here(inside: None) -> Iterator[Desk]:
    desk = a_desk()
    with tenant_scope(desk.tenant):
        yield desk


def _secretary(here: Desk) -> Actor:
    return Actor(here.secretary.account.id, "secretary", "社区书记")


def _provider(here: Desk) -> UUID:
    community = db.session.scalars(select(Community).where(Community.tenant_id == here.tenant.id)).one()
    street = db.session.get_one(Street, community.street_id)
    provider = factories.a_provider(street)
    factories.an_admission(provider, community)
    return provider.id


def _about(provider_id: UUID) -> service.Heard:
    return service.Heard(
        WORDS, "provider", provider_id, category="late", channel="phone", complainant=WHO, phone=PHONE
    )  # fmt: skip


def test_every_step_leads_to_a_state() -> None:
    assert {after for _before, after in rules.MOVES.values()} <= set(STATES)
    assert all(before <= set(STATES) for before, _after in rules.MOVES.values())


def test_from_the_telephone_to_the_answer(here: Desk) -> None:
    provider = _provider(here)
    with acting(here.as_clerk()):
        row = service.receive(_about(provider))
    assert (row.state, row.receiver_id) == ("received", here.secretary.account.id)
    assert row.due_at > now() + timedelta(days=4)
    with acting(_secretary(here)):
        with pytest.raises(Refused) as refused:
            service.decide(row.id, upheld=True, finding="查了派单，确实没到")
        assert refused.value.field == "upheld"
        service.ask(row.id, "8月10日下午的派单，为什么没有到？")
        service.reply(row.id, "路上车坏了", provider_id=provider)
        service.decide(row.id, upheld=True, finding="查了派单，确实没到")
        service.answer(row.id, "call", "已要求它改，下次换一家")
        assert row.state == "answered"
    assert db.session.scalar(select(Step).where(Step.id == row.id)) is None
    assert [event.verb for event in queries.history(row.id)] == ["receive", "ask", "reply", "decide", "answer"]


def test_silence_of_the_other_side_is_no_shield(here: Desk) -> None:
    provider = _provider(here)
    with acting(_secretary(here)):
        row = service.receive(_about(provider))
        service.ask(row.id, "为什么没有到？")
        assert row.hearing_due_at is not None
        with time_machine.travel(row.hearing_due_at + timedelta(minutes=1), tick=False):
            assert service.decide(row.id, upheld=True, finding="没有说明").upheld


def test_the_complainant_is_sealed_and_never_read_by_the_other_side(here: Desk) -> None:
    provider = _provider(here)
    with acting(_secretary(here)):
        row = service.receive(_about(provider))
        for words in (f"{WHO}说您没来", "打 138 0000 1234 问的"):
            with pytest.raises(Refused) as refused:
                service.ask(row.id, words)
            assert refused.value.field == "question"
        service.ask(row.id, "为什么没有到？")
    theirs = str(tuple(queries.about_provider(row.id, provider))) + str(neighbours.hearings(provider))
    assert not any(word in theirs for word in (WHO, PHONE, WORDS, row.number))
    raw = db.session.execute(text("SELECT row_to_json(c)::text FROM complaint c")).scalar_one()
    assert not any(word in raw for word in (WHO, PHONE, WORDS))
    assert queries.about_provider(row.id, row.id) is None, "another provider"


def test_the_one_complained_about_neither_receives_nor_sees_it(here: Desk) -> None:
    boss = here.secretary.account.id
    with acting(here.as_clerk()):
        row = service.receive(service.Heard(WORDS, "worker", staff_id=boss, complainant=WHO))
    assert row.receiver_id == here.clerk.account.id
    assert queries.one(row.number, boss) is None
    assert queries.page(boss)[1] == 0
    assert queries.about_me(boss) == []
    with acting(_secretary(here)), pytest.raises(Absent):
        service.decide(row.id, upheld=False, finding="没有的事")
    with acting(here.as_clerk()):
        service.ask(row.id, "那天是怎么说的？")
    assert [tuple(each)[3] for each in queries.about_me(boss)] == ["那天是怎么说的？"]
    with acting(_secretary(here)):
        with pytest.raises(Absent):
            service.reply(row.id, "x", staff_id=here.worker.account.id)
        service.reply(row.id, "是我急了", staff_id=boss)


def test_a_receiver_who_turns_out_to_be_meant_gives_it_away(here: Desk) -> None:
    with acting(Actor()):
        row = service.receive(service.Heard(WORDS, channel="page"))
    assert row.receiver_id == here.secretary.account.id
    with acting(_secretary(here)):
        service.take(row.id, "worker", staff_id=here.secretary.account.id)
    assert row.receiver_id == here.clerk.account.id


def test_an_upheld_complaint_reaches_the_neighbours_as_a_fact_and_is_taken_back(here: Desk) -> None:
    provider = _provider(here)
    street = db.session.get_one(
        Street, db.session.scalar(select(Community.street_id).where(Community.tenant_id == here.tenant.id))
    )
    other = factories.a_modelled_community(street)
    factories.an_admission(db.session.get_one(factories.Provider, provider), other)
    with acting(_secretary(here)):
        row = service.receive(_about(provider))
        service.ask(row.id, "为什么没有到？")
        service.reply(row.id, "忘了", provider_id=provider)
        service.decide(row.id, upheld=True, finding="属实")
        told = neighbours.learnt(other.id)
        assert [(one.kind, one.category) for one in told] == [("complaint_upheld", "late")]
        assert not any(word in str(told) for word in (WHO, PHONE, WORDS, row.number))
        assert neighbours.learnt(here.tenant.uid) == []
        service.reopen(row.id)
    assert neighbours.learnt(other.id) == []
    assert (row.state, row.reopened, row.receiver_id) == ("received", 1, here.clerk.account.id)


def test_steps_out_of_order_are_refused(here: Desk) -> None:
    provider = _provider(here)
    with acting(_secretary(here)):
        row = service.receive(_about(provider))
        for act in (
            lambda: service.answer(row.id, "call", "好了"),
            lambda: service.reopen(row.id),
        ):
            with pytest.raises(Clash):
                act()
        with pytest.raises(Absent):
            service.reply(row.id, "x", provider_id=provider)
        service.decide(row.id, upheld=False, finding="当天按时到了，有签字")
        with pytest.raises(Clash):
            service.ask(row.id, "再问一次")


@pytest.mark.parametrize(
    ("heard", "field"),
    [(service.Heard(""), "words"), (service.Heard("x", about="provider"), "provider"), (service.Heard("x", about="worker"), "staff"),
     (service.Heard("x", category="nonsense"), "category"), (service.Heard("x", phone="12"), "phone")],
)  # fmt: skip
def test_what_is_wrong_is_named(here: Desk, heard: service.Heard, field: str) -> None:
    with acting(_secretary(here)), pytest.raises(Refused) as refused:
        service.receive(heard)
    assert refused.value.field == field
    assert db.session.scalars(select(Complaint.id)).all() == []
