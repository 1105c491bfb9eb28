"""/volunteer/visits/<shift>: one visit from taking it to its end; afterwards it is not there any more."""

from typing import Any
from uuid import UUID, uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.forms import options
from blueprints.guard import logged
from blueprints.visit_words import TASKS, SheetForm
from blueprints.volunteer.door import bp, mine
from rongjiu import masks
from rongjiu.clock import now
from rongjiu.errors import Refused
from tenants.accompaniment import sheets
from tenants.accompaniment.rules import OPENS
from tenants.volunteers import queries, shifts, visiting


@bp.route("/visits/<uuid:seat_id>", methods=["GET", "POST"])
@logged
def visit(seat_id: UUID) -> ResponseReturnValue:
    """My visit: door and phone from taking it, the flags of the home at visit time, check-in, the sheet."""
    person = mine()
    row = queries.seat(seat_id)
    if row is not None and seat_id in {each.id for each in queries.called_off(person.id)}:
        phone = queries.lead_phone(row.team_id) if row.team_id else ""
        return render_template("volunteer/stop.html", planned_at=row.planned_at, phone=phone), 410
    if row is None or row.volunteer_id != person.id or row.state != "taken":
        abort(404)
    form, status = SheetForm(), 200
    form.ticked.choices = options([(code, TASKS[code]) for code in row.tasks])
    if request.method == "POST":
        try:
            answer = _act(seat_id, person.id, form)
        except Refused as refused:
            if refused.status == 404:
                raise
            _said, status = form.refuse(refused)
            row = queries.seat(seat_id)
        else:
            if answer is not None:
                return answer
            status = 422
    return _page(row, form, person.id), status


def _act(seat_id: UUID, volunteer_id: UUID, form: SheetForm) -> ResponseReturnValue | None:
    """Do what the button says; None when the sheet is not filled in."""
    act, key = request.form.get("act", ""), _key()
    here = url_for("volunteer.visit", seat_id=seat_id)
    if act == "arrive":
        missing = visiting.arrive(seat_id, volunteer_id)
        flash(_("已报到。搭档到了再一起进门。") if missing else _("已报到，可以进门了。"), "success")
        return redirect(here, 303)
    if act == "drop":
        late = shifts.drop(seat_id, volunteer_id)
        flash(_("已退班。离探访不到一天，队长已接到通知。") if late else _("已退班，别的队员可以接。"), "success")
    elif act == "swap":
        shifts.ask_swap(seat_id, volunteer_id, _uuid(request.form.get("other")))
        flash(_("已经问了队友。对方答应之前，这个班还是您的。"), "success")
        return redirect(here, 303)
    elif act == "missed":
        visiting.nobody_met(seat_id, volunteer_id, client_key=key)
        flash(_("已记下没有见到人，网格员会再去。"), "success")
    elif form.validate():
        visiting.done(seat_id, volunteer_id, form.written(), client_key=key)
        flash(_("辛苦了，这次探访已记下。"), "success")
    else:
        return None
    return redirect(url_for("volunteer.home"), 303)


def _page(row: Any, form: SheetForm, volunteer_id: UUID) -> str:
    home = queries.home(row.household_id) if row.household_id else None
    flags = sheets.flags(row.visit_id)
    others = [each for each in queries.mates(row.team_id) if each.id != volunteer_id]
    arrived = row.arrived_at is not None
    return render_template(
        "volunteer/visit.html", row=row, form=form, flags=flags, home=home, others=others, tasks=TASKS,
        called=masks.addressed(home.name, home.gender) if home and home.name else "", arrived=arrived,
        missing=visiting.waiting_for(row.visit_id) if arrived else 0, soon=now() >= row.planned_at - OPENS,
        key=request.form.get("client_key") or str(uuid4()),
    )  # fmt: skip


@bp.post("/visits/<uuid:seat_id>/red-flag")
def red_flag(seat_id: UUID) -> ResponseReturnValue:
    """One button: the lead is rung and an urgent signal opens."""
    person = mine()
    visiting.red_flag(seat_id, person.id, request.form.get("words", ""))
    flash(_("已呼叫队长和社区值班的人。急救请打 120，请守在身边，不要硬扶。"), "success")
    row = queries.seat(seat_id)
    if row is not None and row.state == "taken":
        return redirect(url_for("volunteer.visit", seat_id=seat_id), 303)
    return redirect(url_for("volunteer.home"), 303)


def _key() -> UUID:
    return _uuid(request.form.get("client_key"))


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        return uuid4()
