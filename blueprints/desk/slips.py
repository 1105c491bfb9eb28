"""…/needs/<w1>/slips/<id>/end: take a whole slip back, on the desk's or the family's word; or mark it as a mistake."""

from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.door import bp
from blueprints.desk.match import need_or_404
from blueprints.desk.scope import case_or_404
from blueprints.guard import me
from rongjiu.errors import Refused
from tenants.referrals import ending, queries

FAMILY = frozenset({"declined-by-resident", "no-longer-needed"})
"""Reasons that are the family's word."""


@bp.post("/cases/<number>/needs/<need>/slips/<uuid:request_id>/end")
def end_slip(number: str, need: str, request_id: UUID) -> ResponseReturnValue:
    """End a slip with a reason; the need stays open and says who acts next."""
    case = case_or_404(number)
    row = need_or_404(case, need)
    if request_id not in {
        each.request_id for each in queries.slips(case.id) if each.need_id == row.id and each.kind != "department"
    }:
        abort(404)
    reason = request.form.get("reason", "")
    try:
        if reason == "mistake" and me().role == "secretary":
            ending.mistaken(request_id)
        else:
            ending.revoke(request_id, reason, actor="resident" if reason in FAMILY else "sender")
    except Refused as refused:
        flash(_(refused.message, **refused.words), "warning")
    else:
        flash(_("转介单已撤回，在等的服务方已收到停止通知；这项需求还在。"), "success")
    return redirect(url_for("desk.offer", number=number, need=need), 303)
