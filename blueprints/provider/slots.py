"""/provider/slots: dated slots of one's services with their bookings; /provider/terms: what is signed before listing."""

from datetime import time
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from wtforms import IntegerField, SelectField, StringField, TimeField
from wtforms.validators import Length, Optional

from blueprints import exporting
from blueprints.forms import Form, chosen, options
from blueprints.pages import day
from blueprints.provider.door import bp
from blueprints.provider.home import mine
from blueprints.storefront import Day, known
from rongjiu.errors import Refused
from rongjiu.marketplace import queries, requirements, signing, slot_plans, vetting
from rongjiu.marketplace import slots as booking
from tenants.accompaniment import bookings

SIZES = (20, 50, 100)
STATES = {"open": lazy("可约"), "cancelled": lazy("已取消")}


class SlotForm(Form):
    """One slot, or the same on several weeks."""

    service = SelectField(lazy("哪项服务"), [chosen()])
    first = Day(lazy("哪一天"), [Optional()])
    begins = TimeField(lazy("几点开始"), [Optional()], default=time(9))
    ends = TimeField(lazy("几点结束"), [Optional()], default=time(11))
    places = IntegerField(lazy("每次几个名额"), [Optional()], default=1)
    weeks = IntegerField(lazy("连排几周"), [Optional()], default=1)


class PlacesForm(Form):
    """How many places, from now on."""

    places = IntegerField(lazy("名额"), [Optional()])


class CancelForm(Form):
    """Why a slot does not take place."""

    reason = StringField(lazy("为什么取消"), [Optional(), Length(max=200)])


@bp.get("/slots")
def slots() -> ResponseReturnValue:
    """Coming slots (?past=1: those before) with maximum, reserved and used."""
    provider_id, services = mine(), queries.services(mine())
    size = request.args.get("size", 50, type=int)
    size = booking.MOST_PLACES if exporting.whole() else size if size in SIZES else 50
    page = 1 if exporting.whole() else min(max(request.args.get("page", 1, type=int), 1), 1_000_000)
    wanted = next((one.id for one in services if str(one.id) == request.args.get("service")), None)
    state, past = request.args.get("state", ""), request.args.get("past") == "1"
    rows, total = booking.listed(
        provider_id,
        service_id=wanted,
        state=state if state in STATES else "",
        past=past,
        start=(page - 1) * size,
        most=size,
    )
    groups = [
        {"name": "service", "label": _("服务"), "value": str(wanted or ""), "options": [(str(s.id), s.title, None) for s in services]},
        {"name": "state", "label": _("状态"), "value": state, "options": [(code, str(word), None) for code, word in STATES.items()]},
        {"name": "past", "label": _("时间"), "value": "1" if past else "", "options": [("1", _("以前的"), None)]},
    ]  # fmt: skip
    words = {"page": page, "pages": max(-(-total // size), 1), "total": total, "size": size}
    return render_template(
        "provider/slots.html", rows=rows, groups=groups, states=STATES, called=_called(), **words
    )  # fmt: skip


@bp.route("/slots/new", methods=["GET", "POST"])
def slots_new() -> ResponseReturnValue:
    """Lay out slots; those on an official holiday are left out and named."""
    form, status = SlotForm(), 200
    form.service.choices = options([(str(one.id), one.title) for one in queries.services(mine())])
    if form.validate_on_submit():
        plan = slot_plans.Plan(
            UUID(form.service.data), form.first.data, form.begins.data, form.ends.data, form.places.data,
            1 if form.weeks.data is None else form.weeks.data,
        )  # fmt: skip
        try:
            _say(slot_plans.lay_out(mine(), plan))
            return redirect(url_for("provider.slots"), 303)
        except Refused as refused:
            _message, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return render_template("provider/slots_new.html", form=form, called=_called()), status


@bp.get("/slots/<uuid:slot_id>")
def slot(slot_id: UUID) -> ResponseReturnValue:
    """One slot and who booked: the community and the service; the person stands behind the job, as consent allows."""
    return _one(slot_id, PlacesForm(), CancelForm())


@bp.post("/slots/<uuid:slot_id>/places")
def slot_places(slot_id: UUID) -> ResponseReturnValue:
    """Another number of places, never fewer than are promised."""
    form = PlacesForm()
    try:
        booking.resize(mine(), slot_id, form.places.data)
    except Refused as refused:
        if refused.status == 404:
            raise
        _message, status = form.refuse(refused)
        return _one(slot_id, form, CancelForm(formdata=None), status)
    flash(_("名额已改。"), "success")
    return redirect(url_for("provider.slot", slot_id=slot_id), 303)


@bp.post("/slots/<uuid:slot_id>/cancel")
def slot_cancel(slot_id: UUID) -> ResponseReturnValue:
    """The slot does not take place: those booked are told and looked after by their communities."""
    form = CancelForm()
    try:
        count = bookings.cancel_slot(mine(), slot_id, form.reason.data or "")
    except Refused as refused:
        if refused.status == 404:
            raise
        _message, status = form.refuse(refused)
        return _one(slot_id, PlacesForm(formdata=None), form, status)
    flash(_("时段已取消。已约的 %(n)s 单已通知,社区会另约。", n=count), "success")
    return redirect(url_for("provider.slots"), 303)


@bp.route("/terms", methods=["GET", "POST"])
def terms() -> ResponseReturnValue:
    """Read and sign what is asked of a kind before anything is listed."""
    row, problem = known(mine()), ""
    wanted = requirements.terms(row.group, row.kind)
    if request.method == "POST":
        agreed = [code for code in request.form.getlist("agreed") if code in wanted]
        if agreed:
            vetting.sign(mine(), agreed)
            flash(_("已签。"), "success")
            return redirect(url_for("provider.status"), 303)
        problem = _("请逐条看过,勾选“我同意”再签。")
    signed = {one.terms.rpartition("-")[0]: one.signed_at for one in signing.signed(row.id)}
    left = signing.unsigned(row.id, row.group, row.kind)
    words: dict[str, Any] = {"texts": requirements.TERMS, "wanted": wanted, "signed": signed, "left": left}
    return render_template("provider/terms.html", row=row, problem=problem, **words), 422 if problem else 200


def _one(slot_id: UUID, places: PlacesForm, cancel: CancelForm, status: int = 200) -> ResponseReturnValue:
    row = booking.one(mine(), slot_id)
    if places.places.data is None and not places.errors:
        places.places.data = row.maximum
    rows = booking.bookings(mine(), slot_id)
    words = {"places": places, "cancel": cancel, "states": STATES, "called": _called()}
    return render_template("provider/slot.html", row=row, rows=rows, **words), status


def _called() -> str:
    row = known(mine())
    return str(_(requirements.SLOTS[requirements.need(row.group, row.kind).slot]))


def _say(laid: slot_plans.Laid) -> None:
    flash(_("已排 %(n)s 次。", n=laid.made), "success")
    if laid.skipped:
        flash(_("这几天是法定节假日,没有排:%(days)s。", days="、".join(day(each) for each in laid.skipped)), "info")
    if laid.known:
        flash(_("有 %(n)s 次原来就排了,没有重复。", n=laid.known), "info")


exporting.door(bp, "/slots", slots, lazy("时段"))
