"""What the asker is told, by message and by code; the clocks that ring; the order of the list."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from rongjiu.actor import Actor, acting
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from rongjiu.identity.models import Account
from rongjiu.notify.models import Message
from rongjiu.outbox import Outbox, perform
from rongjiu.oversight.models import Step
from tenants.signals import jobs, queries, rules, service, tracking
from tenants.signals.models import Signal
from tests.desk_of import WISHES
from tests.signalling import PHONE, at_the_desk, row_of

pytestmark = pytest.mark.usefixtures("inside")


def test_a_code_tells_where_things_stand_and_who_acts_next() -> None:
    with at_the_desk() as here:
        got = service.ask("想请人上门理发", kind="wish", phone=PHONE, caller="李阿姨", courtyard_id=here.yard)
        found = tracking.find(rules.spoken(got.code).lower(), "1111")
        assert (found.number, found.stage, found.actor, found.verb) == (got.number, "received", "救助专干", "分派线索")
        opened = service.open_case(got.id, ["想理发"], courtyard_id=here.yard, urgency="ordinary", became="wish")
        found = tracking.find(got.code, "1111")
        assert (found.stage, found.actor, found.verb, found.due_at) == (
            "working", "网格员03", "上门核实", opened.next.due_at,
        )  # fmt: skip
        assert not {"李阿姨", PHONE, opened.number} & {str(each) for each in (found.answer, found.actor, found.verb)}
        stored = db.session.execute(text("SELECT track_index, words FROM signal")).one()
        assert got.code.encode() not in bytes(stored.track_index)


def test_a_wrong_code_and_a_wrong_telephone_are_answered_alike_and_tries_are_counted() -> None:
    with at_the_desk():
        got = service.ask("想请人上门理发", kind="wish", phone=PHONE)
        said = set()
        for code, tail in (("ACDEFGHJK", "1111"), (got.code, "2222"), (got.code, ""), ("", "1111")):
            with pytest.raises(Refused) as refused:
                tracking.find(code, tail)
            said.add((refused.value.message, refused.value.status, refused.value.field))
        assert len(said) == 1
        for _ in range(tracking.PER_CODE - 2):
            with acting(Actor(None, "", "", f"10.9.0.{_}")), pytest.raises(Refused):
                tracking.find(got.code, "3333")
        with acting(Actor(None, "", "", "10.8.0.1")), pytest.raises(Refused) as refused:
            tracking.find(got.code, "1111")
        assert refused.value.status == 429


def test_the_answer_to_a_question_reaches_its_asker_by_message_and_by_code() -> None:
    with at_the_desk() as here:
        got = service.ask("社区几点开门？", kind="question", phone=PHONE)
        service.settle(got.id, "question", answer="周一到周五九点到六点")
        row = db.session.scalars(select(Outbox).where(Outbox.kind == "signal.tell")).one()
        row_id = str(row.id)
    perform(here.tenant.id, str(here.tenant.uid), row_id)
    with tenant_scope(here.tenant):
        message = db.session.scalars(select(Message.text).where(Message.purpose == "signal_answer")).one()
        assert "周一到周五九点到六点" in message
        assert rules.spoken(got.code) in message
        found = tracking.find(got.code, "1111")
        assert (found.stage, found.answer, found.actor) == ("done", "周一到周五九点到六点", "")
        assert (row_of(got.id).answered_how, queries.told(now() - timedelta(days=1)).share) == ("sms", 100)


def test_a_tip_tells_its_author_nothing_of_the_family() -> None:
    with at_the_desk() as here:
        got = service.ask("楼上老人没下楼", kind="need", phone=PHONE, about="neighbour", courtyard_id=here.yard)
        service.open_case(got.id, ["有人反映"], courtyard_id=here.yard, urgency="ordinary")
        found = tracking.find(got.code, "1111")
        assert (found.tip, found.stage, found.actor, found.verb, found.due_at, found.answer) == (
            True, "working", "", "", None, "",
        )  # fmt: skip
        jobs.tell_asker({"signal_id": str(got.id)})
        said = db.session.scalars(select(Message.text).where(Message.purpose == "signal_answer")).one()
        assert "不会告诉任何人是谁说的" in said


def test_who_wants_no_call_is_not_written_to() -> None:
    with at_the_desk() as here:
        got = service.receive("hotline", "need", "老人卧床", phone=PHONE, courtyard_id=here.yard, call_back=False)
        service.open_case(got.id, WISHES, courtyard_id=here.yard, urgency="ordinary")
        assert db.session.scalar(select(func.count()).where(Outbox.kind == "signal.tell")) == 0
        step = db.session.scalars(select(Step).where(Step.id == got.id)).one()
        assert step.verb == "答复反映人"


def test_an_asker_without_telephone_is_told_in_some_way_or_a_reason_stands() -> None:
    with at_the_desk():
        got = service.receive("counter", "question", "问低保")
        service.settle(got.id, "question", answer="到窗口办")
        assert row_of(got.id).state == "triaged"
        for words, field in (({"how": "pigeon"}, "how"), ({"how": "none"}, "reason"), ({"text": "长" * 301}, "answer")):
            with pytest.raises(Refused) as refused:
                service.answer(got.id, **words)  # type: ignore[arg-type]
            assert refused.value.field == field
            db.session.expire_all()
        service.answer(got.id, how="none", reason="没有留联系方式")
        row = row_of(got.id)
        assert (row.state, row.answered_how, row.reason) == ("answered", "none", "没有留联系方式")
        assert row.answered_at is not None


def _ring(stage: str) -> list[str]:
    rows = db.session.scalars(select(Outbox).where(Outbox.kind == "signal.due")).all()
    for row in rows:
        if row.payload["stage"] == stage:
            jobs.due(row.payload)
    return list(db.session.scalars(select(Message.text).where(Message.purpose == f"signal_{stage}")))


def test_half_time_reminds_the_clerk_and_lateness_alarms_the_secretary_too_unless_answered() -> None:
    with at_the_desk() as here:
        for staff, phone in ((here.clerk, "13700000001"), (here.secretary, "13700000002")):
            db.session.execute(update(Account).where(Account.id == staff.account.id).values(phone=phone))
        got = service.receive("counter", "question", "问低保")
        times = {
            row.payload["stage"]: row.run_after
            for row in db.session.scalars(select(Outbox).where(Outbox.kind == "signal.due"))
        }
        assert times["late"] == got.answer_due_at
        assert now() < times["half"] < times["late"]
        assert len(_ring("half")) == 1
        late = _ring("late")
        assert len(late) == 2
        assert got.number in late[0]
        assert "低保" not in "".join(late)
        assert db.session.scalar(text("SELECT count(*) FROM audit WHERE verb = 'signal.late'")) == 1
        other = service.receive("counter", "question", "问医保")
        service.settle(other.id, "question")
        service.answer(other.id)
        assert len(_ring("half")) == 1


def test_a_signal_that_nobody_sorts_in_time_rings_clerk_and_secretary() -> None:
    with at_the_desk() as here:
        for staff, phone in ((here.clerk, "13700000001"), (here.secretary, "13700000002")):
            db.session.execute(update(Account).where(Account.id == staff.account.id).values(phone=phone))
        got = service.receive("counter", "question", "问低保")
        rung = select(Outbox.run_after).where(Outbox.kind == "signal.due", Outbox.payload["stage"].astext == "unsorted")
        assert db.session.scalar(rung) == got.next.due_at
        said = _ring("unsorted")
        assert len(said) == 2 and got.number in said[0] and "低保" not in "".join(said)
        other = service.receive("counter", "question", "问医保")
        service.settle(other.id, "question")
        assert len(_ring("unsorted")) == 2, "what is sorted rings nobody"


def test_an_urgent_signal_sets_its_clocks_anew() -> None:
    with at_the_desk() as here:
        got = service.receive("counter", "need", "老人摔倒")
        service.open_case(got.id, WISHES, courtyard_id=here.yard, urgency="critical")
        due = row_of(got.id).answer_due_at
        assert due is not None
        assert due < got.answer_due_at
        stale = {"signal_id": str(got.id), "stage": "late", "due": got.answer_due_at.isoformat()}
        before = db.session.scalar(select(func.count()).select_from(Message))
        jobs.due(stale)
        assert db.session.scalar(select(func.count()).select_from(Message)) == before


def test_the_share_told_in_time_counts_what_fell_due() -> None:
    with at_the_desk():
        assert queries.told(now() - timedelta(days=90)).share is None
        ids = [service.receive("counter", "question", f"问{n}").id for n in range(4)]
        for signal_id in ids[:3]:
            service.settle(signal_id, "question")
            service.answer(signal_id)
        db.session.execute(update(Signal).where(Signal.id == ids[2]).values(answer_due_at=now() - timedelta(minutes=5)))
        told = queries.told(now() - timedelta(days=90))
        assert (told.in_time, told.all, told.share) == (2, 3, 67)
        db.session.execute(update(Step).where(Step.id == ids[3]).values(due_at=now() - timedelta(hours=1)))
        assert queries.late() == 1
        assert [row.id for row in queries.page(late=True)[0]] == [ids[3]]


def test_the_list_is_ordered_by_urgency_and_due_time() -> None:
    with at_the_desk() as here:
        calm, urgent, late, critical = (
            service.receive("counter", "need", f"事{n}", urgency=urgency, courtyard_id=here.yard).id
            for n, urgency in enumerate(("ordinary", "urgent", "ordinary", "critical"))
        )
        db.session.execute(update(Step).where(Step.id == late).values(due_at=now() - timedelta(days=1)))
        assert [row.id for row in queries.page()[0]] == [
            urgent,
            late,
            calm,
            critical,
        ]  # 急难 is in its own lane already
