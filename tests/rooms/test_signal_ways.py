"""Ways a signal comes and goes: small questions, codes, duplicates, lists of departments, clocks, what is not kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import func, select, text, update

from rongjiu import clock
from rongjiu.actor import Actor, acting
from rongjiu.clock import now, today
from rongjiu.crypto import blind
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.identity.models import Account
from rongjiu.ids import uuid7
from rongjiu.notify.models import Message
from rongjiu.outbox import Outbox, perform
from rongjiu.oversight.models import Indicator, Step
from tenants.catalogue import queries as catalogue
from tenants.catalogue import service as waits
from tenants.residents import service as residents
from tenants.residents.service import Door, NewPerson
from tenants.signals import alike, door_codes, gate, jobs, keeping, lists, queries, rules, service, tracking
from tenants.signals.models import DepartmentList, DoorCode, PublicUse, Signal
from tests.desk_of import DOOR, WISHES, ZHOU, Desk, a_desk

pytestmark = pytest.mark.usefixtures("inside")
PHONE = "13900001111"


@contextmanager
def at_the_desk(address: str = "10.0.0.1") -> Iterator[Desk]:
    here = a_desk()
    with tenant_scope(here.tenant), acting(Actor(here.clerk.account.id, "assistance_clerk", "专干", address)):
        yield here


def _row(signal_id: UUID) -> Signal:
    db.session.expire_all()
    return db.session.scalars(select(Signal).where(Signal.id == signal_id)).one()


def _answer(question: gate.Question) -> str:
    return str(question.riddle.answer)


def test_a_question_is_answered_once() -> None:
    with at_the_desk():
        question = gate.question()
        gate.check(question.token, _answer(question))
        with pytest.raises(Refused, match="已经用过") as refused:
            gate.check(question.token, _answer(question))
        assert refused.value.field == "riddle"


def test_a_wrong_answer_spends_the_question() -> None:
    with at_the_desk():
        question = gate.question()
        for typed in ("99", "", "x"):
            with pytest.raises(Refused):
                gate.check(question.token, typed)
        with pytest.raises(Refused, match="已经用过"):
            gate.check(question.token, _answer(question))


def test_a_late_or_altered_question_is_refused() -> None:
    with at_the_desk():
        question = gate.question()
        nonce, until, proof = question.token.split(".")
        for token in (f"{nonce}.{int(until) + 999}.{proof}", f"{uuid7().hex}.{until}.{proof}", "", "a.b.c", "x"):
            with pytest.raises(Refused):
                gate.check(token, _answer(question))
        other = gate.question()
        with time_machine.travel(clock.now() + gate.LIFE + timedelta(minutes=1)), pytest.raises(Refused, match="过时"):
            gate.check(other.token, _answer(other))


def test_the_answer_cannot_be_read_from_the_token() -> None:
    with at_the_desk() as here:
        question = gate.question()
        proof = question.token.split(".")[2]
        tries = {blind(f"{question.token.split('.')[0]}|{n}", here.tenant.uid, "riddle").hex() for n in range(30)}
        assert proof not in tries
        assert len(proof) == 32


def test_whoever_guesses_is_stopped() -> None:
    with at_the_desk():
        for _ in range(gate.TRIES):
            with pytest.raises(Refused) as refused:
                gate.check(gate.question().token, "99")
            assert refused.value.status == 422
        question = gate.question()
        with pytest.raises(Refused) as refused:
            gate.check(question.token, _answer(question))
        assert refused.value.status == 429


def test_the_first_form_of_an_hour_asks_nothing_and_the_twenty_first_is_refused() -> None:
    with at_the_desk() as here:
        assert not gate.asks(False)
        assert gate.asks(True)
        gate.note("form", gate.here())
        assert gate.asks(False)
        with acting(Actor(None, "", "", "10.0.0.2")):
            assert not gate.asks(False)
        for _ in range(19):
            gate.note("form", gate.here())
        with pytest.raises(Refused) as refused:
            gate.open_form()
        assert refused.value.status == 429
        kept = db.session.scalars(select(PublicUse.who)).all()
        assert all(len(who) == 16 and b"10.0.0.1" not in bytes(who) for who in kept)
        with time_machine.travel(clock.now() + timedelta(hours=1, minutes=1)):
            gate.open_form()
            assert not gate.asks(False)
        assert not service.near_limit("x")
        service.ask("想理发", kind="wish", phone=PHONE, courtyard_id=here.yard)
        assert not service.near_limit(PHONE)
        service.ask("想理发", kind="wish", phone=PHONE)
        assert service.near_limit("139 0000 1111")


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
        assert (_row(got.id).answered_how, queries.told(now() - timedelta(days=1)).share) == ("sms", 100)


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
        assert _row(got.id).state == "triaged"
        for words, field in (({"how": "pigeon"}, "how"), ({"how": "none"}, "reason"), ({"text": "长" * 301}, "answer")):
            with pytest.raises(Refused) as refused:
                service.answer(got.id, **words)  # type: ignore[arg-type]
            assert refused.value.field == field
            db.session.expire_all()
        service.answer(got.id, how="none", reason="没有留联系方式")
        row = _row(got.id)
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
        due = _row(got.id).answer_due_at
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


def test_the_same_matter_is_suggested_by_telephone_family_and_words() -> None:
    with at_the_desk() as here:
        home = residents.register(here.yard, DOOR, ZHOU).household_id
        first = service.receive("hotline", "need", "三号楼老人卧床没有人照顾", phone=PHONE, courtyard_id=here.yard)
        about = service.receive("counter", "need", "想申请护理床", household_id=home)
        assert _row(about.id).courtyard_id == here.yard

        def why(**words: object) -> dict[str, str]:
            known = {"words": "", "phone": "", "courtyard_id": None, "household_id": None, "tip": False} | words
            return {each.number: each.why for each in alike.signals(alike.typed(**known), clerk=True)}  # type: ignore[arg-type]

        assert why(phone="139 0000 1111") == {first.number: "phone"}
        assert why(household_id=home) == {about.number: "household"}
        near = why(words="三号楼的老人卧床，没人照顾", courtyard_id=here.yard)
        assert near == {first.number: "words", about.number: "courtyard"}
        assert next(iter(near)) == first.number
        assert why(words="三号楼的老人卧床", courtyard_id=here.other_yard) == {}
        db.session.execute(update(Signal).values(received_at=now() - timedelta(days=91)))
        assert why(phone=PHONE, household_id=home) == {}
        with pytest.raises(Refused) as refused:
            service.receive("counter", "need", "x", household_id=uuid7())
        assert refused.value.field == "household"


def test_who_called_about_whom_is_no_hint_for_anybody_but_the_clerk() -> None:
    with at_the_desk() as here:
        residents.register(here.yard, DOOR, (NewPerson("周某", "male", "02", age=84, phone=PHONE),))
        tip = service.receive("neighbour", "need", "楼上老人没下楼", phone=PHONE, courtyard_id=here.other_yard)
        call = service.receive("hotline", "need", "问低保", phone=PHONE)
        for one, other in ((tip, call), (call, tip)):
            sought = alike.to(queries.one(one.id))
            assert other.number in {each.number for each in alike.signals(sought, clerk=True)}
            assert other.number not in {each.number for each in alike.signals(sought, clerk=False)}
        third = service.receive("counter", "need", "楼上老人没下楼", courtyard_id=here.other_yard)
        assert "words" in {each.why for each in alike.signals(alike.to(queries.one(third.id)), clerk=True)}
        seen = alike.signals(alike.to(queries.one(third.id)), clerk=False)
        assert {each.why for each in seen} == {"courtyard"}


def test_a_duplicate_of_a_signal_without_a_case_follows_it() -> None:
    with at_the_desk() as here:
        first = service.receive("hotline", "need", "老人卧床", courtyard_id=here.yard)
        again = service.receive("counter", "need", "老人卧床", courtyard_id=here.yard)
        assert service.join_case(again.id, first.number.lower()) == first.number
        row = queries.one(again.id)
        assert (row.became, row.other, row.case_id) == ("duplicate", first.number, None)
        opened = service.open_case(first.id, WISHES, courtyard_id=here.yard, urgency="ordinary")
        third = service.receive("counter", "need", "老人卧床", courtyard_id=here.yard)
        assert service.join_case(third.id, first.number) == opened.number
        assert queries.one(third.id).case_id == opened.case_id


def test_the_visitor_reads_what_the_clerk_wrote_and_never_a_tips_words() -> None:
    with at_the_desk() as here:
        words = "我是三楼王阿姨，楼上老人没下楼"
        tip = service.ask(words, kind="need", phone=PHONE, caller="王阿姨", about="neighbour", courtyard_id=here.yard)
        seen = queries.for_visitor(tip.id)
        assert seen == queries.ForVisitor("")
        service.open_case(
            tip.id, WISHES, courtyard_id=here.yard, urgency="ordinary", visitor_words="请看看是否需要照顾"
        )
        assert queries.for_visitor(tip.id) == queries.ForVisitor("请看看是否需要照顾")
        call = service.receive("hotline", "need", "老人卧床", phone=PHONE, caller="儿子", courtyard_id=here.yard)
        assert queries.for_visitor(call.id) == queries.ForVisitor("老人卧床", "儿子", PHONE)
        assert queries.for_visitor(uuid7()) is None


def test_codes_on_doors_are_made_renewed_and_ended() -> None:
    with at_the_desk() as here:
        assert door_codes.make_all() == 2
        assert door_codes.make_all() == 0
        token = door_codes.make(here.yard, " 3 ")
        found = door_codes.leads_to(token)
        assert (found.courtyard_id, found.building, found.courtyard) == (here.yard, "3", "雁北新村")
        with pytest.raises(Clash):
            door_codes.make(here.yard, "3")
        for yard, building, field in ((uuid7(), "", "courtyard"), (here.yard, "长" * 21, "building")):
            with pytest.raises(Refused) as refused:
                door_codes.make(yard, building)
            assert refused.value.field == field
        code = db.session.scalars(select(DoorCode.id).where(DoorCode.token == token)).one()
        fresh = door_codes.renew(code)
        assert door_codes.leads_to(token) is None
        assert door_codes.leads_to(fresh).building == "3"
        with pytest.raises(Absent):
            door_codes.end(code)
        assert len(door_codes.standing()) == 3


def _people(here: Desk) -> tuple[UUID, UUID]:
    one = residents.register(here.yard, Door("3", "2", "501"), (
        NewPerson("周某", "male", "02", id_number="610103194001011235", birth_date=date(1940, 1, 1)),
        NewPerson("马某", "female", "10", birth_date=date(1942, 2, 2)),
    ))  # fmt: skip
    two = residents.register(here.other_yard, Door("1", "1", "101"), (NewPerson("李某", "male", "02", age=70),))
    return one.household_id, two.household_id


LIST = """民政局监测名单
姓名,身份证号码,出生日期,小区,楼号,单元,门牌,备注
周某,610103194001011235,,,,,,大额支出
马某,,1942年2月2日,,,,,
李某,,,雁鸣小区,1号楼,1单元,101室,
赵某,,1950-01-01,,,,,
钱某,610103194001011234,,,,,,
"""


def _read(content: str = LIST, **words: object) -> UUID:
    known = {"department": catalogue.departments()[0]["id"], "name": "监测名单", "dated": today()} | words
    return lists.read(content.encode(), "a.csv", **known)  # type: ignore[arg-type]


def _made() -> int:
    return db.session.scalar(select(func.count()).select_from(Signal)) or 0


def _kept(name: str) -> int:
    return db.session.scalar(select(Indicator.value).where(Indicator.name == name)) or 0


def test_a_departments_list_becomes_one_signal_for_each_family_once() -> None:
    with at_the_desk() as here:
        one, two = _people(here)
        list_id = _read()
        row = lists.one(list_id)
        assert row is not None
        seen = lists.preview(row)
        assert [(each.row, each.how, each.household_id) for each in seen] == [
            (3, "id_number", one), (4, "name", one), (5, "door", two), (6, "none", None), (7, "wrong", None),
        ]  # fmt: skip
        assert [each.courtyard for each in seen[:3]] == ["雁北新村", "雁北新村", "雁鸣小区"]
        assert seen[1].again
        assert "610103194001011235" not in (row.found or "")
        assert _made() == 0
        assert lists.confirm(list_id).state == "done"
        assert (_made(), _kept("signals_received")) == (2, 2)
        signals = db.session.scalars(select(Signal).order_by(Signal.number)).all()
        assert {(each.channel, each.household_id, each.list_id) for each in signals} == {
            ("department", one, list_id), ("department", two, list_id),
        }  # fmt: skip
        assert "监测名单" in signals[0].words
        assert row.found is None
        assert _read() == list_id
        with pytest.raises(Clash):
            lists.confirm(list_id)
        saved_anew = _read(LIST.replace("赵某", "孙某"))
        assert saved_anew != list_id
        fresh = lists.one(saved_anew)
        assert fresh is not None
        assert all(each.again for each in lists.preview(fresh) if each.household_id)
        lists.confirm(saved_anew)
        assert _made() == 2


def test_a_list_is_undone_while_nobody_sorted_its_signals() -> None:
    with at_the_desk() as here:
        one, _two = _people(here)
        list_id = _read()
        lists.confirm(list_id)
        sorted_one = db.session.scalars(select(Signal.id).where(Signal.household_id == one)).one()
        service.settle(sorted_one, "no_action", reason="已经在办")
        assert lists.undo(list_id) == (1, 1)
        assert (_made(), _kept("signals_received")) == (1, 1)
        assert db.session.scalar(select(func.count()).where(Step.object_kind == "signal")) == 1
        with pytest.raises(Clash):
            lists.undo(list_id)
        assert _read() == list_id
        lists.confirm(list_id)
        assert _made() == 2


def test_a_long_list_is_left_to_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "AT_ONCE", 1)
    with at_the_desk() as here:
        _people(here)
        list_id = _read()
        assert lists.confirm(list_id).state == "working"
        assert _made() == 0
        row_id = str(db.session.scalars(select(Outbox.id).where(Outbox.kind == "signal.list")).one())
    assert perform(here.tenant.id, str(here.tenant.uid), row_id)
    with tenant_scope(here.tenant):
        assert _made() == 2
        assert jobs.make_list({"list_id": str(list_id)}) is None
        assert _made() == 2


@pytest.mark.parametrize(
    ("content", "words", "field"),
    [
        ("姓名,电话\n周某,1\n", {}, "file"),
        ("周某,610103194001011235\n", {}, "file"),
        ("", {}, "file"),
        (LIST, {"department": "x"}, "department"),
        (LIST, {"name": " "}, "name"),
        (LIST, {"dated": date(2999, 1, 1)}, "dated"),
    ],
)
def test_what_is_no_list_is_refused_at_its_field(content: str, words: dict[str, object], field: str) -> None:
    with at_the_desk():
        with pytest.raises(Refused) as refused:
            _read(content, **words)
        assert refused.value.field == field
        assert db.session.scalar(select(func.count()).select_from(DepartmentList)) == 0


def test_a_lead_that_nobody_confirmed_loses_its_words_after_its_time_and_is_still_counted() -> None:
    with at_the_desk() as here:
        days = int(waits.setting("keep-lead"))
        assert days == 180
        old = service.receive("neighbour", "need", "王阿姨说的话", caller="王阿姨", phone=PHONE, courtyard_id=here.yard)
        told = service.receive("counter", "question", "问低保")
        service.settle(told.id, "question", answer="到窗口办")
        cased = service.receive("hotline", "need", "老人卧床", phone=PHONE, courtyard_id=here.yard)
        service.open_case(cased.id, WISHES, courtyard_id=here.yard, urgency="ordinary")
        fresh = service.receive("hotline", "need", "新的", phone=PHONE)
        for signal_id in (old.id, told.id, cased.id):
            db.session.execute(
                update(Signal).where(Signal.id == signal_id).values(received_at=now() - timedelta(days=days, hours=1))
            )
        gate.note("form", "x")
        db.session.execute(update(PublicUse).values(at=now() - timedelta(days=2)))
        assert keeping.clear() == 2
        assert keeping.clear() == 0
        row = _row(old.id)
        assert (row.words, row.caller, row.phone, row.phone_index, row.track_index) == ("", None, None, None, None)
        assert (row.state, row.became, row.channel, row.courtyard_id) == (
            "answered",
            "no_action",
            "neighbour",
            here.yard,
        )
        assert (_row(told.id).became, _row(told.id).answer) == ("question", None)
        assert _row(cased.id).words == "老人卧床"
        assert _row(fresh.id).phone == PHONE
        assert _made() == 4
        assert _kept("signals_received") == 4
        assert db.session.scalar(select(func.count()).where(Step.id == old.id)) == 0
        assert db.session.scalar(select(func.count()).select_from(PublicUse)) == 0
        with pytest.raises(Refused):
            tracking.find(old.code, "1111")
