"""The engine of the two tables of rules.py: every step of a slip, an offer or a claim passes here: it is looked up, written
into the row and its history, and audited. What follows from it in a case is in moves.py, what follows on the wall of
wishes in wishes/moves.py; a file at the street's desk has a table of its own (acceptance)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from rongjiu import audit
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Clash
from rongjiu.ids import uuid7
from rongjiu.moves import Move, find
from rongjiu.prepared import Prepared, as_json
from tenants.referrals import rules
from tenants.referrals.models import ReferralRequest, ReferralTask

LATE = "这张派单已经答复过或已撤回,不能再改。有疑问请打社区电话。"
OVER = "这张转介单已经办结或撤销,不能再改。"


@dataclass(frozen=True, slots=True)
class _Object:
    """A thing that has a table: its names in the audit, its moves, what is said when it moved on already."""

    verb: str
    kind: str
    table: Callable[[str], tuple[Move, ...]]
    late: str


_OBJECTS: dict[type[ReferralTask | ReferralRequest], _Object] = {
    ReferralTask: _Object("task", "referral_task", rules.task_moves, LATE),
    ReferralRequest: _Object("request", "referral_request", rules.request_moves, OVER),
}


def turn(
    row: ReferralTask | ReferralRequest, target: str, actor: str, *, reason: str = "", kind: str = "",
    due_at: datetime | None = None, answers: bool = False,
) -> str:  # fmt: skip
    """Take a step of a locked slip or offer; answers the state that it left. Writes state, history and audit, nothing of
    what follows. Raises Clash, before anything is written, when its table does not draw the step for this actor; `kind`
    names the slip's kind where that has steps of its own. A new row begins with an empty state.

    An offer keeps the reason that it had unless another is given; `due_at` is its next wait, `answers` says that this is
    its receiver's answer.
    """
    of = _OBJECTS[type(row)]
    if find(of.table(kind), row.state, target, actor) is None:
        raise Clash(of.late)
    source, row.state = row.state, target
    if isinstance(row, ReferralTask):
        moment = now()
        row.reason_code, row.due_at = reason or row.reason_code, due_at
        if target in rules.TERMINAL:
            row.ended_at = moment
        if answers:
            row.answered_at = moment
        trace([row.id], source, target, actor, reason, moment)
    else:
        row.reason_code = reason
        db.session.flush()
    audit.record(f"{of.verb}.{target}", of.kind, row.id, reason=reason, source=source, by=actor)
    return source


def trace(
    task_ids: Collection[UUID], source: str, target: str, actor: str, reason: str, moment: datetime
) -> None:  # fmt: skip
    """Write the same transition of some offers, which the session has moved."""
    rows = [{"id": uuid7(), "task": each} for each in task_ids]
    words = {"source": source, "target": target, "actor": actor, "reason": reason, "at": moment}
    _TRACE.write(rows=as_json(rows), **words)


_TRACE = Prepared(
    text(
        "INSERT INTO task_event (tenant_id, id, task_id, at, state_from, state_to, actor, reason_code) "
        "SELECT :tenant, r.id, r.task, :at, :source, :target, :actor, :reason "
        "FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, task uuid)"
    )
)
