"""Reads of results: parts of the saving, new income, later looks."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from rongjiu.db import db
from tenants.outcomes.models import FollowUp, OutcomeNote, SavingLine


@dataclass(frozen=True, slots=True)
class Result:
    """What stands of a case's result."""

    lines: list[Row[Any]]
    """label, amount_month, amount_high, source."""
    total: Decimal
    high: Decimal
    """The upper end of the range; equals the total when every part has one price."""
    new_income: bool | None
    """None until the result was noted."""
    noted_at: datetime | None
    follow_ups: list[tuple[int, date, datetime | None]]
    income_month: Decimal | None = None
    unpriced: tuple[str, ...] = ()


def of_case(case_id: UUID) -> Result:
    """The result of a case as far as it was noted."""
    columns: tuple[Any, ...] = (
        SavingLine.label, SavingLine.amount_month, SavingLine.amount_high, SavingLine.source,
    )  # fmt: skip
    lines = list(db.session.execute(select(*columns).where(SavingLine.case_id == case_id).order_by(SavingLine.id)))
    note: Any = db.session.execute(
        select(OutcomeNote.new_income, OutcomeNote.made_at, OutcomeNote.income_month, OutcomeNote.unpriced).where(
            OutcomeNote.case_id == case_id
        )
    ).one_or_none()
    later = db.session.execute(
        select(FollowUp.seq, FollowUp.due_on, FollowUp.done_at)
        .where(FollowUp.case_id == case_id)
        .order_by(FollowUp.seq)
    )
    return Result(
        lines=lines, total=sum((row.amount_month for row in lines), Decimal(0)),
        high=sum((row.amount_high or row.amount_month for row in lines), Decimal(0)),
        income_month=note.income_month if note else None, unpriced=tuple(note.unpriced) if note else (),
        new_income=note.new_income if note else None, noted_at=note.made_at if note else None,
        follow_ups=[(row.seq, row.due_on, row.done_at) for row in later],
    )  # fmt: skip


def saving_of(case_id: UUID) -> Decimal:
    """What a family saves a month, in CNY, as estimated."""
    query = select(func.coalesce(func.sum(SavingLine.amount_month), 0)).where(SavingLine.case_id == case_id)
    return Decimal(db.session.scalar(query) or 0)
