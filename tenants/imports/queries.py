"""Reads of imports for screens and workers."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu.db import current_tenant, db, telling
from rongjiu.tenancy.models import Community
from tenants.imports.models import ImportBatch, ImportIssue, ImportMapping

_SHOWN = (
    ImportBatch.id, ImportBatch.name, ImportBatch.state, ImportBatch.sheet, ImportBatch.header, ImportBatch.mapping,
    ImportBatch.options, ImportBatch.counts, ImportBatch.done, ImportBatch.total, ImportBatch.problem,
    ImportBatch.created_at, ImportBatch.finished_at, ImportBatch.post,
)  # fmt: skip


def batches(page: int = 1, size: int = 50) -> tuple[list[Any], int]:
    """A page of imports, the latest first, and how many there are."""
    total = db.session.scalar(select(func.count()).select_from(ImportBatch)) or 0
    rows = select(*_SHOWN).order_by(ImportBatch.created_at.desc(), ImportBatch.id.desc())
    return list(db.session.execute(rows.limit(size).offset((page - 1) * size))), total


def batch(batch_id: UUID) -> Any:
    """One import without its columns, or None."""
    return db.session.execute(select(*_SHOWN).where(ImportBatch.id == batch_id)).one_or_none()


def columns(sealed: str | None) -> list[dict[str, Any]]:
    """title, samples (masked), guess and whether it was remembered, of each column."""
    found: list[dict[str, Any]] = json.loads(sealed) if sealed else []
    return found


def columns_of(batch_id: UUID) -> list[dict[str, Any]]:
    """The columns of an import."""
    return columns(db.session.scalar(select(ImportBatch.columns).where(ImportBatch.id == batch_id)))


def issues(batch_id: UUID, kind: str, page: int = 1, size: int = 50) -> tuple[list[Any], int]:
    """A page of what was noticed of one kind, by row, and how many there are."""
    here = (ImportIssue.batch_id == batch_id, ImportIssue.kind == kind)
    total = db.session.scalar(select(func.count()).select_from(ImportIssue).where(*here)) or 0
    rows = (
        select(
            ImportIssue.row, ImportIssue.kind, ImportIssue.column, ImportIssue.message, ImportIssue.words,
            ImportIssue.preview, ImportIssue.household_id,
        )
        .where(*here).order_by(ImportIssue.row, ImportIssue.id).limit(size).offset((page - 1) * size)
    )  # fmt: skip
    return list(db.session.execute(rows)), total


def kinds(batch_id: UUID) -> dict[str, int]:
    """How many rows of each kind were noticed."""
    rows = db.session.execute(
        select(ImportIssue.kind, func.count().label("how_many"))
        .where(ImportIssue.batch_id == batch_id)
        .group_by(ImportIssue.kind)
    )
    return {row.kind: int(row.how_many) for row in rows}


def remembered(fingerprint: str) -> list[str] | None:
    """How these headers were confirmed before: here, else by a community of the same street; None when never."""
    uid = current_tenant().uid
    street = db.session.scalar(select(Community.street_id).where(Community.id == uid))
    with telling(community_id=uid, mapping_street=street or uid):
        row = db.session.execute(
            select(ImportMapping.mapping)
            .where(
                ImportMapping.fingerprint == fingerprint,
                (ImportMapping.made_by == uid) | (ImportMapping.street_id == street),
            )
            .order_by((ImportMapping.made_by == uid).desc(), ImportMapping.updated_at.desc())
            .limit(1)
        ).one_or_none()
    return list(row.mapping) if row else None
