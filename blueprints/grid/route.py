"""/grid/route: the visits of today and those overdue in the order in which one walks: courtyard, building, unit, room."""

from datetime import datetime, time, timedelta

from flask import render_template
from flask.typing import ResponseReturnValue

from blueprints.grid.door import bp
from blueprints.guard import me
from rongjiu.clock import ZONE, now, today
from tenants.accompaniment.rules import door_order
from tenants.residents import queries as residents
from tenants.signals import queries as signals


@bp.get("/route")
def route() -> ResponseReturnValue:
    """The route of the day, courtyard by courtyard."""
    yards = residents.own_courtyards(me().courtyards)
    tomorrow = datetime.combine(today() + timedelta(days=1), time(), ZONE)
    rows = [row for row in signals.visits(yards) if row.kind == "first" or row.planned_at < tomorrow]
    rows.sort(key=lambda row: (*door_order(row.building or "", row.unit or "", row.room or ""), row.planned_at))
    stops = [(yard, [row for row in rows if row.courtyard_id == yard.id]) for yard in residents.courtyards(yards)]
    stops = [(yard, found) for yard, found in stops if found]
    return render_template("grid/route.html", stops=stops, count=len(rows), now=now(), day_now=today())
