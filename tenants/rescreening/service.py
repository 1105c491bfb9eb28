"""Judging the register again when a fact, a day, a line or a policy has moved, and settling what was found.

Nothing here decides entitlement: a named clerk looks at each change, tells the family and opens the way.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from rongjiu import audit, outbox
from rongjiu.actor import current_actor
from rongjiu.clock import now, today
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from tenants.catalogue import service as waits
from tenants.rescreening import ending, judging, rules, telling
from tenants.rescreening.judging import Home, Judge
from tenants.rescreening.models import RescreenRun, Standing, VerdictChange
from tenants.residents.models import Household

Row = dict[str, Any]
PART = 500
"""Households of one part: about a second, kept when it is done."""
FIRST = UUID(int=0)
_OWN = Household.merged_into.is_(None)
"""An entry that has been taken into another is judged there."""


def start(cause: str, detail: str = "") -> UUID | None:
    """Ask for the whole register to be judged again; answers the run's id, or None while lines are unconfirmed.

    A run for the same cause and detail that has not begun its first part yet is the same run.
    """
    if waits.screening_ready():
        return None
    waiting = select(RescreenRun.id).where(
        RescreenRun.cause == cause, RescreenRun.detail == detail, RescreenRun.ended_at.is_(None), RescreenRun.done == 0
    )
    known = db.session.scalar(waiting.limit(1))
    if known is not None:
        return known
    total = db.session.scalar(select(func.count()).select_from(Household).where(_OWN)) or 0
    run = RescreenRun(
        id=uuid7(),
        cause=cause,
        detail=detail,
        as_of=today(),
        total=total,
        done=0,
        found=0,
        began_at=now(),
        ended_at=None,
    )
    db.session.add(run)
    db.session.flush()
    audit.record("rescreen.start", "rescreen_run", run.id, cause=cause, about=detail)
    outbox.put("rescreen.part", {"run_id": str(run.id), "after": str(FIRST)}, key=f"rescreen-{run.id}-{FIRST}")
    return run.id


def part(run_id: UUID, after: UUID) -> UUID | None:
    """Judge the next households of a run, those whose id follows `after`; answers where to go on, None at the end."""
    run = db.session.scalar(select(RescreenRun).where(RescreenRun.id == run_id).with_for_update())
    if run is None or run.ended_at is not None:
        return None
    query = select(Household.id).where(Household.id > after, _OWN).order_by(Household.id).limit(PART)
    ids = list(db.session.scalars(query))
    if ids:
        run.found += judge(ids, cause=run.cause, detail=run.detail, run_id=run.id)
        run.done += len(ids)
    if len(ids) < PART:
        run.ended_at = now()
        db.session.flush()
        return None
    db.session.flush()
    outbox.put("rescreen.part", {"run_id": str(run_id), "after": str(ids[-1])}, key=f"rescreen-{run_id}-{ids[-1]}")
    return ids[-1]


def judge(ids: Collection[UUID], *, cause: str, detail: str = "", run_id: UUID | None = None) -> int:
    """Judge these households today and on the days ahead, keep what they stand at, and write down what moved;
    answers how many changes are new."""
    judge_, day = Judge.here(), today()
    until = day + timedelta(days=int(waits.setting("rescreen-benefit-end")))
    soon = day + timedelta(days=int(waits.setting("rescreen-birthday")))
    turns = judge_.turns()
    before = {
        row.subject_id: row.verdicts
        for row in db.session.execute(
            select(Standing.subject_id, Standing.verdicts).where(Standing.household_id.in_(ids))
        )
    }
    kept, moved = list[Row](), list[Row]()
    common = {"cause": cause, "detail": detail, "run_id": run_id, "at": now(), "state": "open"}
    homes = list(judging.homes(ids))
    ending.forget(homes, ids)
    for home in homes:
        stands = judge_.standing(home, day)
        for name, verdicts in stands.items():
            subject = judging.subject_of(name, home)
            if before.get(subject) != verdicts:
                kept.append(
                    {"subject_id": subject, "household_id": home.id, "verdicts": verdicts, "as_of": day}
                )  # fmt: skip
            changed = rules.changes(before.get(subject), verdicts, day, home.has(name, day))
            moved += judging.written(home, subject, changed, common)
        moved += ending.rows(judge_, home, day, until, common)
        days = rules.days_ahead(_births(home), turns | ending.days(home), day, until)
        moved += _ahead(judge_, home, stands, days, soon, common)
    return _keep(kept, moved)


def _births(home: Home) -> list[date]:
    return [one.birth_date for one in home.people if one.birth_date is not None]


def _ahead(
    judge_: Judge, home: Home, stands: dict[str, dict[str, str]], days: list[date], soon: date,
    common: Row,
) -> list[Row]:  # fmt: skip
    """What the days to come will change; a gain is told from `rescreen-birthday` days before, a loss earlier."""
    found, seen = list[Row](), set[tuple[UUID, str, str]]()
    for day in days:
        ends = day in ending.days(home)
        for name, then in judge_.standing(home, day).items():
            subject = judging.subject_of(name, home)
            for change in rules.ahead(stands.get(name, {}), then, day, home.has(name, day)):
                mark = (subject, change.policy, change.kind)
                if mark not in seen and (change.kind == "will_lose" or day <= soon):
                    seen.add(mark)
                    told = {"cause": ending.CAUSE, "detail": ""} if ends and change.kind == "will_lose" else {}
                    found += judging.written(home, subject, [change], {**common, **told})
    return found


def _keep(kept: list[Row], moved: list[Row]) -> int:
    tenant = current_tenant().id
    if kept:
        row = insert(Standing)
        db.session.execute(
            row.on_conflict_do_update(
                index_elements=["tenant_id", "subject_id"],
                set_={name: row.excluded[name] for name in ("household_id", "verdicts", "as_of")},
            ),
            [{"tenant_id": tenant, **each} for each in kept],
        )
    if not moved:
        return 0
    added = db.session.scalars(
        insert(VerdictChange).on_conflict_do_nothing().returning(VerdictChange.id),
        [{"tenant_id": tenant, **each} for each in moved],
    ).all()
    _over()
    return len(added)


def _over() -> None:
    """What lay ahead has come, or will not come any more: its day is past."""
    db.session.execute(
        update(VerdictChange)
        .where(
            VerdictChange.state == "open", VerdictChange.kind.in_(rules.AHEAD),
            VerdictChange.on_date <= today(),
        )
        .values(state="over", settled_at=now())
    )  # fmt: skip


def tell(change_id: UUID, channel: str, post: str, *, wanted: bool = False) -> None:
    """A named clerk confirms that the family is told of a change, and how (call | visit | sms | counter). A message goes
    out now; a call or visit was made by the clerk. `wanted`: the family chose this way for the time to come.

    Raises Absent, Clash when it was settled already, Refused naming `channel`.
    """
    row = _open(change_id)
    if channel not in rules.CHANNELS:
        raise Refused("请选一种告知方式。", field="channel")
    if channel == "sms":
        if telling.phone_of(row.household_id, row.subject_id) is None:
            raise Refused("这家人没有登记手机号，发不了短信。请改用打电话或上门。", field="channel")
        outbox.put("rescreen.tell", {"change_id": str(row.id)}, key=f"rescreen-tell-{row.id}")
    if wanted:
        db.session.execute(update(Household).where(Household.id == row.household_id).values(told_by=channel))
    row.channel = channel
    _settle(row, "told", post)


def drop(change_id: UUID, reason: str, post: str) -> None:
    """Nothing is done about a change, for a reason that is kept. Raises Absent, Clash, Refused naming `reason`."""
    row = _open(change_id)
    if len(reason.strip()) < 4:
        raise Refused("请写明为什么不处理，至少 4 个字。", field="reason")
    row.reason = reason.strip()[:200]
    _settle(row, "dropped", post)


def _open(change_id: UUID) -> VerdictChange:
    row = db.session.scalar(select(VerdictChange).where(VerdictChange.id == change_id).with_for_update())
    if row is None:
        raise Absent("没有这条变化。")
    if row.state != "open":
        raise Clash("这条变化已经处理过了，请刷新页面。")
    return row


def _settle(row: VerdictChange, state: str, post: str) -> None:
    row.state, row.settled_at = state, now()
    row.settled_by, row.settled_post = current_actor().account_id, post
    db.session.flush()
    audit.record(f"rescreen.{state}", "verdict_change", row.id, policy=row.policy_slug, how=row.channel)
