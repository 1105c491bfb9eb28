"""/provider/log: the service log: each visit with its day, item, result and price, never with whom. What a hospital keeps
of its care stands here too: visits that were missed, and what was declared as paid."""

from typing import Any, NamedTuple

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from blueprints import exporting
from blueprints.pages import named
from blueprints.provider.door import bp
from blueprints.provider.figures import communities, months, start
from blueprints.provider.home import mine
from rongjiu.db import tenant_scope
from rongjiu.marketplace import queries
from rongjiu.marketplace.rules import following
from tenants.accompaniment import route

SIZES = (20, 50, 100)
RESULTS = {"done": lazy("做了"), "missed": lazy("没见到人"), "refused": lazy("对方没让进")}


class Line(NamedTuple):
    """One visit of the log."""

    done: route.Done
    item: str
    title: str
    community: str


@bp.get("/log")
def log() -> ResponseReturnValue:
    """Visits of one month (?month=2026-11), narrowed to an item or a result."""
    provider_id = mine()
    known = {f"{period:%Y-%m}": period for period in months()}
    chosen = request.args.get("month", "")
    chosen = chosen if chosen in known else next(iter(known))
    period = known[chosen]
    types, titles = queries.service_types(), {row.task_id: row.title for row in queries.inbox(provider_id)}
    lines: list[Line] = []
    for tenant, name in list(communities(provider_id)):
        with tenant_scope(tenant):
            found = route.done(provider_id, start(period), start(following(period)))
        lines += [Line(one, _item(types, one.service_type), titles.get(one.task_id, ""), name) for one in found]
    items = sorted({line.done.service_type for line in lines})
    item, result = request.args.get("item", ""), request.args.get("result", "")
    rows = [
        line for line in sorted(lines, key=lambda line: line.done.at, reverse=True)
        if item in ("", line.done.service_type) and result in ("", line.done.state)
    ]  # fmt: skip
    filters: list[dict[str, Any]] = [
        {"name": "month", "label": _("月份"), "value": chosen, "options": [(code, code, None) for code in known]},
        {"name": "item", "label": _("事项"), "value": item, "options": [(code, _item(types, code), None) for code in items]},
        {"name": "result", "label": _("结果"), "value": result, "options": [(code, str(word), None) for code, word in RESULTS.items()]},
    ]  # fmt: skip
    size = request.args.get("size", 50, type=int)
    size = exporting.MOST if exporting.whole() else size if size in SIZES else 50
    pages = max(-(-len(rows) // size), 1)
    page = 1 if exporting.whole() else min(max(request.args.get("page", 1, type=int), 1), pages)
    counts = {code: sum(line.done.state == code for line in rows) for code in RESULTS}
    return render_template(
        "provider/log.html", rows=rows[(page - 1) * size : page * size], filters=filters, results=RESULTS, counts=counts,
        paid=sum(line.done.price or 0 for line in rows), page=page, pages=pages, total=len(rows), size=size, month=chosen,
    )  # fmt: skip


def _item(types: dict[str, tuple[str, str]], code: str) -> str:
    zh, en = types.get(code, (code, code))
    return named({"name_zh": zh, "name_en": en})


exporting.door(bp, "/log", log, lazy("服务记录"))
