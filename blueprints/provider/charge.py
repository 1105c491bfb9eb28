"""What a medical provider charged for a visit, beside what it had declared: above that it says why."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import request

from blueprints.pages import money
from rongjiu.errors import Refused
from rongjiu.marketplace.kinds import licences, prices
from tenants.accompaniment.rules import Over

MOST, WHY = 99, 100
"""Of one declared item at one visit; letters of a reason."""


def declared(provider_id: UUID) -> list[Any]:
    """The prices that a medical provider declared and that hold; [] for any other."""
    return prices.listed(provider_id, valid=True)[0] if licences.medical(provider_id) else []


def field(price_id: UUID) -> str:
    """The name of the input for how many of one declared item were charged."""
    return f"charged-{price_id}"


def compared(provider_id: UUID, charged: Decimal | None, why: str) -> Over | None:
    """None when no more was charged than was declared for what was typed; else by how much, and why. Raises Refused naming
    `over` when the reason lacks; who has declared nothing at all is asked for none, but the desk sees it."""
    if not charged or not licences.medical(provider_id):
        return None
    rows, why = declared(provider_id), why.strip()
    total = prices.total(rows, {row.id: _many(request.form.get(field(row.id), "")) for row in rows})
    if charged <= total:
        return None
    if len(why) > WHY:
        raise Refused("请写短一点，100 字以内。", field="over")
    if rows and len(why) < 4:
        raise Refused(
            "收了 %(a)s，按申报的是 %(b)s。请写清每项用了几份，或用一句话说明为什么高。",
            field="over", a=money(charged), b=money(total),
        )  # fmt: skip
    return Over(total if rows else None, why)


def _many(typed: str) -> int:
    return min(int(typed), MOST) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
