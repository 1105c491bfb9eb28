"""What the desk of a street reads: of its inbox the first person masked, of one file everything that was sent. Read as
the database role that reaches no table of the register, only the files named in the transaction."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from rongjiu import audit, files
from rongjiu.actor import current_actor
from rongjiu.clock import now, today
from rongjiu.db import Scope, db, scoped, tenant_scope
from rongjiu.errors import Absent
from rongjiu.ids import uuid7
from rongjiu.oversight import desk
from tenants.acceptance import queries
from tenants.acceptance.models import DeskEvent, DeskFile
from tenants.catalogue.models import Department

SHOWN = ("name", "id_number", "phone", "address")
"""Fields of a person in an opened file."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One file as the desk reads it: its row in the inbox, the copy that was sent, papers and history."""

    row: Any
    file: Any
    content: dict[str, Any]
    papers: Sequence[Any]
    events: Sequence[Any]


def heads(street_id: UUID, rows: Iterable[Any]) -> dict[UUID, str]:
    """The first person of each file on a page of the inbox, masked (张*); one statement a community. Files taken back
    have none."""
    of: dict[Any, list[UUID]] = defaultdict(list)
    for row in rows:
        if row.state != "cancelled":
            of[desk.tenant_of(row)].append(row.task_id)
    found: dict[UUID, str] = {}
    for tenant, ids in of.items():
        with scoped(_scope(tenant, street_id, ids)):
            found |= {row.id: row.head for row in db.session.execute(select(DeskFile.id, DeskFile.head))}
    return found


def _scope(tenant: Any, street_id: UUID, ids: Sequence[UUID]) -> Scope:
    return Scope(tenant=tenant, role="app_receiver", street_id=street_id, desk_task_ids=tuple(ids))


def opened(street_id: UUID, task_id: UUID) -> Opened:
    """One file in full; raises Absent for another street's, and for one that was taken back."""
    row = desk.one(street_id, task_id)
    if row.state == "cancelled":
        raise Absent("社区已撤回这份材料，内容已收回。")
    f = DeskFile
    with scoped(_scope(desk.tenant_of(row), street_id, [task_id])):
        file = db.session.execute(
            select(
                f.id, f.content, f.basis, f.sent_at, f.sent_post, f.answer, f.answered_on, f.amount, f.period,
                f.from_on, f.until_on, f.reason, f.appeal_to, f.appeal_until, f.chases, f.level, f.last_on, f.department_slug,
            ).where(f.id == task_id)
        ).one_or_none()  # fmt: skip
        if file is None or file.content is None:
            raise Absent("社区已撤回这份材料，内容已收回。")
        papers, events = queries.papers_and_history(task_id)
    return Opened(row, file, json.loads(file.content), papers, events)


def note_opening(view: Opened, post: str) -> None:
    """Write down in the community's own chain, and in the file's history, that the desk has read it."""
    with tenant_scope(desk.tenant_of(view.row)):
        # First the file's row, then the audit chain, as everybody does: a reader and a writer never deadlock.
        db.session.add(
            DeskEvent(
                id=uuid7(), task_id=view.row.task_id, at=now(), day=today(), verb="opened", state_to=view.row.state,
                post=post, actor_id=current_actor().account_id, detail={}, words=None,
            )
        )  # fmt: skip
        db.session.flush()
        audit.record("desk.open", "desk_file", view.row.task_id, fields=list(SHOWN))


def paper(street_id: UUID, task_id: UUID, paper_id: UUID) -> tuple[str, str, bytes]:
    """Name, type and content of one attached paper of a file that may be read; its opening is written down."""
    view = opened(street_id, task_id)
    file_id = next((each.file_id for each in view.papers if each.id == paper_id), None)
    if file_id is None:
        raise Absent("没有这份附件。")
    with scoped(_scope(desk.tenant_of(view.row), street_id, [task_id])):
        found = files.load(file_id)
    with tenant_scope(desk.tenant_of(view.row)):
        audit.record("desk.paper", "desk_file", task_id, paper=str(paper_id))
    return found


def departments(view: Opened) -> list[Row[Any]]:
    """The departments of the sender's model: slug, name_zh, name_en."""
    d = Department
    with tenant_scope(desk.tenant_of(view.row)):
        return list(db.session.execute(select(d.slug, d.name_zh, d.name_en).order_by(d.seq)))
