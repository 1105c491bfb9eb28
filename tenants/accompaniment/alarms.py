"""A visit that met nobody or that nobody made: somebody goes again in time, the third time nobody shrugs."""

from collections.abc import Collection
from datetime import datetime, time
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit
from rongjiu.clock import ZONE, now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.facts import Fact
from rongjiu.identity.models import Account
from rongjiu.notify.service import tell
from rongjiu.oversight.service import next_step
from rongjiu.tenancy.staff import working
from tenants.accompaniment import rules, service
from tenants.accompaniment.models import Visit
from tenants.cases.models import CaseFile
from tenants.catalogue import service as catalogue
from tenants.residents.queries import grid_worker

ROUNDS = ("worker", "companion")
MISSED = N_("有一户连续几次没有见到人，请打开工作台核实安全。")
OVERDUE = N_("有一次探访过了日子没有人去，请打开工作台改期或另派人。")


def missed(fact: Fact) -> None:
    """Nobody was met on a round: the grid worker goes again within a day (timer missed-recontact); after so many in a
    row (timer missed-visits-alarm) the secretary makes sure that the person is safe, and is rung."""
    row = db.session.execute(
        select(Visit.id, Visit.kind, Visit.state, Visit.case_id, Visit.plan_id).where(Visit.id == fact.object_id)
    ).one()
    if row.kind not in ROUNDS or row.state != "missed":
        return
    until = catalogue.due("missed-recontact", start=now())
    case = db.session.execute(
        select(CaseFile.number, CaseFile.courtyard_id).where(CaseFile.id == row.case_id)
    ).one()  # fmt: skip
    worker = grid_worker(case.courtyard_id) if case.courtyard_id else None
    again = service.plan_visit(
        row.case_id, "worker", until, plan_id=row.plan_id, worker_id=worker.account_id if worker else None
    )
    states = list(
        db.session.scalars(
            select(Visit.state)
            .where(Visit.case_id == row.case_id, Visit.kind.in_(ROUNDS), Visit.state.in_(("done", "missed", "refused")))
            .order_by(Visit.done_at.desc(), Visit.id.desc())
            .limit(10)
        )
    )
    alarmed = rules.in_a_row(states) >= int(catalogue.setting("missed-visits-alarm"))
    role, actor = ("secretary", N_("社区书记")) if alarmed else ("grid_worker", worker.post if worker else N_("网格员"))
    verb = N_("连续没有见到人，核实是否平安") if alarmed else N_("上次没见到人，再去看看")
    next_step(
        "visit", again.id, number=case.number, case_id=row.case_id, actor_role=role, actor=actor, verb=verb,
        due_at=until, urgency="urgent" if alarmed else "ordinary",
    )  # fmt: skip
    if alarmed:
        audit.record("visit.alarm", "visit", row.id, missed=rules.in_a_row(states))
        ring(_secretaries(), MISSED, f"visit-missed-{row.id}")


def overdue() -> list[UUID]:
    """Planned visits of rounds whose day is over: the secretary is told once of each; answers their ids."""
    midnight = datetime.combine(today(), time(), ZONE)
    found = list(
        db.session.scalars(
            select(Visit.id)
            .where(Visit.kind.in_(ROUNDS), Visit.state == "planned", Visit.planned_at < midnight)
            .order_by(Visit.planned_at, Visit.id)
        )
    )
    for visit_id in found:
        ring(_secretaries(), OVERDUE, f"visit-overdue-{visit_id}")
    return found


def _secretaries() -> list[UUID]:
    return [each.account_id for each in working(current_tenant().uid, ("secretary",))]


def ring(accounts: Collection[UUID], text: str, key: str) -> None:
    """Tell members of staff or leads by telephone, each once for a key; no name and no place in it."""
    rows = db.session.execute(
        select(Account.id, Account.phone).where(Account.id.in_(accounts), Account.phone.is_not(None))
    )
    for row in rows:
        tell(row.phone, text, purpose="visit", key=f"{key}-{row.id}")
