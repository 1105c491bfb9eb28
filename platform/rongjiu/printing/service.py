"""Asking for a printed paper: the page as its reader may see it is kept, a worker makes the PDF of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from rongjiu import audit, files, outbox
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.printing import pdf
from rongjiu.printing.models import Paper

KINDS = ("slip", "visit", "card", "consent", "answer")
LONGEST = 2_000_000
"""Signs of a page."""


@dataclass(frozen=True, slots=True)
class Made:
    """How far a paper is; `before` = papers that wait in front of it."""

    id: UUID
    kind: str
    subject: str
    state: str
    reason: str
    file_id: UUID | None
    asked_by: UUID | None
    asked_at: datetime
    before: int


def possible() -> bool:
    """Can this installation make PDFs?"""
    return not pdf.missing()


def ask(kind: str, subject: str, page: str) -> UUID:
    """Ask for the PDF of a page and answer its number; the page names nothing but `house:` files and data pictures.

    Raises Refused when the system's libraries are missing.
    """
    if kind not in KINDS or len(page) > LONGEST:
        raise ValueError(kind)
    if not possible():
        raise Refused(N_("这台服务器没有装排版组件，做不了 PDF。请用浏览器的打印。"))
    paper_id = uuid7()
    html_id = files.keep(page.encode(), f"{kind}.html", "text/html", owner_kind="paper", owner_id=paper_id)
    row = Paper(
        id=paper_id, kind=kind, subject=subject[:40], state="waiting", reason="", html_id=html_id, file_id=None,
        asked_by=current_actor().account_id, asked_at=now(), ended_at=None,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("paper.ask", "paper", paper_id, paper=kind, subject=subject)
    outbox.put("printing.begin", {"paper": str(paper_id)}, key=f"paper-{paper_id}")
    return paper_id


def one(paper_id: UUID, *, asked_by: UUID) -> Made:
    """How far a paper is, for who asked for it; raises Absent for anybody else."""
    row = db.session.scalar(select(Paper).where(Paper.id == paper_id, Paper.asked_by == asked_by))
    if row is None:
        raise Absent("没有这份打印件。")
    waiting = select(func.count()).select_from(Paper).where(
        Paper.state.in_(("waiting", "working")), Paper.asked_at < row.asked_at
    )  # fmt: skip
    before = int(db.session.scalar(waiting) or 0) if row.state == "waiting" else 0
    return Made(row.id, row.kind, row.subject, row.state, row.reason, row.file_id, row.asked_by, row.asked_at, before)
