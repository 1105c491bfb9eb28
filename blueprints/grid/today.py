"""/grid/today and /grid/courtyards: the visits and doors of one's own courtyards, nothing of any other."""

from datetime import datetime, time

from flask import render_template
from flask.typing import ResponseReturnValue

from blueprints.grid.door import bp
from blueprints.guard import me
from rongjiu.clock import ZONE, now, today
from tenants.residents import contacts
from tenants.residents import queries as residents
from tenants.signals import queries as signals
from tenants.surveys import queries as surveys
from tenants.sweeps import lists as sweeps


@bp.get("/today", endpoint="today")
def show_today() -> ResponseReturnValue:
    """The visits to make, the nearest due first, and those made today."""
    yards = residents.own_courtyards(me().courtyards)
    done = signals.visits_done(yards, datetime.combine(today(), time(), ZONE))
    return render_template(
        "grid/today.html", visits=signals.visits(yards), done=done, yards=residents.courtyards(yards), now=now(),
        day_now=today(), surveys=surveys.running(), sweeps=sweeps.running(yards),
        dials=[each for each in contacts.elders(yards) if each.late],
    )  # fmt: skip


@bp.get("/courtyards")
def courtyards() -> ResponseReturnValue:
    """One's own courtyards door by door, names masked."""
    yards = residents.courtyards(residents.own_courtyards(me().courtyards))
    doors = {yard.id: residents.households(courtyard_id=yard.id, size=500)[0] for yard in yards}
    return render_template("grid/courtyards.html", yards=yards, doors=doors)
