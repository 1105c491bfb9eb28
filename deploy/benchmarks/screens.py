"""The page of a screening of 50 policies and the boards of a day against the floor page, and a dry run of a policy on the whole register."""

import statistics
import time
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select, text, update

from benchmarks.pages import context_of, environment, running
from benchmarks.world import World
from blueprints.guard import COOKIE
from rongjiu.actor import SYSTEM, acting
from rongjiu.clock import today
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.tenancy.models import Community
from tenants.cases.models import CaseFile
from tenants.catalogue import queries as catalogue
from tenants.catalogue.models import Parameter
from tenants.policydesk import rules, service, trials
from tenants.policydesk.models import PolicyTrialRow
from tenants.policydesk.service import Given
from tenants.residents.models import Person
from tenants.screening import service as screening
from tenants.screening.means import IncomeLine

PER_ROUND = 20
_CASES = "/c/c1/desk/cases"
_BOARDS = {"case list": _CASES, "load board": "/c/c1/desk/load", "my day": "/c/c1/desk/day"}
"""Pages on which a working day is planned."""
Rows = list[tuple[str, str, str]]


def measure(world: World, rounds: int, work: Path) -> Rows:
    """Rows of the table."""
    with world.app.app_context(), acting(SYSTEM):
        row = db.session.execute(select(Community.tenant_id, Community.id).where(Community.slug == "c1")).one()
        with tenant_scope(Tenant(row.tenant_id, row.id)):
            path = _screened()
            db.session.commit()
        with tenant_scope(Tenant(row.tenant_id, row.id)):
            tried = _tried()
        db.session.remove()
    return _page(world, path, rounds, work) + tried


def _screened() -> str:
    """A family of four with incomes and facts, screened; answers the address of its page."""
    confirmed = {"confirmed_as": "value", "confirmed_at": text("now()")}
    db.session.execute(update(Parameter).where(Parameter.must_review).values(confirmed))
    size = (
        select(func.count()).where(Person.household_id == CaseFile.household_id).correlate(CaseFile).scalar_subquery()
    )
    case = db.session.execute(
        select(CaseFile.id, CaseFile.number, CaseFile.household_id)
        .where(CaseFile.household_id.is_not(None))
        .order_by(size.desc(), CaseFile.id)
        .limit(1)
    ).one()
    who = [str(each) for each in db.session.scalars(select(Person.id).where(Person.household_id == case.household_id))]
    screening.save_income(case.id, [IncomeLine(who[0], "pension", Decimal(800))], None)
    facts = {"household.assets_within_limit": True, "household.recognised": "none"}
    members = {each: {"person.hukou_local": True} for each in who}
    screening.save_facts(case.id, {"household": facts, "members": members})
    return f"/c/c1/desk/cases/{case.number}/screening/{screening.take(case.id, today()).id}"


def _page(world: World, path: str, rounds: int, work: Path) -> Rows:
    """Time at the browser of both pages in turn, so that what else runs meets both alike."""
    context_of(world, work / "floor.pickle")
    env = environment(world)
    floor_env = {
        "FLOOR": str(work / "floor.pickle"),
        "FLOOR_DATABASE": world.server.url("postgres").replace("+psycopg", ""),
    }
    cookie = f"{COOKIE}={world.tokens['c1']}"
    with ExitStack() as stack:
        real = stack.enter_context(running("wsgi:app", 8934, env))
        floor = stack.enter_context(running("benchmarks.floor:app", 8935, {**env, **floor_env}))
        asked = {"screening": (real, path), "floor": (floor, _CASES)}
        asked |= {name: (real, address) for name, address in _BOARDS.items()}
        taken: dict[str, list[float]] = {name: [] for name in asked}
        size = {name: len(server.wait(address, cookie)) for name, (server, address) in asked.items()}
        for turn in range(rounds + 1):
            for name, (server, address) in asked.items():
                for _ in range(PER_ROUND):
                    began = time.perf_counter()
                    server.get(address, cookie)
                    if turn:
                        taken[name].append((time.perf_counter() - began) * 1000)
    late = {name: statistics.quantiles(values, n=20)[-1] for name, values in taken.items()}
    return [
        (f"screening page of 50 policies, p95 ({size['screening']:,} bytes)", f"{late['screening']:.1f} ms", ""),
        (f"floor page, p95 ({size['floor']:,} bytes)", f"{late['floor']:.1f} ms", ""),
        ("screening page / floor page, p95", f"{late['screening'] / late['floor']:.2f}", "≤ 1.5"),
        *(
            (f"{name} / floor page, p95", f"{late[name] / late['floor']:.2f} ({late[name]:.1f} ms)", "≤ 1.5")
            for name in _BOARDS
        ),
    ]


def _tried() -> Rows:
    """The dibao line of a draft raised by a fifth, tried on every household, each part committed as the worker does."""
    rows = rules.rows_of(next(row for row in catalogue.policies() if row["id"] == "dibao")["criteria"])
    given = [{**each, "value": "@dibao_line_urban_month×1.2"} if each["op"] == "lt" else each for each in rows]
    assert service.save("dibao", Given(given, {"source_title": "x"}), 0)
    began = time.perf_counter()
    made = trials.start("dibao", today() + timedelta(days=1))
    moments, after = [time.perf_counter()], trials.FIRST
    while True:
        found: UUID | None = trials.part(made, after)
        db.session.flush()
        moments.append(time.perf_counter())
        if found is None:
            break
        after = found
    trial = trials.latest("dibao")
    assert trial and trial.ended_at
    listed = db.session.scalar(select(func.count()).select_from(PolicyTrialRow))
    homes, part = trial.done, max(end - begin for begin, end in pairwise(moments))
    db.session.rollback()
    return [
        (f"dry run of a policy on {homes:,} households ({listed} subjects moved)", f"{moments[-1] - began:.1f} s", "≤ 8 s"),
        (f"its longest part ({trials.PART:,} households)", f"{part:.2f} s", ""),
    ]  # fmt: skip
