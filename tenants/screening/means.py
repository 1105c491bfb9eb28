"""What a family lives on, per head and month. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

KINDS = ("pension", "wages", "business", "transfer", "support", "property", "other")
"""Kinds of income, after the household surveys: pension, wages, own business, transfers of the state, support by
relatives living elsewhere, rent and interest, anything else."""
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class IncomeLine:
    """One income of one member, CNY a month."""

    member: str
    kind: str
    month: Decimal


def per_head(lines: Iterable[IncomeLine], members: int) -> Decimal:
    """CNY per head and month, to the cent; ValueError when nobody lives there."""
    if members < 1:
        raise ValueError("a household has members")
    return (sum((line.month for line in lines), Decimal()) / members).quantize(_CENT, ROUND_HALF_UP)


def figures(lines: Iterable[IncomeLine], members: int, rigid_percent: Decimal | None) -> dict[str, Any]:
    """The sheet as it is kept: amounts as text, so that no cent is lost."""
    kept = tuple(lines)
    return {
        "lines": [{"member": line.member, "kind": line.kind, "month": str(line.month)} for line in kept],
        "members": members,
        "month": str(sum((line.month for line in kept), Decimal())),
        "per_capita_month": str(per_head(kept, members)),
        "rigid_expense_ratio": None if rigid_percent is None else str(rigid_percent / 100),
    }


def as_facts(kept: Mapping[str, Any]) -> dict[str, Decimal]:
    """The facts of the household that follow from its income sheet."""
    found = {"household.income_per_capita_month": Decimal(kept["per_capita_month"])}
    if kept.get("rigid_expense_ratio") is not None:
        found["household.rigid_expense_ratio"] = Decimal(kept["rigid_expense_ratio"])
    return found


def years_between(born: date, day: date) -> int:
    """Full years from one day to another; someone born on 29 February is a year older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def age_on(day: date, birth_date: date | None, said: int | None, said_on: date | None) -> int | None:
    """The age on a day: from the birth date, else as told, grown by the full years since it was told.

    For a day before the telling it stays as told: an age from hearsay is not counted backwards.
    None when unknown, or when the person was not born yet.
    """
    if birth_date is not None:
        years = years_between(birth_date, day)
        return years if years >= 0 else None
    if said is None:
        return None
    return said + (max(years_between(said_on, day), 0) if said_on else 0)
