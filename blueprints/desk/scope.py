"""How far a role sees at the desk: a community worker only the cases assigned to them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import abort, g, render_template, request
from flask_babel import gettext as _

from blueprints.guard import me, restriction, typed_reason, unopened
from blueprints.paging import page_number, page_size
from tenants.cases import queries as cases
from tenants.residents.rules import speaks_for_self

__all__ = [
    "case_or_404", "child_closed", "in_reach", "own", "page_number", "page_size", "reason_asked", "uuid_of",
]  # fmt: skip
SHORTEST_REASON = 4
"""Signs of a reason that says something."""


def own() -> UUID | None:
    """The account to which cases must belong; None for roles that see all cases."""
    return me().account_id if restriction() == "own" else None


def case_or_404(number: str) -> Any:
    """The case of an address as far as this person may see it; 404 otherwise."""
    found = cases.one(number, own=own())
    if found is None:
        abort(404)
    return found


def in_reach(household_id: UUID) -> bool:
    """May this person see a household: a community worker only those of own cases."""
    mine = own()
    return mine is None or household_id in cases.household_ids(mine)


def child_closed(household_id: UUID, age: int | None) -> str:
    """Why facts of somebody under 14 stay closed: they open to whoever works on an open case of the family, and the
    secretary sees only that the child is there. Empty when they may be opened, or for anybody older."""
    if speaks_for_self(age):
        return ""
    if me().role == "secretary":
        return str(_("未满 14 周岁孩子的信息，只对办这户个案的人打开。需要时请救助专干查看。"))
    if all(each.state == "closed" for each in cases.of_household(household_id)):
        return str(_("未满 14 周岁孩子的信息，这户有正在办的个案时才能打开。请先建个案。"))
    return ""


def uuid_of(text: str | None) -> UUID | None:
    """An id in an address or form, or None when it is empty or none."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def reason_asked(tasks: Iterable[tuple[str, str]], back: str, back_text: str) -> str | None:
    """A page that asks why a file is opened when no case (number, state) of it is being worked on; None when one is.

    The open case is the task in hand and stands beside the reason in the audit.
    """
    in_hand = next((number for number, state in tasks if state != "closed"), "")
    if in_hand or len(typed_reason()) >= SHORTEST_REASON:
        g.task = in_hand
        return None
    unopened()
    problem = _("理由请写清楚一些，至少 %(n)s 个字。", n=SHORTEST_REASON) if "reason" in request.args else ""
    return render_template("desk/why.html", back=back, back_text=back_text, problem=problem, typed=typed_reason())
