"""Reads of needs."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from rongjiu.db import db
from tenants.catalogue.models import NeedItem
from tenants.needs.models import Need

_Into = aliased(NeedItem)
_COLUMNS = (
    Need.id, Need.case_id, Need.person_id, Need.seq, Need.words, Need.is_wish, Need.item_slug, Need.urgency,
    Need.result, Need.result_code, Need.result_by, Need.result_at, NeedItem.name_zh, NeedItem.name_en,
    NeedItem.category_slug, NeedItem.retired_at, _Into.name_zh.label("into_zh"), _Into.name_en.label("into_en"),
)  # fmt: skip


def _read() -> Any:
    """Needs with the names of their items, and the name of what a merged item went into."""
    query = select(*_COLUMNS).outerjoin(NeedItem, NeedItem.slug == Need.item_slug)
    return query.outerjoin(_Into, _Into.slug == NeedItem.merged_into)


def of_case(case_id: UUID) -> list[Any]:
    """The needs of a case in order, with the names of their items."""
    query = _read()
    return list(db.session.execute(query.where(Need.case_id == case_id).order_by(Need.seq)))


def one(case_id: UUID, seq: int) -> Any:
    """Need number w<seq> of a case, or None."""
    query = _read()
    row: Any = db.session.execute(query.where(Need.case_id == case_id, Need.seq == seq)).one_or_none()
    return row


def open_count() -> int:
    """Needs of the community without a result."""
    return db.session.scalar(select(func.count()).select_from(Need).where(Need.result == "")) or 0


def open_by_item(case_ids: Collection[UUID]) -> dict[tuple[UUID, str], int]:
    """(case, item) → number of the first need of that item that has no result yet."""
    rows = db.session.execute(
        select(Need.case_id, Need.item_slug, func.min(Need.seq).label("seq"))
        .where(Need.case_id.in_(case_ids), Need.result == "", Need.item_slug.is_not(None))
        .group_by(Need.case_id, Need.item_slug)
    )
    return {(row.case_id, row.item_slug): row.seq for row in rows}
