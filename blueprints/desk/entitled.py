"""/desk/entitled: 应保尽保. Who may have been missed, and what became of it, dated, with reasons."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import sweep_words
from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size
from blueprints.pages import named
from rongjiu.db import db
from rongjiu.errors import Refused
from tenants.catalogue import queries as catalogue
from tenants.sweeps.entitled import queries, rules, service
from tenants.sweeps.rules import LEAK_REASONS


@bp.get("/entitled")
def entitled() -> ResponseReturnValue:
    """The list, those still to be followed first."""
    return _page()


@bp.post("/entitled/<uuid:entitled_id>")
def entitled_move(entitled_id: UUID) -> ResponseReturnValue:
    """Say what became of one person."""
    if queries.one(entitled_id) is None:
        abort(404)
    form = request.form
    try:
        policy = form.get("policy", "")
        if policy and policy not in _policies():
            raise Refused("请选择应享受的政策。", field="policy")
        service.move(entitled_id, form.get("state", ""), policy=policy, reason=form.get("reason", ""))
    except Refused as refused:
        db.session.rollback()
        return _page(entitled_id, _(refused.message, **refused.words), refused.status)
    flash(_("已记下。"), "success")
    return redirect(url_for("desk.entitled", state=request.args.get("state") or None), 303)


def _page(wrong: UUID | None = None, problem: str = "", status: int = 200) -> ResponseReturnValue:
    state, page, counts = request.args.get("state", ""), page_number(), queries.counts()
    rows, total = queries.listed(state=state, page=page, size=page_size())
    filters = [
        {"name": "state", "label": _("进度"), "value": state,
         "options": [(code, str(word), counts.get(code, 0)) for code, word in sweep_words.ENTITLED.items()]},
    ]  # fmt: skip
    return render_template(
        "desk/entitled.html", rows=rows, total=total, page=page, pages=max(1, -(-total // 50)), filters=filters,
        words=sweep_words, counts=counts, policies=_policies(), leaks=LEAK_REASONS, moves=_moves(),
        wrong=wrong, problem=problem, typed=request.form,
    ), status  # fmt: skip


def _moves() -> dict[str, list[tuple[str, str]]]:
    return {
        state: [(code, str(sweep_words.MOVES[code])) for code in targets] for state, targets in rules.ENTITLED.items()
    }


def _policies() -> dict[str, Any]:
    return {row["id"]: named(row) for row in catalogue.policies()}


def _leak(code: str) -> str:
    return _(LEAK_REASONS[code]) if code in LEAK_REASONS else ""
