"""What the end of an offer leaves to look at: one open check for each receiver and kind, with a step and a due time."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import ZONE, now
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.facts import Fact
from rongjiu.ids import uuid7
from rongjiu.marketplace.models import Provider
from rongjiu.oversight.service import next_step, no_step
from tenants.cases.models import CaseFile, ContactLog
from tenants.casework.models import ReferralCheck
from tenants.catalogue.service import due, setting
from tenants.needs.models import Need
from tenants.referrals import queries, rules
from tenants.referrals.facts import TasksEnded
from tenants.referrals.models import ReferralRequest, ReferralTask

NOTE_LIMIT = 200


def after(fact: Fact) -> None:
    """Offers ended: leave the checks that their reasons ask for: the rule, the area or the words at once; the admission
    after so many silences or late failures (timers silences-to-review, late-failures-to-review, silence-window)."""
    if not isinstance(fact, TasksEnded):
        return
    ended = {each: db.session.get_one(ReferralTask, (fact.tenant_id, each)) for each in fact.task_ids}
    silent: dict[UUID, list[ReferralTask]] = {}
    for task in (ended[each] for each in fact.task_ids):
        if task.provider_id is None or task.state not in ("rejected", "failed", "cancelled"):
            continue
        reason = rules.REASONS.get(task.reason_code)
        consequence = reason.consequence if reason else ""
        if consequence == "count_silence":
            silent.setdefault(task.provider_id, []).append(task)
        elif consequence in rules.CHECKS:
            _leave(task, task.provider_id, consequence)
        if task.state == "failed" and _failed_often(task.provider_id):
            _leave(task, task.provider_id, "late_failure")
    _count_silences(silent)


def _count_silences(silent: dict[UUID, list[ReferralTask]]) -> None:
    """Of several silences of one provider at once, the one that fills the measure is the one to look at."""
    if not silent:
        return
    counts = queries.silences(list(silent), _since())
    for provider_id, tasks in silent.items():
        wanting = int(setting("silences-to-review")) - (counts.get(provider_id, 0) - len(tasks))
        if wanting <= len(tasks):
            _leave(tasks[max(wanting, 1) - 1], provider_id, "count_silence")


def _since() -> datetime:
    return now() - timedelta(days=int(setting("silence-window")))


def _failed_often(provider_id: UUID) -> bool:
    since = _since()
    failed = select(func.count()).select_from(ReferralTask).where(
        ReferralTask.provider_id == provider_id, ReferralTask.state == "failed", ReferralTask.ended_at >= since
    )  # fmt: skip
    return (db.session.scalar(failed) or 0) >= int(setting("late-failures-to-review"))


def _leave(task: ReferralTask, provider_id: UUID, consequence: str) -> None:
    kind, verb = rules.CHECKS[consequence]
    same = select(ReferralCheck.id).where(
        ReferralCheck.provider_id == provider_id, ReferralCheck.kind == kind, ReferralCheck.done_at.is_(None)
    )
    if kind != "words" and db.session.scalar(same.limit(1)) is not None:
        return
    until = due("admission") if kind in ("silence", "failure") else due("draft-unsent")
    row = ReferralCheck(
        id=uuid7(), task_id=task.id, provider_id=provider_id, kind=kind, made_at=now(),
        due_at=until, done_at=None, done_post="", note="",
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    case = queries.case_of(task.case_id)
    role = "secretary" if kind in ("silence", "failure") else "assistance_clerk"
    next_step(
        "referral_check", row.id, number=case.number, case_id=None, actor_role=role,
        actor=N_("社区书记") if role == "secretary" else N_("救助专干"), verb=verb, due_at=until,
    )  # fmt: skip
    audit.record("check.leave", "referral_check", row.id, what=kind, provider_id=provider_id)


def done(check_id: UUID, note: str) -> None:
    """Somebody has looked, and says in words of work what came of it; twice changes nothing. Raises Absent, or
    Refused naming `note`."""
    words = note.strip()
    if not 2 <= len(words) <= NOTE_LIMIT:
        raise Refused("请写一句核对结果,2 到 200 个字,不写姓名。", field="note")
    row = db.session.scalar(select(ReferralCheck).where(ReferralCheck.id == check_id).with_for_update())
    if row is None:
        raise Absent("没有这项核对。")
    if row.done_at is not None:
        return
    row.done_at, row.done_post, row.note = now(), current_actor().name, words
    no_step(row.id)
    audit.record("check.done", "referral_check", row.id, what=row.kind)


def listed(
    *, state: str = "open", kind: str = "", month: date | None = None, words: str = "", page: int = 1, size: int = 50
) -> tuple[Sequence[Any], int]:
    """Checks with the receiver's name, what it wrote at that ending and the need it was about (number of the case, seq),
    the first due first, and how many there are;
    `state` open | done | '' for both, `month` by its first day."""
    said = (
        select(ContactLog.note)
        .where(
            ContactLog.provider_id == ReferralCheck.provider_id, ContactLog.case_id == ReferralTask.case_id,
            ContactLog.at >= ReferralCheck.made_at,
        )
        .order_by(ContactLog.at).limit(1).scalar_subquery().label("words")
    )  # fmt: skip
    query = select(
        ReferralCheck.id, ReferralCheck.kind, said, ReferralCheck.made_at, ReferralCheck.due_at,
        ReferralCheck.done_at, ReferralCheck.done_post, ReferralCheck.note, ReferralCheck.provider_id,
        Provider.name.label("provider"), Provider.slug, ReferralCheck.task_id, CaseFile.number, Need.seq.label("need"),
    )  # fmt: skip
    query = (
        query.join(Provider, Provider.id == ReferralCheck.provider_id)
        .join(ReferralTask, ReferralTask.id == ReferralCheck.task_id)
        .join(ReferralRequest, ReferralRequest.id == ReferralTask.request_id)
        .join(CaseFile, CaseFile.id == ReferralTask.case_id)
        .join(Need, Need.id == ReferralRequest.need_id)
    )
    if state:
        query = query.where(ReferralCheck.done_at.is_(None) if state == "open" else ReferralCheck.done_at.is_not(None))
    if kind:
        query = query.where(ReferralCheck.kind == kind)
    if words:
        query = query.where(Provider.name.contains(words, autoescape=True))
    if month is not None:
        start = datetime.combine(month, time(0), ZONE)
        after = datetime.combine((month.replace(day=1) + timedelta(days=32)).replace(day=1), time(0), ZONE)
        query = query.where(ReferralCheck.made_at >= start, ReferralCheck.made_at < after)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(ReferralCheck.done_at.is_not(None), ReferralCheck.due_at, ReferralCheck.id)
    return db.session.execute(ordered.limit(size).offset((page - 1) * size)).all(), total


def months() -> list[str]:
    """Months in which a check was left, the newest first: 2026-11."""
    made = func.to_char(func.timezone(ZONE.key, ReferralCheck.made_at), "YYYY-MM")
    return list(db.session.scalars(select(made).distinct().order_by(made.desc())))
