"""/grid/report: a signal from the way, in one's own courtyards."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import RadioField, SelectField, TextAreaField

from blueprints.forms import Form, lazy, options, required
from blueprints.grid.door import bp
from blueprints.guard import me
from blueprints.pages import when
from rongjiu.errors import Refused
from tenants.residents import queries as residents
from tenants.signals import service


class ReportForm(Form):
    """What was seen or heard."""

    words = TextAreaField(lazy("看到、听到什么"), [required(lazy("请写下听到的话。"))])
    courtyard = SelectField(lazy("院落"), validate_choice=False)
    urgency = RadioField(
        lazy("紧急程度"), default="ordinary",
        choices=options([("ordinary", lazy("一般")), ("urgent", lazy("紧急")), ("critical", lazy("急难"))]),
    )  # fmt: skip


@bp.route("/report", methods=["GET", "POST"])
def report() -> ResponseReturnValue:
    """Report a signal."""
    form, status = ReportForm(), 200
    yards = residents.courtyards(residents.own_courtyards(me().courtyards))
    form.courtyard.choices = options((str(row.id), row.name) for row in yards)
    if form.validate_on_submit():
        mine = {str(row.id): row.id for row in yards}
        try:
            if form.courtyard.data not in mine:
                raise Refused("没有这个院落，请重新选择。", field="courtyard")
            got = service.receive(
                "grid_report", "need", form.words.data or "", courtyard_id=mine[form.courtyard.data],
                urgency=str(form.urgency.data),
            )  # fmt: skip
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            said = _("已记下，下一步：%(who)s %(due)s 前分派", who=got.next.actor, due=when(got.next.due_at))
            flash(said, "success")
            return redirect(url_for("grid.today"), 303)
    elif request.method == "POST":
        status = 422
    return render_template("grid/report.html", form=form), status
