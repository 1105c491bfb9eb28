"""The community's own numbers for doors, and who must act next on a sweep."""

from datetime import datetime, time
from uuid import UUID

from sqlalchemy import func, select

from rongjiu.clock import ZONE
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.oversight.service import next_step, no_step
from rongjiu.tenancy.staff import working
from tenants.catalogue import queries as catalogue
from tenants.sweeps import queries, rules
from tenants.sweeps.models import Sweep, SweepCourtyard, SweepStop

DUSK = time(18)


def waits() -> rules.Waits:
    """Tries, days, evenings and the longest delay, as this community set them."""
    found = {row["id"]: row.get("value") for row in catalogue.timers()}
    usual = rules.Waits()

    def number(name: str, otherwise: int) -> int:
        value = found.get(name)
        return int(value) if value is not None else otherwise

    return rules.Waits(
        number("sweep-tries", usual.tries), number("sweep-try-days", usual.days),
        number("sweep-evening-tries", usual.evenings), number("sweep-deferred", usual.deferred),
    )  # fmt: skip


def step(sweep_id: UUID) -> None:
    """Say who acts next on a running sweep: whoever walks the first courtyard with open doors, then the secretary."""
    sweep = db.session.execute(
        select(Sweep.number, Sweep.state, Sweep.ends_on).where(Sweep.id == sweep_id)
    ).one()  # fmt: skip
    if sweep.state != "running":
        no_step(sweep_id)
        return
    walking = db.session.execute(
        select(SweepCourtyard.worker, func.count(SweepStop.id).label("n"))
        .join(
            SweepStop,
            (SweepStop.sweep_id == SweepCourtyard.sweep_id) & (SweepStop.courtyard_id == SweepCourtyard.courtyard_id),
        )
        .where(SweepCourtyard.sweep_id == sweep_id, SweepStop.state.not_in(rules.FINAL), queries.standing())
        .group_by(SweepCourtyard.id, SweepCourtyard.worker)
        .order_by(func.count(SweepStop.id).desc(), SweepCourtyard.id)
    ).first()
    role, post, verb = (
        ("grid_worker", "网格员", N_("完成摸排入户")) if walking else ("secretary", "", N_("结束院落摸排"))
    )
    if walking:
        post = walking.worker or post
    else:
        staff = working(current_tenant().uid, ("secretary",))
        post = staff[0].post if staff else "社区"
    next_step(
        "sweep", sweep_id, number=sweep.number, case_id=None, actor_role=role, actor=post, verb=verb,
        due_at=datetime.combine(sweep.ends_on, DUSK, ZONE),
    )  # fmt: skip
