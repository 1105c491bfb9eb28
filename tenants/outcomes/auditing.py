"""The audit sample: closed cases of a month drawn by a seed, looked at again by somebody outside the case."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu import audit, facts
from rongjiu.actor import current_actor
from rongjiu.clock import ZONE, now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.models import Indicator
from rongjiu.oversight.service import next_step, no_step
from rongjiu.workdays import add_months
from tenants.accompaniment.models import Visit
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.catalogue import service as catalogue
from tenants.needs.models import Need
from tenants.outcomes import results, rules
from tenants.outcomes.facts import AuditChecked
from tenants.outcomes.models import AuditCheck, NeedOutcome

STEP = "audit_check"
AloneOf = Callable[[datetime, datetime], Mapping[UUID, UUID | None]]
_alone: list[AloneOf] = []
TIME = timedelta(days=30)
"""The audit of a month is over before the next is drawn."""


def tell_alone(source: AloneOf) -> None:
    """Let a room above say which cases closed between two moments rest on an own approval: case → who approved."""
    _alone.append(source)


def draw(month: date) -> int:
    """Draw the sample of the cases closed in a month (its first day); answers how many are new.

    Drawing again draws the same: the order follows from the community, the month and the case alone, the number from
    timers audit-sample (percent) and audit-sample-least. What somebody approved for themselves is drawn in whole,
    because nobody else has looked at it.
    """
    first = datetime.combine(month, time(), ZONE)
    last = datetime.combine(add_months(month, 1), time(), ZONE)
    if db.session.scalar(select(AuditCheck.id).where(AuditCheck.month == month).limit(1)) is not None:
        return 0
    closed = db.session.execute(
        select(CaseFile.id, CaseFile.number).where(CaseFile.closed_at >= first, CaseFile.closed_at < last)
    ).all()
    numbers = {row.id: row.number for row in closed}
    percent, seed = int(catalogue.setting("audit-sample")), f"{current_tenant().uid}-{month:%Y-%m}"
    alone = {case_id for source in _alone for case_id in source(first, last)}
    chosen = rules.sample(list(numbers), percent, int(catalogue.setting("audit-sample-least")), seed, alone)
    for rank, case_id in enumerate(chosen, 1):
        row = AuditCheck(
            id=uuid7(), case_id=case_id, month=month, seed=seed, rank=rank, percent=percent, state="open",
            alone=case_id in alone, drawn_at=now(), due_at=now() + TIME, done_post="",
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        next_step(
            STEP, row.id, number=numbers[case_id], case_id=case_id, actor_role="secretary", actor=N_("没有经办这件的人"),
            verb=N_("结案抽查"), due_at=row.due_at,
        )  # fmt: skip
    audit.record(
        "audit_sample.draw",
        "audit_sample",
        seed,
        closed=len(closed),
        drawn=len(chosen),
        percent=percent,
        alone=len(alone),
    )
    return len(chosen)


def draw_last_month() -> int:
    """Draw the month that is over."""
    return draw(add_months(today().replace(day=1), -1))


def inside(case_id: UUID, account_id: UUID | None) -> bool:
    """Did a person work on a case: hold it, visit in it, write a result, or approve it for themselves? Such a person does
    not audit it."""
    if account_id is None:
        return True
    ever = (datetime.min.replace(tzinfo=ZONE), now())
    if any(source(*ever).get(case_id) == account_id for source in _alone):
        return True
    asked = (
        select(CaseFile.id).where(CaseFile.id == case_id, CaseFile.worker_id == account_id),
        select(Visit.id).where(Visit.case_id == case_id, Visit.worker_id == account_id),
        select(NeedOutcome.id).where(
            NeedOutcome.case_id == case_id, NeedOutcome.by_id == account_id, NeedOutcome.by != "audit"
        ),
    )
    return any(db.session.scalar(query.limit(1)) is not None for query in asked)


def check(check_id: UUID, said: Mapping[UUID, rules.Said], words: str = "") -> str:
    """Somebody outside the case asked the family again; answers agrees | differs.

    Raises Absent, Clash when it was done, Refused (409) for who worked on the case, naming `answers` when a need is
    left out.
    """
    row = db.session.scalar(select(AuditCheck).where(AuditCheck.id == check_id))
    if row is None:
        raise Absent("没有这件抽查。")
    cases.hold(row.case_id)
    db.session.refresh(row, with_for_update=True)
    actor = current_actor()
    if row.state != "open":
        raise Clash("这件抽查已经办过了，请刷新页面。")
    if inside(row.case_id, actor.account_id):
        raise Refused("您经办过这一件，请没有经办过的人来抽查。", status=409)
    before = {
        need.id: need.result
        for need in db.session.execute(select(Need.id, Need.result).where(Need.case_id == row.case_id))
    }
    if set(before) != set(said):
        raise Refused("请为每一项选一个答案。", field="answers")
    results.say(row.case_id, said, by="audit", source="audit")
    same = all(before[need_id] == answer.result for need_id, answer in said.items())
    row.state, row.done_at, row.words = "agrees" if same else "differs", now(), words.strip()[:300] or None
    row.done_by, row.done_post = actor.account_id, actor.name
    db.session.flush()
    no_step(row.id)
    audit.record("audit_sample.check", "audit_check", row.id, state=row.state)
    cases.event(row.case_id, "audited", state=row.state)
    counts = {"audits_done": 1, "audits_agreed": int(same)}
    facts.send(AuditChecked(tenant_id=current_tenant().id, object_id=row.id, counts=counts))
    return row.state


def listed(state: str = "", page: int = 1, size: int = 50, words: str = "") -> tuple[list[Any], int]:
    """Drawn cases, those still open first, and how many: id, number, month, rank, percent, seed, state, due_at, who."""
    where = [AuditCheck.state == state] if state else []
    if words:
        where.append(
            AuditCheck.case_id.in_(select(CaseFile.id).where(CaseFile.number.contains(words, autoescape=True)))
        )
    total = db.session.scalar(select(func.count()).select_from(AuditCheck).where(*where)) or 0
    query = (
        select(
            AuditCheck.id, AuditCheck.case_id, AuditCheck.month, AuditCheck.rank, AuditCheck.percent, AuditCheck.seed,
            AuditCheck.state, AuditCheck.alone, AuditCheck.due_at, AuditCheck.done_at, AuditCheck.done_post, CaseFile.number,
        )
        .join(CaseFile, CaseFile.id == AuditCheck.case_id)
        .where(*where)
        .order_by(AuditCheck.state != "open", AuditCheck.month.desc(), AuditCheck.rank)
        .limit(size)
        .offset((page - 1) * size)
    )  # fmt: skip
    return list(db.session.execute(query)), total


def one(check_id: UUID) -> Any:
    """One drawn case: id, case_id, number, state, month, due_at; or None."""
    return db.session.execute(
        select(AuditCheck.id, AuditCheck.case_id, AuditCheck.state, AuditCheck.month, AuditCheck.due_at, CaseFile.number)
        .join(CaseFile, CaseFile.id == AuditCheck.case_id)
        .where(AuditCheck.id == check_id)
    ).one_or_none()  # fmt: skip


def rates() -> rules.Rates:
    """Claimed, confirmed and audited work of the community in counts."""
    names = ("claimed_done", "confirmed_done", "audits_done", "audits_agreed")
    found = db.session.execute(select(Indicator.name, Indicator.value).where(Indicator.name.in_(names)))
    rows = {row.name: row.value for row in found}
    return rules.Rates(*(int(rows.get(name, 0)) for name in names))
