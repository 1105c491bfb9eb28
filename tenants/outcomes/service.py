"""Writing down what came of a case: savings with their parts and sources, new income, later looks."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from rongjiu import audit, facts
from rongjiu.clock import now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.service import next_step, no_step
from tenants.accompaniment.queries import first_service_day
from tenants.accompaniment.rules import at_hour
from tenants.cases.service import event, hold
from tenants.catalogue.service import due_date, setting
from tenants.outcomes import queries, rules
from tenants.outcomes.facts import OutcomeNoted
from tenants.outcomes.models import FollowUp, OutcomeNote, SavingLine
from tenants.referrals.matching.service import point_to_unsent
from tenants.referrals.moves import end_of
from tenants.referrals.queries import case_of


def note(
    case_id: UUID, savings: Sequence[rules.Saving], *, new_income: bool, income_month: Decimal | None = None,
    unpriced: Sequence[str] = (),
) -> Decimal:  # fmt: skip
    """Write the result of a case anew and answer what the family saves a month; the first time, plan the later looks.

    The sum is that of the lower ends: what is said to be saved was saved. Help without a market price is counted in
    `unpriced`, no sum is invented for it; `income_month` stands only when somebody stated it.
    Raises Refused naming the field of the part that is not complete, unpriced or income_month; Absent for an unknown
    case.
    """
    hold(case_id)
    if found := rules.faults(savings):
        raise Refused(found[1], field=found[0])
    labels = [label.strip() for label in unpriced if label.strip()]
    if wrong := rules.unpriced_badly(labels):
        raise Refused(wrong, field="unpriced")
    if income_month is not None and (not new_income or not 0 < income_month <= rules.MOST):
        raise Refused("有新收入、也有人说过数，才填金额，单位元/月。", field="income_month")
    before, total, moment = queries.saving_of(case_id), rules.total(savings), now()
    db.session.execute(delete(SavingLine).where(SavingLine.case_id == case_id))
    for row in savings:
        db.session.add(
            SavingLine(
                id=uuid7(), case_id=case_id, label=row.label.strip(), amount_month=row.amount,
                amount_high=row.high if row.high != row.amount else None, source=row.source.strip(), made_at=moment,
            )
        )  # fmt: skip
    words = {"new_income": new_income, "income_month": income_month, "unpriced": labels, "made_at": moment}
    said = insert(OutcomeNote).values(tenant_id=current_tenant().id, id=uuid7(), case_id=case_id, **words)
    db.session.execute(said.on_conflict_do_update(index_elements=["tenant_id", "case_id"], set_=words))
    db.session.flush()
    audit.record("outcome.note", "case", case_id, parts=len(savings), new_income=new_income)
    event(case_id, "outcome_noted", saving_month=str(total), parts=len(savings), new_income=new_income)
    counts = {"saving_month": int(total) - int(before)}
    facts.send(OutcomeNoted(tenant_id=current_tenant().id, object_id=case_id, counts=counts))
    look_later(case_id, queries.first_help(case_id) or first_service_day(case_id) or today())
    point_to_unsent(case_id)
    return total


def look_later(case_id: UUID, first_day: date) -> None:
    """Plan the later looks (timers follow-up-1, follow-up-2, in months from the first help, and the recurrence of what
    repeats); twice changes nothing. A case that was opened again gets them anew, counted from the first help after that:
    looks that were still open are moved, the others are added. Each is late when its window (follow-up-window) is over."""
    if queries.looks_planned(case_id):
        return
    months = [int(setting("follow-up-1")), int(setting("follow-up-2"))]
    case, days = case_of(case_id), rules.follow_ups(first_day, months, queries.repeats(case_id))
    query = select(FollowUp).where(FollowUp.case_id == case_id).order_by(FollowUp.seq)
    known = list(db.session.scalars(query.with_for_update()))
    still, last = [row for row in known if row.done_at is None], known[-1].seq if known else 0
    for turn, day in enumerate(days):
        if turn < len(still):
            row = still[turn]
        else:
            last += 1
            row = FollowUp(id=uuid7(), case_id=case_id, seq=last, due_on=day, done_at=None)
            db.session.add(row)
        row.due_on = max(day, today())
        db.session.flush()
        next_step(
            "follow_up", row.id, number=case.number, case_id=case_id, actor_role="assistance_clerk",
            actor=case.worker_post or N_("救助专干"), verb=N_("回访"), due_at=late_after(row.due_on), urgency=case.urgency,
        )  # fmt: skip
    event(case_id, queries.LOOKS, first_on=first_day.isoformat())


def late_after(due_on: date) -> datetime:
    """Until when a look that is due on a day may be taken (wait follow-up-window): the end of the window's last day."""
    return end_of(at_hour(due_date("follow-up-window", start=at_hour(due_on))))


def finish_follow_up(case_id: UUID, seq: int) -> None:
    """A later look was taken; doing it twice changes nothing. Raises Absent."""
    hold(case_id)
    row = db.session.scalar(select(FollowUp).where(FollowUp.case_id == case_id, FollowUp.seq == seq).with_for_update())
    if row is None:
        raise Absent("没有这次回访。")
    if row.done_at is None:
        row.done_at = now()
        no_step(row.id)
        audit.record("follow_up.done", "follow_up", row.id)
        event(case_id, "followed_up", seq=seq)
