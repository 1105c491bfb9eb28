"""From a word heard to a case, a first visit and a family met."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from rongjiu.actor import acting
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.notify.models import Message
from rongjiu.outbox import Outbox, perform
from rongjiu.oversight.models import Indicator, Step
from tenants.accompaniment.models import Visit
from tenants.cases import queries as cases
from tenants.cases.service import find
from tenants.consents.models import Consent
from tenants.livestream import queries as live
from tenants.livestream import service as livestream
from tenants.needs import queries as needs
from tenants.residents.models import Carer, Household, Person
from tenants.signals import alike, first_visit, gate, queries, service
from tenants.signals.first_visit import Sheet
from tenants.signals.models import Signal
from tests.desk_of import DOOR, WISHES, ZHOU, Desk, a_desk

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def _step(object_id: UUID) -> Step | None:
    return db.session.scalar(select(Step).where(Step.id == object_id))


def _count(name: str) -> int:
    return db.session.scalar(select(Indicator.value).where(Indicator.name == name)) or 0


def _opened(here: Desk, phone: str = "") -> service.Opened:
    with acting(here.as_clerk()):
        signal = service.receive("hotline", "need", "老人卧床多年", phone=phone, courtyard_id=here.yard)
        return service.open_case(signal.id, WISHES, courtyard_id=here.yard, urgency="ordinary")


def _visit(case_id: UUID) -> UUID:
    return db.session.scalars(select(Visit.id).where(Visit.case_id == case_id, Visit.state == "planned")).one()


def _sheet(**words: object) -> Sheet:
    return Sheet(**{"door": DOOR, "people": ZHOU, "carers": ((2, 0),), "photo": ("c1.png", PNG), **words})  # type: ignore[arg-type]


@pytest.mark.usefixtures("inside")
def test_words_of_an_outdoor_session_become_a_signal_that_the_clerk_sorts() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        seq = livestream.open_session(date(2022, 8, 3), "进院落", outdoor=True)
        got = livestream.note(seq, "need", "雁北新村一户：老人高位截瘫", courtyard_id=here.yard)
        row = queries.one(got.id)
        assert (row.channel, row.state, row.courtyard) == ("livestream_outdoor", "new", "雁北新村")
        assert got.next.actor == "救助专干"
        step = _step(got.id)
        assert step is not None
        assert (step.verb, step.actor_role) == ("分派线索", "assistance_clerk")
        assert _count("signals_received") == 1
        session = live.one(seq)
        assert [line.number for line in queries.of_session(session.id)] == [got.number]
        with pytest.raises(Absent):
            livestream.note(99, "need", "x")


@pytest.mark.usefixtures("inside")
def test_a_need_opens_a_case_with_wishes_and_a_first_visit_of_the_courtyards_grid_worker() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        opened = _opened(here)
        assert opened.number == f"CS-{opened.number[3:7]}-000001"
        case = cases.one(opened.number)
        assert (case.state, case.worker_id, case.courtyard) == ("identified", here.clerk.account.id, "雁北新村")
        told = needs.of_case(opened.case_id)
        assert [(n.seq, n.words, n.is_wish) for n in told] == [(1, WISHES[0], True), (2, WISHES[1], True)]
        visit = db.session.scalars(select(Visit).where(Visit.case_id == opened.case_id)).one()
        assert (visit.kind, visit.worker_id, visit.state) == ("first", here.grid.account.id, "planned")
        step = _step(visit.id)
        assert step is not None
        assert (step.actor, step.verb, step.due_at) == ("网格员03", "上门核实", opened.next.due_at)
        assert _count("cases_opened") == 1


@pytest.mark.usefixtures("inside")
def test_a_signal_is_sorted_once_and_refusals_name_the_field() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        got = service.receive("counter", "need", "想问低保")
        for wishes, yard, field in (
            ((" ",), here.yard, "wishes"),
            (WISHES, None, "courtyard"),
            (WISHES, uuid7(), "courtyard"),
        ):
            with pytest.raises(Refused) as refused:
                service.open_case(got.id, wishes, courtyard_id=yard, urgency="ordinary")
            assert refused.value.field == field
            db.session.execute(update(Signal).where(Signal.id == got.id).values(state="new", became=""))
            db.session.expire_all()
        service.settle(got.id, "question")
        with pytest.raises(Clash):
            service.settle(got.id, "question")
        with pytest.raises(Refused):
            service.receive("counter", "need", "  ")
        other = service.receive("counter", "need", "广告")
        with pytest.raises(Refused) as refused:
            service.settle(other.id, "no_action")
        assert refused.value.field == "reason"
        service.settle(other.id, "no_action", reason="是推销，不是困难")
        row = db.session.get_one(Signal, (here.tenant.id, other.id))
        assert (row.became, row.reason, row.case_id) == ("no_action", "是推销，不是困难", None)


@pytest.mark.usefixtures("inside")
def test_who_left_a_telephone_is_told_once_without_personal_content() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        opened = _opened(here, phone="13900001111")
        row = db.session.scalars(select(Outbox).where(Outbox.kind == "signal.tell")).one()
        row_id, signal_id = row.id, UUID(row.payload["signal_id"])
        assert "13900001111" not in str(row.payload)
    perform(here.tenant.id, str(here.tenant.uid), str(row_id))
    assert not perform(here.tenant.id, str(here.tenant.uid), str(row_id))
    with tenant_scope(here.tenant):
        texts = db.session.scalars(select(Message.text).where(Message.unique_key == f"signal-tell-{signal_id}")).all()
        assert len(texts) == 1
        assert "卧床" not in texts[0]
        assert queries.one(signal_id).state == "answered"
        assert _step(signal_id) is None
        assert opened.number


@pytest.mark.usefixtures("inside")
def test_a_duplicate_joins_its_case_and_alike_ones_are_shown() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        opened = _opened(here, phone="13900001111")
        again = service.receive("neighbour", "need", "三号楼老人", phone="139 0000 1111", courtyard_id=here.yard)
        sought = alike.to(queries.one(again.id))
        signals, found = alike.signals(sought, clerk=True), alike.cases(sought, clerk=True)
        assert [(s.state, s.same_phone) for s in signals] == [("triaged", True)]
        assert [c.number for c in found] == [opened.number]
        with pytest.raises(Refused) as refused:
            alike.join_case(again.id, "CS-1999-000001")
        assert refused.value.field == "number"
        db.session.execute(update(Signal).where(Signal.id == again.id).values(became=""))
        db.session.expire_all()
        assert alike.join_case(again.id, opened.number, wishes=["想要护理床"]) == opened.number
        assert [n.words for n in needs.of_case(opened.case_id)][-1] == "想要护理床"


@pytest.mark.usefixtures("inside")
def test_a_first_visit_registers_the_family_with_its_consent_and_hands_on_to_the_clerk() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        opened = _opened(here)
        visit_id, key = _visit(opened.case_id), uuid7()
        number, expected = first_visit.register(visit_id, _sheet(), client_key=key, courtyards=[here.yard])
        assert (number, expected.actor) == (4, "救助专干")
        case = find(opened.number)
        assert case.state == "assessing"
        assert case.household_id is not None
        assert case.weight == 25 + 20 + 10 + 20  # the last by rule: 84 and disabled
        assert case.weight_reasons[0] == "severely-disabled"
        consent = db.session.scalars(select(Consent).where(Consent.case_id == case.id)).one()
        assert (consent.scope, consent.how, consent.file_id is not None) == ("survey_and_casework", "paper", True)
        assert db.session.scalar(select(func.count()).select_from(Carer)) == 1
        step = _step(case.id)
        assert step is not None
        assert (step.actor_role, step.verb) == ("assistance_clerk", "完成甄别研判")
        assert _step(visit_id) is None
        assert (_count("signals_met"), _count("visits_done"), _count("persons")) == (1, 1, 4)
        assert "visited" in [e.kind for e in cases.timeline(case.id)]
        assert case.signal_id is not None
        assert queries.one(case.signal_id).state == "answered"
        again = first_visit.register(visit_id, _sheet(), client_key=key, courtyards=[here.yard])
        assert again[0] == 4
        assert db.session.scalar(select(func.count()).select_from(Person)) == 4
        with pytest.raises(Clash):
            first_visit.register(visit_id, _sheet(), client_key=uuid7(), courtyards=[here.yard])


@pytest.mark.usefixtures("inside")
def test_a_visit_of_another_courtyard_is_not_there() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        opened = _opened(here)
        visit_id = _visit(opened.case_id)
        with pytest.raises(Absent):
            first_visit.register(visit_id, _sheet(), client_key=uuid7(), courtyards=[here.other_yard])
        assert db.session.scalar(select(func.count()).select_from(Household)) == 0


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize(
    ("words", "field"),
    [({"photo": None}, "photo"), ({"how": "voice"}, "witness"), ({"consent_by": 9}, "consent_by"), ({"people": ()}, "consent_by"),
     ({"photo": ("c1.png", b"<svg/>")}, "photo")],
)  # fmt: skip
def test_without_a_consent_nothing_is_registered(words: dict[str, object], field: str) -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        opened = _opened(here)
        with pytest.raises(Refused) as refused:
            first_visit.register(_visit(opened.case_id), _sheet(**words), client_key=uuid7())
        assert refused.value.field == field


@pytest.mark.usefixtures("inside")
def test_nobody_met_means_another_visit() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        opened = _opened(here)
        first = _visit(opened.case_id)
        first_visit.missed(first, client_key=uuid7(), courtyards=[here.yard])
        second = _visit(opened.case_id)
        assert second != first
        assert _step(second) is not None
        assert _step(first) is None


@pytest.mark.usefixtures("inside")
def test_one_telephone_asks_three_times_a_day() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        with pytest.raises(Refused) as refused:
            service.ask("想理发", kind="wish")
        assert refused.value.field == "phone"
        for _ in range(3):
            service.ask("想理发", kind="wish", phone="13700001111")
        with pytest.raises(Refused) as refused:
            service.ask("想理发", kind="wish", phone="137 0000 1111")
        assert refused.value.status == 429
        assert gate.asked_today("13700001111") == 3


@pytest.mark.usefixtures("inside")
def test_a_critical_signal_rings_the_desk() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        got = service.receive("hotline", "need", "老人摔倒", urgency="critical")
        assert db.session.scalars(select(Outbox.kind).where(Outbox.kind == "emergency.alarm")).one()
        step = db.session.scalar(select(Step).where(Step.object_kind == "emergency"))
        assert step is not None
        assert db.session.get_one(Signal, (here.tenant.id, got.id)).became == "need"
        assert step.urgency == "critical"
        assert (step.due_at - step.since).total_seconds() <= 1801
