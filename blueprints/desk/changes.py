"""/desk/changes: families that a policy newly reaches or that are about to lose one; told once a named clerk has."""

from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size, uuid_of
from blueprints.forms import flashed, lazy
from blueprints.guard import logged, me
from blueprints.pages import named
from tenants.rescreening import queries, rules, service
from tenants.residents import queries as residents

FILTERS = ("kind", "policy", "courtyard", "state", "page")
STATES = {"open": lazy("待处理"), "told": lazy("已告知"), "dropped": lazy("不处理"), "over": lazy("已过期")}


def _asked() -> queries.Wanted:
    args = request.args
    state = args.get("state", "open")
    return queries.Wanted(
        state=state if state in STATES else "", kind=args.get("kind", ""), policy=args.get("policy", ""),
        courtyard_id=uuid_of(args.get("courtyard")), page=page_number(), size=page_size(),
    )  # fmt: skip


@bp.get("/changes")
@logged
def changes() -> ResponseReturnValue:
    """The list, the nearest day first, with how far the last judging got."""
    asked = _asked()
    rows, total = queries.page(asked)
    counts, told = queries.counts(), queries.coverage(asked.policy) if asked.policy else []
    filters = [
        {"name": "kind", "label": _("变化"), "value": asked.kind,
         "options": [(code, _(word), counts.get(code)) for code, word in rules.KINDS.items()]},
        {"name": "policy", "label": _("政策"), "value": asked.policy,
         "options": [(row.slug, named(row), None) for row in queries.policies()]},
        {"name": "courtyard", "label": _("院落"), "value": str(asked.courtyard_id or ""),
         "options": [(str(row.id), row.name, None) for row in residents.courtyards()]},
        {"name": "state", "label": _("处理"), "value": asked.state,
         "options": [(code, str(word), None) for code, word in STATES.items()]},
    ]  # fmt: skip
    return render_template(
        "desk/changes.html", rows=rows, total=total, page=asked.page, pages=max(1, -(-total // queries.SIZE)),
        filters=filters, kinds=rules.KINDS, causes=rules.CAUSES, channels=rules.CHANNELS, states=STATES,
        run=queries.last_run(), told=told, endings=rules.ENDINGS,
    )  # fmt: skip


@bp.post("/changes/<uuid:change_id>")
def change_settle(change_id: UUID) -> ResponseReturnValue:
    """Say that the family was told, and how; or that nothing is done, and why."""
    with flashed():
        if request.form.get("act") == "drop":
            service.drop(change_id, request.form.get("reason", ""), me().post)
            flash(_("已记下：不处理。"), "success")
        else:
            channel = request.form.get("channel", "")
            service.tell(change_id, channel, me().post, wanted=bool(request.form.get("wanted")))
            flash(_("短信已发出，也已记下。") if channel == "sms" else _("已记下：告知了这家人。"), "success")
    kept: dict[str, Any] = {name: value for name, value in parse_qsl(request.form.get("back", "")) if name in FILTERS}
    return redirect(url_for("desk.changes", **kept), 303)


@bp.post("/changes/again")
def changes_again() -> ResponseReturnValue:
    """Judge the whole register again now."""
    made = service.start("asked")
    if made is None:
        flash(_("研判还没有开启：请先确认本地参数。"), "warning")
    else:
        flash(_("已开始重新研判，可以离开这一页，过一会儿再来看。"), "success")
    return redirect(url_for("desk.changes"), 303)
