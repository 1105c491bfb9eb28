"""/street/<slug>/desks: where each department, and each of its policies, is really applied for, and how to object; used
in every community of the street that has not written down its own."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.deskfiles import OfficialForm
from blueprints.guard import me, place
from blueprints.street.door import bp
from rongjiu.errors import Refused
from rongjiu.library.packfiles import read_pack
from rongjiu.policies import desks
from rongjiu.policies.rules import terms_of


def _street() -> UUID:
    found = place().id
    if place().kind != "street" or found is None:
        abort(404)
    return found


def _offices() -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in read_pack()["departments"]["departments"]}


@bp.get("/desks", endpoint="desks")
def listed() -> str:
    """Every department of the model, with what the street has written down of it."""
    known = desks.of_street(_street())
    policies = read_pack()["policies"]["policies"]
    rows = [
        {
            "office": office, "desk": known.get((slug, "")), "terms": _terms(slug, known.get((slug, ""))),
            "own": sum(each[0] == slug and bool(each[1]) for each in known),
            "policies": sum(row["department_id"] == slug for row in policies),
        }
        for slug, office in _offices().items()
    ]  # fmt: skip
    return render_template("street/desks.html", rows=rows)


@bp.route("/desks/<department>", methods=["GET", "POST"], endpoint="desk")
def one(department: str) -> ResponseReturnValue:
    """One department; ?policy= for one of its policies alone."""
    street, office = _street(), _offices().get(department)
    policies = [row for row in read_pack()["policies"]["policies"] if row["department_id"] == department]
    slug = request.args.get("policy", "")
    policy = next((row for row in policies if row["id"] == slug), None)
    if office is None or (slug and policy is None):
        abort(404)
    known = desks.of_street(street)
    form, status = OfficialForm(obj=known.get((department, slug))), 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                desks.put(street, department, slug, form.data, me().post or me().name)
            except Refused as refused:
                _said, status = form.refuse(refused)
            else:
                flash(_("已保存。本街道的社区都会用，除非社区自己另填。"), "success")
                return redirect(url_for("street.desks"), 303)
    return render_template(
        "street/desk.html", office=office, policy=policy, form=form, known=known.get((department, slug)),
        policies=[(row, known.get((department, row["id"]))) for row in policies],
    ), status  # fmt: skip


def _terms(department: str, row: Any) -> Any:
    return terms_of(department, [row._mapping] if row is not None else [])
