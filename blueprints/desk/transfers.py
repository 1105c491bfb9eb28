"""…/cases/<number>/transfer: giving a case to another community; /desk/transfers: what others ask this one to take."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from blueprints.desk.door import bp
from blueprints.desk.scope import case_or_404, page_number, page_size, uuid_of
from blueprints.forms import Form
from blueprints.guard import logged
from rongjiu.clock import now
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Refused
from rongjiu.tenancy.models import Community
from tenants.casework import rules, transferring
from tenants.residents import queries as residents
from tenants.residents.service import Door


@bp.route("/cases/<number>/transfer", methods=["GET", "POST"])
@logged
def transfer(number: str) -> ResponseReturnValue:
    """Ask another community, or take the question back; what was answered before stands below."""
    case = case_or_404(number)
    wrong, status = "", 200
    if request.method == "POST":
        try:
            if request.form.get("act") == "revoke":
                transferring.revoke(case.id)
                flash(_("已撤回移交,个案仍由本社区负责。"), "success")
            else:
                to = uuid_of(request.form.get("to"))
                if to is None:
                    raise Refused("请选另一个已上线的社区。", field="to")
                row = transferring.ask(case.id, to, request.form.get("reason", ""))
                flash(
                    _("已请%(name)s接手。对方答应以前,仍由本社区负责,对方看不到这户的信息。", name=row.to_name),
                    "success",
                )
            return redirect(url_for("desk.transfer", number=number), 303)
        except Refused as refused:
            wrong, status = Form().refuse(refused)
    page = render_template(
        "desk/transfer.html", case=case, wrong=wrong, rows=transferring.of_case(case.id), there=_communities(),
        reasons=_words(rules.TRANSFER_REASONS), answers=_words(rules.TRANSFER_REFUSALS), now=now(),
        typed=request.form if request.method == "POST" else {},
    )  # fmt: skip
    return page, status


@bp.route("/transfers", methods=["GET", "POST"])
@logged
def transfers() -> ResponseReturnValue:
    """Cases that other communities ask this one to take: nothing of a person stands here before it is accepted."""
    wrong, status, form = "", 200, request.form
    if request.method == "POST":
        try:
            return _answer()
        except Refused as refused:
            wrong, status = Form().refuse(refused)
    asked, words, number = request.args.get("state", ""), request.args.get("q", "").strip()[:40], page_number()
    known = {
        "accepted": _("已接手"),
        "rejected": _("没有接手"),
        "revoked": _("对方已撤回"),
        "all": _("全部，含答复过的"),
    }
    state = "" if asked == "all" else asked if asked in known else "in_progress"
    rows, total = transferring.incoming(state, words, number, page_size())
    groups = [
        {
            "name": "state",
            "label": _("状态"),
            "value": asked,
            "options": [(code, word, None) for code, word in known.items()],
        }
    ]
    yards = [(row.id, row.name) for row in residents.courtyards()]
    page = render_template(
        "desk/transfers.html", rows=rows, total=total, page=number, pages=max(1, -(-total // page_size())),
        groups=groups, q=words, states=known, wrong=wrong, yards=yards, now=now(),
        reasons=_words(rules.TRANSFER_REASONS), refusals=_words(rules.TRANSFER_REFUSALS), typed=form,
        at=form.get("transfer", ""),
    )  # fmt: skip
    return page, status


def _answer() -> ResponseReturnValue:
    form = request.form
    transfer_id, yard = uuid_of(form.get("transfer")), uuid_of(form.get("courtyard"))
    if transfer_id is None:
        raise Absent("没有这次移交。")
    if form.get("act") == "reject":
        transferring.reject(transfer_id, form.get("reason", ""))
        flash(_("已答复不接手,个案仍由对方社区负责。"), "success")
        return redirect(url_for("desk.transfers"), 303)
    if yard is None:
        raise Refused("请选这户现在住哪个院落。", field="courtyard")
    door = Door(*(form.get(name, "").strip()[:20] for name in ("building", "unit", "room")))
    number = transferring.accept(transfer_id, yard, door)
    flash(_("已接手,个案 %(number)s。下一步:看看这户人家,重新取授权。", number=number), "success")
    return redirect(url_for("desk.case", number=number), 303)


def _communities() -> list[tuple[Any, str]]:
    rows = db.session.execute(
        select(Community.id, Community.name)
        .where(Community.state == "live", Community.id != current_tenant().uid)
        .order_by(Community.name)
    )
    return [(row.id, row.name) for row in rows]


def _words(codes: dict[str, str]) -> dict[str, str]:
    return {code: _(word) for code, word in codes.items()}
