"""The 台账 of everybody as an Excel file: at once for the secretary; anybody else asks, the secretary approves, the file
is taken once."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import exporting
from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import uuid_of
from blueprints.forms import flashed
from blueprints.guard import me
from blueprints.pages import named, show
from blueprints.security import EXPORTING, by_account, limiter
from rongjiu import masks
from rongjiu.clock import today
from rongjiu.errors import Refused
from tenants.catalogue import queries as catalogue
from tenants.residents import queries, rules
from tenants.reviews import ledgers


@bp.post("/register/export")
@limiter.limit(EXPORTING, key_func=by_account)
def register_export() -> ResponseReturnValue:
    """Everybody of the register, of one courtyard if the address names one; a clerk's press asks the secretary."""
    back = url_for("desk.households", courtyard=request.args.get("courtyard") or None)
    if not exporting.purpose():
        return exporting.unasked(back)
    yard = uuid_of(request.args.get("courtyard"))
    if me().role == "secretary":
        return _file(exporting.purpose(), yard)
    try:
        ledgers.ask(exporting.purpose(), yard)
    except Refused as refused:
        flash(_(refused.message, **refused.words), "warning")
        return redirect(back, 303)
    flash(_("已请书记批准。批准后在这里取，一天内取一次。"), "success")
    return redirect(url_for("desk.reviews", tab="ledgers"), 303)


@bp.post("/register/requests/<uuid:request_id>")
def ledger_decide(request_id: UUID) -> ResponseReturnValue:
    """Approve, send back or take back a request for the 台账."""
    if not ledgers.exists(request_id):
        abort(404)
    act = request.form.get("act", "")
    with flashed():
        if act == "withdraw":
            ledgers.withdraw(request_id)
            flash(_("已撤回。"), "success")
        elif act == "refuse":
            ledgers.refuse(request_id, request.form.get("why", ""))
            flash(_("已退回，申请人会看到理由。"), "success")
        elif act == "approve":
            ledgers.approve(request_id)
            flash(_("已批准，申请人一天内可以取一次。"), "success")
        else:
            raise Refused("请选批准或退回。")
    return redirect(url_for("desk.reviews", tab="ledgers"), 303)


@bp.post("/register/requests/<uuid:request_id>/file")
@limiter.limit(EXPORTING, key_func=by_account)
def ledger_export(request_id: UUID) -> ResponseReturnValue:
    """The approved file, once, for whoever asked."""
    try:
        why, yard = ledgers.take(request_id)
    except Refused as refused:
        if refused.status == 404:
            raise
        flash(_(refused.message, **refused.words), "warning")
        return redirect(url_for("desk.reviews", tab="ledgers"), 303)
    return _file(why, yard)


def _file(why: str, yard: UUID | None) -> ResponseReturnValue:
    """Names and doors; no sealed field is opened."""
    people = queries.register_rows(yard)
    groups = {row["id"]: named(row) for row in catalogue.groups()}
    head = [_("院落"), _("楼栋"), _("单元"), _("门牌号"), _("姓名"), _("与户主关系"), _("性别"), _("年龄"), _("特殊人群")]  # fmt: skip
    return exporting.file("register", _("居民台账"), head, [_line(row, groups) for row in people], why=why)


def _line(row: Any, groups: dict[str, str]) -> list[object]:
    door = [show("address", part) for part in (row.building, row.unit, row.room)]
    age = rules.age(row.birth_date, row.age_said, row.age_on, today())
    if not rules.speaks_for_self(age):  # a child is counted, not named: masked, and of no group
        return [row.courtyard, *door, masks.name(row.name), words.relation(row.relation), "", _("未满 14 周岁"), ""]
    return [row.courtyard, *door, show("name", row.name), words.relation(row.relation), words.word(rules.GENDERS, row.gender),
            "" if age is None else age, "、".join(groups.get(slug, slug) for slug in row.groups)]  # fmt: skip
