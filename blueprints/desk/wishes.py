"""/desk/wishes: making a wish's text anonymous, hanging it on the wall, hearing from the family whether it came."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectField, StringField, TextAreaField

from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size, uuid_of
from blueprints.desk.signal_new import yard_choices
from blueprints.forms import Form, lazy
from blueprints.guard import logged
from blueprints.pages import when
from rongjiu.clock import now
from rongjiu.errors import Refused
from tenants.wishes import intake, queries, rules, service

STATES = {
    "submitted": lazy("待审核"), "published": lazy("在墙上"), "claimed": lazy("有人认领"), "delivered": lazy("已送到，待确认"),
    "thanked": lazy("已实现"), "need": lazy("转为需求"), "declined": lazy("没有公开"), "withdrawn": lazy("已撤下"),
}  # fmt: skip
ACTORS = {"desk": lazy("社区"), "claimer": lazy("认领人"), "resident": lazy("居民"), "system": lazy("系统")}
REASONS = {code: lazy(rules.REASONS[code]) for code in ("expired", "returned", "not-confirmed")}
"""Why it went back to the wall; the other codes say what its state says."""


class WishForm(Form):
    """The text for the wall, a word of thanks, or why not."""

    text = TextAreaField(lazy("墙上的话"))
    thanks = StringField(lazy("居民的一句感谢"))
    reason = StringField(lazy("理由"))
    courtyard = SelectField(lazy("住在哪个院落"), validate_choice=False)


@bp.get("/wishes")
def wishes() -> ResponseReturnValue:
    """All wishes, the most pressing first."""
    state, page = _state(), page_number()
    rows, total = queries.page(state, page, page_size())
    counts = queries.counts()
    filters = [
        {"name": "state", "label": _("状态"), "value": state,
         "options": [(code, str(word), counts[code]) for code, word in STATES.items()]},
    ]  # fmt: skip
    return render_template(
        "desk/wishes.html", rows=rows, total=total, page=page, pages=max(1, -(-total // page_size())), size=page_size(), states=STATES,
        filters=filters, now=now(),
    )  # fmt: skip


@bp.post("/signals/<uuid:signal_id>/wish")
@logged
def wish_of_signal(signal_id: UUID) -> ResponseReturnValue:
    """Sort a signal into a wish for the wall."""
    try:
        wish_id = intake.to_wall(signal_id)
    except Refused as refused:
        if refused.status == 404:
            raise
        flash(_(refused.message, **refused.words), "warning")
        return redirect(url_for("desk.signal", signal_id=signal_id), 303)
    flash(_("已列为心愿，下一步：写一句可以公开的话。"), "success")
    return redirect(url_for("desk.wish", wish_id=wish_id), 303)


@bp.route("/wishes/<uuid:wish_id>", methods=["GET", "POST"])
@logged
def wish(wish_id: UUID) -> ResponseReturnValue:
    """One wish; POST does what the button says (`act`)."""
    row = queries.one(wish_id)
    if row is None:
        abort(404)
    form, status = WishForm(data={"text": row.public_text}), 200
    form.courtyard.choices = yard_choices()
    if request.method == "POST":
        try:
            return redirect(_act(row, form), 303)
        except Refused as refused:
            if refused.status == 404:
                raise
            _said, status = form.refuse(refused)
            row = queries.one(wish_id)
    return render_template(
        "desk/wish.html", row=row, form=form, states=STATES, actors=ACTORS, reasons=REASONS, now=now(),
        events=queries.events(wish_id),
    ), status  # fmt: skip


def _act(row: Any, form: WishForm) -> str:
    """Do what was pressed and answer where to go next."""
    act, wish_id = request.form.get("act", ""), row.id
    if act == "publish":
        service.publish(wish_id, form.text.data or "", intake.names(row))
        flash(_("已挂上心愿墙。"), "success")
    elif act == "need":
        opened = intake.to_case(wish_id, courtyard_id=uuid_of(form.courtyard.data))
        flash(_("个案 %(number)s 已建立，下一步：%(who)s %(due)s 前上门核实", number=opened.number,
                who=opened.next.actor, due=when(opened.next.due_at)), "success")  # fmt: skip
        return url_for("desk.case", number=opened.number)
    elif act == "deliver":
        service.deliver(wish_id)
        flash(_("已记下，请问居民是否收到。"), "success")
    elif act == "thank":
        service.thank(wish_id, form.thanks.data or "", intake.names(row))
        flash(_("心愿已实现。感谢的话会挂在墙上，认领人也会看到。"), "success")
    elif act == "dispute":
        service.dispute(wish_id)
        flash(_("已放回心愿墙，等下一位认领。"), "success")
    elif act in ("declined", "withdrawn"):
        service.end(wish_id, act, form.reason.data or "")
        flash(_("已记下，理由留在记录里。"), "success")
    else:
        abort(400)
    return url_for("desk.wish", wish_id=wish_id)


def _state() -> str:
    state = request.args.get("state", "")
    return state if state in STATES else ""
