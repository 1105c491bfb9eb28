"""The 台账 of everybody for whoever is not the secretary: asked for, approved by a second person, taken once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.service import next_step
from tenants.catalogue import service as catalogue
from tenants.residents.models import Courtyard
from tenants.reviews.models import LedgerRequest
from tenants.reviews.requests import APPROVAL, decided, secretaries
from tenants.reviews.rules import SHORTEST_REASON, may_approve

KEPT = timedelta(days=1)
"""How long an approval holds; a file of an export lives a day."""


def ask(purpose: str, courtyard_id: UUID | None = None) -> UUID:
    """Ask the secretary for the 台账, of one courtyard or of all.

    Raises Refused naming `purpose`, Absent for no such courtyard, Clash when the same account waits for one already.
    """
    actor, why = current_actor(), purpose.strip()
    if len(why) < SHORTEST_REASON:
        raise Refused("请写清楚台账做什么用，至少 4 个字。", field="purpose")
    if courtyard_id and db.session.scalar(select(Courtyard.id).where(Courtyard.id == courtyard_id)) is None:
        raise Absent("没有这个院落。")
    mine = select(LedgerRequest.id).where(LedgerRequest.asked_by == actor.account_id, LedgerRequest.state == "open")
    if db.session.scalar(mine.limit(1)):
        raise Clash("您已经申请过，书记还没有批；批了就能取。")
    request_id, due = uuid7(), catalogue.due(APPROVAL)
    db.session.add(
        LedgerRequest(
            id=request_id, courtyard_id=courtyard_id, purpose=why, state="open", asked_by=actor.account_id,
            asked_post=actor.name, asked_at=now(), due_at=due,
        )
    )  # fmt: skip
    db.session.flush()
    audit.record("ledger.ask", "ledger_request", request_id, reason=why)
    next_step(
        "ledger_request", request_id, number=N_("台账"), case_id=None, actor_role="secretary", actor=N_("社区书记"),
        verb=N_("批准或退回台账导出"), due_at=due,
    )  # fmt: skip
    return request_id


def approve(request_id: UUID) -> None:
    """Let whoever asked take the file; never by the same account. Raises Refused, Clash when decided already."""
    row = _open(request_id)
    if may_approve(row.asked_by, current_actor().account_id, secretaries()) != "yes":
        raise Refused("台账导出要由书记批准，自己申请的不能自己批。", status=403)
    _decide(row, "approved")


def refuse(request_id: UUID, why: str) -> None:
    """Say no, with words for whoever asked; Refused naming `why`, Clash when decided already."""
    row = _open(request_id)
    if current_actor().account_id not in secretaries():
        raise Refused("台账导出要由书记批准，自己申请的不能自己批。", status=403)
    if len(why.strip()) < SHORTEST_REASON:
        raise Refused("请写明为什么不同意。", field="why")
    row.decided_why = why.strip()[:200]
    _decide(row, "refused")


def withdraw(request_id: UUID) -> None:
    """Whoever asked takes it back; Absent for anybody else."""
    row = _open(request_id)
    if row.asked_by != current_actor().account_id:
        raise Absent("没有这个申请。")
    _decide(row, "withdrawn")


def take(request_id: UUID) -> tuple[str, UUID | None]:
    """The one use of an approval: purpose and courtyard of the file. Absent for anybody but whoever asked, Clash when
    it was taken, was not approved, or is older than a day."""
    row = _row(request_id)
    if row.asked_by != current_actor().account_id:
        raise Absent("没有这个申请。")
    if row.state == "taken":
        raise Clash("这份台账已经取过。要再用，请重新申请。")
    if row.state != "approved" or row.decided_at is None or row.decided_at + KEPT < now():
        raise Clash("没有批准，或批准已过一天。请重新申请。")
    row.state, row.taken_at = "taken", now()
    db.session.flush()
    audit.record("ledger.take", "ledger_request", row.id, reason=row.purpose)
    return row.purpose, row.courtyard_id


def exists(request_id: UUID) -> bool:
    """Is there such a request here?"""
    return db.session.scalar(select(LedgerRequest.id).where(LedgerRequest.id == request_id)) is not None


def ready(moment: datetime) -> UUID | None:
    """The approval that the account here may use now."""
    r, mine = LedgerRequest, LedgerRequest.asked_by == current_actor().account_id
    return db.session.scalar(
        select(r.id).where(mine, r.state == "approved", r.decided_at > moment - KEPT).order_by(r.asked_at).limit(1)
    )


def page(asked_by: UUID | None = None, page: int = 1, size: int = 50) -> tuple[list[Any], int]:
    """Requests, the open ones first; only those of one account when it is given."""
    r = LedgerRequest
    where = [r.asked_by == asked_by] if asked_by is not None else []
    rows = db.session.execute(
        select(r.id, r.purpose, r.state, r.asked_by, r.asked_post, r.asked_at, r.due_at, r.decided_post, r.decided_at,
               r.decided_why, r.taken_at, Courtyard.name.label("courtyard"))
        .outerjoin(Courtyard, (Courtyard.id == r.courtyard_id) & (Courtyard.tenant_id == r.tenant_id))
        .where(*where)
        .order_by(r.state != "open", r.asked_at.desc(), r.id)
        .limit(size)
        .offset((page - 1) * size)
    ).all()  # fmt: skip
    return list(rows), db.session.scalar(select(func.count()).select_from(r).where(*where)) or 0


def _row(request_id: UUID) -> LedgerRequest:
    row = db.session.scalar(
        select(LedgerRequest)
        .where(LedgerRequest.id == request_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise Absent("没有这个申请。")
    return row


def _open(request_id: UUID) -> LedgerRequest:
    row = _row(request_id)
    if row.state != "open":
        raise Clash("这个申请已经有结果了，请刷新页面。")
    return row


def _decide(row: LedgerRequest, state: str) -> None:
    decided(row, state)
    audit.record("ledger.decide", "ledger_request", row.id, state=state)
