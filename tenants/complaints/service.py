"""From a complaint to an answer: a receiver outside the matter, the other side heard, upheld or not, open again.

Who complained is sealed, opened to the receiver alone, and never part of what those complained about read.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit, codes, facts, outbox
from rongjiu.actor import current_actor
from rongjiu.clock import now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace.models import Provider
from rongjiu.neighbours import service as neighbours
from rongjiu.oversight.service import next_step, no_step
from rongjiu.tenancy.models import Community
from rongjiu.tenancy.staff import Worker, working
from tenants.cases.service import next_number
from tenants.catalogue import service as waits
from tenants.complaints import rules
from tenants.complaints.facts import ComplaintReceived, ComplaintUpheld
from tenants.complaints.models import Complaint, ComplaintEvent

RECEIVERS = ("secretary", "assistance_clerk")


@dataclass(frozen=True, slots=True)
class Heard:
    """A complaint as it is noted."""

    words: str
    about: str = "unknown"
    provider_id: UUID | None = None
    staff_id: UUID | None = None
    category: str = "other"
    channel: str = "phone"
    complainant: str = ""
    phone: str = ""
    happened_on: date | None = None


def receive(heard: Heard) -> Complaint:
    """Note a complaint; somebody outside the matter has it until the day of timer complaint-answer (5 working days).

    Raises Refused naming the field that is wrong.
    """
    words = heard.words.strip()
    if not words or len(words) > rules.LONGEST:
        raise Refused("请写下发生了什么，2000 字以内。", field="words")
    for name, value, known in (
        ("about", heard.about, rules.ABOUT), ("category", heard.category, rules.CATEGORIES),
        ("channel", heard.channel, rules.CHANNELS),
    ):  # fmt: skip
        if value not in known:
            raise Refused("请选一项", field=name)
    if heard.happened_on and heard.happened_on > today():
        raise Refused("发生的日子不能晚于今天。", field="happened_on")
    try:
        phone = codes.phone(heard.phone) if heard.phone.strip() else ""
    except codes.CodeError as error:
        raise Refused(str(error), field="phone") from error
    provider_id, staff_id = _object(heard)
    receiver = _receiver(staff_id)
    row = Complaint(
        id=uuid7(), number=next_number(f"{_community().mark or 'XX'}-TS", "complaint"), about=heard.about,
        provider_id=provider_id, staff_id=staff_id, category=heard.category, channel=heard.channel,
        complainant=heard.complainant.strip()[:40] or None, phone=phone or None, words=words,
        happened_on=heard.happened_on, state="received", receiver_id=receiver.account_id if receiver else None,
        receiver_post=receiver.post if receiver else "", received_at=now(), due_at=waits.due("complaint-answer"),
        answered_how="", reopened=0,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    _note(row, "receive", "")
    _step(row, N_("处理投诉"))
    audit.record("complaint.receive", "complaint", row.id, channel=row.channel, about=row.about)
    facts.send(ComplaintReceived(tenant_id=current_tenant().id, object_id=row.id))
    return row


def take(complaint_id: UUID, about: str, *, provider_id: UUID | None = None, staff_id: UUID | None = None) -> Complaint:
    """Say whom a complaint is about; when it turns out to be its receiver, somebody else has it. Raises Absent, Clash,
    Refused naming about, provider or staff."""
    row = _held(complaint_id, "take")
    if about not in rules.ABOUT:
        raise Refused("请选一项", field="about")
    heard = Heard("", about, provider_id, staff_id)
    row.about = about
    row.provider_id, new_staff = _object(heard)
    if new_staff and new_staff == row.receiver_id:
        receiver = _receiver(new_staff)
        row.receiver_id, row.receiver_post = (receiver.account_id, receiver.post) if receiver else (None, "")
    row.staff_id = new_staff
    db.session.flush()
    _note(row, "take", "received")
    _step(row, N_("处理投诉"))
    audit.record("complaint.take", "complaint", row.id, about=about)
    return row


def ask(complaint_id: UUID, question: str) -> Complaint:
    """Hear those complained about: the receiver's own words, without the complainant, and half of the time left to
    reply. Raises Absent, Clash, Refused naming question, or about when nobody is named yet."""
    row = _held(complaint_id, "ask")
    if row.about == "unknown":
        raise Refused("请先写明投诉的是谁。", field="about")
    words = question.strip()
    if not words or len(words) > rules.LONGEST:
        raise Refused("请写要对方说明什么，不写投诉人。", field="question")
    _without_complainant(row, words)
    row.question, row.hearing_due_at = words, waits.half(now(), max(row.due_at, waits.due("complaint-answer")))
    row.reply, row.replied_at, row.state = None, None, "hearing"
    db.session.flush()
    if row.provider_id:
        neighbours.hear(
            row.id, row.provider_id, _community().id, category=row.category, happened_on=row.happened_on,
            due_at=row.hearing_due_at,
        )  # fmt: skip
    outbox.put(
        "complaints.asked", {"complaint": str(row.id), "key": f"hear-{row.id}-{row.hearing_due_at:%Y%m%d%H%M%S}"}
    )
    _note(row, "ask", "received")
    audit.record("complaint.ask", "complaint", row.id)
    return row


def _without_complainant(row: Complaint, words: str) -> None:
    """Neither name nor telephone of the complainant may stand in what the other side reads."""
    digits = "".join(sign for sign in words if sign.isdecimal())
    if (row.complainant and row.complainant in words) or (row.phone and row.phone in digits):
        raise Refused("这里不能出现投诉人的姓名和电话。", field="question")


def reply(complaint_id: UUID, words: str, *, provider_id: UUID | None = None, staff_id: UUID | None = None) -> None:
    """The other side's answer, by the provider or the person complained about and nobody else. Raises Absent for any
    other, Clash when it is not asked, Refused naming `reply`."""
    row = db.session.scalar(select(Complaint).where(Complaint.id == complaint_id).with_for_update())
    theirs = row is not None and (
        (provider_id is not None and row.provider_id == provider_id)
        or (staff_id is not None and row.staff_id == staff_id)
    )
    if row is None or not theirs or not row.question:
        raise Absent("没有这件事。")
    if rules.target("reply", row.state) is None:
        raise Clash("这件事已经有了结论，不能再改说明。")
    said = words.strip()
    if not said or len(said) > rules.LONGEST:
        raise Refused("请写您的说明，2000 字以内。", field="reply")
    row.reply, row.replied_at = said, now()
    db.session.flush()
    if row.provider_id:
        neighbours.settle(row.id, answered=True)
    _note(row, "reply", "hearing")
    audit.record("complaint.reply", "complaint", row.id)


def decide(complaint_id: UUID, *, upheld: bool, finding: str) -> Complaint:
    """Find a complaint right or not. Nobody is found at fault unheard. A provider found at fault is told to other
    communities as a fact: category and day, no resident. Raises Absent, Clash, Refused."""
    row = _held(complaint_id, "decide")
    words = finding.strip()
    if not words or len(words) > rules.LONGEST:
        raise Refused("请写明查到了什么、凭什么这样认定。", field="finding")
    if upheld and not rules.may_uphold(_matter(row)):
        raise Refused("请先请对方说明；对方答复了，或期限过了，才能认定属实。", field="upheld")
    before, row.state, row.upheld, row.finding, row.decided_at = row.state, "decided", upheld, words, now()
    db.session.flush()
    if row.provider_id:
        neighbours.settle(row.id, outcome="upheld" if upheld else "not_upheld")
    if upheld:
        if row.provider_id:
            neighbours.notify(row.provider_id, _community().id, row.id, "complaint_upheld", row.category)
        facts.send(ComplaintUpheld(tenant_id=current_tenant().id, object_id=row.id))
    _note(row, "decide", before)
    _step(row, N_("答复投诉人"))
    audit.record("complaint.decide", "complaint", row.id, upheld=upheld)
    return row


def answer(complaint_id: UUID, how: str, words: str) -> Complaint:
    """Note what the complainant was told and how. Raises Absent, Clash, Refused naming how or answer."""
    row = _held(complaint_id, "answer")
    if how not in rules.HOWS:
        raise Refused("请选一项", field="how")
    said = words.strip()
    if not said or len(said) > rules.LONGEST:
        raise Refused("请写答复了什么；联系不上的，写试过几次。", field="answer")
    row.state, row.answer, row.answered_how, row.answered_at = "answered", said, how, now()
    db.session.flush()
    no_step(row.id)
    _note(row, "answer", "decided")
    audit.record("complaint.answer", "complaint", row.id, how=how)
    return row


def reopen(complaint_id: UUID) -> Complaint:
    """Look again, by somebody else where there is somebody; what others were told is taken back. Raises Absent, Clash."""
    row = _held(complaint_id, "reopen")
    before = row.state
    receiver = _receiver(row.staff_id, row.receiver_id) or _receiver(row.staff_id)
    row.receiver_id, row.receiver_post = (receiver.account_id, receiver.post) if receiver else (None, "")
    row.state, row.upheld, row.decided_at, row.answered_at, row.answered_how = "received", None, None, None, ""
    row.reopened, row.due_at = row.reopened + 1, waits.due("complaint-answer")
    row.question, row.reply, row.replied_at, row.hearing_due_at = None, None, None, None
    db.session.flush()
    neighbours.withdraw(row.id, "complaint_upheld")
    _note(row, "reopen", before)
    _step(row, N_("重新处理投诉"))
    audit.record("complaint.reopen", "complaint", row.id)
    return row


def _object(heard: Heard) -> tuple[UUID | None, UUID | None]:
    """Provider and staff account a complaint is about, checked."""
    if heard.about == "provider":
        if heard.provider_id is None or db.session.get(Provider, heard.provider_id) is None:
            raise Refused("请选一家服务方。", field="provider")
        return heard.provider_id, None
    if heard.about in ("worker", "volunteer"):
        staff = {worker.account_id for worker in working(current_tenant().uid)}
        if heard.staff_id not in staff:
            raise Refused("请选这位工作人员或志愿者。", field="staff")
        return None, heard.staff_id
    return None, None


def _receiver(*without: UUID | None) -> Worker | None:
    """The first of the desk who is outside the matter: secretary, then clerk; None = the street must name somebody."""
    staff = working(current_tenant().uid, RECEIVERS)
    staff.sort(key=lambda worker: RECEIVERS.index(worker.role))
    return next((worker for worker in staff if worker.account_id not in without), None)


def _matter(row: Complaint) -> rules.Matter:
    over = row.hearing_due_at is not None and row.hearing_due_at < now()
    return rules.Matter(row.about, row.staff_id, bool(row.question), row.replied_at is not None, over)


def _held(complaint_id: UUID, verb: str) -> Complaint:
    """The complaint, locked, for its receiver alone: Absent for everybody else, the one complained about too."""
    row = db.session.scalar(select(Complaint).where(Complaint.id == complaint_id).with_for_update())
    me = current_actor().account_id
    if row is None or not rules.outside(me, _matter(row)) or row.receiver_id not in (None, me):
        raise Absent("没有这件投诉。")
    if rules.target(verb, row.state) is None:
        raise Clash("这一步走不通：请刷新页面，看看现在到哪一步。")
    return row


def _step(row: Complaint, verb: str) -> None:
    staff = working(current_tenant().uid, RECEIVERS)
    role = next((worker.role for worker in staff if worker.account_id == row.receiver_id), RECEIVERS[0])
    next_step(
        "complaint", row.id, number=row.number, case_id=None, actor_role=role,
        actor=row.receiver_post or N_("街道另派人"), verb=verb, due_at=row.due_at,
    )  # fmt: skip


def _note(row: Complaint, verb: str, before: str) -> None:
    actor = current_actor()
    post = "" if verb == "receive" and row.channel == "page" else actor.name
    db.session.add(
        ComplaintEvent(
            id=uuid7(), complaint_id=row.id, at=now(), verb=verb, state_from=before, state_to=row.state,
            actor_id=actor.account_id, post=post or "",
        )
    )  # fmt: skip
    db.session.flush()


def _community() -> Community:
    return db.session.scalars(select(Community).where(Community.tenant_id == current_tenant().id)).one()
