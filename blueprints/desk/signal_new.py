"""/desk/signals/new: what the desk hears by telephone or at the counter, noted while the person is still there."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import RadioField, SelectField, StringField, TelField, TextAreaField

from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import uuid_of
from blueprints.forms import Form, lazy, options, required
from blueprints.guard import me
from blueprints.pages import day, when
from rongjiu.errors import Refused
from tenants.catalogue import service as waits
from tenants.residents import queries as residents
from tenants.residents import searching
from tenants.signals import alike, rules, service

HEARD = ("hotline", "counter", "home_visit", "neighbour", "department", "partner")
"""Channels by which the desk itself notes a signal; the others come from their own screens."""
SORTS = ("assistance_clerk", "secretary")
"""Who sees what may be the same, and sorts."""
_STRONG = (alike.PHONE, alike.HOME, alike.WORDS)


URGENCY = options(words.URGENCIES_SAID.items())


class HeardForm(Form):
    """A signal that the desk hears by telephone, at the counter, on the way."""

    channel = SelectField(lazy("从哪里得知"), choices=options((code, words.CHANNELS[code]) for code in HEARD))
    phone = TelField(lazy("电话"))
    caller = StringField(lazy("称呼"))
    kind = RadioField(lazy("是什么"), choices=options(words.KINDS.items()), default="need")
    words = TextAreaField(lazy("原话"), [required(lazy("请写下听到的话。"))])
    courtyard = SelectField(lazy("院落"), validate_choice=False)
    urgency = RadioField(lazy("紧急程度"), choices=URGENCY, default="ordinary")
    call_back = RadioField(
        lazy("可以给对方回电、发短信吗"), validate_choice=False,
        choices=options([("yes", lazy("可以")), ("no", lazy("不要联系"))]),
    )  # fmt: skip


@bp.route("/signals/new", methods=["GET", "POST"])
def signal_new() -> ResponseReturnValue:
    """Note a signal heard at the desk."""
    form, status = HeardForm(), 200
    form.courtyard.choices = yard_choices()
    people: list[Any] | None = None
    if request.method == "POST" and request.form.get("find"):
        people = _people(form)
    elif form.validate_on_submit():
        seen = request.form.get("seen") or request.form.get("join")
        if not seen and _strong(form):
            return _page(form, people), 422
        try:
            return redirect(_note(form), 303)
        except Refused as refused:
            _said, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return _page(form, people), status


def _note(form: HeardForm) -> str:
    """Note what was heard, perhaps as a duplicate of what it was pressed to join; answers where to go next."""
    call_back = {"yes": True, "no": False}.get(form.call_back.data or "")
    if form.channel.data == "hotline" and form.phone.data and call_back is None:
        raise Refused("请问一句：可以给您回电或发短信吗？", field="call_back")
    got = service.receive(
        form.channel.data, form.kind.data, form.words.data or "", caller=form.caller.data or "",
        phone=form.phone.data or "", courtyard_id=uuid_of(form.courtyard.data), urgency=form.urgency.data,
        household_id=_home(), call_back=call_back,
    )  # fmt: skip
    flash(_("已记下，下一步：%(who)s %(due)s 前分派", who=got.next.actor, due=when(got.next.due_at)), "success")
    flash(_read_back(got, bool(form.phone.data)), "info")
    if me().role not in SORTS:
        return url_for("desk.home")
    if request.form.get("join"):
        return joined(got.id, alike.join_case(got.id, request.form["join"]))
    return url_for("desk.signal", signal_id=got.id)


def _read_back(got: service.Received, tracked: bool) -> str:
    """What is read to the person before they go."""
    due = day(got.answer_due_at)
    if tracked:
        return str(_("请读给对方听：您反映的事已记下，编号 %(number)s，查询码 %(code)s，最晚 %(due)s 答复您。",
                     number=got.number, code=rules.spoken(got.code), due=due))  # fmt: skip
    return str(_("请读给对方听：您反映的事已记下，编号 %(number)s，最晚 %(due)s 有结果，可以打社区电话问。",
                 number=got.number, due=due))  # fmt: skip


def joined(signal_id: UUID, number: str) -> str:
    """Say under which number a duplicate now stands, and answer where to go next."""
    if "-X-" in number:
        flash(_("已并入线索 %(number)s。", number=number), "success")
        return url_for("desk.signal", signal_id=signal_id)
    flash(_("已并入个案 %(number)s。", number=number), "success")
    return url_for("desk.case", number=number)


def yard_choices() -> list[Any]:
    """The courtyards to choose from, or none yet."""
    return options([("", _("还不清楚")), *((str(row.id), row.name) for row in residents.courtyards())])


def _home() -> UUID | None:
    """The family that was picked among those found; only who may search the register picks one."""
    return uuid_of(request.form.get("household")) if me().role in SORTS else None


def _people(form: HeardForm) -> list[Any]:
    """People of the register with the telephone, else the name, that was typed; one line a person."""
    if me().role not in SORTS:
        return []
    for typed in (form.phone.data, form.caller.data):
        if typed:
            rows = [row for row in searching.search(typed).rows if row.id]
            if rows:
                return rows[:10]
    return []


def _sought(form: HeardForm) -> alike.Sought:
    return alike.typed(
        form.words.data or "", form.phone.data or "", uuid_of(form.courtyard.data), _home(),
        tip=form.channel.data == "neighbour",
    )  # fmt: skip


def _strong(form: HeardForm) -> bool:
    """Has somebody told this before, as far as can be seen? Then it is shown once before it is noted again."""
    if me().role not in SORTS:
        return False
    return any(each.why in _STRONG for each in _alike(form))


def _alike(form: HeardForm) -> list[alike.Like]:
    return alike.signals(_sought(form), clerk=me().role == "assistance_clerk")


def _page(form: HeardForm, people: list[Any] | None) -> str:
    posted = request.method == "POST" and me().role in SORTS
    likes = [each for each in _alike(form) if each.why in _STRONG] if posted else []
    cases = alike.cases(_sought(form), clerk=me().role == "assistance_clerk") if posted and (people or _home()) else []
    due = {code: waits.due_date("signal-answer", code) for code in rules.URGENCIES}
    return render_template(
        "desk/signal_new.html", form=form, people=people, likes=likes, cases=[row for row in cases if row.same_home],
        home=str(_home() or ""), words=words, due=due, sorts=me().role in SORTS,
    )  # fmt: skip
