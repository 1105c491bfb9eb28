"""What is over loses its words after its time: wishes, contacts of the live room, closed cases, answered complaints."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import func, select, text, update

from rongjiu import files, nightly
from rongjiu.actor import Actor, acting
from rongjiu.audit import Audit
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent
from tenants.accompaniment.models import Visit
from tenants.cases.models import CaseFile
from tenants.casework import closing
from tenants.catalogue.models import Timer
from tenants.catalogue.queries import forget_timers
from tenants.complaints import service as complaints
from tenants.complaints.models import Complaint
from tenants.keeping import queries, rules, service
from tenants.needs import service as needs
from tenants.needs.models import Need
from tenants.outcomes.models import NeedOutcome
from tenants.referrals.models import Confirmation
from tenants.screening import service as screening
from tenants.screening.models import NearMiss
from tenants.signals import service as signals
from tenants.signals.models import Signal
from tenants.wishes import intake
from tenants.wishes import service as wishes
from tenants.wishes.models import Wish
from tests import casework, factories, families
from tests.desk_of import Desk, a_desk

WORDS, WHO, PHONE = "我是春芽，家里老人想要一把轮椅", "春芽", "13800001234"
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 64


@pytest.fixture
def here(inside: None) -> Iterator[Desk]:
    desk = a_desk()
    with tenant_scope(desk.tenant), acting(desk.as_clerk()):
        yield desk


def a_wish(here: Desk, channel: str = "self") -> UUID:
    return intake.to_wall(signals.receive(channel, "wish", WORDS, caller=WHO, phone=PHONE, courtyard_id=here.yard).id)


def wish(wish_id: UUID) -> Wish:
    return db.session.scalars(select(Wish).where(Wish.id == wish_id).execution_options(populate_existing=True)).one()


def signal_of(wish_id: UUID) -> Signal:
    query = select(Signal).where(Signal.id == wish(wish_id).signal_id)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def test_the_words_of_an_ended_wish_go_and_those_of_a_live_one_stay(here: Desk) -> None:
    declined, hung, thanked = a_wish(here), a_wish(here), a_wish(here)
    wishes.end(declined, "declined", "要的是现金")
    for each in (hung, thanked):
        wishes.publish(each, "一位老人想要一把轮椅")
    wishes.claim(thanked, wishes.Claimer(here.grid.account.id, here.tenant.uid, "volunteer", "志愿者"))
    wishes.deliver(thanked)
    wishes.thank(thanked, "谢谢大家")
    with time_machine.travel(now() + timedelta(days=89), tick=False):
        assert service.clear()["wish"] == 0
    with time_machine.travel(now() + timedelta(days=200), tick=False):
        assert service.clear()["wish"] == 2
        assert service.clear()["wish"] == 0
        rows, total = queries.runs(["wish"])
        assert [(row.what, row.things) for row in rows] == [("wish", 2)]
        assert total == 1
    for each in (declined, thanked):
        assert (wish(each).words, wish(each).reason, signal_of(each).words) == ("", "", "")
        assert (signal_of(each).caller, signal_of(each).phone, signal_of(each).phone_index) == (None, None, None)
    assert (wish(thanked).public_text, wish(thanked).thanks) == ("一位老人想要一把轮椅", "谢谢大家")
    assert wish(hung).words == WORDS
    assert signal_of(hung).phone == PHONE
    assert (wish(hung).cleared_at, signal_of(hung).cleared_at) == (None, None)


def test_a_wish_that_became_a_need_leaves_its_words_to_the_case(here: Desk) -> None:
    poor = a_wish(here)
    opened = intake.to_case(poor)
    with time_machine.travel(now() + timedelta(days=91), tick=False):
        assert service.clear()["wish"] == 1
    assert wish(poor).words == ""
    assert signal_of(poor).words == WORDS
    assert db.session.scalars(select(Need.words).where(Need.case_id == opened.case_id)).one() == WORDS


def test_who_asked_in_the_live_room_is_forgotten_when_the_answer_is_old(here: Desk) -> None:
    asked = signals.receive("livestream", "question", "低保怎么办", caller=WHO, phone=PHONE)
    signals.settle(asked.id, "question", answer="到窗口办")
    signals.answer(asked.id)
    rung = signals.receive("hotline", "question", "低保怎么办", caller=WHO, phone=PHONE)
    signals.settle(rung.id, "question", answer="到窗口办")
    signals.answer(rung.id)
    waiting = a_wish(here, "livestream")
    with time_machine.travel(now() + timedelta(days=91), tick=False):
        assert service.clear()["contact"] == 1
    rows = {row.id: row for row in db.session.scalars(select(Signal).execution_options(populate_existing=True))}
    assert (rows[asked.id].caller, rows[asked.id].phone, rows[asked.id].words) == (None, None, "低保怎么办")
    assert rows[rung.id].phone == PHONE
    assert signal_of(waiting).phone == PHONE


def test_the_community_says_how_long(here: Desk) -> None:
    row = db.session.scalars(select(Timer).where(Timer.slug == "keep-live-contact")).one()
    row.content = {**row.content, "value": 30}
    db.session.flush()
    forget_timers()
    wishes.end(a_wish(here), "declined", "重复了")
    line = next(each for each in queries.lines() if each.rule.what == "wish")
    assert (line.value, line.unit, line.things) == (30, "days", 0)
    with time_machine.travel(now() + timedelta(days=31), tick=False):
        assert service.clear()["wish"] == 1
    assert next(each.things for each in queries.lines() if each.rule.what == "wish") == 1


def test_an_answered_complaint_is_emptied_after_the_years_of_a_case(here: Desk) -> None:
    heard = complaints.Heard(
        "师傅没来，还要加钱", "unknown", None, category="late", channel="phone", complainant=WHO, phone=PHONE
    )
    with acting(Actor(here.secretary.account.id, "secretary", "社区书记")):
        row = complaints.receive(heard)
        complaints.decide(row.id, upheld=False, finding="已核对")
        complaints.answer(row.id, "call", "已经重新安排")
        open_one = complaints.receive(heard)
    with time_machine.travel(now() + timedelta(days=365 * 6), tick=False):
        assert service.clear()["complaint"] == 1
    rows = {row.id: row for row in db.session.scalars(select(Complaint).execution_options(populate_existing=True))}
    gone, kept = rows[row.id], rows[open_one.id]
    assert (gone.complainant, gone.phone, gone.words, gone.answer, gone.finding) == (None, None, "", None, None)
    assert (gone.state, gone.upheld, gone.category) == ("answered", False, "late")
    assert kept.complainant == WHO


def test_a_closed_case_keeps_its_figures_and_loses_its_words_and_pictures(inside: None) -> None:
    family = casework.a_family()
    clerk = factories.a_person_with_role("assistance_clerk", "community", family.community_id).account.id
    with tenant_scope(family.tenant), acting(Actor(clerk, "assistance_clerk", "救助专干")):
        for need in (family.need, family.girl_need):
            needs.set_result(need, "solved")
        visit = Visit(
            case_id=family.case_id, kind="worker", planned_at=now(), state="done", done_at=now(), note="老人想儿子"
        )
        said = Confirmation(
            case_id=family.case_id,
            need_id=family.need,
            answer="solved",
            words="谢谢小雁",
            thanks="谢谢",
            by="resident",
            at=now(),
        )
        db.session.add_all([visit, said])
        db.session.flush()
        photo = files.save(JPEG, "a.jpg", owner_kind="visit", owner_id=visit.id)
        visit.file_ids = [str(photo)]
        db.session.execute(
            text("UPDATE timer SET content = content || '{\"on\": false}' WHERE slug = 'closure-approval'")
        )
        closing.finish(db.session.get_one(CaseFile, (family.tenant.id, family.case_id)), "solved")
        with time_machine.travel(now() + timedelta(days=365 * 5 - 2), tick=False):
            assert service.clear()["case"] == 0
        with time_machine.travel(now() + timedelta(days=365 * 5 + 3), tick=False):
            assert service.clear()["case"] == 1
            assert service.clear()["case"] == 0
        db.session.expire_all()
        assert set(db.session.scalars(select(Need.words).where(Need.case_id == family.case_id))) == {""}
        assert set(db.session.scalars(select(Need.result).where(Need.case_id == family.case_id))) == {"solved"}
        assert tuple(db.session.execute(select(Confirmation.words, Confirmation.thanks)).one()) == (None, None)
        assert db.session.scalars(select(Confirmation.answer)).one() == "solved"
        assert (visit.note, visit.file_ids, visit.state) == (None, [], "done")
        with pytest.raises(Absent):
            files.load(photo)
        assert db.session.scalars(select(NeedOutcome.words).where(NeedOutcome.case_id == family.case_id)).all() in (
            [],
            [None],
        )
        kept = db.session.scalars(select(Audit.detail).where(Audit.verb == "keeping.clear")).one()
        assert kept == {"case": 1}


def test_why_a_near_miss_was_put_off_goes_with_the_case_and_its_day_stays(inside: None) -> None:
    with tenant_scope(factories.tenant(factories.a_modelled_community())):
        family = families.zhou()
        screening.confirm(family.case_id, screening.take(family.case_id, date(2022, 8, 10)).id, "救助专干（示例）")
        db.session.execute(update(NearMiss).values(reason="等儿子回来再说"))
        db.session.execute(update(CaseFile).where(CaseFile.id == family.case_id).values(closed_at=now()))
        with time_machine.travel(now() + timedelta(days=365 * 5 + 3), tick=False):
            assert service.clear()["case"] == 1
        near = db.session.execute(select(NearMiss.reason, NearMiss.look_again_on)).one()
        assert near.reason is None and near.look_again_on is not None


def test_a_case_that_was_opened_again_keeps_its_words(inside: None) -> None:
    family = casework.a_family()
    with tenant_scope(family.tenant):
        db.session.execute(update(CaseFile).where(CaseFile.id == family.case_id).values(closed_at=now()))
        closing.reopen(family.case_id)
        with time_machine.travel(now() + timedelta(days=365 * 6), tick=False):
            assert service.clear()["case"] == 0
        assert "" not in set(db.session.scalars(select(Need.words).where(Need.case_id == family.case_id)))


def test_the_night_does_it() -> None:
    assert "keeping.clear" in nightly.names()
    assert [rule.what for rule in rules.RULES] == [
        "lead", "wish", "contact", "case", "complaint", "place", "screening", "dispute", "consent",
    ]  # fmt: skip


def test_the_report_of_the_nights_is_only_added_to(here: Desk) -> None:
    wishes.end(a_wish(here), "declined", "重复了")
    with time_machine.travel(now() + timedelta(days=91), tick=False):
        service.clear()
    with pytest.raises(Exception, match="permission denied"), db.session.begin_nested():
        db.session.execute(text("DELETE FROM keeping_run"))
    assert db.session.scalar(select(func.count()).select_from(Wish).where(Wish.cleared_at.is_not(None))) == 1
