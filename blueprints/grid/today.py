"""/grid/today and /grid/courtyards: the visits and doors of one's own courtyards, nothing of any other."""

from datetime import datetime, time
from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from blueprints import heard
from blueprints.grid.door import bp
from blueprints.guard import me
from rongjiu.clock import ZONE, now, today
from tenants.fieldwork import rounds
from tenants.residents import dialling
from tenants.residents import queries as residents
from tenants.signals import queries as signals
from tenants.surveys import queries as surveys
from tenants.sweeps import lists as sweeps

A_DAY = 20
"""Families to visit again that the day's list shows."""


@bp.get("/today", endpoint="today")
def show_today() -> ResponseReturnValue:
    """The visits to make, the nearest due first, and those made today."""
    yards = residents.own_courtyards(me().courtyards)
    done = signals.visits_done(yards, datetime.combine(today(), time(), ZONE))
    return render_template(
        "grid/today.html", visits=signals.visits(yards), done=done, yards=residents.courtyards(yards), now=now(),
        day_now=today(), surveys=surveys.running(), sweeps=sweeps.running(yards), asked=heard.asked(),
        rounds=_rounds(yards), dials=[each for each in dialling.elders(yards) if each.late],
    )  # fmt: skip


def _rounds(yards: list[UUID]) -> list[tuple[rounds.Round, str]]:
    """Whom to visit again by now, the longest overdue first, with the head's name; no more than a day holds."""
    late = [each for each in rounds.due(yards) if each.late][:A_DAY]
    heads = rounds.heads([each.household_id for each in late])
    return [(each, heads.get(each.household_id, "")) for each in late]


@bp.get("/courtyards")
def courtyards() -> ResponseReturnValue:
    """One's own courtyards door by door, names masked."""
    yards = residents.courtyards(residents.own_courtyards(me().courtyards))
    doors = {yard.id: residents.households(courtyard_id=yard.id, size=500)[0] for yard in yards}
    return render_template("grid/courtyards.html", yards=yards, doors=doors)
