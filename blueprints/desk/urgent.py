"""/desk/urgent: the express lane. Two taps flag somebody in 急难; one more takes it; full data opens without a reason
to clerk and secretary, is written down as 急难, and is looked at by the secretary."""

from typing import Any
from uuid import UUID

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectField, StringField, TelField, TextAreaField

from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import case_or_404, in_reach, own, uuid_of
from blueprints.forms import Form, lazy, options
from blueprints.guard import logged, may, me, opening, place
from rongjiu.clock import now
from rongjiu.errors import Refused
from rongjiu.marketplace.kinds import oncall
from tenants.express import duty as roster
from tenants.express import queries, service
from tenants.express.rules import REASON
from tenants.residents import queries as residents
from tenants.residents.service import Door

FULL = ("assistance_clerk", "secretary")
"""Who sees full data without typing a reason; the grid worker of the courtyard does at the grid's own page."""


class FlagForm(Form):
    """Nothing has to be filled in."""

    words = TextAreaField(lazy("看到、听到什么"))
    courtyard = SelectField(lazy("院落"), validate_choice=False)
    phone = TelField(lazy("报告人电话"))


class ActForm(Form):
    """Whatever an act on an alarm needs; each act reads its own fields."""

    helper = StringField(lazy("谁到了现场"))
    courtyard = SelectField(lazy("院落"), validate_choice=False)
    name = StringField(lazy("姓名或称呼"))
    building = StringField(lazy("楼"))
    room = StringField(lazy("门牌号或地点"))
    words = TextAreaField(lazy("家里人的话"))
    reason = TextAreaField(lazy("为什么不按急难办"))


@bp.get("/urgent")
def urgent() -> str:
    """The alarm board: what nobody has taken stands first. Numbers, posts and times, no name."""
    return render_template(
        "desk/urgent.html", rows=queries.board(), over=queries.board(over=True, limit=20), now=now(),
        late_looks=queries.reviews_late(), duty=roster.on_duty(), rescuers=oncall.on_duty(_community()),
    )  # fmt: skip


def _community() -> UUID:
    found = place().id
    assert found is not None  # noqa: S101  the desk's place is a community
    return found


@bp.route("/urgent/new", methods=["GET", "POST"])
def urgent_new() -> ResponseReturnValue:
    """Flag somebody: this page is the first tap, its button the second. `?case=` or `?household=` says who."""
    case = case_or_404(request.values["case"]) if request.values.get("case") and may("desk.case") else None
    home = _home()
    form, status = FlagForm(), 200
    form.courtyard.choices = options(
        [("", _("还不清楚")), *((str(row.id), row.name) for row in residents.courtyards())]
    )
    if form.validate_on_submit():
        try:
            alarm = service.flag_case(case.id) if case else _flag(form, home)
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(_("已报急难，正在呼叫值班人员。没有人认领，会再呼叫书记和街道。"), "success")
            there = url_for("desk.urgent_one", emergency_id=alarm) if may("desk.urgent_one") else None
            return redirect(there or url_for("live.sessions"), 303)
    elif request.method == "POST":
        status = 422
    return render_template("desk/urgent_new.html", form=form, case=case, home=home), status


def _flag(form: FlagForm, home: UUID | None) -> UUID:
    channel = "livestream" if me().role == "live_desk" else "counter"
    return service.flag(
        channel, form.words.data or "", courtyard_id=uuid_of(form.courtyard.data), household_id=home,
        phone=form.phone.data or "",
    )  # fmt: skip


def _home() -> UUID | None:
    """The family named in the address, as far as this person may see it."""
    home = uuid_of(request.values.get("household"))
    if home is not None and (me().role == "live_desk" or residents.household(home) is None or not in_reach(home)):
        abort(404)
    return home


@bp.route("/urgent/<uuid:emergency_id>", methods=["GET", "POST"])
@logged
def urgent_one(emergency_id: UUID) -> ResponseReturnValue:
    """One alarm: the family, what was done, what comes next; its acts are posted here."""
    row = queries.one(emergency_id)
    if row is None:
        abort(404)
    form, status = ActForm(), 200
    yards = residents.courtyards()
    form.courtyard.choices = options([("", _("请选择")), *((str(each.id), each.name) for each in yards)])
    if request.method == "POST":
        try:
            said = _act(row, form)
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(said, "success")
            return redirect(url_for("desk.urgent_one", emergency_id=emergency_id), 303)
    people = queries.people(row.household_id) if row.household_id else []
    if people and me().role in FULL:
        g.open_reason = REASON
        opening(lambda: service.look(emergency_id))
    mine = own()
    return render_template(
        "desk/urgent_one.html", row=row, form=form, people=people, now=now(), words=words, full=me().role in FULL,
        reach=mine is None or row.owner_id == mine,
    ), status  # fmt: skip


def _act(row: Any, form: ActForm) -> str:
    """Do what was pressed; answers what to say."""
    act = request.form.get("act", "")
    if act == "take":
        service.take(row.id)
        return str(_("由您负责。请马上安排人到场。"))
    if act == "helper":
        service.helped(row.id, form.helper.data or "")
        return str(_("已登记谁到了现场。"))
    if act == "place":
        yard = uuid_of(form.courtyard.data)
        if yard is None:
            raise Refused("没有这个院落，请重新选择。", field="courtyard")
        service.place(row.id, yard)
        return str(_("已记下地点，正在呼叫网格员。"))
    if act in ("aid", "end", "withdraw") and me().role in FULL:
        return _clerks(row, act, form)
    raise Refused("请选一项")


def _clerks(row: Any, act: str, form: ActForm) -> str:
    if act == "aid":
        door = Door(form.building.data or "", "", form.room.data or "")
        service.ask_aid(row.id, name=form.name.data or "", door=door, words=form.words.data or "")
        return str(_("临时救助已交街道一门受理，材料以后再补；受理后 3 天内由部门决定。"))
    if act == "end":
        service.papers_done(row.id)
        return str(_("已补齐，这件急难办完了。"))
    service.unflag(row.id, form.reason.data or "")
    return str(_("已撤下急难，个案按紧急接着办。"))


@bp.get("/urgent/reviews")
def urgent_reviews() -> str:
    """What was opened as 急难 without a typed reason and the secretary has still to look at."""
    found: dict[UUID, list[Any]] = {}
    for row in queries.reviews():
        found.setdefault(row.emergency_id, []).append(row)
    return render_template("desk/urgent_reviews.html", found=found, now=now())


@bp.post("/urgent/<uuid:emergency_id>/review")
def urgent_review(emergency_id: UUID) -> ResponseReturnValue:
    """The secretary has looked at the openings of one alarm."""
    count = service.review(emergency_id, request.form.get("remark", ""))
    flash(_("已复核 %(n)s 次查阅。", n=count), "success")
    return redirect(url_for("desk.urgent_reviews"), 303)
