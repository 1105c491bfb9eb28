"""Making papers: first said to be at work, so that the page shows it; then made, kept as a file, the page forgotten."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from rongjiu import files, outbox
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.nightly import chore
from rongjiu.printing import pdf
from rongjiu.printing.models import Paper

KEPT = timedelta(days=7)
"""A paper is printed when it is made; after a week it would be out of date. Product default."""


def _row(payload: dict[str, Any], *states: str) -> Paper | None:
    query = select(Paper).where(Paper.id == UUID(payload["paper"]), Paper.state.in_(states))
    return db.session.scalar(query.with_for_update())


@outbox.effect("printing.begin")
def begin(payload: dict[str, Any]) -> None:
    """A worker has taken it up."""
    row = _row(payload, "waiting")
    if row is not None:
        row.state = "working"
        outbox.put("printing.make", payload, key=f"paper-make-{row.id}")


@outbox.effect("printing.make")
def make(payload: dict[str, Any]) -> None:
    """Make the PDF; what cannot be printed is failed with its reason, and is not tried again."""
    row = _row(payload, "working")
    if row is None:
        return
    _name, _mime, page = files.load(row.html_id)
    try:
        made = pdf.of(page.decode())
    except pdf.CannotPrint as cannot:
        row.state, row.reason, row.ended_at = "failed", cannot.reason, now()
    else:
        name = f"{row.kind}-{row.subject}.pdf"
        row.file_id = files.save(made, name, owner_kind="paper", owner_id=row.id)
        row.state, row.ended_at = "done", now()
    files.forget(row.html_id)
    db.session.flush()


@chore("printing.clear")
def clear() -> None:
    """Remove papers that are older than a week."""
    old = db.session.execute(select(Paper.id, Paper.html_id, Paper.file_id).where(Paper.asked_at < now() - KEPT)).all()
    for row in old:
        for file_id in (row.html_id, row.file_id):
            if file_id is not None:
                files.forget(file_id)
    db.session.execute(delete(Paper).where(Paper.id.in_([row.id for row in old])))
