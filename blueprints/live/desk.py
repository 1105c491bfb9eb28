"""/live and /live/<number>/desk: what is said in a broadcast becomes a signal, with three buttons."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import BooleanField, SelectField, StringField, TextAreaField

from blueprints.exporting import door
from blueprints.forms import Form, lazy, options, required
from blueprints.live.door import bp
from blueprints.pages import when
from blueprints.paging import page_size
from rongjiu.clock import today
from rongjiu.errors import Refused
from tenants.livestream import queries, service
from tenants.residents import queries as residents
from tenants.signals import queries as signals

KINDS = {"need": lazy("需求"), "wish": lazy("心愿"), "question": lazy("问题")}


class WordsForm(Form):
    """Words of a viewer or of somebody met on the way."""

    words = TextAreaField(lazy("听到的话"), [required(lazy("请写下听到的话。"))])
    courtyard = SelectField(lazy("院落"), validate_choice=False)
    urgent = BooleanField(lazy("急难，马上要有人管"))


class SessionForm(Form):
    """A broadcast about to begin."""

    topic = StringField(lazy("主题"), [required()])
    outdoor = BooleanField(lazy("户外直播"))


@bp.get("/")
def sessions() -> ResponseReturnValue:
    """All broadcasts, newest first."""
    return render_template("live/sessions.html", rows=queries.sessions(page_size(100)), form=SessionForm())


door(bp, "", sessions, lazy("直播场次"))


@bp.post("/")
def start() -> ResponseReturnValue:
    """Begin a broadcast."""
    form, status = SessionForm(), 422
    if form.validate_on_submit():
        try:
            seq = service.open_session(today(), form.topic.data or "", outdoor=bool(form.outdoor.data))
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            return redirect(url_for("live.desk", seq=seq), 303)
    return render_template("live/sessions.html", rows=queries.sessions(), form=form), status


@bp.route("/<int(max=999999):seq>/desk", methods=["GET", "POST"])
def desk(seq: int) -> ResponseReturnValue:
    """The desk of one broadcast."""
    session = queries.one(seq)
    if session is None:
        abort(404)
    form, status = WordsForm(), 200
    yards = {str(row.id): row for row in residents.courtyards()}
    form.courtyard.choices = options([("", _("还不清楚")), *((key, row.name) for key, row in yards.items())])
    if form.validate_on_submit():
        try:
            _note(seq, form, yards)
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            return redirect(url_for("live.desk", seq=seq), 303)
    elif request.method == "POST":
        status = 422
    rows = signals.of_session(session.id)
    return render_template("live/desk.html", session=session, form=form, rows=rows, kinds=KINDS), status


def _note(seq: int, form: WordsForm, yards: dict[str, Any]) -> None:
    yard = yards.get(form.courtyard.data or "")
    got = service.note(
        seq, request.form.get("kind", ""), form.words.data or "", courtyard_id=yard.id if yard else None,
        urgency="critical" if form.urgent.data else "ordinary",
    )  # fmt: skip
    flash(_("已记下，下一步：%(who)s %(due)s 前分派", who=got.next.actor, due=when(got.next.due_at)), "success")
