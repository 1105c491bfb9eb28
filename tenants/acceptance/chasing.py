"""Silence: the desk is reminded, then the street told, then the district. The file itself is never returned by it."""

from datetime import datetime, time
from uuid import UUID

from rongjiu import audit, outbox
from rongjiu.clock import ZONE
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Absent
from rongjiu.notify.service import tell
from rongjiu.oversight import desk
from tenants.acceptance import rules, steps
from tenants.catalogue.service import due, setting

TOLD = ("street_acceptance", "street_overseer", "district_overseer")
"""Who is told at each level."""
TEXTS = (
    N_("一门受理:有 1 件材料已到答复时间,请登录查看。"),
    N_("街道督导:一门受理有 1 件材料催办后仍未答复,请登录查看。"),
    N_("区督导:街道一门受理有 1 件材料逐级催办后仍未答复,请登录查看。"),
)
"""No name, no place, no illness; the page says which file."""


def chase(task_id: UUID, wait: str, number: int) -> bool:
    """Ring the n-th time for a file whose time is over, and set the next bell.

    False, and nothing done, when it was answered, held, taken back or set going anew since, or this chase was made.
    """
    row = _as_it_stands(task_id)
    if row is None or row.task.state not in rules.RUNNING:
        return False
    if steps.mark(row) != wait or row.file.chases != number - 1:
        return False
    row.file.chases = number
    row.file.level = rules.level(number, int(setting("dept-chases")))
    db.session.flush()
    steps.sign(row)
    steps.write(
        row, "chase" if row.file.level == 0 else "escalate", post=N_("系统"), chase=number, level=row.file.level
    )
    audit.record("department.chase", "desk_file", task_id, chase=number, level=row.file.level)
    key = f"told-{task_id}-{wait}-{number}"
    outbox.put("acceptance.tell", {"task": str(task_id), "level": row.file.level, "key": key}, key=key)
    steps.ring(row, due("dept-chase-every", row.file.urgency))
    return True


def papers_late(task_id: UUID, since: str) -> bool:
    """The papers of a 补正 list have not come in time: nothing is refused by that, a helper goes there."""
    row = _as_it_stands(task_id)
    if row is None or row.task.state != "on-hold" or f"{row.file.last_on}-{row.file.left_days}" != since:
        return False
    steps.ask(row, N_("上门帮家里补齐材料"), due("supplement", row.file.urgency))
    steps.write(row, "papers_late", post=N_("系统"))
    audit.record("department.papers_late", "desk_file", task_id)
    return True


def appeal_soon(task_id: UUID) -> bool:
    """The time for an appeal is nearly over: somebody rings the family once more. False when it was not a refusal."""
    row = _as_it_stands(task_id)
    if row is None or row.file.answer != "refused" or row.file.appeal_until is None:
        return False
    until = datetime.combine(row.file.appeal_until, time(18), ZONE)
    steps.ask(row, N_("申诉快到期，打电话问家里要不要帮"), until)
    steps.write(row, "appeal_soon", post=N_("系统"))
    audit.record("department.appeal_soon", "desk_file", task_id)
    return True


def tell_level(task_id: UUID, level: int, key: str) -> None:
    """A message to those whose turn it is; without a telephone the alarm on their page is all there is."""
    row = _as_it_stands(task_id)
    if row is None or row.task.state not in rules.RUNNING:
        return
    for role, text in zip(TOLD[: level + 1], TEXTS, strict=False):
        for number, phone in enumerate(desk.phones(role, row.file.street_id)):
            tell(phone, text, purpose="desk_chase", key=f"{key}-{role}-{number}")


def _as_it_stands(task_id: UUID) -> steps.Held | None:
    try:
        return steps.held(task_id)
    except Absent:
        return None
