"""/desk/signals: what reached the community, sorting one signal, answering who asked."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import RadioField, SelectField, StringField, TelField, TextAreaField

from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, uuid_of
from blueprints.forms import Form, chosen, lazy, options, required
from blueprints.guard import logged, me
from blueprints.pages import when
from rongjiu.clock import now
from rongjiu.errors import Refused
from tenants.residents import queries as residents
from tenants.signals import queries, service

HEARD = ("hotline", "counter", "home_visit", "neighbour", "department", "partner")
"""Channels by which the desk itself notes a signal; the others come from their own screens."""


URGENCY = options(words.URGENCIES.items())


class HeardForm(Form):
    """A signal that the desk hears by telephone, at the counter, on the way."""

    channel = SelectField(lazy("从哪里得知"), choices=options((code, words.CHANNELS[code]) for code in HEARD))
    kind = RadioField(lazy("是什么"), choices=options(words.KINDS.items()), default="need")
    words = TextAreaField(lazy("原话"), [required(lazy("请写下听到的话。"))])
    courtyard = SelectField(lazy("院落"), validate_choice=False)
    caller = StringField(lazy("称呼"))
    phone = TelField(lazy("电话"))
    urgency = RadioField(lazy("紧急程度"), choices=URGENCY, default="ordinary")


class SortForm(Form):
    """What a signal becomes."""

    became = RadioField(
        lazy("这是"), [chosen()], default="need",
        choices=options([("need", lazy("需求：建立个案")), ("wish", lazy("心愿：建立个案")), ("duplicate", lazy("重复：并入已有个案")),
                 ("question", lazy("咨询：答复即可")), ("no_action", lazy("不需处理"))]),
    )  # fmt: skip
    urgency = RadioField(lazy("紧急程度"), choices=URGENCY, default="ordinary")
    courtyard = SelectField(lazy("院落"), validate_choice=False)
    wish_1 = TextAreaField(lazy("心愿或需求 1"))
    wish_2 = TextAreaField(lazy("心愿或需求 2"))
    wish_3 = TextAreaField(lazy("心愿或需求 3"))
    number = StringField(lazy("并入哪个个案"))
    reason = StringField(lazy("不处理的理由"))

    def wishes(self) -> list[str]:
        """The wishes that were written."""
        return [field.data for field in (self.wish_1, self.wish_2, self.wish_3) if field.data]


@bp.get("/signals")
def signals() -> ResponseReturnValue:
    """All signals: those not yet sorted first."""
    args, page = request.args, page_number()
    state, channel, yard = args.get("state", ""), args.get("channel", ""), uuid_of(args.get("courtyard"))
    rows, total = queries.page(state=state, channel=channel, courtyard_id=yard, page=page)
    counts = queries.counts()
    filters = [
        {"name": "state", "label": _("状态"), "value": state,
         "options": [(code, str(word), counts.get(code, 0)) for code, word in words.SIGNAL_STATES.items()]},
        {"name": "channel", "label": _("渠道"), "value": channel,
         "options": [(code, str(word), None) for code, word in words.CHANNELS.items()]},
        {"name": "courtyard", "label": _("院落"), "value": str(yard or ""),
         "options": [(str(row.id), row.name, None) for row in residents.courtyards()]},
    ]  # fmt: skip
    return render_template(
        "desk/signals.html", rows=rows, total=total, page=page, pages=max(1, -(-total // 50)), filters=filters,
        words=words, now=now(),
    )  # fmt: skip


@bp.route("/signals/new", methods=["GET", "POST"])
def signal_new() -> ResponseReturnValue:
    """Note a signal heard at the desk."""
    form, status = HeardForm(), 200
    form.courtyard.choices = _yards()
    if form.validate_on_submit():
        try:
            got = service.receive(
                form.channel.data, form.kind.data, form.words.data or "", caller=form.caller.data or "",
                phone=form.phone.data or "", courtyard_id=uuid_of(form.courtyard.data), urgency=form.urgency.data,
            )  # fmt: skip
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(_noted(got), "success")
            sorts = me().role in ("assistance_clerk", "secretary")
            return redirect(url_for("desk.signal", signal_id=got.id) if sorts else url_for("desk.home"), 303)
    elif request.method == "POST":
        status = 422
    return render_template("desk/signal_new.html", form=form), status


@bp.route("/signals/<uuid:signal_id>", methods=["GET", "POST"])
@logged
def signal(signal_id: UUID) -> ResponseReturnValue:
    """One signal: its words, what may be the same, and what it becomes."""
    row = queries.one(signal_id)
    if row is None:
        abort(404)
    form, status = _sort_form(row), 200
    if form.validate_on_submit():
        try:
            return redirect(_sort(row, form), 303)
        except Refused as refused:
            refused.field = "wish_1" if refused.field == "wishes" else refused.field
            _said, status = form.refuse(refused)
            row = queries.one(signal_id)
    elif request.method == "POST":
        status = 422
    alike, cases = queries.alike(row)
    return render_template(
        "desk/signal.html", row=row, form=form, alike=alike, cases=cases, words=words, now=now()
    ), status


@bp.post("/signals/<uuid:signal_id>/answer")
def signal_answer(signal_id: UUID) -> ResponseReturnValue:
    """Note that the asker was told."""
    try:
        service.answer(signal_id, how=request.form.get("how", "call"))
    except Refused as refused:
        if refused.status == 404:
            raise
        flash(_(refused.message, **refused.words), "warning")
    else:
        flash(_("已记下：反映人已得到答复。"), "success")
    return redirect(url_for("desk.signal", signal_id=signal_id), 303)


def _sort_form(row: Any) -> SortForm:
    kind = {"wish": "wish", "question": "question"}.get(row.kind, "need")
    form = SortForm(data={"became": kind, "urgency": row.urgency, "courtyard": str(row.courtyard_id or "")})
    form.courtyard.choices = _yards()
    return form


def _sort(row: Any, form: SortForm) -> str:
    """Do what was chosen and answer where to go next."""
    became = str(form.became.data)
    if became in ("need", "wish"):
        opened = service.open_case(
            row.id, form.wishes(), courtyard_id=uuid_of(form.courtyard.data), urgency=form.urgency.data, became=became
        )
        said = _("个案 %(number)s 已建立，下一步：%(who)s %(due)s 前上门核实", number=opened.number,
                 who=opened.next.actor, due=when(opened.next.due_at))  # fmt: skip
        flash(said, "success")
        return url_for("desk.case", number=opened.number)
    if became == "duplicate":
        number = service.join_case(row.id, form.number.data or "", wishes=form.wishes())
        flash(_("已并入个案 %(number)s。", number=number), "success")
        return url_for("desk.case", number=number)
    service.settle(row.id, became, reason=form.reason.data or "")
    flash(_("已分派。请在期限前答复反映人。"), "success")
    return url_for("desk.signal", signal_id=row.id)


def _yards() -> list[Any]:
    return options([("", _("还不清楚")), *((str(row.id), row.name) for row in residents.courtyards())])


def _noted(got: service.Received) -> str:
    return str(_("已记下，下一步：%(who)s %(due)s 前分派", who=got.next.actor, due=when(got.next.due_at)))
