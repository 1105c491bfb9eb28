"""A level above publishes a line with its document, or takes it back; communities below confirm it themselves."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, update

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.policies import rules
from rongjiu.policies.models import ParameterLine


@dataclass(frozen=True, slots=True)
class Document:
    """The paper that a line goes by."""

    title: str
    number: str
    date: date


def publish(
    kind: str, place_id: UUID, level: str, slug: str, value: Decimal, since: date, paper: Document, post: str
) -> UUID:
    """Publish a line for every community below an office; answers its id.

    Raises Refused naming `level`, `since`, `document` or `document_number`, and when the same line stands already.
    """
    if level not in rules.SPEAKS[kind]:
        raise Refused("请选您这一级能转发的层级。", field="level")
    if not paper.title.strip():
        raise Refused("请写文件名称。", field="document")
    if not paper.number.strip():
        raise Refused("请写文号。", field="document_number")
    line = ParameterLine
    same = select(line.id).where(
        line.place_id == place_id, line.level == level, line.slug == slug, line.value == value, line.since == since,
        line.withdrawn_at.is_(None),
    )  # fmt: skip
    if db.session.scalar(same.limit(1)) is not None:
        raise Refused("这个标准已经公布过，内容一样。", field="value")
    row = line(
        id=uuid7(), level=level, place_kind=kind, place_id=place_id, slug=slug, value=value, since=since,
        document=paper.title.strip()[:120], document_number=paper.number.strip()[:60], document_date=paper.date,
        published_by=current_actor().account_id, published_post=post, published_at=now(), withdrawn_at=None,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("line.publish", "parameter_line", row.id, parameter=slug, level=level, value=value)
    return row.id


def withdraw(place_id: UUID, line_id: UUID, post: str) -> None:
    """Take a line of this office back; what communities confirmed already stays with them. Raises Absent."""
    line = ParameterLine
    done = db.session.execute(
        update(line)
        .where(line.id == line_id, line.place_id == place_id, line.withdrawn_at.is_(None))
        .values(withdrawn_at=now(), withdrawn_post=post)
        .returning(line.id)
    ).scalar_one_or_none()
    if done is None:
        raise Absent("没有这个标准。")
    audit.record("line.withdraw", "parameter_line", line_id)
