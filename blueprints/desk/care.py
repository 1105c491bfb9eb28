"""/desk/households/<id>/care and /desk/carers/<id>: who cares for whom, how heavily, and the needs that come of it."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Optional

from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import in_reach, uuid_of
from blueprints.forms import Form, chosen, lazy, options
from blueprints.guard import logged
from blueprints.pages import show
from rongjiu.errors import Refused
from tenants.residents import queries, rules, service
from tenants.signals import relief


class LinkForm(Form):
    """Who cares for whom."""

    carer = SelectField(lazy("谁在照护"), [chosen()], validate_choice=False)
    cared = SelectField(lazy("照护谁"), [chosen()], validate_choice=False)


class LoadForm(Form):
    """How heavy the care is for who gives it."""

    hours_a_week = StringField(lazy("每周照护多少小时"), [Optional()])
    relief_wanted = BooleanField(lazy("想有人替一替"))
    work_given_up = BooleanField(lazy("为照护放弃了工作"))


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
            _said, status = form.refuse(refused)
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
    data = {name: getattr(link, name) for name in ("relief_wanted", "work_given_up")}
    form = LoadForm(data=data | {"hours_a_week": "" if link.hours_a_week is None else str(link.hours_a_week)})
    status = 200
    if form.validate_on_submit():
        try:
            service.set_load(
                link_id, hours_a_week=_hours(form.hours_a_week.data or ""),
                relief_wanted=bool(form.relief_wanted.data), work_given_up=bool(form.work_given_up.data),
            )  # fmt: skip
        except Refused as refused:
            _said, status = form.refuse(refused)
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


def _hours(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal():
        raise Refused("请写整数，例如 40。", field="hours_a_week")
    return int(text)
