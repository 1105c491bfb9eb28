"""/desk/households/<id>/benefits/new and /desk/benefits/<id>: what a family receives already or waits for, until when, on what ground."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk import words
from blueprints.desk.benefit_forms import HOW, STATUS, CheckForm, KeptForm, NewForm, TurnForm
from blueprints.desk.door import bp
from blueprints.desk.scope import in_reach, uuid_of
from blueprints.forms import lazy, options
from blueprints.guard import logged
from blueprints.pages import day, named, show
from rongjiu.clock import today
from rongjiu.errors import Refused
from tenants.benefits import queries, rules, service
from tenants.benefits.service import Noted
from tenants.catalogue import queries as catalogue
from tenants.residents import queries as residents

FIELDS = {
    "benefit": lazy("政策"), "benefit_since": lazy("从哪天起"), "benefit_until": lazy("到哪天止"),
    "benefit_ground": lazy("依据"), "benefit_checked": lazy("核对"), "benefit_waiting": lazy("享受还是轮候"),
}  # fmt: skip
STATES = {
    "on": lazy("正在享受"), "soon": lazy("快到期"), "later": lazy("还没开始"), "over": lazy("已到期"), "struck": lazy("登记错了"),
    "denied": lazy("没有在享受"), "waiting": lazy("轮候中"),
}  # fmt: skip
TONES = {
    "on": "ok", "waiting": "info", "soon": "warn", "later": "info", "over": "muted", "struck": "muted", "denied": "muted",
}  # fmt: skip
SOON = 60
"""Days; only the colour of a chip, the list of changes goes by the community's own wait."""


@bp.route("/households/<uuid:household_id>/benefits/new", methods=["GET", "POST"])
@logged
def benefit_new(household_id: UUID) -> ResponseReturnValue:
    """Write down a benefit the family receives."""
    if residents.household(household_id) is None or not in_reach(household_id):
        abort(404)
    form, status = NewForm(), 200
    form.policy.choices = options([("", _("请选择")), *((row["id"], named(row)) for row in catalogue.policies())])
    form.person.choices = options([("", _("全家")), *_people(household_id)])
    if form.validate_on_submit():
        said = Noted(
            form.policy.data or "", uuid_of(form.person.data), form.since.data, form.until.data, form.ground.data or "",
            waiting=form.status.data == "on-waitlist",
        )  # fmt: skip
        try:
            service.note(household_id, said)
        except Refused as refused:
            if refused.status == 404:
                raise
            _said, status = form.refuse(refused)
        else:
            line = _("已登记为轮候中。轮到了，请打开这条点“轮到了”。")
            flash(line if said.waiting else _("已登记。到期前会提前提醒，列入“政策变化”。"), "success")
            return _home(household_id)
    elif request.method == "POST":
        status = 422
    return render_template("desk/benefit_new.html", form=form, household_id=household_id), status


@bp.route("/benefits/<uuid:benefit_id>", methods=["GET", "POST"])
@logged
def benefit(benefit_id: UUID) -> ResponseReturnValue:
    """One benefit with everything that was changed about it; change its period or ground. What was only told at the door
    is checked here."""
    row, _home = _one(benefit_id)
    form, status = _form(row), 200
    if form.validate_on_submit():
        period, seen = (form.since.data, form.until.data, form.ground.data or ""), _seen(form.seen.data)
        try:
            if isinstance(form, CheckForm):
                service.check(benefit_id, form.how.data or "", *period, seen=seen)
            else:
                service.amend(benefit_id, *period, seen=seen, waiting=form.status.data == "on-waitlist")
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            if isinstance(form, CheckForm):
                flash(_("已核对，以后按这份依据算。"), "success")
                return _next(row.household_id)
            flash(_("已保存，原来的内容留在修改记录里。"), "success")
            return redirect(url_for("desk.benefit", benefit_id=benefit_id), 303)
    elif request.method == "POST":
        status = 422
    return _page(benefit_id, form, status)


@bp.post("/benefits/<uuid:benefit_id>/strike")
@logged
def benefit_strike(benefit_id: UUID) -> ResponseReturnValue:
    """Strike out what was entered in error, or was told and is not received, with the reason."""
    row, home = _one(benefit_id)
    why = request.form.get("why", "")
    try:
        service.strike(benefit_id, why, seen=_seen(request.form.get("seen")))
    except Refused as refused:
        form = _form(row, fresh=True)
        _said, status = form.refuse(refused)
        return _page(benefit_id, form, status, problem=_(refused.message) if refused.field == "why" else "", why=why)
    if row.unchecked:
        flash(_("已记下：没有在享受，不再这样算。"), "success")
        return _next(home)
    flash(_("已划去，不再算作正在享受。"), "success")
    return _home(home)


def _form(row: Any, *, fresh: bool = False) -> CheckForm | KeptForm:
    """What is asked of an entry: a check while it was only told, its period and ground afterwards."""
    data = {"since": row.since, "until": row.until, "ground": row.ground, "seen": row.version}
    data["status"] = "on-waitlist" if row.waiting else "enrolled"
    kind = CheckForm if row.unchecked else KeptForm
    return kind(formdata=None, data=data) if fresh else kind(data=data)


@bp.post("/benefits/<uuid:benefit_id>/turn")
@logged
def benefit_turn(benefit_id: UUID) -> ResponseReturnValue:
    """What was waited for is received from a day on."""
    row, _home = _one(benefit_id)
    asked = TurnForm()
    if not asked.validate_on_submit():
        return _page(benefit_id, _form(row, fresh=True), 422, turn=asked)
    try:
        service.turn(benefit_id, asked.first.data, seen=_seen(asked.seen.data))
    except Refused as refused:
        _said, status = asked.refuse(refused)
        return _page(benefit_id, _form(row, fresh=True), status, turn=asked)
    flash(_("轮到了，已改为在享受。排队的日期留在修改记录里。"), "success")
    return redirect(url_for("desk.benefit", benefit_id=benefit_id), 303)


def _next(household_id: UUID) -> ResponseReturnValue:
    """After a check: the list of what is still to be checked for whoever came from there, else the household."""
    if request.args.get("back") == "told":
        return redirect(url_for("desk.benefits_told"), 303)
    return _home(household_id)


def _page(
    benefit_id: UUID, form: Any, status: int, problem: str = "", why: str = "", turn: TurnForm | None = None
) -> ResponseReturnValue:
    row, home = _one(benefit_id)
    if row.waiting and turn is None:
        turn = TurnForm(formdata=None, data={"seen": row.version, "first": today()})
    changes = [
        {"field": words.word(FIELDS, each.name), "before": _value(each.name, each.before), "after": _value(each.name, each.after),
         "at": each.at, "actor": each.actor}
        for each in queries.history(benefit_id)
    ]  # fmt: skip
    return render_template(
        "desk/benefit.html", form=form, row=row, household_id=home, changes=changes, state=state(row), states=STATES,
        tones=TONES, problem=problem, why=why, how=HOW, turn=turn, back="told" if request.args.get("back") == "told" else None,
    ), status  # fmt: skip


def _one(benefit_id: UUID) -> tuple[Any, UUID]:
    row = queries.one(benefit_id)
    if row is None:
        abort(404)
    home = row.home or row.household_id
    if not in_reach(home):
        abort(404)
    return row, home


def _people(household_id: UUID) -> Iterable[tuple[str, str]]:
    for each in residents.members(household_id):
        yield str(each.id), f"{show('name', each.name)} {words.relation(each.relation)}".strip()


def _home(household_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("desk.household", household_id=household_id) + "#benefits", 303)


def _seen(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _value(name: str, value: str | None) -> str:
    if value is None:
        return "—"
    if name == "benefit_checked":
        return str(words.word(HOW, value))
    if name == "benefit_waiting":
        return str(words.word(STATUS, value))
    if name == "benefit":
        row = next((each for each in catalogue.policies() if each["id"] == value), None)
        return named(row) if row else value
    return day(date.fromisoformat(value)) if name in ("benefit_since", "benefit_until") else value


def state(row: Any) -> str:
    """on | waiting | soon | later | over | struck | denied (told at the door, found not to be received), as of today."""
    if row.struck_at:
        return "denied" if row.checked_how == "none" else "struck"
    if row.since > today():
        return "later"
    if rules.status(row, today()) == "on-waitlist":
        return "waiting"
    if row.until is None:
        return "on"
    left = (row.until - today()).days
    return "over" if left < 0 else "soon" if left < SOON else "on"


def shown(household_id: UUID | None) -> list[tuple[Any, str]]:
    """The entries of a household, each with its state, for the pages that list them."""
    return [(row, state(row)) for row in queries.of_household(household_id)] if household_id else []
