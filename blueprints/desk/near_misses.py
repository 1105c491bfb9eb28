"""/desk/near-misses: households just outside a line, the help behind the need, and when they are looked at again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk import fact_words
from blueprints.desk.door import bp
from blueprints.desk.family_facts import sees_facts
from blueprints.desk.scope import page_number, page_size, uuid_of
from blueprints.desk.verdict_words import distance_words
from blueprints.guard import logged, may
from blueprints.pages import named
from rongjiu.clock import today
from rongjiu.errors import Absent, Refused
from tenants.catalogue import queries as catalogue
from tenants.needs import queries as needs
from tenants.screening import relevance
from tenants.screening.following import queries, service


@bp.get("/near-misses")
@logged
def near_misses() -> ResponseReturnValue:
    """Households just outside a line, the nearest first unless sorted otherwise; and cases to be judged anew on a day."""
    return _queue()


@dataclass(frozen=True, slots=True)
class Typed:
    """Another day that was typed for one household and refused: what stood in the form, and what is wrong where."""

    near_id: UUID
    day: str
    reason: str
    field: str
    problem: str


def _queue(typed: Typed | None = None, status: int = 200) -> ResponseReturnValue:
    policy, due, sort = request.args.get("policy", ""), request.args.get("due", ""), request.args.get("sort", "")
    sort = sort if sort in ("weight", "day") else "distance"
    sought, page = request.args.get("q", "").strip(), page_number()
    rows, total = queries.near_misses(
        policy=policy, number=sought, until=today() if due else None, sort=sort, page=page, size=page_size()
    )
    readable = sees_facts()
    policies = catalogue.policies()
    reached = queries.newly_reached(rows, policies, catalogue.parameters(), today())
    lines = [_near(row, readable, reached) for row in rows]
    _propose(lines)
    until: date | None = today() if due else None
    again = [] if policy or sought else queries.rescreens(until)
    page_text = render_template(
        "desk/screening/near_misses.html", rows=lines, total=total, page=page, pages=-(-total // page_size()), policy=policy,
        due=due, sort=sort, sought=sought, again=again, today=today(), words=fact_words, typed=typed, kept=_kept(),
        options=[(row["id"], fact_words.name_of(row), None) for row in policies if _may_be_near(row["criteria"])],
    )  # fmt: skip
    return page_text, status


def _may_be_near(node: Mapping[str, Any]) -> bool:
    """Has a policy any condition that can be missed nearly?"""
    parts = node.get("all") or node.get("any")
    return any(_may_be_near(part) for part in parts) if parts else bool(node.get("near"))


def _near(row: dict[str, Any], readable: bool, reached: Collection[UUID]) -> dict[str, Any]:
    """One household of the queue: how far from the line it was, drawn only for those who may read it."""
    miss = next((each for each in row["verdict"].misses if each.distance is not None), None)
    return {
        **row, "distance": distance_words(miss) if miss is not None and readable else "",
        "line": miss.line if miss is not None else None, "field": miss.field if miss is not None else "",
        "now": _("按今天的标准可能符合") if row["id"] in reached else "",
    }  # fmt: skip


def _propose(lines: list[dict[str, Any]]) -> None:
    items, there = _items(), needs.open_by_item({row["case_id"] for row in lines})
    for row in lines:
        frozen = row["model"]["policies"].get(row["policy"]) or {}
        row["help"] = _help(row["number"], row["case_id"], row["policy"], frozen.get("help_class"), items, there)


def help_behind(number: str, case_id: UUID, policy: str, help_class: str | None) -> list[tuple[str, str]]:
    """助 for the need behind a policy that is not open: item in words, and where one matches it, or notes the need first."""
    return _help(number, case_id, policy, help_class, _items(), needs.open_by_item({case_id}))


def _items() -> dict[str, str]:
    return {row["id"]: named(row) for row in catalogue.need_items()}


def _help(
    number: str, case_id: UUID, policy: str, help_class: str | None, items: Mapping[str, str],
    there: Mapping[tuple[UUID, str], int],
) -> list[tuple[str, str]]:  # fmt: skip
    found = []
    for slug in relevance.help_for(policy, help_class):
        seq = there.get((case_id, slug))
        if slug in items and seq is not None and may("desk.match"):
            found.append((items[slug], url_for("desk.match", number=number, need=f"w{seq}")))
        elif slug in items and may("desk.needs"):
            found.append((items[slug], url_for("desk.needs", number=number)))
    return found


def _kept() -> dict[str, Any]:
    """The filters and the page of the list as they stand, to come back to."""
    return {name: request.args[name] for name in ("policy", "due", "sort", "q", "page", "size") if name in request.args}


@bp.post("/near-misses")
@logged
def near_miss_look() -> ResponseReturnValue:
    """Set another day to look again, with a reason; refused, the queue comes back as it was with what was typed."""
    near_id, said, reason = (
        uuid_of(request.form.get("near")),
        request.form.get("day", ""),
        request.form.get("reason", ""),
    )
    if near_id is None:
        abort(404)
    try:
        day = date.fromisoformat(said)
    except ValueError:
        day = date.min
    try:
        service.look_again(near_id, day, reason)
    except Absent:
        raise
    except Refused as refused:
        problem = str(_(refused.message, **refused.words))
        return _queue(Typed(near_id, said, reason, refused.field or "day", problem), refused.status)
    flash(_("已改为 %(day)s 再看。", day=fact_words.day_words(day)), "success")
    return redirect(url_for("desk.near_misses", **_kept()), 303)
