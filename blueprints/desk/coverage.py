"""/desk/departments/coverage and the contacts behind it: which department lacks an item, a contact, an answer."""

from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.door import bp
from blueprints.deskfiles import OfficialForm
from blueprints.forms import lazy
from rongjiu.clock import now
from rongjiu.errors import Refused
from tenants.acceptance import contacts, queries
from tenants.catalogue import queries as catalogue

PERIODS = (30, 90, 365)
LACKS = {"item": lazy("没有政策条目"), "contact": lazy("没有联系方式"), "answer": lazy("没有答复过转办")}


def _days() -> int:
    days = request.args.get("days", 90, type=int)
    return days if days in PERIODS else 90


def _rows() -> list[queries.Coverage]:
    rows = queries.coverage(now() - timedelta(days=_days()))
    lack = request.args.get("lack", "")
    return [row for row in rows if lack in row.lacks] if lack in LACKS else rows


@bp.get("/departments/coverage")
def coverage() -> ResponseReturnValue:
    """The table; ?days= says since when, ?lack= narrows it."""
    return render_template(
        "desk/coverage.html",
        rows=_rows(),
        days=_days(),
        periods=PERIODS,
        lacks=LACKS,
        lack=request.args.get("lack", ""),
    )


def _office(slug: str) -> dict[str, Any]:
    found = next((row for row in catalogue.departments() if row["id"] == slug), None)
    if found is None:
        abort(404)
    return found


@bp.route("/departments/<department>/contact", methods=["GET", "POST"])
def department_contact(department: str) -> ResponseReturnValue:
    """Whom to ask at one department, as the community has found out."""
    office, known = _office(department), queries.contact(department)
    form = OfficialForm(obj=known)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                contacts.put(department, **form.data)
            except Refused as refused:
                _said, status = form.refuse(refused)
            else:
                flash(_("已保存。"), "success")
                return redirect(url_for("desk.coverage"), 303)
    return render_template("desk/department_contact.html", office=office, form=form, known=known), status


@bp.route("/policies/<policy>/address", methods=["GET", "POST"])
def policy_address(policy: str) -> ResponseReturnValue:
    """The official address at which a policy is applied for; set by the community, none is shipped."""
    row = next((each for each in catalogue.policies() if each["id"] == policy), None)
    if row is None:
        abort(404)
    known = queries.contact(row["department_id"], policy)
    form, status = OfficialForm(obj=known), 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                contacts.put(row["department_id"], policy=policy, **form.data)
            except Refused as refused:
                _said, status = form.refuse(refused)
            else:
                flash(_("已保存。"), "success")
                return redirect(url_for("desk.policy", policy=policy), 303)
    return render_template("desk/policy_address.html", policy=row, form=form, known=known), status
