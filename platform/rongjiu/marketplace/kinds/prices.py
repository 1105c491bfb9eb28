"""Declared prices of medical providers: item, unit, price, day and proof; read to the family before it agrees."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from rongjiu import audit, cash
from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace.kinds.models import DeclaredPrice
from rongjiu.marketplace.queries import Line

DEAREST = Decimal(100_000)


@dataclass(frozen=True, slots=True)
class Price:
    """A price, as typed."""

    item: str
    unit: str
    price: Decimal | None
    declared_on: date | None
    proof: str


def declare(provider_id: UUID, typed: Price) -> UUID:
    """Declare one price; the one before for the same item and unit no longer holds. Raises Refused at the field."""
    if not 2 <= len(typed.item) <= 40:
        raise Refused("请写是什么项目，40 字以内。", field="item")
    if not 1 <= len(typed.unit) <= 10:
        raise Refused("请写单位，例如 次、根、天。", field="unit")
    if typed.price is None or not 0 <= typed.price <= DEAREST:
        raise Refused("价格请写 0 到 100000 之间的数。", field="price")
    if typed.declared_on is None or typed.declared_on > today():
        raise Refused("请写申报的日期，不能晚于今天。", field="declared_on")
    if not 4 <= len(typed.proof) <= 100:
        raise Refused("请写价格依据，例如 物价公示表编号。", field="proof")
    cash.refuse(f"{typed.item} {typed.proof}", "item")
    same = select(DeclaredPrice).where(
        DeclaredPrice.provider_id == provider_id, DeclaredPrice.item == typed.item, DeclaredPrice.unit == typed.unit,
        DeclaredPrice.state == "valid",
    )  # fmt: skip
    for old in db.session.scalars(same.with_for_update()):
        old.state = "withdrawn"
    row = DeclaredPrice(
        id=uuid7(), provider_id=provider_id, item=typed.item, unit=typed.unit, price=typed.price,
        declared_on=typed.declared_on, proof=typed.proof, state="valid",
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("provider.price", "declared_price", row.id)
    return row.id


def withdraw(provider_id: UUID, price_id: UUID) -> None:
    """A price holds no longer; twice changes nothing. Raises Absent for another provider's."""
    row = db.session.scalar(
        select(DeclaredPrice).where(DeclaredPrice.id == price_id, DeclaredPrice.provider_id == provider_id)
    )
    if row is None:
        raise Absent("没有这项价格。")
    if row.state == "valid":
        row.state = "withdrawn"
        audit.record("provider.price.withdraw", "declared_price", price_id)


def total(rows: Collection[Line], counts: Mapping[UUID, int]) -> Decimal:
    """What so many of each declared item cost in yuan, by what was declared."""
    return sum((row.price * counts.get(row.id, 0) for row in rows), Decimal(0))


def listed(provider_id: UUID, *, valid: bool = False, page: int = 1, size: int = 50) -> tuple[list[Line], int]:
    """Prices of a provider, those that hold first: id, item, unit, price, declared_on, proof, state; and how many."""
    p = DeclaredPrice
    query = select(p.id, p.item, p.unit, p.price, p.declared_on, p.proof, p.state).where(p.provider_id == provider_id)
    if valid:
        query = query.where(p.state == "valid")
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(p.state, p.item, p.declared_on.desc()).limit(size).offset((page - 1) * size)
    return list(db.session.execute(ordered)), total
