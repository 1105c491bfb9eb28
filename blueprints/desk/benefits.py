"""/desk/households/<id>/benefits/new and /desk/benefits/<id>: what a family receives already, until when, on what ground;
/desk/benefits: what was told at a door and is still to be checked."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import HiddenField, RadioField, SelectField, StringField
from wtforms.validators import Length, Optional

from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import in_reach, page_number, page_size, uuid_of
from blueprints.forms import Form, chosen, lazy, options
from blueprints.guard import logged
from blueprints.pages import day, named, show
from blueprints.storefront import Day
from rongjiu.clock import today
from rongjiu.errors import Refused
from tenants.benefits import queries, rules, service
from tenants.benefits.service import Noted
from tenants.catalogue import queries as catalogue
from tenants.residents import queries as residents

FIELDS = {
    "benefit": lazy("政策"), "benefit_since": lazy("从哪天起"), "benefit_until": lazy("到哪天止"),
    "benefit_ground": lazy("依据"), "benefit_checked": lazy("核对"),
}  # fmt: skip
STATES = {
    "on": lazy("正在享受"), "soon": lazy("快到期"), "later": lazy("还没开始"), "over": lazy("已到期"), "struck": lazy("登记错了"),
    "denied": lazy("没有在享受"),
}  # fmt: skip
TONES = {"on": "ok", "soon": "warn", "later": "info", "over": "muted", "struck": "muted", "denied": "muted"}
HOW = {
    "paper": lazy("看到了证件或批复"), "department": lazy("部门答复了"), "none": lazy("没有在享受"),
}  # fmt: skip
"""What the check of a benefit that was told at the door found."""
SOON = 60
"""Days; only the colour of a chip, the list of changes goes by the community's own wait."""


class PeriodForm(Form):
    """From when until when, on what ground."""

    since = Day(lazy("从哪天起"), [Optional()])
    until = Day(lazy("到哪天止"), [Optional()])
    ground = StringField(lazy("依据"), [Optional(), Length(max=rules.GROUND_LONGEST)])
    seen = HiddenField()


class CheckForm(PeriodForm):
    """What was told at the door: by what it is confirmed, and the dates that it names."""

    ground = StringField(lazy("证号、文号，或者谁在哪天答复的"), [Optional(), Length(max=rules.GROUND_LONGEST)])
    how = RadioField(
        lazy("怎么核对的"), [chosen()], choices=options((code, HOW[code]) for code in ("paper", "department"))
    )


class NewForm(PeriodForm):
    """Which policy, and whose."""

    policy = SelectField(lazy("哪项政策"), [chosen()], validate_choice=False)
    person = SelectField(lazy("谁在享受"), [Optional()], validate_choice=False)


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
            form.policy.data or "", uuid_of(form.person.data), form.since.data, form.until.data, form.ground.data or ""
        )
        try:
            service.note(household_id, said)
        except Refused as refused:
            if refused.status == 404:
                raise
            _said, status = form.refuse(refused)
        else:
            flash(_("已登记。到期前会提前提醒，列入“政策变化”。"), "success")
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
                service.amend(benefit_id, *period, seen=seen)
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


def _form(row: Any, *, fresh: bool = False) -> PeriodForm:
    """What is asked of an entry: a check while it was only told, its period and ground afterwards."""
    data = {"since": row.since, "until": row.until, "ground": row.ground, "seen": row.version}
    kind = CheckForm if row.unchecked else PeriodForm
    return kind(formdata=None, data=data) if fresh else kind(data=data)


def _next(household_id: UUID) -> ResponseReturnValue:
    """After a check: the list of what is still to be checked for whoever came from there, else the household."""
    if request.args.get("back") == "told":
        return redirect(url_for("desk.benefits_told"), 303)
    return _home(household_id)


@bp.get("/benefits")
@logged
def benefits_told() -> ResponseReturnValue:
    """日期待核: what families said at the door that they receive, the longest waiting first, until a clerk has checked it."""
    asked = queries.Wanted(
        state=request.args.get("state", "open"), policy=request.args.get("policy", ""),
        courtyard_id=uuid_of(request.args.get("courtyard")), heard_by=request.args.get("q", "").strip()[:40], page=page_number(), size=page_size(),
    )  # fmt: skip
    rows, total = queries.told(asked)
    states = {"open": _("待核"), **{code: str(word) for code, word in HOW.items()}}
    filters = [
        {"name": "state", "label": _("核对"), "value": asked.state if asked.state in states else "",
         "options": [(code, word, None) for code, word in states.items()]},
        {"name": "policy", "label": _("政策"), "value": asked.policy,
         "options": [(row.slug, named(row), None) for row in queries.told_policies()]},
        {"name": "courtyard", "label": _("院落"), "value": str(asked.courtyard_id or ""),
         "options": [(str(row.id), row.name, None) for row in residents.courtyards()]},
    ]  # fmt: skip
    return render_template(
        "desk/benefits_told.html", rows=rows, total=total, page=asked.page, pages=max(1, -(-total // page_size())),
        filters=filters, how=HOW, today=today(), sought=asked.heard_by,
    )  # fmt: skip


def _page(benefit_id: UUID, form: Any, status: int, problem: str = "", why: str = "") -> ResponseReturnValue:
    row, home = _one(benefit_id)
    changes = [
        {"field": words.word(FIELDS, each.name), "before": _value(each.name, each.before), "after": _value(each.name, each.after),
         "at": each.at, "actor": each.actor}
        for each in queries.history(benefit_id)
    ]  # fmt: skip
    return render_template(
        "desk/benefit.html", form=form, row=row, household_id=home, changes=changes, state=state(row), states=STATES,
        tones=TONES, problem=problem, why=why, how=HOW, back="told" if request.args.get("back") == "told" else None,
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
    if name == "benefit":
        row = next((each for each in catalogue.policies() if each["id"] == value), None)
        return named(row) if row else value
    return day(date.fromisoformat(value)) if name in ("benefit_since", "benefit_until") else value


def state(row: Any) -> str:
    """on | soon | later | over | struck | denied (told at the door, found not to be received), as of today."""
    if row.struck_at:
        return "denied" if row.checked_how == "none" else "struck"
    if row.since > today():
        return "later"
    if row.until is None:
        return "on"
    left = (row.until - today()).days
    return "over" if left < 0 else "soon" if left < SOON else "on"


def shown(household_id: UUID | None) -> list[tuple[Any, str]]:
    """The entries of a household, each with its state, for the pages that list them."""
    return [(row, state(row)) for row in queries.of_household(household_id)] if household_id else []
