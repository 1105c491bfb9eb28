"""What the family says of the result: by link, by call-back, never by silence."""

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit, cash, facts, outbox
from rongjiu.clock import now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.models import Step
from rongjiu.oversight.service import next_step
from tenants.cases import telling
from tenants.cases.service import event, hold
from tenants.catalogue.service import due
from tenants.consents.models import Consent
from tenants.needs import service as needs
from tenants.referrals import moves, queries
from tenants.referrals.facts import ServiceConfirmed
from tenants.referrals.models import Confirmation, ReferralRequest, ReferralTask
from tenants.residents.models import Carer, Person

ANSWERS = ("solved", "partly", "not_solved")
BY = ("resident", "call_back")
CALLER = "community_worker"
"""Who asks a family that has not spoken in time."""
UNREACHED = "family_unreached"
"""Why a slip ended about which nobody of the family could be asked: closed, and not solved."""
WORDS_LIMIT = 500
THANKS_LIMIT = 100
_TELLING = re.compile(r"\d{7,}|\d+\s*(?:号楼|栋|单元|室)")
"""What may be a telephone or a door."""
DISPUTED = "有一家人说做完了的帮助没有解决,请打开工作台和家属核对。"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the family says of one need."""

    answer: str
    stars: int | None = None
    words: str = ""
    thanks: str = ""
    """A word that is passed on to whoever helped."""


def ask_family(request_id: UUID) -> None:
    """A job says it is done: the slip waits for the family, who is asked by a message; silence leads to a call."""
    request = db.session.get_one(ReferralRequest, (current_tenant().id, request_id))
    moves.move_request(request, "awaiting_confirmation", "system")
    until = due("confirm", request.urgency)
    case = queries.case_of(request.case_id)
    next_step(
        "referral_request", request.id, number=case.number, case_id=request.case_id, actor_role="resident",
        actor=N_("居民家属"), verb=N_("确认结果"), due_at=until, urgency=request.urgency,
    )  # fmt: skip
    silence = f"silence-{request.id}-{until:%s}"
    outbox.put_each(
        [_invitation(request.case_id), outbox.Asked("referrals.silence", {"request": str(request.id)}, silence, until)]
    )


def invite(case_id: UUID) -> None:
    """Ask the family by message, at most once a day, to say what came of the help."""
    outbox.put_each([_invitation(case_id)])


def _invitation(case_id: UUID) -> outbox.Asked:
    return outbox.Asked("referrals.ask_family", {"case": str(case_id)}, f"ask-{case_id}-{today()}")


def confirm(case_id: UUID, answers: dict[UUID, Answer], *, by: str = "resident") -> int:
    """Write what the family says of each need (need id → answer) and answer how many were written.

    solved ends the slips that wait; partly and not_solved bring them back to work, and the desk owes an answer.
    A word of thanks goes on to whoever helped, so it names nobody of the family, no door and no number.

    Raises Refused when nothing was said or at the field that is wrong, Absent for a need about which nothing is asked.
    """
    if by not in BY:
        raise ValueError(by)
    if not answers:
        raise Refused("请为每一项选一个答案。", field="answers")
    known = set(db.session.scalars(select(ReferralRequest.need_id).where(ReferralRequest.case_id == case_id)))
    if set(answers) - known:
        raise Absent("没有这项需求。")
    for said in answers.values():
        _check(said)
        _check_thanks(case_id, said.thanks)
    hold(case_id)
    disputed = False
    for need_id, said in sorted(answers.items()):
        db.session.add(
            Confirmation(
                id=uuid7(), case_id=case_id, need_id=need_id, answer=said.answer, stars=said.stars,
                words=said.words.strip() or None, thanks=said.thanks.strip() or None, by=by, at=now(),
            )
        )  # fmt: skip
        db.session.flush()
        audit.record("need.confirm", "need", need_id, answer=said.answer, by=by)
        needs.set_result(need_id, said.answer, by="resident")
        disputed |= _settle(case_id, need_id, said.answer, "resident" if by == "resident" else "sender")
    if disputed:
        key = f"disputed-{case_id}-{now():%s}"
        telling.staff(("assistance_clerk", "secretary"), DISPUTED, purpose="referral_disputed", key=key)
    post = N_("居民家属") if by == "resident" else ""
    event(case_id, "confirmed", post=post, by=by, answers=sorted({said.answer for said in answers.values()}))
    return len(answers)


def _check(said: Answer) -> None:
    if said.answer not in ANSWERS:
        raise Refused("请为每一项选一个答案。", field="answers")
    if said.stars is not None and not 1 <= said.stars <= 5:
        raise Refused("请选 1 到 5 颗星。", field="stars")
    if len(said.words) > WORDS_LIMIT:
        raise Refused("请写短一点,500 字以内。", field="words")


def _check_thanks(case_id: UUID, text: str) -> None:
    """Raises Refused naming `thanks` when it is long, asks for money, or tells whose family it is."""
    words = text.strip()
    if not words:
        return
    if len(words) > THANKS_LIMIT:
        raise Refused("谢谢的话请写短一点,100 字以内。", field="thanks")
    cash.refuse(words, "thanks")
    home = queries.case_of(case_id).household_id
    names = db.session.scalars(select(Person.name).where(Person.household_id == home))
    if _TELLING.search(words) or any(name in words for name in names if len(name) > 1):
        raise Refused("这句话会给对方看,请不写姓名、门牌和电话。", field="thanks")


def _settle(case_id: UUID, need_id: UUID, answer: str, actor: str) -> bool:
    """Answers whether a slip came back to the desk."""
    disputed = False
    rows = db.session.scalars(
        select(ReferralRequest)
        .where(
            ReferralRequest.need_id == need_id, ReferralRequest.case_id == case_id, ReferralRequest.kind != "department"
        )
        .order_by(ReferralRequest.id)
        .execution_options(populate_existing=True)
    ).all()  # fmt: skip
    for request in rows:
        late = request.state == "completed" and request.reason_code == UNREACHED
        if answer == "solved" and (late or request.state == "awaiting_confirmation"):
            moves.move_request(request, "completed", actor)
            request.reason_code = ""
            fact = ServiceConfirmed(tenant_id=current_tenant().id, object_id=request.id, counts={"confirmed_done": 1})
            facts.send(fact)
        elif answer != "solved" and request.state in ("awaiting_confirmation", "active"):
            moves.move_request(request, "active", actor, reason="disputed")
            # A slip that is offered again already has its next actor; clerk and secretary are rung all the same.
            if not moves.live_tasks(request.id):
                moves.ask(request, N_("和家属核对,给出答复"), due("dispute-answer", request.urgency))
            disputed = True
        elif late:
            ask_holder(case_id)
            disputed = True
    return disputed


def ask_holder(case_id: UUID) -> None:
    """Help did not last, or had not come as was thought, and no slip waits for it any more: the holder of an open case
    says how it goes on (wait dispute-answer); a closed one opens again (casework)."""
    case = queries.case_of(case_id)
    if case.closed_at is not None or db.session.scalar(select(Step.id).where(Step.id == case_id)) is not None:
        return
    next_step(
        "case", case_id, number=case.number, case_id=case_id, actor_role="assistance_clerk",
        actor=case.worker_post or N_("救助专干"), verb=N_("看这项需求怎么接着帮"),
        due_at=due("dispute-answer", case.urgency), urgency=case.urgency,
    )  # fmt: skip


def call_back(request_id: UUID) -> bool:
    """Called by the timer: silence is never a yes, somebody rings. False when the family has spoken, or when somebody
    rings already: what was tried stands (outcomes/reaching)."""
    case_id = db.session.scalar(select(ReferralRequest.case_id).where(ReferralRequest.id == request_id))
    if case_id is None:
        return False
    hold(case_id)
    request = db.session.scalar(
        select(ReferralRequest).where(ReferralRequest.id == request_id).execution_options(populate_existing=True)
    )
    if request is None or request.state != "awaiting_confirmation":
        return False
    if db.session.scalar(select(Step.id).where(Step.id == request_id, Step.actor_role == CALLER)) is not None:
        return False
    moves.ask(request, N_("电话回访"), due("call-back", request.urgency), CALLER)
    audit.record("request.call_back", "referral_request", request.id)
    return True


def family_phone(case_id: UUID) -> str | None:
    """A telephone of the family for the question how it went: who gave the consent, who is helped, who cares for
    them, in that order; None when nobody's is known."""
    rows = db.session.execute(
        select(Consent.given_by_id, ReferralTask.person_id)
        .join(Consent, Consent.id == ReferralTask.consent_id)
        .where(ReferralTask.case_id == case_id)
        .order_by(ReferralTask.id)
    ).all()
    wanted = [row.given_by_id for row in rows] + [row.person_id for row in rows]
    wanted += db.session.scalars(select(Carer.carer_id).where(Carer.person_id.in_(wanted))).all()
    phones = db.session.execute(
        select(Person.id, Person.phone).where(Person.id.in_(wanted), Person.phone_index.is_not(None))
    )
    known = {row.id: row.phone for row in phones}
    return next((known[person] for person in wanted if person in known), None)
