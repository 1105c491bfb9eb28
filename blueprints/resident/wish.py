"""/c/<slug>/wish: a wish, a difficulty, a word about a neighbour, without an account and without JavaScript."""

from typing import Any

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import RadioField, SelectField, StringField, TelField, TextAreaField

from blueprints.forms import Form, lazy, options, required
from blueprints.pages import day, language, when
from blueprints.resident.door import bp
from blueprints.security import PUBLIC_FORM, limiter
from rongjiu.errors import Refused
from tenants.catalogue import service as waits
from tenants.residents import queries as residents
from tenants.signals import door_codes, gate, rules, service


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
    riddle = StringField(lazy("请回答"))


@bp.route("/wish", methods=["GET", "POST"])
@limiter.limit(PUBLIC_FORM, methods=["POST"])
def wish() -> ResponseReturnValue:
    """The form; a filled trap field is thanked and forgotten."""
    form, status, asked = WishForm(), 200, None
    yards = _offer(form)
    code = door_codes.leads_to(request.form.get("door", ""))
    if request.form.get("website"):
        session.pop("wish", None)
        return redirect(url_for("resident.wish_thanks"), 303)
    if form.validate_on_submit():
        try:
            if _passes(form):
                return _kept(form, yards, code)
            form.riddle.errors = [_("请先回答一个小问题，再提交。")]
            status = 422
        except Refused as refused:
            _said, status = form.refuse(refused, keep=refused.field == "riddle")
        asked = gate.question() if status == 422 and (form.riddle.errors or request.form.get("token")) else None
    elif request.method == "POST":
        status, asked = 422, gate.question() if request.form.get("token") else None
    return render_template(
        "resident/wish.html", form=form, code=code, asked=asked, question=_said_question(asked)
    ), status


@bp.get("/d/<token>")
def door(token: str) -> ResponseReturnValue:
    """The form behind a code on a door: its courtyard is chosen already. A code that is over opens the plain form."""
    code = door_codes.leads_to(token)
    form = WishForm(formdata=None, data={"courtyard": str(code.courtyard_id) if code else ""})
    _offer(form)
    return render_template("resident/wish.html", form=form, code=code, stale=code is None, asked=None, question="")


def _offer(form: WishForm) -> dict[str, Any]:
    yards = {str(row.id): row for row in residents.courtyards()}
    form.courtyard.choices = options([("", _("请选择")), *((key, row.name) for key, row in yards.items())])
    return yards


def _passes(form: WishForm) -> bool:
    """May this form be sent? The first of an address in an hour may; later ones answer a small question, once."""
    gate.open_form()
    token = request.form.get("token", "")
    if not token and not gate.asks(gate.near_limit(form.phone.data or "")):
        return True
    if not token:
        return False
    gate.check(token, form.riddle.data or "")
    return True


def _kept(form: WishForm, yards: dict[str, Any], code: Any) -> ResponseReturnValue:
    """Note the wish; the building of a door's code counts only while its courtyard is the one chosen."""
    yard = yards.get(form.courtyard.data or "")
    building = code.building if code and yard and yard.id == code.courtyard_id else ""
    got = service.ask(
        form.words.data or "", kind=str(form.kind.data), caller=form.caller.data or "", phone=form.phone.data or "",
        courtyard_id=yard.id if yard else None, about=str(form.about.data), building=building,
    )  # fmt: skip
    gate.note("form", gate.here())
    session["wish"] = {
        "number": got.number, "actor": got.next.actor, "due": when(got.next.due_at), "code": rules.spoken(got.code),
        "answer": day(waits.due_date("signal-answer")), "tip": form.about.data == "neighbour",
    }  # fmt: skip
    return redirect(url_for("resident.wish_thanks"), 303)


def _said_question(asked: gate.Question | None) -> str:
    """The question in the reader's language, its numbers in words."""
    if asked is None:
        return ""
    riddle, tongue = asked.riddle, language()
    words = {"a": rules.number_word(riddle.a, tongue), "b": rules.number_word(riddle.b, tongue)}
    return str(_(riddle.text, **words) if riddle.a else _(riddle.text))


@bp.get("/wish/thanks")
def wish_thanks() -> ResponseReturnValue:
    """What happens next, and by when."""
    return render_template("resident/wish_thanks.html", told=session.get("wish"))
