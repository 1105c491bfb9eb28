"""Wishes: anonymous before they hang, claimed once, back by the clock, confirmed by the family."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, text, update

from rongjiu import outbox
from rongjiu.actor import acting
from rongjiu.clock import now
from rongjiu.db import as_role, db, telling, tenant_scope
from rongjiu.errors import Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.models import Indicator, Step
from tenants.cases.models import CaseFile
from tenants.needs.models import Need
from tenants.referrals.models import ReferralTask
from tenants.signals import service as signals
from tenants.signals.models import Signal
from tenants.wishes import intake, queries, service
from tenants.wishes.models import Wish, WishClaim, WishEvent
from tests import factories
from tests.desk_of import Desk, a_desk

WORDS = "我是春芽，家里老人想要一把轮椅，电话 13800001234"
PLAIN = "一位老人想要一把轮椅"


@pytest.fixture
def here(inside: None) -> Desk:
    return a_desk()


def a_volunteer(desk: Desk) -> service.Claimer:
    return service.Claimer(desk.grid.account.id, desk.tenant.uid, "volunteer", "测试社区志愿者")


def a_wish(desk: Desk) -> UUID:
    """A wish that came by the public form, sorted by the clerk."""
    got = signals.ask(WORDS, kind="wish", caller="春芽", phone="13800001234", courtyard_id=desk.yard)
    return intake.to_wall(got.id)


def hung(desk: Desk) -> UUID:
    wish = a_wish(desk)
    service.publish(wish, PLAIN)
    return wish


def state(wish: UUID) -> str:
    return db.session.scalars(select(Wish.state).where(Wish.id == wish)).one()


def headers(desk: Desk) -> list[tuple[str, str]]:
    """State and thanks of what the volunteer has promised, as the volunteer reads it."""
    with telling(account_id=desk.grid.account.id):
        return [tuple(row) for row in db.session.execute(select(WishClaim.state, WishClaim.thanks))]


def steps(wish: UUID) -> list[tuple[str, str]]:
    return [tuple(row) for row in db.session.execute(select(Step.actor, Step.verb).where(Step.id == wish))]


def test_a_signal_becomes_a_wish_once_and_its_words_stay_inside(here: Desk) -> None:
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        wish = a_wish(here)
        signal = db.session.scalars(select(Signal)).one()
        assert (signal.state, signal.became) == ("triaged", "wish")
        assert steps(wish) == [("救助专干", "审核心愿")]
        with pytest.raises(Clash):
            intake.to_wall(signal.id)
        assert queries.wall() == ([], 0)
        raw = db.session.scalars(text("SELECT words FROM wish")).one()
        assert "春芽".encode() not in bytes(raw)


def test_a_text_that_names_somebody_is_refused_with_what_to_change(here: Desk) -> None:
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        wish = a_wish(here)
        names = intake.names(db.session.scalars(select(Wish)).one())
        assert names == ["春芽"]
        for words in (WORDS, "春芽想要轮椅", "请转账给一位老人"):
            with pytest.raises(Refused) as refused:
                service.publish(wish, words, names)
            assert refused.value.field == "text"
        service.publish(wish, PLAIN, names)
        assert state(wish) == "published"
        assert [row.public_text for row in queries.wall()[0]] == [PLAIN]
        assert db.session.scalars(select(Indicator.value).where(Indicator.name == "wishes_published")).one() == 1


def test_the_wall_is_read_by_a_role_that_sees_no_word_of_the_family(here: Desk) -> None:
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        hung(here)
        a_second = signals.ask("想要一本书", kind="wish", phone="13800001235", courtyard_id=here.yard)
        intake.to_wall(a_second.id)
    with tenant_scope(here.tenant), as_role("app_public"):
        rows, total = queries.wall()
        assert (total, [row.public_text for row in rows]) == (1, [PLAIN])
        rights = "SELECT has_column_privilege('app_public', 'wish', :name, 'SELECT')"
        assert [name for name in ("words", "claimer", "claimer_id", "signal_id", "case_id", "number") if db.session.scalar(text(rights), {"name": name})] == []  # fmt: skip
        assert db.session.scalar(text("SELECT has_table_privilege('app_public', 'wish_claim', 'SELECT')")) is False


def test_the_first_claim_holds_and_a_repeat_of_it_changes_nothing(here: Desk) -> None:
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        wish, who = hung(here), a_volunteer(here)
        service.claim(wish, who)
        service.claim(wish, who)
        with pytest.raises(Clash):
            service.claim(wish, service.Claimer(here.live.account.id, here.tenant.uid, "volunteer", "别人"))
        assert state(wish) == "claimed"
        assert steps(wish) == [("测试社区志愿者", "实现心愿")]
        assert headers(here) == [("claimed", "")]
        with telling(account_id=here.live.account.id):
            assert db.session.scalars(select(WishClaim)).all() == []  # whose promise it is reads it, nobody else


def test_nobody_hoards_wishes_over_all_communities(here: Desk) -> None:
    who = a_volunteer(here)
    elsewhere = factories.a_community()
    held = [
        WishClaim(
            id=uuid7(), wish_id=uuid7(), account_id=who.account_id, community_id=elsewhere.id, number="X", state="claimed",
            public_text="x", thanks="", claimed_at=now(), due_at=now(),
        )
        for _each in range(3)
    ]  # fmt: skip
    with telling(community_id=elsewhere.id):
        db.session.add_all(held)
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        wish = hung(here)
        with pytest.raises(Refused):
            service.claim(wish, who)
        assert state(wish) == "published"


def test_a_claim_that_is_not_kept_goes_back_by_the_clock_alone(here: Desk) -> None:
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        wish = hung(here)
        service.claim(wish, a_volunteer(here))
        due = db.session.scalars(select(Wish.due_at)).one()
        query = text("SELECT id, run_after FROM outbox WHERE kind = 'wishes.expire'")
        (row,) = db.session.execute(query).all()
        assert row.run_after == due
    db.session.commit()
    with time_machine.travel(due + timedelta(seconds=1), tick=False):
        assert outbox.perform(here.tenant.id, str(here.tenant.uid), str(row.id))
        with tenant_scope(here.tenant):
            assert state(wish) == "published"
            assert steps(wish) == [("救助专干", "给心愿找人")]
            assert headers(here) == [("expired", "")]
            last = service_events(wish)[-1]
            assert last == ("claimed", "published", "system", "expired")
            assert [(row.state, row.reason_code) for row in claims(wish)] == [("cancelled", "expired")]
            with pytest.raises(Clash):
                service.deliver(wish, here.grid.account.id)


def claims(wish: UUID) -> list[Any]:
    """The claims of a wish as tasks of its slip, the first first."""
    t = ReferralTask
    query = select(t.id, t.rank, t.state, t.reason_code).where(t.request_id == wish).order_by(t.rank)
    return list(db.session.execute(query))


def service_events(wish: UUID) -> list[tuple[str, str, str, str]]:
    query = select(WishEvent.state_from, WishEvent.state_to, WishEvent.actor, WishEvent.reason)
    return [tuple(row) for row in db.session.execute(query.where(WishEvent.wish_id == wish).order_by(WishEvent.id))]


def test_an_old_clock_does_not_end_a_later_claim(here: Desk) -> None:
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        wish, who = hung(here), a_volunteer(here)
        service.claim(wish, who)
        service.give_back(wish, who.account_id)
        service.claim(wish, who)
        first, second = claims(wish)
        assert (first.rank, first.state, second.rank, second.state) == (1, "cancelled", 2, "accepted")
        service.expire(first.id)
        assert state(wish) == "claimed"
        service.expire(second.id)
        assert state(wish) == "published"
        service.expire(second.id)
        assert [row.reason_code for row in claims(wish)] == ["returned", "expired"]


def test_a_claim_of_another_kind_of_slip_has_no_such_clock(here: Desk) -> None:
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        wish = hung(here)
        service.claim(wish, a_volunteer(here))
        service.expire(uuid7())
        assert state(wish) == "claimed"


def test_granted_confirmed_and_thanked_without_a_name(here: Desk) -> None:
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        wish, who = hung(here), a_volunteer(here)
        service.claim(wish, who)
        service.deliver(wish, who.account_id)
        service.deliver(wish, who.account_id)
        assert steps(wish) == [("救助专干", "请居民确认心愿")]
        with pytest.raises(Refused) as refused:
            service.thank(wish, "谢谢李师傅")
        assert refused.value.field == "thanks"
        service.thank(wish, "谢谢，老人能出门了")
        assert steps(wish) == []
        assert headers(here) == [("thanked", "谢谢，老人能出门了")]
        assert db.session.scalars(select(Indicator.value).where(Indicator.name == "wishes_granted")).one() == 1
        with pytest.raises(Clash):
            service.thank(wish)


def test_a_family_that_got_nothing_puts_it_back(here: Desk) -> None:
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        wish, who = hung(here), a_volunteer(here)
        service.claim(wish, who)
        service.deliver(wish, who.account_id)
        service.dispute(wish)
        assert state(wish) == "published"
        assert queries.wall("published")[1] == 1
        assert db.session.scalars(select(Indicator.value).where(Indicator.name == "wishes_published")).one() == 1


def test_a_wish_in_somebodys_hands_is_neither_hung_anew_nor_disputed(here: Desk) -> None:
    """A button of an earlier page, or a forged one: the claim would live on beside a wish that is free again."""
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        wish, who = hung(here), a_volunteer(here)
        service.claim(wish, who)
        for act in (lambda: service.publish(wish, PLAIN), lambda: service.dispute(wish)):
            with pytest.raises(Clash):
                act()
        assert state(wish) == "claimed"
        service.deliver(wish, who.account_id)
        with pytest.raises(Clash):
            service.publish(wish, PLAIN)
        assert state(wish) == "delivered"


def test_hardship_in_a_wish_becomes_a_need_with_a_visit(here: Desk) -> None:
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        wish = a_wish(here)
        opened = intake.to_case(wish)
        assert state(wish) == "need"
        assert steps(wish) == []
        case = db.session.scalars(select(CaseFile)).one()
        assert (case.number, case.courtyard_id) == (opened.number, here.yard)
        assert db.session.scalars(select(Need.words)).one() == WORDS
        assert db.session.scalars(select(Signal.case_id)).one() == case.id
        assert db.session.scalars(select(Step.verb).where(Step.case_id == case.id)).first() == "上门核实"


def test_hardship_without_a_courtyard_asks_where(here: Desk) -> None:
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        wish = a_wish(here)
        db.session.execute(update(Signal).values(courtyard_id=None))
        with pytest.raises(Refused) as refused:
            intake.to_case(wish)
        assert refused.value.field == "courtyard"


def test_a_wish_ends_with_a_reason_only(here: Desk) -> None:
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        wish = hung(here)
        with pytest.raises(Refused):
            service.end(wish, "withdrawn", " ")
        service.claim(wish, a_volunteer(here))
        service.end(wish, "withdrawn", "居民不要了")
        assert state(wish) == "withdrawn"
        assert headers(here) == [("withdrawn", "")]
        assert steps(wish) == []
