"""Known elsewhere: yes or no, with a reason, logged on both sides, opening nothing until both agree."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from rongjiu import audit
from rongjiu.actor import Actor, acting
from rongjiu.audit import Audit
from rongjiu.clock import now
from rongjiu.crypto import PLATFORM, blind
from rongjiu.db import db, telling, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.oversight.models import Step
from rongjiu.tenancy import known
from rongjiu.tenancy.models import KnownPerson, KnownQuestion
from tenants.residents import changing, service
from tenants.residents.service import Door, NewPerson
from tenants.reviews import elsewhere, merging, queries, unmerging
from tenants.reviews.rules import DAILY_QUESTIONS
from tests.desk_of import Desk, a_desk

pytestmark = pytest.mark.usefixtures("inside")
ONE, OTHER = "610103194001011235", "610103194001011251"
WHY = "本人说以前住在别的社区"


def clerk(desk: Desk) -> Actor:
    return desk.as_clerk()


def verbs() -> list[str]:
    return list(db.session.scalars(select(Audit.verb).where(Audit.verb.startswith("known")).order_by(Audit.seq)))


@pytest.fixture
def desks() -> Iterator[tuple[Desk, Desk, object, object]]:
    here, there = a_desk(), a_desk()
    with tenant_scope(there.tenant):
        (theirs,) = service.register(there.yard, Door("1"), [NewPerson("王芳", id_number=ONE)]).person_ids
    with tenant_scope(here.tenant):
        (mine,) = service.register(here.yard, Door("1"), [NewPerson("王芳", id_number=ONE)]).person_ids
    yield here, there, mine, theirs


def test_yes_or_no_logged_on_both_sides_without_a_word_of_whom(desks) -> None:
    here, there, mine, theirs = desks
    with tenant_scope(here.tenant), acting(clerk(here)):
        assert elsewhere.ask(mine, WHY) is True
        (unknown,) = service.register(here.yard, Door("2"), [NewPerson("李四", id_number=OTHER)]).person_ids
        assert elsewhere.ask(unknown, WHY) is False
        assert verbs() == ["known.ask", "known.ask"]
        (line,) = queries.asks(mine)
        (answer,) = known.answers([line.id])[line.id]
        assert (answer.state, answer.contact) == ("asked", None)
    with tenant_scope(there.tenant):
        assert verbs() == ["known.asked"]
        row = db.session.execute(
            select(Audit.actor_role, Audit.detail, Audit.reason).where(Audit.verb == "known.asked")
        ).one()
        assert tuple(row) == ("system", {}, "")
        ((question,), total) = known.asked_of_us()
        assert (question.state, question.contact, total) == ("asked", None, 1)
        assert db.session.scalar(select(Step.actor_role).where(Step.id == question.id)) == "assistance_clerk"
        assert elsewhere.own_resident(question.id) is None, "nothing opens before they agree"
    assert audit.verify(here.tenant) is None
    assert audit.verify(there.tenant) is None


def test_when_both_agree_each_learns_whom_to_ring_and_nothing_of_the_register(desks) -> None:
    here, there, mine, theirs = desks
    with tenant_scope(here.tenant), acting(clerk(here)):
        elsewhere.ask(mine, WHY)
        (ask,) = queries.asks(mine)
    with tenant_scope(there.tenant), acting(clerk(there)):
        ((question,), _) = known.asked_of_us()
        elsewhere.decide(question.id, True)
        ((after,), _) = known.asked_of_us()
        assert after.contact is not None
        assert (after.contact.post, after.contact.phone) == ("救助专干（示例）", "029-88880000")
        assert elsewhere.own_resident(question.id) == theirs
        assert db.session.scalar(select(Step.id).where(Step.id == question.id)) is None
        with pytest.raises(Clash):
            elsewhere.decide(question.id, False)
    with tenant_scope(here.tenant):
        (answer,) = known.answers([ask.id])[ask.id]
        assert answer.contact is not None
        assert verbs() == ["known.ask", "known.answered"]
        assert elsewhere.own_resident(question.id) is None, "the asker cannot use the other side's question"


def test_a_third_community_can_neither_decide_nor_see(desks) -> None:
    here, there, mine, theirs = desks
    with tenant_scope(here.tenant), acting(clerk(here)):
        elsewhere.ask(mine, WHY)
        (ask,) = queries.asks(mine)
    with tenant_scope(there.tenant):
        ((question,), _) = known.asked_of_us()
    third = a_desk()
    with tenant_scope(third.tenant), acting(clerk(third)):
        assert known.asked_of_us() == ([], 0)
        assert known.answers([ask.id]) == {}
        assert known.agreed_hash(question.id) is None
        with pytest.raises(Clash):
            elsewhere.decide(question.id, True)
        with pytest.raises(Absent):
            elsewhere.ask(mine, WHY)
    with tenant_scope(here.tenant), acting(clerk(here)), pytest.raises(Clash):
        elsewhere.decide(question.id, True)


def test_it_asks_for_a_reason_a_registered_number_and_not_too_often(desks, monkeypatch) -> None:
    here, _there, mine, _theirs = desks
    monkeypatch.setattr(elsewhere, "DAILY_QUESTIONS", 2)
    assert DAILY_QUESTIONS == 20
    with tenant_scope(here.tenant), acting(clerk(here)):
        with pytest.raises(Refused) as refused:
            elsewhere.ask(mine, "看")
        assert refused.value.field == "reason"
        (bare,) = service.register(here.yard, Door("2"), [NewPerson("李四")]).person_ids
        with pytest.raises(Refused, match="没登记身份证号"):
            elsewhere.ask(bare, WHY)
        elsewhere.ask(mine, WHY)
        elsewhere.ask(mine, WHY)
        with pytest.raises(Refused, match="问满") as often:
            elsewhere.ask(mine, WHY)
        assert often.value.status == 429


def test_the_platform_keeps_a_hash_and_a_community_and_follows_the_register(desks) -> None:
    here, there, mine, _theirs = desks
    assert set(KnownPerson.__table__.columns.keys()) == {"id_hash", "scope_id", "at"}

    def scopes(number: str) -> set[object]:
        mark = blind(number, PLATFORM, "known")
        with telling(known_hash=mark):
            return set(db.session.scalars(select(KnownPerson.scope_id).where(KnownPerson.id_hash == mark)))

    assert scopes(ONE) == {here.tenant.uid, there.tenant.uid}
    with tenant_scope(here.tenant), acting(clerk(here)):
        changing.change_person(mine, {"id_number": OTHER})
        assert (scopes(ONE), scopes(OTHER)) == ({there.tenant.uid}, {here.tenant.uid})
        (twin,) = service.register(here.yard, Door("2"), [NewPerson("王方", id_number=ONE)]).person_ids
        merge = merging.merge_people(mine, twin, {})
        assert scopes(ONE) == {there.tenant.uid}
        unmerging.undo(merge)
        assert scopes(ONE) == {here.tenant.uid, there.tenant.uid}
        known.note_many([ONE, OTHER, ONE])
        assert scopes(OTHER) == {here.tenant.uid}


def test_without_naming_a_number_nobody_is_seen_but_ones_own(desks) -> None:
    here, there, mine, _theirs = desks
    listed = select(KnownPerson.scope_id)
    with tenant_scope(here.tenant), acting(clerk(here)):
        assert db.session.scalars(listed).all() == []
        with telling(community_id=here.tenant.uid):
            assert set(db.session.scalars(listed)) == {here.tenant.uid}
        elsewhere.ask(mine, WHY)
        assert db.session.scalars(select(KnownQuestion.id)).all() == []
        with telling(community_id=here.tenant.uid):
            assert len(db.session.scalars(select(KnownQuestion.id)).all()) == 1
            for table in ("known_question SET state = 'agreed'", "known_person SET at = now()"):
                assert db.session.execute(text(f"UPDATE {table}")).rowcount == 0  # type: ignore[attr-defined]
    with tenant_scope(there.tenant), telling(community_id=there.tenant.uid):
        assert set(db.session.scalars(listed)) == {there.tenant.uid}
        theirs = KnownPerson(id_hash=b"x", scope_id=here.tenant.uid, at=now())
        with pytest.raises(ProgrammingError, match="row-level security"), db.session.begin_nested():
            db.session.add(theirs)
            db.session.flush()


@pytest.mark.parametrize(
    "role", ["app_public", "app_overseer", "app_grantee", "app_receiver", "app_operator", "app_relay"]
)
def test_no_narrower_role_reads_who_is_known_where(role: str) -> None:
    for table in (KnownPerson.__tablename__, KnownQuestion.__tablename__):
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            assert not db.session.scalar(text(f"SELECT has_table_privilege('{role}', '{table}', '{right}')"))
