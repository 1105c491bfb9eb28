"""What a confirmed screening sets going: paths that the family walks, near misses that are looked at again, and the answer
to what the family asked."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import insert, select, update

from rongjiu import audit
from rongjiu.clock import now, today
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Refused
from rongjiu.facts import send
from rongjiu.ids import uuid7
from tenants.cases import service as cases
from tenants.catalogue import service as waits
from tenants.needs import service as needs
from tenants.needs.models import Need
from tenants.screening.conclusion import LATEST_LOOK
from tenants.screening.facts import PathWalked, ScreeningConfirmed
from tenants.screening.models import NearMiss, PathTask
from tenants.screening.queries import Result

ASKED = "dibao"
"""The policy that a family's question about policies (need item policy-help) is about: 低保."""
QUESTION = "policy-help"


def lay_paths(result: Result) -> None:
    """Keep the paths of a screening as tasks that can be ticked off."""
    if not result.frozen.paths:
        return
    db.session.execute(
        insert(PathTask),
        [
            {
                "id": uuid7(), "case_id": result.case_id, "screening_id": result.id, "code": path.id,
                "policy_slugs": list(path.policies), "done_at": None,
            }
            for path in result.frozen.paths
        ],
    )  # fmt: skip


def queue_near_misses(result: Result) -> int:
    """Put the near misses into the queue in place of older ones of the case; by how many the queue has grown."""
    ended = db.session.scalars(
        update(NearMiss)
        .where(NearMiss.case_id == result.case_id, NearMiss.looked_at.is_(None))
        .values(looked_at=now())
        .returning(NearMiss.id)
    ).all()
    look = waits.due_date("near-miss-look")
    for policy in result.frozen.near_misses:
        turn = result.frozen.looks.get(policy)
        day = min(look, turn.on) if turn and turn.on > today() else look
        db.session.add(
            NearMiss(
                id=uuid7(), case_id=result.case_id, screening_id=result.id, policy_slug=policy, look_again_on=day,
                looked_at=None, distance_pct=_distance(result, policy),
            )
        )  # fmt: skip
    db.session.flush()
    return len(result.frozen.near_misses) - len(ended)


def _distance(result: Result, policy: str) -> Decimal | None:
    """How far the best of the household is outside, in per cent of the line; the farthest of several misses counts."""
    best = next((row.best for row in result.verdicts if row.policy_id == policy), None)
    far = [row.distance_pct for row in best.misses if row.distance_pct is not None] if best else []
    return max(far, default=None)


def look_again(near_miss_id: UUID, day: date, reason: str) -> None:
    """Set another day on which a near miss is looked at again. Raises Absent, Refused naming `day` or `reason`."""
    row = db.session.scalar(
        select(NearMiss).where(NearMiss.id == near_miss_id, NearMiss.looked_at.is_(None)).with_for_update()
    )
    if row is None:
        raise Absent("没有这条临界户记录。")
    if not today() < day <= today() + LATEST_LOOK:
        raise Refused("请选明天以后、一年以内的日子。", field="day")
    if not 4 <= len(reason.strip()) <= 200:
        raise Refused("请写明为什么改日子，至少 4 个字。", field="reason")
    row.look_again_on, row.reason = day, reason.strip()
    db.session.flush()
    audit.record("near_miss.look_again", "near_miss", row.id, day=str(day))


def announcement(case_id: UUID, result: Result, counts: dict[str, int]) -> ScreeningConfirmed:
    """What is told of a confirmation; before that the family's open question about policies is answered, when what they
    asked for is not open to them."""
    asked = next((row for row in result.verdicts if row.policy_id == ASKED), None)
    question = select(Need.id).where(Need.case_id == case_id, Need.item_slug == QUESTION, Need.result == "")
    need_id = db.session.scalar(question.order_by(Need.seq).limit(1))
    refused = need_id is not None and asked is not None and asked.verdict in ("not_eligible", "near_miss")
    if need_id is not None and refused:
        needs.set_result(need_id, "solved", code="answered_not_eligible", by="worker")
    return ScreeningConfirmed(
        tenant_id=current_tenant().id, object_id=result.id, case_id=case_id, track=result.track, counts=counts,
        need_id=need_id, refused_policy=ASKED if refused else "",
        refused_department=result.model["policies"][ASKED]["department_id"] if refused else "",
    )  # fmt: skip


def walk(case_id: UUID, path_id: UUID, *, done: bool = True) -> None:
    """Tick a path task off, or take the tick back; the same again changes nothing. Raises Absent."""
    row = db.session.scalar(select(PathTask).where(PathTask.id == path_id, PathTask.case_id == case_id))
    if row is None:
        raise Absent("没有这条可走的路。")
    if (row.done_at is not None) == done:
        return
    cases.hold(case_id)
    row.done_at = now() if done else None
    db.session.flush()
    audit.record("path.done" if done else "path.undone", "path_task", path_id, code=row.code)
    cases.event(case_id, "path_done" if done else "path_undone", code=row.code)
    send(PathWalked(tenant_id=current_tenant().id, object_id=path_id, case_id=case_id, done=done))
