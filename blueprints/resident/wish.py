"""/c/<slug>/wish: a wish, a difficulty, a word about a neighbour, without an account and without JavaScript."""

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import RadioField, SelectField, StringField, TelField, TextAreaField

from blueprints.forms import Form, lazy, options, required
from blueprints.pages import day, when
from blueprints.resident.door import bp
from blueprints.security import PUBLIC_FORM, limiter
from rongjiu.errors import Refused
from tenants.catalogue import service as waits
from tenants.residents import queries as residents
from tenants.signals import service


class WishForm(Form):
    """What somebody wishes, and how to reach them."""

    about = RadioField(
        lazy("为谁"), default="self", choices=options([("self", lazy("为自己或家里人")), ("neighbour", lazy("为邻居"))])
    )
    kind = RadioField(
        lazy("是什么"), default="wish",
        choices=options([("wish", lazy("一个心愿")), ("need", lazy("一件困难")), ("question", lazy("一个问题"))]),
    )  # fmt: skip
    words = TextAreaField(lazy("想说的话"), [required(lazy("请写下想说的话。"))])
    phone = TelField(lazy("您的电话"), [required(lazy("请留一个电话，我们好答复您。"))])
    caller = StringField(lazy("怎么称呼您"))
    courtyard = SelectField(lazy("住在哪个院落"), validate_choice=False)


@bp.route("/wish", methods=["GET", "POST"])
@limiter.limit(PUBLIC_FORM, methods=["POST"])
def wish() -> ResponseReturnValue:
    """The form; a filled trap field is thanked and forgotten."""
    form, status = WishForm(), 200
    yards = {str(row.id): row for row in residents.courtyards()}
    form.courtyard.choices = options([("", _("请选择")), *((key, row.name) for key, row in yards.items())])
    if request.form.get("website"):
        session.pop("wish", None)
        return redirect(url_for("resident.wish_thanks"), 303)
    if form.validate_on_submit():
        yard = yards.get(form.courtyard.data or "")
        try:
            got = service.ask(
                form.words.data or "", kind=str(form.kind.data), caller=form.caller.data or "",
                phone=form.phone.data or "", courtyard_id=yard.id if yard else None, about=str(form.about.data),
            )  # fmt: skip
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            session["wish"] = {
                "number": got.number, "actor": got.next.actor, "due": when(got.next.due_at),
                "answer": day(waits.due_date("signal-answer")),
            }  # fmt: skip
            return redirect(url_for("resident.wish_thanks"), 303)
    elif request.method == "POST":
        status = 422
    return render_template("resident/wish.html", form=form), status


@bp.get("/wish/thanks")
def wish_thanks() -> ResponseReturnValue:
    """What happens next, and by when."""
    return render_template("resident/wish_thanks.html", told=session.get("wish"))
