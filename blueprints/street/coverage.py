"""/street/<slug>/coverage: which department lacks an item, a contact or an answer, counted over the communities."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import exporting
from blueprints.guard import place
from blueprints.pages import named
from blueprints.security import EXPORTING, by_account, limiter
from blueprints.street.door import bp
from rongjiu.clock import now
from rongjiu.oversight import desk
from tenants.acceptance import queries

PERIODS = (30, 90, 365)


@dataclass(frozen=True, slots=True)
class Line:
    """One department over all communities that have it."""

    name: str
    communities: int
    items: int
    reached: int
    sent: int
    answered: int


def _days() -> int:
    days = request.args.get("days", 90, type=int)
    return days if days in PERIODS else 90


def _lines() -> list[Line]:
    here = place()
    tenants = desk.tenants(here.kind, here.id) if here.id else ()
    rows, reached = queries.overseen(tenants)
    counted: dict[str, list[int]] = {}
    for row in desk.by_department(tenants, now() - timedelta(days=_days())):
        sums = counted.setdefault(row.department_slug, [0, 0])
        sums[0] += row.sent
        sums[1] += row.answered
    lines = []
    for slug in dict.fromkeys(row.slug for row in rows):
        mine: list[Any] = [row for row in rows if row.slug == slug]
        sent, answered = counted.get(slug, [0, 0])
        lines.append(
            Line(
                named(mine[0]), len(mine), sum(row.policies > 0 for row in mine),
                sum((row.tenant_id, slug) in reached for row in mine), sent, answered,
            )
        )  # fmt: skip
    return lines


@bp.get("/coverage")
def coverage() -> ResponseReturnValue:
    """The table; ?days= says since when."""
    return render_template("street/coverage.html", rows=_lines(), days=_days(), periods=PERIODS)


@bp.post("/coverage/export")
@limiter.limit(EXPORTING, key_func=by_account)
def coverage_export() -> ResponseReturnValue:
    """The same table as an Excel file."""
    if not exporting.purpose():
        return exporting.unasked(url_for("street.coverage"))
    head = [_("部门"), _("社区"), _("有政策条目的社区"), _("有联系方式的社区"), _("交办"), _("已答复")]
    rows = [[row.name, row.communities, row.items, row.reached, row.sent, row.answered] for row in _lines()]
    return exporting.file("coverage", _("部门覆盖"), head, rows)
