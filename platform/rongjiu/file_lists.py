"""Lists that come as a file: read and looked at, made into rows, perhaps undone. The file itself is not kept.

A room gives its list a model of its own with the lines sealed in `found`, and says what a line is and what is made of
it; the way from draft to done to undone is the same for all.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, select
from sqlalchemy.orm import Mapped
from sqlalchemy.orm.attributes import InstrumentedAttribute

from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.db import KEY, SECRET, WORK, TenantRow, db, field
from rongjiu.errors import Absent, Clash, Refused

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class FileList(TenantRow):
    """One list: draft, working (its rows are being made), done or undone."""

    name: Mapped[str] = field(WORK)
    digest: Mapped[bytes] = field(SECRET, LargeBinary)
    """Of the file: the same again is the same list."""
    found: Mapped[str | None]
    """The lines as JSON until the list is done; each room seals its own."""
    state: Mapped[str] = field(WORK, default="draft")
    lines: Mapped[int] = field(WORK, default=0)
    made: Mapped[int] = field(WORK, default=0)
    """Rows that came of it and still stand."""
    by: Mapped[UUID | None] = field(KEY)
    at: Mapped[datetime] = field(WORK)


L = TypeVar("L", bound=FileList)


def named(name: str) -> str:
    """The name of a list; raises Refused naming `name` when there is none."""
    if not name.strip():
        raise Refused("请写这份名单叫什么。", field="name")
    return name.strip()[:60]


def draft(
    model: type[L], content: bytes, name: str, lines: "Sequence[DataclassInstance]", *same: ColumnElement[bool], **words: Any
) -> tuple[L, bool]:  # fmt: skip
    """Keep the lines of a file to be looked at: the list, and whether it is to be looked at. The same file again (where
    `same` holds) is the same list; one that is done or being made stays as it is. `words` are the room's own columns."""
    digest = sha256(content).digest()
    row: L | None = db.session.scalar(select(model).where(model.digest == digest, *same))
    if row is not None and row.state in ("working", "done"):
        return row, False
    if row is None:
        row = model()
        row.digest = digest
        db.session.add(row)
    row.name, row.state, row.lines, row.made = name, "draft", len(lines), 0
    for column, value in words.items():
        setattr(row, column, value)
    row.found = json.dumps([asdict(each) for each in lines], ensure_ascii=False)
    row.by, row.at = current_actor().account_id, now()
    db.session.flush()
    return row, True


def found(row: FileList) -> list[dict[str, Any]]:
    """What each line was read as; empty once the list is done."""
    lines: list[dict[str, Any]] = json.loads(row.found or "[]")
    return lines


def one(model: type[L], list_id: UUID) -> L | None:
    """A list, or None."""
    row: L | None = db.session.scalar(select(model).where(model.id == list_id))
    return row


def newest(model: type[L], *more: InstrumentedAttribute[Any], most: int = 20) -> list[Any]:
    """The lists that were read, newest first, without their lines; `more` are columns of the room."""
    columns = (model.id, model.name, model.state, model.lines, model.made, model.at.label("at"), *more)
    return list(db.session.execute(select(*columns).order_by(model.at.desc(), model.id).limit(most)))


def held(model: type[L], list_id: UUID) -> L:
    """A list, locked. Raises Absent."""
    row: L | None = db.session.scalar(select(model).where(model.id == list_id).with_for_update())
    if row is None:
        raise Absent("没有这份名单。")
    return row


def to_make(model: type[L], list_id: UUID) -> L:
    """A list, locked, whose rows may now be made. Raises Absent, Clash when they were made before."""
    row = held(model, list_id)
    if row.state != "draft":
        raise Clash("这份名单已经导入过了，不会重复登记。")
    return row


def done(row: FileList) -> None:
    """Its rows are made: the lines are forgotten."""
    row.state, row.found = "done", None
    db.session.flush()


def to_undo(model: type[L], list_id: UUID) -> L:
    """A list, locked, whose rows may be taken back. Raises Absent, Clash."""
    row = held(model, list_id)
    if row.state != "done":
        raise Clash("这份名单现在不能撤销。")
    return row


def undone(row: FileList, gone: int) -> tuple[int, int]:
    """So many of its rows were taken back: (taken back, left standing)."""
    row.state, row.made = "undone", row.made - gone
    db.session.flush()
    return gone, row.made
