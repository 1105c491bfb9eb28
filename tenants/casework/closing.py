"""Closing a case and opening it again. Closed is not solved: what became of each need stands beside it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu import audit, facts
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.facts import Fact
from rongjiu.ids import uuid7
from rongjiu.oversight.models import Step
from rongjiu.oversight.service import next_step, no_step
from tenants.cases import telling
from tenants.cases.models import CaseFile
from tenants.cases.service import event, hold
from tenants.casework import following, planning, rules
from tenants.casework.facts import CaseClosed
from tenants.casework.models import Closing, Plan
from tenants.catalogue.service import due
from tenants.needs import service as needs
from tenants.needs.models import Need
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.referrals.rules import LIVE

REOPENED = N_("您负责的一户重新启动,请打开工作台看下一步。")


def standing(case_id: UUID) -> rules.Standing:
    """What still holds a case open."""
    open_needs = db.session.scalars(
        select(Need.seq).where(Need.case_id == case_id, Need.result == "").order_by(Need.seq)
    ).all()
    live = db.session.scalar(
        select(func.count()).select_from(ReferralTask).where(
            ReferralTask.case_id == case_id, ReferralTask.state.in_(LIVE - {"draft"})
        )
    )  # fmt: skip
    waiting = db.session.scalar(
        select(func.count()).select_from(ReferralRequest).where(
            ReferralRequest.case_id == case_id,
            ReferralRequest.state.in_(("draft", "active", "on-hold", "awaiting_confirmation")),
            ~select(ReferralTask.id)
            .where(ReferralTask.request_id == ReferralRequest.id, ReferralTask.state.in_(LIVE - {"draft"}))
            .exists(),
        )
    )  # fmt: skip
    emergency = select(Step.id).where(Step.case_id == case_id, Step.object_kind == "emergency").limit(1)
    return rules.Standing(tuple(open_needs), live or 0, waiting or 0, db.session.scalar(emergency) is not None)


def propose(case_id: UUID, reason: str, left: Mapping[UUID, str]) -> bool:
    """Ask for a case to be closed; `left` gives the reason of needs that end without an outcome (need id → code).
    Answers whether it is closed now, because nobody has to approve it.

    Raises Refused naming `reason` or `left`, or with what is still open; Clash when it was asked for or closed before.
    """
    row = _held(case_id)
    if reason not in rules.CLOSE_REASONS:
        raise Refused("请选办结原因。", field="reason")
    if set(left.values()) - set(rules.LEFT):
        raise Refused("请为没有结果的需求选一个原因。", field="left")
    if row.closed_at is not None or _waiting(case_id) is not None:
        raise Clash("这个个案已经办结,或正在等审批。")
    known = set(db.session.scalars(select(Need.id).where(Need.case_id == case_id, Need.result == "")))
    for need_id in sorted(known & set(left)):
        needs.set_result(need_id, "unknown", code=left[need_id])
    for words, values in rules.hindrances(standing(case_id)):
        raise Refused(words, field="left", **values)
    actor = current_actor()
    asked = Closing(
        id=uuid7(), case_id=case_id, state="proposed", reason=reason, asked_at=now(), asked_by=actor.account_id,
        asked_post=actor.name, decided_at=None, decided_by=None, decided_post="", alone=False, note="",
    )  # fmt: skip
    db.session.add(asked)
    db.session.flush()
    audit.record("case.close_propose", "case", case_id, reason=reason)
    if not planning.approval_asked():
        asked.state, asked.decided_at = "approved", now()
        finish(row, reason)
        return True
    event(case_id, "close_proposed", reason=reason)
    next_step(
        "closing", asked.id, number=row.number, case_id=case_id, actor_role="secretary", actor=N_("社区书记"),
        verb=N_("审批办结"), due_at=due("closure-approval"), urgency=row.urgency,
    )  # fmt: skip
    return False


def decide(case_id: UUID, *, approve: bool, note: str = "") -> bool:
    """The secretary closes the case or sends the proposal back; answers whether it was the own proposal of a community
    with one secretary. What has come up since it was asked for is looked at again. Raises Clash, Refused."""
    row, asked = _held(case_id), _waiting(case_id)
    if asked is None:
        raise Clash("没有等审批的办结,请刷新页面。")
    if approve:
        for words, values in rules.hindrances(standing(case_id)):
            raise Refused(words, status=409, **values)
    alone = planning.decided(asked, asked.asked_by, "approved" if approve else "sent_back", note)
    no_step(asked.id)
    audit.record("case.close_decide", "case", case_id, state=asked.state, alone=alone)
    if approve:
        finish(row, asked.reason)
    else:
        event(case_id, "close_sent_back")
        _ask_holder(row, N_("处理退回的办结"), "plan")
    return alone


def take_back(case_id: UUID) -> None:
    """The proposal is taken back; without one nothing changes."""
    _held(case_id)
    asked = _waiting(case_id)
    if asked is not None:
        asked.state, asked.decided_at, asked.decided_post = "taken_back", now(), current_actor().name
        db.session.flush()
        no_step(asked.id)
        audit.record("case.close_take_back", "case", case_id)


def finish(row: CaseFile, reason: str) -> None:
    """End a locked case: no step of its own is left, follow-ups already promised stay. The family's
    progress link ends for good: opened again, the case sends a new one."""
    row.closed_at, row.closed_reason = now(), reason
    db.session.flush()
    audit.record("case.close", "case", row.id, reason=reason)
    event(row.id, "closed", reason=reason)
    no_step(row.id)
    planning.rest(row.id)
    following.end(row.id)
    facts.send(CaseClosed(tenant_id=current_tenant().id, object_id=row.id, counts={"cases_closed": 1}))


def reopen(case_id: UUID, reason: str = "asked") -> None:
    """Open a closed case again; its holder gets the next step and a message. Twice changes nothing. Raises Absent, or
    Refused (409) when the household has another open case."""
    row = _held(case_id)
    if row.closed_at is None:
        return
    if row.closed_reason == rules.TRANSFERRED:
        raise Refused("这个个案已移交给别的社区,请和对方联系。", status=409)
    other = select(CaseFile.number).where(
        CaseFile.household_id == row.household_id, CaseFile.id != case_id, CaseFile.closed_at.is_(None)
    )
    if row.household_id is not None and (number := db.session.scalar(other.limit(1))) is not None:
        raise Refused("这户已经有个案 %(number)s，请并入那个个案。", status=409, number=number)
    row.closed_at, row.closed_reason = None, ""
    db.session.flush()
    audit.record("case.reopen", "case", case_id, reason=reason)
    event(case_id, "reopened", reason=reason)
    facts.send(CaseClosed(tenant_id=current_tenant().id, object_id=case_id, counts={"cases_closed": -1}))
    planning.wake(case_id)
    _ask_holder(row, N_("重新看这一户"), "dispute-answer")
    key = f"reopened-{case_id}-{now():%Y%m%d%H%M}"
    if row.worker_id is not None:
        telling.accounts({row.worker_id}, REOPENED, purpose="case_reopened", key=key)
    else:
        telling.staff(("assistance_clerk",), REOPENED, purpose="case_reopened", key=key)


def on_answer(fact: Fact) -> None:
    """The family says of a closed case that it is not solved, to us or to who looked into it again (audit): closed is not
    solved, so it opens again. Where the family has another open case, that one's holder goes on."""
    found = db.session.execute(
        select(
            Need.case_id, Need.result, Need.result_by, CaseFile.closed_at, CaseFile.closed_reason, CaseFile.household_id
        )
        .join(CaseFile, CaseFile.id == Need.case_id)
        .where(Need.id == fact.object_id)
    ).one()
    said = found.result_by in ("resident", "audit") and found.result in ("partly", "not_solved")
    if found.closed_at is None or not said or found.closed_reason == rules.TRANSFERRED:
        return
    home = CaseFile.household_id == found.household_id
    other = db.session.scalar(select(CaseFile).where(home, CaseFile.closed_at.is_(None)).limit(1))
    if other is None:
        reopen(found.case_id, "disputed")
        return
    _ask_holder(other, N_("看这项需求怎么接着帮"), "dispute-answer")


def last(case_id: UUID) -> Closing | None:
    """The newest proposal to close a case."""
    query = select(Closing).where(Closing.case_id == case_id).order_by(Closing.asked_at.desc(), Closing.id.desc())
    return db.session.scalar(query.limit(1))


def _ask_holder(row: CaseFile, verb: str, wait: str) -> None:
    next_step(
        "case", row.id, number=row.number, case_id=row.id, actor_role="assistance_clerk",
        actor=row.worker_post or N_("救助专干"), verb=verb, due_at=due(wait, row.urgency), urgency=row.urgency,
    )  # fmt: skip


def _held(case_id: UUID) -> CaseFile:
    hold(case_id)
    query: Any = select(CaseFile).where(CaseFile.id == case_id).execution_options(populate_existing=True)
    row: CaseFile | None = db.session.scalar(query)
    if row is None:
        raise Absent("没有这个个案。")
    return row


def _waiting(case_id: UUID) -> Closing | None:
    return db.session.scalar(select(Closing).where(Closing.case_id == case_id, Closing.state == "proposed"))


def alone(since: datetime, until: datetime) -> dict[UUID, UUID | None]:
    """Cases of which somebody approved the own closing or the own plan between two moments, being the only secretary:
    case → who. A case closed then on an older plan of that kind counts too."""
    closings = select(Closing.case_id, Closing.decided_by).where(
        Closing.alone, Closing.state == "approved", Closing.decided_at >= since, Closing.decided_at < until
    )
    plans = (
        select(Plan.case_id, Plan.decided_by)
        .join(CaseFile, CaseFile.id == Plan.case_id)
        .where(Plan.alone, Plan.state == "approved", CaseFile.closed_at >= since, CaseFile.closed_at < until)
    )
    return {row.case_id: row.decided_by for query in (plans, closings) for row in db.session.execute(query)}


def idle() -> int:
    """Open cases in which nobody has anything to do: their holder looks how it goes on, or proposes to close (timer
    plan), so that none is without a next actor. Answers how many; twice changes nothing."""
    acted = select(Step.id).where(Step.tenant_id == current_tenant().id, Step.case_id == CaseFile.id)
    rows = db.session.scalars(
        select(CaseFile).where(CaseFile.closed_at.is_(None), ~acted.exists()).order_by(CaseFile.id)
    ).all()
    for row in rows:
        _ask_holder(row, N_("看这一户下一步怎么办"), "plan")
    return len(rows)
