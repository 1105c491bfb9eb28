"""/provider/route: the stops of one day in order, each with its telephone and its job; fit for one thumb."""

from datetime import date, timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from blueprints.guard import opening
from blueprints.provider.door import bp
from blueprints.provider.figures import SHOWN, communities, start
from blueprints.provider.home import mine
from rongjiu.clock import now, today
from rongjiu.db import tenant_scope
from tenants.accompaniment import route as ways
from tenants.referrals import receiving


@bp.get("/route")
def route() -> ResponseReturnValue:
    """Today's stops (?on=2026-11-27: another day's, four weeks ahead), over all communities."""
    provider_id, on = mine(), _day()
    since, until = start(on), start(on + timedelta(days=1))
    stops, over = [], 0
    for tenant, _name in list(communities(provider_id)):
        stops += ways.stops(tenant, provider_id, since, until)
        with tenant_scope(tenant):
            over += sum(one.state == "done" for one in ways.done(provider_id, since, until))
    stops.sort(key=lambda stop: (stop.at, stop.job.courtyard, stop.job.door))
    for stop in stops:
        if stop.job.state != "requested":
            _written(stop.job)
    ahead = [stop for stop in stops if stop.job.state != "requested"]
    words: dict[str, Any] = {
        "on": on, "today": today(), "earlier": on - timedelta(days=1), "later": on + timedelta(days=1),
        "last": today() + timedelta(days=SHOWN - 1), "over": over, "late": now() - timedelta(hours=1),
        "next_id": ahead[0].task_id if ahead and on == today() else None,
    }  # fmt: skip
    return render_template("provider/route.html", stops=stops, **words)


def _written(job: receiving.Job) -> None:
    """An address on a list is opened as much as one on a page of its own."""
    opening(lambda: receiving.opened(job))


def _day() -> date:
    try:
        asked = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return today()
    return asked if today() <= asked < today() + timedelta(days=SHOWN) else today()
