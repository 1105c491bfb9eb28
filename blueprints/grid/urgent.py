"""/grid/urgent: 急难 in one's own courtyards. Two taps ring the desk; at the door the family's lines stand in full."""

from uuid import UUID

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import StringField, TextAreaField

from blueprints.forms import Form, lazy
from blueprints.grid.door import bp
from blueprints.guard import logged, me, opening
from rongjiu.clock import now
from rongjiu.errors import Refused
from tenants.express import queries, service
from tenants.express.rules import REASON
from tenants.residents import queries as residents


class UrgentForm(Form):
    """A word if there is time for one."""

    words = TextAreaField(lazy("看到、听到什么"))


class ThereForm(Form):
    """Who was there first."""

    helper = StringField(lazy("谁到了现场"))


@bp.route("/urgent", methods=["GET", "POST"])
def urgent() -> ResponseReturnValue:
    """Flag: one button for each courtyard of one's own; and the alarms that stand there."""
    yards = residents.courtyards(residents.own_courtyards(me().courtyards))
    form, status = UrgentForm(), 200
    if form.validate_on_submit():
        mine = {str(row.id): row.id for row in yards}
        try:
            if request.form.get("courtyard") not in mine:
                raise Refused("没有这个院落，请重新选择。")
            alarm = service.flag("grid_report", form.words.data or "", courtyard_id=mine[request.form["courtyard"]])
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(_("已报急难，正在呼叫值班人员。"), "success")
            return redirect(url_for("grid.urgent_one", emergency_id=alarm), 303)
    elif request.method == "POST":
        status = 422
    rows = queries.board(courtyards=[row.id for row in yards])
    return render_template("grid/urgent.html", form=form, yards=yards, rows=rows, now=now()), status


@bp.route("/urgent/<uuid:emergency_id>", methods=["GET", "POST"])
@logged
def urgent_one(emergency_id: UUID) -> ResponseReturnValue:
    """One alarm in one's own courtyards: 我来, and who was there."""
    row = queries.one(emergency_id, residents.own_courtyards(me().courtyards))
    if row is None:
        abort(404)
    form, status = ThereForm(), 200
    if request.method == "POST":
        try:
            if request.form.get("act") == "take":
                service.take(emergency_id)
            else:
                service.helped(emergency_id, form.helper.data or me().post or "")
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(_("已记下。"), "success")
            return redirect(url_for("grid.urgent_one", emergency_id=emergency_id), 303)
    people = queries.people(row.household_id) if row.household_id and row.state == "open" else []
    if people:
        g.open_reason = REASON
        opening(lambda: service.look(emergency_id))
    return render_template("grid/urgent_one.html", row=row, form=form, people=people, now=now()), status
