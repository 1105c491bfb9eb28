"""/account/wishes: what one has promised, in all communities; granted, or given back."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import exporting
from blueprints.account.door import bp
from blueprints.forms import lazy
from blueprints.guard import me
from blueprints.pages import when
from blueprints.security import EXPORTING, by_account, limiter
from rongjiu.clock import now
from rongjiu.db import Tenant, tenant_scope
from rongjiu.errors import Refused
from tenants.wishes import queries, service

SIZE = 20
STATES = {
    "claimed": lazy("请您实现"), "delivered": lazy("等居民确认"), "thanked": lazy("已实现"), "expired": lazy("过了期限"),
    "returned": lazy("已退回"), "withdrawn": lazy("社区撤下了"),
}  # fmt: skip


@bp.get("/wishes")
def wishes() -> ResponseReturnValue:
    """What one has claimed, the open ones first, with the thanks that came back."""
    page = min(max(1, request.args.get("page", 1, type=int)), 1_000_000)
    rows, total = queries.promised(me().account_id, page, SIZE)
    return render_template(
        "account/wishes.html", rows=rows, total=total, page=page, pages=max(1, -(-total // SIZE)), size=SIZE,
        states=STATES, now=now(), walls=queries.walls(),
    )  # fmt: skip


@bp.post("/wishes/export")
@limiter.limit(EXPORTING, key_func=by_account)
def wishes_export() -> ResponseReturnValue:
    """What one has promised, as a file."""
    if not exporting.purpose():
        return exporting.unasked(url_for("account.wishes"))
    rows, _total = queries.promised(me().account_id, size=exporting.MOST)
    head = [_("编号"), _("心愿"), _("社区"), _("状态"), _("期限"), _("感谢的话")]
    lines = [
        (row.number, row.public_text, row.name, str(STATES[row.state]), when(row.due_at) if row.due_at else "", row.thanks or "")
        for row in rows
    ]  # fmt: skip
    return exporting.file("promised-wishes", _("我认领的心愿"), head, lines)


@bp.post("/wishes/<uuid:wish_id>")
def wish_act(wish_id: UUID) -> ResponseReturnValue:
    """`act` deliver: it is done; back: somebody else may."""
    found = queries.where_promised(me().account_id, wish_id)
    act = request.form.get("act")
    if found is None or act not in ("deliver", "back"):
        abort(404)
    try:
        with tenant_scope(Tenant(found.tenant_id, found.id)):
            if act == "deliver":
                service.deliver(wish_id, me().account_id)
            else:
                service.give_back(wish_id, me().account_id)
    except Refused as refused:
        flash(_(refused.message, **refused.words), "warning")
    else:
        flash(
            _("已记下，社区会问居民是否收到。") if act == "deliver" else _("已放回心愿墙，谢谢您告诉我们。"), "success"
        )
    return redirect(url_for("account.wishes"), 303)
