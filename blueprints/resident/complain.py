"""/c/<slug>/complain: anybody may complain, with or without a name; the number is for the telephone."""

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField, TelField, TextAreaField
from wtforms.validators import Optional

from blueprints.forms import Form, lazy, options, required
from blueprints.guard import place
from blueprints.resident.door import bp
from blueprints.security import limiter
from blueprints.storefront import Day
from rongjiu.errors import Refused
from tenants.complaints import service, words

CATEGORIES = [(code, lazy(word)) for code, word in words.CATEGORIES.items()]


class ComplainForm(Form):
    """What happened."""

    words = TextAreaField(lazy("发生了什么"), [required(lazy("请写下发生了什么，2000 字以内。"))])
    category = SelectField(lazy("是什么事"), choices=options(CATEGORIES), default="other")
    happened_on = Day(lazy("哪天的事"), [Optional()])
    complainant = StringField(lazy("怎么称呼您"))
    phone = TelField(lazy("电话"))


@bp.route("/complain", methods=["GET", "POST"])
@limiter.limit("5 per hour", methods=["POST"])
def complain() -> ResponseReturnValue:
    """One page: what happened, and how to reach you if you want an answer. ?by=link: from a page that a family's link
    opened, which the desk is told."""
    form, status, by_link = ComplainForm(), 200, request.args.get("by") == "link"
    if form.validate_on_submit():
        heard = service.Heard(
            form.words.data or "", category=str(form.category.data), channel="link" if by_link else "page",
            complainant=form.complainant.data or "", phone=form.phone.data or "", happened_on=form.happened_on.data,
        )  # fmt: skip
        try:
            row = service.receive(heard)
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            session["complaint"] = [row.number, row.due_at.isoformat()]
            return redirect(url_for("resident.complained"), 303)
    elif request.method == "POST":
        status = 422
    return render_template("resident/complain.html", form=form, place=place(), by_link=by_link), status


@bp.get("/complain/thanks")
def complained() -> ResponseReturnValue:
    """The number, and by when somebody answers."""
    kept = session.get("complaint")
    if not kept:
        return redirect(url_for("resident.complain"))
    return render_template("resident/complained.html", number=kept[0], due=kept[1][:10])
