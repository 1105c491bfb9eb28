"""What a family saves a month and when it is looked at again. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rongjiu.codes import N_
from rongjiu.workdays import add_months

MOST = Decimal(100_000)
LABEL_LIMIT = 60
SOURCE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Saving:
    """One part of a saving: what, CNY a month, and where the figure comes from."""

    label: str
    amount: Decimal | None
    source: str


def faults(savings: Sequence[Saving]) -> tuple[str, str] | None:
    """Field and words of the first thing wrong with the parts, or None: each has a name, an amount and a source."""
    for number, row in enumerate(savings):
        if not row.label.strip() or len(row.label) > LABEL_LIMIT:
            return f"savings-{number}-label", N_("请写这一项省在哪里。")
        if row.amount is None or not 0 < row.amount <= MOST:
            return f"savings-{number}-amount", N_("金额请写大于 0 的数,单位元/月。")
        if not row.source.strip() or len(row.source) > SOURCE_LIMIT:
            return f"savings-{number}-source", N_("请写这个数从哪里来,例如“医院价目 2022-08”。")
    return None


def total(savings: Sequence[Saving]) -> Decimal:
    """The sum a month."""
    return sum((row.amount for row in savings if row.amount is not None), Decimal(0))


def follow_ups(first_day: date, months: Sequence[int]) -> list[date]:
    """The days of the later looks, counted from the first day of help (timers follow-up-1, follow-up-2)."""
    return [add_months(first_day, count) for count in months]
