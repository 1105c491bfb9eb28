"""…/desk/complaints: the receiver's list and page; and what somebody complained about reads and answers."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import RadioField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import Optional

from blueprints import heard
from blueprints.desk import complaint_words as words
from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size, uuid_of
from blueprints.forms import Form, chosen, lazy, options, required
from blueprints.guard import logged, me, place
from blueprints.pages import when
from blueprints.storefront import Day
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.neighbours import service as neighbours
from rongjiu.tenancy.staff import working
from tenants.complaints import queries, rules, service
from tenants.outreach import queries as outreach


class ComplaintForm(Form):
    """A complaint as the desk hears it."""

    channel = RadioField(
        lazy("怎么来的"),
        default="phone",
        choices=options((code, words.CHANNELS[code]) for code in ("phone", "paper", "link")),
    )
    about = RadioField(lazy("投诉的是谁"), [chosen()], default="provider", choices=options(words.ABOUT.items()))
    provider = SelectField(lazy("哪家服务方"), validate_choice=False)
    staff = SelectField(lazy("哪位工作人员或志愿者"), validate_choice=False)
    category = SelectField(lazy("是什么事"), choices=options(words.CATEGORIES.items()))
    happened_on = Day(lazy("哪天的事"), [Optional()])
    words = TextAreaField(lazy("原话"), [required(lazy("请写下发生了什么，2000 字以内。"))])
    complainant = StringField(lazy("投诉人"))
    phone = TelField(lazy("电话"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        found = place().id
        providers = outreach.admitted(found) if found else []
        self.provider.choices = options([("", _("请选择")), *((str(row.id), row.name) for row in providers)])
        staff = {row.account_id: row.post for row in working(found)} if found else {}
        self.staff.choices = options([("", _("请选择")), *((str(key), post) for key, post in staff.items())])


@bp.get("/complaints")
def complaints() -> ResponseReturnValue:
    """What is due first; those about oneself do not stand here."""
    page, state, late = page_number(), request.args.get("state", ""), request.args.get("late") == "1"
    typed = request.args.get("q", "").strip()[:40]
    rows, total = queries.page(me().account_id, state=state, late=late, words=typed, page=page, size=page_size())
    filters = [
        {"name": "state", "label": _("状态"), "value": state, "options": [(code, str(word), None) for code, word in words.STATES.items()]},
        {"name": "late", "label": _("期限"), "value": "1" if late else "", "options": [("1", _("已超期"), None)]},
    ]  # fmt: skip
    found = place().id
    return render_template(
        "desk/complaints.html", rows=rows, typed=typed, total=total, page=page, pages=max(1, -(-total // page_size())), filters=filters,
        words=words, now=now(), mine=me().account_id, learnt=neighbours.learnt(found) if found else [],
    )  # fmt: skip


@bp.route("/complaints/new", methods=["GET", "POST"])
def complaint_new() -> ResponseReturnValue:
    """Note a complaint that came by telephone, on paper or by a link."""
    form, status = ComplaintForm(), 200
    if form.validate_on_submit():
        heard = service.Heard(
            form.words.data or "", str(form.about.data), uuid_of(form.provider.data), uuid_of(form.staff.data),
            str(form.category.data), str(form.channel.data), form.complainant.data or "", form.phone.data or "",
            form.happened_on.data,
        )  # fmt: skip
        try:
            row = service.receive(heard)
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(_("已记下 %(number)s，%(who)s 在 %(due)s 前答复。", number=row.number,
                    who=row.receiver_post or _("街道另派人"), due=when(row.due_at)), "success")  # fmt: skip
            return redirect(url_for("desk.complaints"), 303)
    elif request.method == "POST":
        status = 422
    return render_template("desk/complaint_new.html", form=form), status


@bp.get("/complaints/<number>")
@logged
def complaint(number: str) -> ResponseReturnValue:
    """One complaint, for its receiver."""
    return _page(number, {}, 200)


@bp.post("/complaints/<number>")
def complaint_act(number: str) -> ResponseReturnValue:
    """Name whom it is about, hear them, decide, answer, open again."""
    row = _one(number)
    said, verb = request.form, request.form.get("verb", "")
    acts = {
        "take": lambda: service.take(row.id, said.get("about", ""), provider_id=uuid_of(said.get("provider")), staff_id=uuid_of(said.get("staff"))),
        "ask": lambda: service.ask(row.id, said.get("question", "")),
        "decide": lambda: service.decide(row.id, upheld=said.get("upheld") == "yes", finding=said.get("finding", "")),
        "answer": lambda: service.answer(row.id, said.get("how", ""), said.get("answer", "")),
        "reopen": lambda: service.reopen(row.id),
    }  # fmt: skip
    if verb not in acts:
        abort(404)
    if verb == "decide" and said.get("upheld") not in ("yes", "no"):
        return _page(number, {"upheld": _("请选一项")}, 422)
    try:
        acts[verb]()
    except Refused as refused:
        if refused.status == 404:
            raise
        db.session.rollback()
        return _page(number, {refused.field or "": _(refused.message, **refused.words)}, refused.status)
    flash(_("已记下。"), "success")
    still = queries.one(number, me().account_id)
    return redirect(url_for("desk.complaint", number=number) if still else url_for("desk.complaints"), 303)


def _page(number: str, problems: dict[str, str], status: int) -> ResponseReturnValue:
    row = _one(number)
    return render_template(
        "desk/complaint.html", row=row, words=words, form=ComplaintForm(formdata=None), history=queries.history(row.id),
        problems=problems, typed=request.form, now=now(), verbs=[verb for verb in rules.MOVES if rules.target(verb, row.state)],
    ), status  # fmt: skip


def _one(number: str) -> Any:
    row = queries.one(number, me().account_id)
    if row is None:
        abort(404)
    return row


@bp.get("/hearings")
def my_hearings() -> ResponseReturnValue:
    """What I am asked about: the receiver's question, never who complained."""
    return heard.page("doors/desk.html", "desk.my_reply")


@bp.post("/hearings/<uuid:matter_id>")
def my_reply(matter_id: UUID) -> ResponseReturnValue:
    """My side of it."""
    return heard.reply(matter_id, "doors/desk.html", "desk.my_reply", "desk.my_hearings")
