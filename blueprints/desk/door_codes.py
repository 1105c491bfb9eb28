"""/desk/door-codes: the codes that hang on doors, their printed sheets, renewing and ending them."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectField, StringField

from blueprints.desk.door import bp
from blueprints.desk.scope import uuid_of
from blueprints.entry import full_address
from blueprints.forms import Form, lazy, options
from blueprints.paging import cut
from blueprints.pictures import qr
from rongjiu.errors import Refused
from tenants.residents import queries as residents
from tenants.signals import door_codes as codes


class DoorForm(Form):
    """Where a code shall hang."""

    courtyard = SelectField(lazy("院落"), validate_choice=False)
    building = StringField(lazy("楼号"))


@bp.route("/door-codes", methods=["GET", "POST"])
def door_codes() -> ResponseReturnValue:
    """The codes that hang, and a form for one more."""
    form, status = DoorForm(), 200
    form.courtyard.choices = options((str(row.id), row.name) for row in residents.courtyards())
    if form.validate_on_submit():
        try:
            if request.form.get("all"):
                flash(_("已为 %(n)s 个院落做好码，请打印张贴。", n=codes.make_all()), "success")
            else:
                yard = uuid_of(form.courtyard.data)
                if yard is None:
                    raise Refused("没有这个院落，请重新选择。", field="courtyard")
                codes.make(yard, form.building.data or "")
                flash(_("码已做好，请打印张贴。"), "success")
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            return redirect(url_for("desk.door_codes"), 303)
    elif request.method == "POST":
        status = 422
    every, yard, words = (
        codes.standing(),
        uuid_of(request.args.get("courtyard")),
        request.args.get("q", "").strip()[:40],
    )
    part = cut([
        row for row in every
        if (yard is None or row.courtyard_id == yard) and words.casefold() in f"{row.courtyard} {row.building}".casefold()
    ])  # fmt: skip
    yards = {str(row.courtyard_id): row.courtyard for row in every}
    filters = [
        {"name": "courtyard", "label": _("院落"), "value": str(yard or ""), "options": [(key, name, None) for key, name in yards.items()]}
    ]  # fmt: skip
    return render_template(
        "desk/door_codes.html", form=form, rows=part.rows, page=part.page, pages=part.pages, total=part.total,
        every=len(every), filters=filters, words=words,
    ), status  # fmt: skip


@bp.get("/door-codes/print")
def door_code_print() -> ResponseReturnValue:
    """Sheets for the wall, one code a page (A4) or half a page (A5): all of them, or one (?code=)."""
    only = uuid_of(request.args.get("code"))
    rows = [row for row in codes.standing() if only is None or row.id == only]
    sheets: list[dict[str, Any]] = [
        {"courtyard": row.courtyard, "building": row.building, "address": address, "picture": qr(address)}
        for row, address in ((row, full_address("resident.door", token=row.token)) for row in rows)
    ]
    size = "a5" if request.args.get("size") == "a5" else "a4"
    return render_template("desk/door_code_print.html", sheets=sheets, size=size)


@bp.post("/door-codes/<uuid:code_id>/renew")
def door_code_renew(code_id: UUID) -> ResponseReturnValue:
    """End a code and make another for the same door."""
    codes.renew(code_id)
    flash(_("换好了，请打印新的，旧的撕掉。"), "success")
    return redirect(url_for("desk.door_codes"), 303)


@bp.post("/door-codes/<uuid:code_id>/end")
def door_code_end(code_id: UUID) -> ResponseReturnValue:
    """The code leads to the plain form from now on."""
    codes.end(code_id)
    flash(_("这个码已停用。"), "success")
    return redirect(url_for("desk.door_codes"), 303)
