"""What a family lives on, per head and month. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from rongjiu.errors import Refused

KINDS = ("pension", "wages", "business", "transfer", "support", "property", "other")
"""Kinds of income, after the household surveys: pension, wages, own business, transfers of the state, support by
relatives living elsewhere, rent and interest, anything else."""
EXPENSES = ("medical", "school", "care", "housing", "other")
"""Kinds of rigid expenses: illness, school, care and rehabilitation, a dwelling, anything else that must be paid."""
MONTHS = (1, 3, 6, 12)
"""Over how many months a sum may be told: a month, a quarter, half a year, a year."""
MOST_RATIO = Decimal(10)
"""The highest share of rigid expenses that is kept, ten times the income; also where there are expenses and no income."""
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class IncomeLine:
    """One income of one member, CNY a month; `months` and `total` as it was told when it was not told by the month."""

    member: str
    kind: str
    month: Decimal
    months: int = 1
    total: Decimal | None = None


@dataclass(frozen=True)
class ExpenseLine:
    """What the family had to pay for one kind of thing: CNY in so many months."""

    kind: str
    total: Decimal
    months: int = 12


def earned(member: str, kind: str, total: Decimal, months: int) -> IncomeLine:
    """An income told as the sum of so many months: kept with its average by the month, to the cent."""
    return IncomeLine(member, kind, (total / months).quantize(_CENT, ROUND_HALF_UP), months, total)


def refuse_impossible(
    people: Collection[str],
    lines: Iterable[IncomeLine],
    expenses: Collection[ExpenseLine],
    rigid_percent: Decimal | None,
) -> None:
    """Raises Refused naming `lines`, `expenses` or `rigid` for what cannot be; `people` are the members' ids."""
    for line in lines:
        if line.member not in people or line.kind not in KINDS:
            raise Refused("请给每一笔收入选家庭成员和种类。", field="lines")
        if not 0 <= line.month < 1_000_000:
            raise Refused("每月金额请填 0 到 999,999 元。", field="lines")
    for each in expenses:
        if each.kind not in EXPENSES or each.months not in MONTHS:
            raise Refused("请给每一笔支出选种类和月数。", field="expenses")
        if not 0 <= each.total / each.months < 1_000_000:
            raise Refused("支出合到每月，请填 0 到 999,999 元。", field="expenses")
    if expenses and rigid_percent is not None:
        raise Refused("已经填了支出明细，比例由系统算，请把比例空着。", field="rigid")
    if rigid_percent is not None and not 0 <= rigid_percent <= 1000:
        raise Refused("比例请填 0 到 1000；支出比收入多时可以超过 100。", field="rigid")


def rigid_ratio(lines: Iterable[IncomeLine], expenses: Iterable[ExpenseLine]) -> Decimal | None:
    """Rigid expenses a month as a share of the income a month; None when no expense was told."""
    kept = tuple(expenses)
    if not kept:
        return None
    spent = sum((each.total / each.months for each in kept), Decimal())
    income = sum((line.month for line in lines), Decimal())
    if not income:
        return MOST_RATIO if spent else Decimal(0)
    return min((spent / income).quantize(Decimal("0.0001"), ROUND_HALF_UP), MOST_RATIO)


def per_head(lines: Iterable[IncomeLine], members: int) -> Decimal:
    """CNY per head and month, to the cent; ValueError when nobody lives there."""
    if members < 1:
        raise ValueError("a household has members")
    return (sum((line.month for line in lines), Decimal()) / members).quantize(_CENT, ROUND_HALF_UP)


def figures(
    lines: Iterable[IncomeLine], members: int, rigid_percent: Decimal | None, expenses: Iterable[ExpenseLine] = ()
) -> dict[str, Any]:
    """The sheet as it is kept: amounts as text, so that no cent is lost. The share of rigid expenses follows from their
    lines; `rigid_percent` counts where only the share is known."""
    kept, spent = tuple(lines), tuple(expenses)
    ratio = rigid_ratio(kept, spent)
    if ratio is None and rigid_percent is not None:
        ratio = rigid_percent / 100
    return {
        "lines": [
            {"member": line.member, "kind": line.kind, "month": str(line.month)}
            | ({"months": line.months, "total": str(line.total)} if line.total is not None and line.months > 1 else {})
            for line in kept
        ],
        "expenses": [{"kind": each.kind, "total": str(each.total), "months": each.months} for each in spent],
        "members": members,
        "month": str(sum((line.month for line in kept), Decimal())),
        "per_capita_month": str(per_head(kept, members)),
        "rigid_expense_ratio": None if ratio is None else str(ratio),
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


def birthday(born: date, year: int) -> date:
    """The day of a year on which somebody is a year older; 1 March for who was born on 29 February in a common year."""
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


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
