"""/desk/departments and /desk/help: what stands with the departments (救), what is still to be helped (助)."""

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from blueprints.desk.door import bp
from blueprints.desk.scope import own
from rongjiu.clock import now
from rongjiu.db import db
from tenants.acceptance import queries as acceptance
from tenants.referrals import open_work
from tenants.screening.models import NearMiss

MOST = 100


@bp.get("/departments")
def departments() -> ResponseReturnValue:
    """The departments with their policies and what waits there."""
    return render_template("desk/departments.html", rows=acceptance.departments())


@bp.get("/help", endpoint="help")
def helping() -> ResponseReturnValue:
    """Offers that wait for an answer, needs that nobody helps with yet, households just outside a line."""
    mine, moment = own(), now()
    near = db.session.scalar(select(func.count()).select_from(NearMiss).where(NearMiss.looked_at.is_(None)))
    return render_template(
        "desk/help.html",
        offers=open_work.unanswered(mine, MOST),
        gaps=open_work.unhelped(mine, MOST),
        near=near or 0,
        now=moment,
        most=MOST,
    )
