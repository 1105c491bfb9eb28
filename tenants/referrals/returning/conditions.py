"""Which condition of a service a family did not meet, as its provider names it when it cannot do the job: a code beside
its words (rules.CONDITIONS), so that the desk mends the fact, or asks whom the next one is for."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from rongjiu.db import db
from rongjiu.errors import Refused
from tenants.cases.models import CaseEvent
from tenants.cases.service import event
from tenants.referrals import moves, rules
from tenants.referrals.models import ReferralTask

NAMED = "condition_named"
REASON = "not-eligible"


def check(reason: str, condition: str) -> None:
    """Raises Refused naming `condition` when a job is refused as not eligible without one that is known."""
    if reason == REASON and condition not in rules.CONDITIONS:
        raise Refused("请选卡在哪一条:人群、年龄、区域、材料,还是别的。", field="condition")


def name(task: ReferralTask, reason: str, condition: str) -> None:
    """Write the condition of a locked offer that ended so into the timeline of its case; nothing for other reasons."""
    if reason == REASON:
        event(task.case_id, NAMED, post=moves.post_of(task, "receiver"), task_id=str(task.id), condition=condition)


def of(task_ids: Collection[UUID]) -> dict[UUID, str]:
    """The condition that was named for each of these offers, where one was."""
    names = {str(each): each for each in task_ids}
    if not names:
        return {}
    of_task, cases = (
        CaseEvent.detail["task_id"].astext,
        select(ReferralTask.case_id).where(ReferralTask.id.in_(task_ids)),
    )
    query = select(of_task.label("task"), CaseEvent.detail["condition"].astext.label("condition")).where(
        CaseEvent.case_id.in_(cases), CaseEvent.kind == NAMED, of_task.in_(names)
    )
    return {names[row.task]: row.condition for row in db.session.execute(query)}
