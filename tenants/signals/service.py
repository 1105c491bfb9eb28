"""Receiving, sorting and answering signals; a need becomes a case with wishes and a first visit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit, codes, crypto, facts, outbox
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.service import next_step, no_step
from rongjiu.tenancy.staff import working
from tenants.accompaniment.service import plan_visit
from tenants.cases import service as cases
from tenants.catalogue import service as catalogue
from tenants.needs import service as needs
from tenants.residents import queries as residents
from tenants.residents.models import Courtyard, Household
from tenants.signals import gate, rules, tracking
from tenants.signals.facts import SignalCritical, SignalReceived
from tenants.signals.models import CHANNELS, Signal

CLERK = "assistance_clerk"


@dataclass(frozen=True, slots=True)
class Expected:
    """Who acts next, and by when."""

    actor: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Received:
    """A signal that was noted, who sorts it by when, and the code by which the asker follows it."""

    id: UUID
    number: str
    next: Expected
    code: str
    answer_due_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """A case opened from a signal, and who visits by when."""

    case_id: UUID
    number: str
    next: Expected


def receive(
    channel: str, kind: str, words: str, *, caller: str = "", phone: str = "", courtyard_id: UUID | None = None,
    session_id: UUID | None = None, urgency: str = "ordinary", household_id: UUID | None = None, building: str = "",
    call_back: bool | None = None, list_id: UUID | None = None,
) -> Received:  # fmt: skip
    """Note a signal (kind need | wish | question) in the words that came; the clerk sorts it next.

    `household_id` is the family of the register that it speaks of; `call_back` False: the caller wants no call and no
    message. Raises Refused naming words, phone, kind, urgency, household or courtyard.
    """
    if channel not in CHANNELS:
        raise ValueError(channel)
    if urgency == "critical":
        cases.ready(household_id)
    row = Signal(
        id=uuid7(), number="", channel=channel, kind=_one_of(kind, tuple(rules.KINDS), "kind"), words=_words(words),
        caller=caller.strip()[:50] or None, phone=_phone(phone), phone_index=None, courtyard_id=_yard(courtyard_id),
        session_id=session_id, urgency=_one_of(urgency, rules.URGENCIES, "urgency"), state="new", became="",
        case_id=None, received_at=now(), triaged_at=None, demo=False, household_id=household_id,
        building=building.strip()[:20], call_back=call_back, list_id=list_id,
    )  # fmt: skip
    if household_id is not None:
        row.courtyard_id = _home_yard(household_id)
    row.phone_index = crypto.blind(row.phone, current_tenant().uid, "phone") if row.phone else None
    letters, row.demo = cases.mark()
    row.number = cases.next_number(f"{letters}-X", "signal")
    code = tracking.code_of(row.id)
    row.track_index = tracking.index_of(code) if row.phone else None
    row.answer_due_at = catalogue.due("signal-answer", urgency, row.received_at)
    db.session.add(row)
    db.session.flush()
    expected = Expected(post_of(CLERK), catalogue.due("signal-triage", urgency, row.received_at))
    _step(row, CLERK, expected, N_("分派线索"))
    _watch(row)
    sorting = {"signal_id": str(row.id), "stage": "unsorted", "due": expected.due_at.isoformat()}
    outbox.put("signal.due", sorting, key=f"signal-unsorted-{row.id}", after=expected.due_at)
    audit.record("signal.receive", "signal", row.id, channel=channel, said=kind, urgency=urgency)
    facts.send(SignalReceived(tenant_id=current_tenant().id, object_id=row.id, counts={"signals_received": 1}))
    if urgency == "critical":
        facts.send(SignalCritical(tenant_id=current_tenant().id, object_id=row.id))
    return Received(row.id, row.number, expected, code, row.answer_due_at)


def ask(
    words: str, *, kind: str, caller: str = "", phone: str = "", courtyard_id: UUID | None = None, about: str = "self",
    building: str = "",
) -> Received:  # fmt: skip
    """A wish or tip from the public page, about oneself or a neighbour.

    Raises Refused naming `phone` beyond the day's number for one telephone (timer wish-per-phone).
    """
    read = _phone(phone)
    if not read:
        raise Refused("请留一个电话，我们好答复您。", field="phone")
    if gate.asked_today(read) >= int(catalogue.setting("wish-per-phone")):
        raise Refused("这个电话今天已经提交了 3 次。有急事请直接打社区电话。", field="phone", status=429)
    channel = "neighbour" if about == "neighbour" else "self"
    return receive(channel, kind, words, caller=caller, phone=read, courtyard_id=courtyard_id, building=building)


def open_case(
    signal_id: UUID, wishes: Sequence[str], *, courtyard_id: UUID | None, urgency: str, became: str = "need",
    visitor_words: str = "",
) -> Opened:  # fmt: skip
    """Sort a signal into a need or wish: a case with the wishes in the family's words and a first visit by the grid
    worker of the courtyard. `visitor_words` is what the visitor reads instead of the words that came (a tip's are never
    shown to the visitor). Raises Clash when it was sorted already, Refused naming wishes, courtyard (in 急难 it may be found out later) or urgency."""
    told = [text for text in (each.strip() for each in wishes) if text]
    if not told:
        raise Refused("请至少写一条心愿或需求，用家里人的原话。", field="wishes")
    _one_of(urgency, rules.URGENCIES, "urgency")
    row = sorted_into(signal_id, became)
    row.courtyard_id = _yard(courtyard_id or row.courtyard_id)
    if row.courtyard_id is None and urgency != "critical":
        raise Refused("请选择院落，才知道由谁上门。", field="courtyard")
    row.urgency = urgency
    row.visitor_words = visitor_words.strip()[: rules.LONGEST] or None
    case = cases.open_case(row.courtyard_id, signal_id=row.id, urgency=urgency)
    for text in told:
        needs.add(case.id, text, is_wish=True)
    row.case_id = case.id
    expected = plan_first(case.id, case.number, row.courtyard_id, urgency, catalogue.due("first-visit", urgency))
    close_sorting(row, expected.actor, "grid_worker", told_at_once=reachable(row))
    audit.record("signal.triage", "signal", row.id, became=became, case=case.number)
    if urgency == "critical":
        facts.send(SignalCritical(tenant_id=current_tenant().id, object_id=row.id))
    return Opened(case.id, case.number, expected)


def settle(signal_id: UUID, became: str, *, reason: str = "", answer: str = "") -> None:
    """Sort a signal without opening a case: question, or no_action with a reason. The asker is still answered: with
    the words of `answer` by message when a telephone is there, else by somebody in time."""
    if became not in ("question", "no_action"):
        raise Refused("请选一项", field="became")
    if became == "no_action" and not reason.strip():
        raise Refused("请写明不处理的理由，会留在记录里。", field="reason")
    row = sorted_into(signal_id, became)
    row.reason, row.answer = reason.strip()[:200] or None, _answer_words(answer)
    close_sorting(row, post_of(CLERK), CLERK, told_at_once=reachable(row) and bool(row.answer))
    audit.record("signal.triage", "signal", row.id, became=became)


def answer(signal_id: UUID, *, how: str = "call", text: str = "", reason: str = "") -> None:
    """Note that the asker was told (rules.HOWS), perhaps in which words; answering twice changes nothing.

    `none` = there is no way to tell; it needs a reason. Raises Refused naming how, reason or answer.
    """
    _one_of(how, rules.HOWS, "how")
    row = _row(signal_id)
    if row.state == "answered":
        return
    if not rules.may_answer(row.state):
        raise Refused("请先分派这条线索，再答复。", status=409)
    if how == "none" and not reason.strip():
        raise Refused("请写明为什么没有办法答复。", field="reason")
    row.state, row.answered_at, row.answered_how = "answered", now(), how
    row.answer = _answer_words(text) or row.answer
    row.reason = reason.strip()[:200] or row.reason
    db.session.flush()
    no_step(row.id)
    audit.record("signal.answer", "signal", row.id, how=how)


def plan_first(case_id: UUID, number: str, courtyard_id: UUID | None, urgency: str, due_at: datetime) -> Expected:
    """Plan the visit that verifies a case, by the grid worker of its courtyard, else by the clerk."""
    worker = residents.grid_worker(courtyard_id) if courtyard_id else None
    role, post = ("grid_worker", worker.post) if worker else (CLERK, post_of(CLERK))
    visit = plan_visit(case_id, "first", due_at, worker_id=worker.account_id if worker else None)
    next_step(
        "visit", visit.id, number=number, case_id=case_id, actor_role=role, actor=post, verb=N_("上门核实"), due_at=due_at,
        urgency=urgency,
    )  # fmt: skip
    return Expected(post, due_at)


def close_sorting(row: Signal, actor: str, role: str, *, told_at_once: bool) -> None:
    """Sorted: by telephone the asker is told at once by message, else somebody answers by the due time."""
    row.state, row.triaged_at = "triaged", now()
    due_at: datetime = catalogue.due("signal-answer", row.urgency, row.received_at)
    if due_at != row.answer_due_at:
        row.answer_due_at = due_at
        _watch(row)
    db.session.flush()
    _step(row, role, Expected(actor, due_at), N_("答复反映人"))
    if told_at_once:
        outbox.put("signal.tell", {"signal_id": str(row.id)}, key=f"signal-tell-{row.id}")


def _watch(row: Signal) -> None:
    """Set the clocks of the answer: a reminder (timer half-time-reminder), an alarm when it is late. Each looks again when it rings."""
    due_at = row.answer_due_at or now()
    unit: Literal["hours", "working_days"] = "hours" if row.urgency == "critical" else "working_days"
    for stage, at in (("half", catalogue.reminder(row.received_at, due_at, unit)), ("late", due_at)):
        payload = {"signal_id": str(row.id), "stage": stage, "due": due_at.isoformat()}
        outbox.put("signal.due", payload, key=f"signal-{stage}-{row.id}-{due_at.timestamp():.0f}", after=at)


def reachable(row: Signal) -> bool:
    """May a message be sent to who asked?"""
    return bool(row.phone) and row.call_back is not False


def _answer_words(text: str) -> str | None:
    words = text.strip()
    if len(words) > 300:
        raise Refused("答复请写短一点，300 字以内。", field="answer")
    return words or None


def _home_yard(household_id: UUID) -> UUID:
    yard = db.session.scalar(select(Household.courtyard_id).where(Household.id == household_id))
    if yard is None:
        raise Refused("没有这户人家，请重新查找。", field="household")
    return yard


def _step(row: Signal, role: str, expected: Expected, verb: str) -> None:
    next_step(
        "signal", row.id, number=row.number, case_id=None, actor_role=role, actor=expected.actor, verb=verb,
        due_at=expected.due_at, urgency=row.urgency,
    )  # fmt: skip


def _row(signal_id: UUID) -> Signal:
    row = db.session.scalar(select(Signal).where(Signal.id == signal_id).with_for_update())
    if row is None:
        raise Absent("没有这条线索。")
    return row


def sorted_into(signal_id: UUID, became: str) -> Signal:
    """The signal, locked, as it is sorted; raises Clash when somebody sorted it before."""
    row = _row(signal_id)
    if not rules.may_become(row.state, became):
        raise Clash("这条线索已经分派过了，请刷新页面看结果。")
    row.became = became
    return row


def post_of(role: str) -> str:
    """The post that does the work of a role: the first working one, else the secretary."""
    staff = working(current_tenant().uid, (role,)) or working(current_tenant().uid, ("secretary",))
    return staff[0].post if staff else "社区"


def _words(text: str) -> str:
    words = text.strip()
    if not words:
        raise Refused("请写下听到的话。", field="words")
    if len(words) > rules.LONGEST:
        raise Refused("请写短一点，2000 字以内。", field="words")
    return words


def _phone(text: str) -> str | None:
    if not text.strip():
        return None
    try:
        return codes.phone(text)
    except codes.CodeError as error:
        raise Refused(str(error), field="phone") from error


def _one_of(value: str, allowed: Sequence[str], field: str) -> str:
    if value not in allowed:
        raise Refused("请选一项", field=field)
    return value


def _yard(courtyard_id: UUID | None) -> UUID | None:
    if courtyard_id is None:
        return None
    if db.session.scalar(select(Courtyard.id).where(Courtyard.id == courtyard_id)) is None:
        raise Refused("没有这个院落，请重新选择。", field="courtyard")
    return courtyard_id
