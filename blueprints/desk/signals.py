"""/desk/signals: what reached the community, sorting one signal, answering who asked."""

from datetime import timedelta
from typing import Any, TypedDict
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import RadioField, SelectField, StringField, TextAreaField

from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size, uuid_of
from blueprints.desk.signal_new import joined, yard_choices
from blueprints.forms import Form, chosen, lazy, options
from blueprints.guard import logged, me
from blueprints.pages import when
from rongjiu.clock import now
from rongjiu.errors import Refused
from tenants.residents import queries as residents
from tenants.signals import alike, queries, service

TOLD_BACK = timedelta(days=90)
"""Over which signals the share of answers in time is taken."""

URGENCY = options(words.URGENCIES_SAID.items())


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
    visitor_words = TextAreaField(lazy("给上门人员看的话"))
    reason = StringField(lazy("不处理的理由"))
    canned = SelectField(lazy("常用答复"), validate_choice=False)
    answer = TextAreaField(lazy("答复的话"))

    def wishes(self) -> list[str]:
        """The wishes that were written."""
        return [field.data for field in (self.wish_1, self.wish_2, self.wish_3) if field.data]

    def answered(self) -> str:
        """The words of the answer: those typed, else the ready ones that were chosen."""
        return self.answer.data or str(words.CANNED.get(self.canned.data or "", ""))


class AnswerForm(Form):
    """How the asker was told, and in which words."""

    how = RadioField(
        lazy("怎么答复的"), [chosen()], default="call",
        choices=options([("call", lazy("打了电话")), ("in_person", lazy("当面说了")), ("on_air", lazy("在直播里说了")),
                 ("board", lazy("贴在公告栏（不写姓名）")), ("none", lazy("没有办法答复"))]),
    )  # fmt: skip
    answer = TextAreaField(lazy("答复的话"))
    reason = StringField(lazy("没有办法答复的原因"))


@bp.get("/signals")
def signals() -> ResponseReturnValue:
    """All signals: those not yet sorted first, the most urgent and nearest due on top."""
    page, chosen_now = page_number(), wanted()
    rows, total = queries.page(**chosen_now, page=page, size=page_size())
    counts = queries.counts()
    filters = [
        {"name": "state", "label": _("状态"), "value": chosen_now["state"],
         "options": [(code, str(word), counts.get(code, 0)) for code, word in words.SIGNAL_STATES.items()]},
        {"name": "late", "label": _("期限"), "value": "1" if chosen_now["late"] else "", "options": [("1", _("已超期"), queries.late())]},
        {"name": "channel", "label": _("渠道"), "value": chosen_now["channel"],
         "options": [(code, str(word), None) for code, word in words.CHANNELS.items()]},
        {"name": "courtyard", "label": _("院落"), "value": str(chosen_now["courtyard_id"] or ""),
         "options": [(str(row.id), row.name, None) for row in residents.courtyards()]},
    ]  # fmt: skip
    return render_template(
        "desk/signals.html", rows=rows, total=total, page=page, pages=max(1, -(-total // 50)), filters=filters,
        words=words, now=now(), told=queries.told(now() - TOLD_BACK),
    )  # fmt: skip


class Wanted(TypedDict):
    """The filters of the list."""

    state: str
    channel: str
    courtyard_id: UUID | None
    late: bool


def wanted() -> Wanted:
    """The filters that the address names."""
    args = request.args
    return Wanted(
        state=args.get("state", ""), channel=args.get("channel", ""), courtyard_id=uuid_of(args.get("courtyard")),
        late=args.get("late") == "1",
    )  # fmt: skip


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
    return _page(row, form, AnswerForm(formdata=None)), status


@bp.post("/signals/<uuid:signal_id>/answer")
@logged
def signal_answer(signal_id: UUID) -> ResponseReturnValue:
    """Note that the asker was told."""
    row = queries.one(signal_id)
    if row is None:
        abort(404)
    if row.state == "new":
        flash(_("请先分派这条线索，再答复。"), "warning")
        return redirect(url_for("desk.signal", signal_id=signal_id), 303)
    form, status = AnswerForm(), 422
    if form.validate_on_submit():
        try:
            service.answer(
                signal_id, how=str(form.how.data), text=form.answer.data or "", reason=form.reason.data or ""
            )  # fmt: skip
        except Refused as refused:
            if refused.status == 404:
                raise
            _said, status = form.refuse(refused)
            row = queries.one(signal_id)
        else:
            flash(_("已记下：反映人已得到答复。"), "success")
            return redirect(url_for("desk.signal", signal_id=signal_id), 303)
    return _page(row, _sort_form(row, fresh=True), form), status


def _page(row: Any, form: SortForm, told: AnswerForm) -> str:
    """The page of a signal. A tip's author and words are the clerk's alone: others get what is written for visitors."""
    clerk = me().role == "assistance_clerk"
    sought = alike.to(row)
    return render_template(
        "desk/signal.html", row=row, form=form, told=told, words=words, now=now(), hidden=row.channel == "neighbour" and not clerk,
        alike=alike.signals(sought, clerk=clerk), cases=alike.cases(sought, clerk=clerk),
    )  # fmt: skip


def _sort_form(row: Any, *, fresh: bool = False) -> SortForm:
    kind = {"wish": "wish", "question": "question"}.get(row.kind, "need")
    known = {"became": kind, "urgency": row.urgency, "courtyard": str(row.courtyard_id or "")}
    form = SortForm(formdata=None, data=known) if fresh else SortForm(data=known)
    form.courtyard.choices = yard_choices()
    form.canned.choices = options([("", _("不用常用答复")), *words.CANNED.items()])
    return form


def _sort(row: Any, form: SortForm) -> str:
    """Do what was chosen and answer where to go next."""
    became = str(form.became.data)
    if became in ("need", "wish"):
        opened = service.open_case(
            row.id, form.wishes(), courtyard_id=uuid_of(form.courtyard.data), urgency=form.urgency.data, became=became,
            visitor_words=form.visitor_words.data or "",
        )  # fmt: skip
        said = _("个案 %(number)s 已建立，下一步：%(who)s %(due)s 前上门核实", number=opened.number,
                 who=opened.next.actor, due=when(opened.next.due_at))  # fmt: skip
        flash(said, "success")
        return url_for("desk.case", number=opened.number)
    if became == "duplicate":
        number = alike.join_case(row.id, form.number.data or "", wishes=form.wishes())
        return joined(row.id, number)
    service.settle(
        row.id, became, reason=form.reason.data or "", answer=form.answered() if became == "question" else ""
    )
    flash(_("已分派。请在期限前答复反映人。"), "success")
    return url_for("desk.signal", signal_id=row.id)
