"""怎么帮: goals, steps with means and payer, who walks with the family, when the plan is looked at again, who approved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import delete, func, select

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import ZONE, now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.service import next_step, no_step
from rongjiu.tenancy.staff import working
from rongjiu.workdays import add_months
from tenants.cases.service import event, hold
from tenants.casework import rules
from tenants.casework.models import Plan, PlanStep
from tenants.catalogue import queries as catalogue
from tenants.catalogue.service import due, setting
from tenants.referrals import queries
from tenants.referrals.matching import service as matching
from tenants.reviews.rules import may_approve


@dataclass(frozen=True, slots=True)
class Line:
    """One step as it is typed."""

    words: str
    means: str
    payer: str


def approval_asked() -> bool:
    """Does the community's model want plans and closings approved? It does when it has the wait closure-approval."""
    return any(row["id"] == "closure-approval" for row in catalogue.timers())


def usual_review() -> date:
    """When a plan made today is looked at again (timer plan-review)."""
    return add_months(today(), int(setting("plan-review")))


def make(
    case_id: UUID, goals: Mapping[UUID, str], steps: Mapping[UUID, Sequence[Line]], companion: UUID | None,
    review_on: date | None,
) -> Plan:  # fmt: skip
    """Write the plan anew (need id → goal, need id → steps); steps already done stay. Answers the plan, which waits for
    the secretary where the model asks for it.

    Raises Refused naming `goals`, `steps`, `companion` or `review_on`; Absent for a need of another case.
    """
    hold(case_id)
    chosen = {need: [line for line in lines if line.words.strip()] for need, lines in steps.items()}
    for line in [each for lines in chosen.values() for each in lines]:
        if line.means not in rules.MEANS or line.payer not in rules.PAYERS:
            raise Refused("请为每一步选怎么办、谁付钱。", field="steps")
        if len(line.words.strip()) > rules.WORDS_LIMIT:
            raise Refused("请写短一点,200 字以内。", field="steps")
    who = next((each for each in working(current_tenant().uid) if each.account_id == companion), None)
    if who is None:
        raise Refused("请选一位陪伴人,家里有事先找谁。", field="companion")
    latest = add_months(today(), 6)
    if review_on is None or not today() < review_on <= latest:
        raise Refused("请选明天以后、6 个月以内的复盘日子。", field="review_on")
    matching.make_plan(case_id, dict(goals))
    _write_steps(case_id, chosen)
    actor, state = current_actor(), "proposed" if approval_asked() else "approved"
    row = db.session.scalar(select(Plan).where(Plan.case_id == case_id).with_for_update())
    if row is None:
        row = Plan(id=uuid7(), case_id=case_id)
        db.session.add(row)
    row.state, row.companion_id, row.companion_post, row.review_on = state, who.account_id, who.post, review_on
    row.made_at, row.made_by, row.made_post = now(), actor.account_id, actor.name
    row.decided_at, row.decided_by, row.decided_post, row.alone, row.note = None, None, "", False, ""
    db.session.flush()
    audit.record("plan.write", "case", case_id, steps=sum(map(len, chosen.values())), state=state)
    _point(row)
    return row


def _write_steps(case_id: UUID, chosen: Mapping[UUID, Sequence[Line]]) -> None:
    rows = db.session.execute(
        select(PlanStep.need_id, func.max(PlanStep.seq).label("last"))
        .where(PlanStep.case_id == case_id, PlanStep.done_at.is_not(None))
        .group_by(PlanStep.need_id)
    )
    done: dict[UUID, int] = {row.need_id: row.last for row in rows}
    db.session.execute(delete(PlanStep).where(PlanStep.case_id == case_id, PlanStep.done_at.is_(None)))
    for need_id, lines in chosen.items():
        for seq, line in enumerate(lines, done.get(need_id, 0) + 1):
            db.session.add(
                PlanStep(
                    id=uuid7(), case_id=case_id, need_id=need_id, seq=seq, words=line.words.strip(), means=line.means,
                    payer=line.payer, done_at=None,
                )
            )  # fmt: skip
    db.session.flush()


def _point(row: Plan) -> None:
    """Who acts next on a plan: the secretary approves it, its maker mends it, the companion looks at it again."""
    case = queries.case_of(row.case_id)
    if row.state == "proposed":
        role, actor, verb, until = "secretary", N_("社区书记"), N_("审批帮扶计划"), due("closure-approval")
    elif row.state == "sent_back":
        role, actor, verb, until = "assistance_clerk", row.made_post or N_("救助专干"), N_("修改帮扶计划"), due("plan")
    else:
        until = datetime.combine(row.review_on, time(18), ZONE)
        role, actor, verb = "assistance_clerk", row.companion_post or N_("救助专干"), N_("复盘帮扶计划")
    next_step(
        "plan", row.id, number=case.number, case_id=row.case_id, actor_role=role, actor=actor, verb=verb, due_at=until,
        urgency=case.urgency,
    )  # fmt: skip


def decide(case_id: UUID, *, approve: bool, note: str = "") -> bool:
    """The secretary approves the plan or sends it back with a word; answers whether it was the own plan of a community
    with one secretary. Raises Absent, Clash when nothing waits, Refused naming `note`, or for the own plan."""
    hold(case_id)
    row = db.session.scalar(select(Plan).where(Plan.case_id == case_id).with_for_update())
    if row is None:
        raise Absent("还没有帮扶计划。")
    if row.state != "proposed":
        raise Clash("这份计划刚刚有人处理过了,请刷新页面。")
    alone = decided(row, row.made_by, "approved" if approve else "sent_back", note)
    audit.record("plan.decide", "case", case_id, state=row.state, alone=alone)
    event(case_id, "plan_approved" if approve else "plan_sent_back", alone=alone)
    _point(row)
    return alone


def decided(row: object, asked_by: UUID | None, state: str, note: str) -> bool:
    """Write a decision of the secretary on a plan or a closing; answers whether it approved the own act. Raises Refused
    naming `note` when something is sent back without a word."""
    words, actor = note.strip(), current_actor()
    if len(words) > rules.NOTE_LIMIT or (state == "sent_back" and len(words) < 2):
        raise Refused("请写一句为什么退回,2 到 200 个字,不写姓名。", field="note")
    secretaries = {each.account_id for each in working(current_tenant().uid, ("secretary",))}
    verdict = may_approve(asked_by, actor.account_id, secretaries)
    if verdict == "no":
        raise Refused("要由另一位书记来定。", status=403)
    own = verdict == "self"
    values = {
        "state": state, "decided_at": now(), "decided_by": actor.account_id, "decided_post": actor.name, "alone": own,
        "note": words,
    }  # fmt: skip
    for name, value in values.items():
        setattr(row, name, value)
    db.session.flush()
    return own


def review(case_id: UUID, again_on: date | None) -> None:
    """The plan was looked at with the family and stands until the next day named. Raises Absent, or Refused naming
    `review_on`."""
    hold(case_id)
    row = db.session.scalar(select(Plan).where(Plan.case_id == case_id).with_for_update())
    if row is None:
        raise Absent("还没有帮扶计划。")
    if again_on is None or not today() < again_on <= add_months(today(), 6):
        raise Refused("请选明天以后、6 个月以内的复盘日子。", field="review_on")
    row.review_on = again_on
    db.session.flush()
    audit.record("plan.review", "case", case_id)
    event(case_id, "plan_reviewed")
    _point(row)


def step_done(case_id: UUID, step_id: UUID) -> None:
    """A step of the plan is done; twice changes nothing. Raises Absent."""
    hold(case_id)
    row = db.session.scalar(select(PlanStep).where(PlanStep.id == step_id, PlanStep.case_id == case_id))
    if row is None:
        raise Absent("计划里没有这一步。")
    if row.done_at is None:
        row.done_at = now()
        db.session.flush()
        audit.record("plan.step_done", "case", case_id, step=str(step_id))
        event(case_id, "plan_step_done", need_id=str(row.need_id))


def rest(case_id: UUID) -> None:
    """The case is closed: nobody needs to look at its plan."""
    for plan_id in db.session.scalars(select(Plan.id).where(Plan.case_id == case_id)):
        no_step(plan_id)


def wake(case_id: UUID) -> None:
    """The case was reopened: its plan is looked at again now."""
    row = db.session.scalar(select(Plan).where(Plan.case_id == case_id))
    if row is not None:
        row.review_on = max(row.review_on, today())
        db.session.flush()
        _point(row)
