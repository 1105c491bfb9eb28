"""What a service costs whom: several prices side by side (HSDS cost_option), each with what it stands on. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

CLASSES = ("free", "cost_price", "discount", "market")
"""From what costs a family least to what costs it most: free, cost price (出厂价), discount, market."""
MOST = 3
"""Further prices of one service beside its first."""


@dataclass(frozen=True, slots=True)
class Cost:
    """One price: for whom, on what it stands, who bears the rest to the usual one. Amounts in yuan a time."""

    price_class: str
    price: Decimal | None = None
    usual_price: Decimal | None = None
    groups: tuple[str, ...] = ()
    """Codes of special groups; empty: anyone."""
    proof: str = ""
    proof_on: date | None = None
    rest_by: str = ""


def read(kept: Mapping[str, Any]) -> Cost:
    """A price as kept in the database."""
    on = kept.get("proof_on")
    return Cost(
        kept["price_class"], _amount(kept.get("price")), _amount(kept.get("usual_price")), tuple(kept.get("groups", ())),
        kept.get("proof", ""), date.fromisoformat(on) if on else None, kept.get("rest_by", ""),
    )  # fmt: skip


def written(cost: Cost) -> dict[str, Any]:
    """A price as kept in the database: only what was said, amounts as text so that no cent is lost."""
    words = {
        "price_class": cost.price_class, "price": None if cost.price is None else f"{cost.price:f}",
        "usual_price": None if cost.usual_price is None else f"{cost.usual_price:f}", "groups": list(cost.groups),
        "proof": cost.proof, "proof_on": cost.proof_on.isoformat() if cost.proof_on else "", "rest_by": cost.rest_by,
    }  # fmt: skip
    return {name: value for name, value in words.items() if value not in (None, "", [])}


def best(first: Cost, others: Iterable[Cost], groups: Collection[str]) -> Cost:
    """What somebody of these groups pays: of the prices that are meant for them the kindest class, then the lowest."""
    fitting = [first, *(cost for cost in others if not cost.groups or set(cost.groups) & set(groups))]
    return min(fitting, key=lambda cost: (_place(cost.price_class), cost.price or Decimal(0)))


def _place(price_class: str) -> int:
    return CLASSES.index(price_class) if price_class in CLASSES else len(CLASSES)


def _amount(kept: str | None) -> Decimal | None:
    return Decimal(kept) if kept not in (None, "") else None
