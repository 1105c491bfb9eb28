"""/desk/households/<id>/care and /desk/carers/<id>: who cares for whom, how heavily, and the needs that come of it."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import BooleanField, SelectField, StringField, TimeField
from wtforms.validators import Optional

from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import in_reach, uuid_of
from blueprints.forms import Form, chosen, lazy, options
from blueprints.guard import logged
from blueprints.pages import show
from blueprints.storefront import Ticks, said
from rongjiu.errors import Refused
from rongjiu.marketplace import words as market
from tenants.finding import relief
from tenants.residents import queries, rules, service


class LinkForm(Form):
    """Who cares for whom."""

    carer = SelectField(lazy("谁在照护"), [chosen()], validate_choice=False)
    cared = SelectField(lazy("照护谁"), [chosen()], validate_choice=False)


class LoadForm(Form):
    """How heavy the care is for who gives it."""

    hours_a_week = StringField(lazy("每周照护多少小时"), [Optional()])
    relief_wanted = BooleanField(lazy("想有人替一替"))
    work_given_up = BooleanField(lazy("为照护放弃了工作"))
    wanted_hours = StringField(lazy("每周想干几小时"), [Optional()])
    wanted_days = Ticks(lazy("哪几天能出门"), validate_choice=False)
    wanted_since = TimeField(lazy("几点以后"), [Optional()])
    wanted_until = TimeField(lazy("几点以前"), [Optional()])


@bp.route("/households/<uuid:household_id>/care", methods=["GET", "POST"])
@logged
def care(household_id: UUID) -> ResponseReturnValue:
    """Say who cares for whom in a household."""
    if queries.household(household_id) is None or not in_reach(household_id):
        abort(404)
    people = queries.members(household_id)
    form, status = LinkForm(), 200
    names = [(str(each.id), f"{show('name', each.name)} {words.relation(each.relation)}".strip()) for each in people]
    form.carer.choices = form.cared.choices = options([("", _("请选择")), *names])
    if form.validate_on_submit():
        carer, cared = uuid_of(form.carer.data), uuid_of(form.cared.data)
        ids = {each.id for each in people}
        try:
            if carer is None or cared is None or not {carer, cared} <= ids:
                raise Refused("请选一项", field="carer")
            service.link_carer(carer, cared)
        except Refused as refused:
            if refused.field == "cares_for":
                refused = Refused(refused.message, field="cared", status=refused.status)
            _text, status = form.refuse(refused)
        else:
            flash(_("已保存。"), "success")
            return redirect(url_for("desk.household", household_id=household_id) + "#care", 303)
    elif request.method == "POST":
        status = 422
    return render_template("desk/care.html", form=form, household_id=household_id, people=people), status


@bp.route("/carers/<uuid:link_id>", methods=["GET", "POST"])
@logged
def carer(link_id: UUID) -> ResponseReturnValue:
    """Note hours of care, relief wanted, work given up."""
    link = _link(link_id)
    kept = ("relief_wanted", "work_given_up", "wanted_days", "wanted_since", "wanted_until")
    hours = {
        name: "" if getattr(link, name) is None else str(getattr(link, name))
        for name in ("hours_a_week", "wanted_hours")
    }
    form = LoadForm(data={name: getattr(link, name) for name in kept} | hours)
    form.wanted_days.choices = said(market.WEEKDAYS)
    status = 200
    if form.validate_on_submit():
        try:
            service.set_load(
                link_id, hours_a_week=_hours(form.hours_a_week.data or "", "hours_a_week"),
                relief_wanted=bool(form.relief_wanted.data), work_given_up=bool(form.work_given_up.data),
            )  # fmt: skip
            wanted = service.Wanted(
                _hours(form.wanted_hours.data or "", "wanted_hours"), tuple(form.wanted_days.data or ()),
                form.wanted_since.data, form.wanted_until.data,
            )  # fmt: skip
            service.want_work(link_id, wanted)
        except Refused as refused:
            _text, status = form.refuse(refused)
        else:
            flash(_("已保存。"), "success")
            return redirect(url_for("desk.household", household_id=link.household_id) + "#care", 303)
    elif request.method == "POST":
        status = 422
    return render_template(
        "desk/carer.html", form=form, link=link, words=words, heavy=rules.HEAVY_HOURS,
        with_work=rules.HEAVY_WITH_WORK_GIVEN_UP,
    ), status  # fmt: skip


@bp.post("/carers/<uuid:link_id>/needs")
def carer_needs(link_id: UUID) -> ResponseReturnValue:
    """Put the needs that a heavy load raises into the household's case, with one press."""
    link = _link(link_id)
    raised = relief.raise_needs(link_id)
    if raised.opened:
        flash(_("个案 %(number)s 已建立，记下 %(n)s 项需求。", number=raised.number, n=raised.added), "success")
    else:
        flash(_("已把 %(n)s 项需求记入个案 %(number)s。", number=raised.number, n=raised.added), "success")
    return redirect(url_for("desk.household", household_id=link.household_id) + "#care", 303)


def _link(link_id: UUID) -> Any:
    found = queries.care(link_id=link_id)
    if not found or not in_reach(found[0].household_id):
        abort(404)
    return found[0]


def _hours(text: str, name: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal():
        raise Refused("请写整数，例如 40。", field=name)
    return int(text)
