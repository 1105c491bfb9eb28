"""The evaluator alone over made-up families, and the whole register judged again after a line has moved."""

import random
import statistics
import time
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update

from benchmarks.world import BIG_RESIDENTS, World
from rongjiu.actor import SYSTEM, acting
from rongjiu.clock import today
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.library.packfiles import read_pack
from rongjiu.tenancy.models import Community
from tenants.cases.models import CaseFile
from tenants.catalogue.models import Parameter
from tenants.rescreening import service
from tenants.rescreening.models import Standing, VerdictChange
from tenants.residents.models import Person
from tenants.screening import reading
from tenants.screening import service as screening
from tenants.screening.means import IncomeLine
from tenants.screening.rules import Table
from tenants.screening.values import Facts

DAY = date(2022, 8, 10)
FAMILIES, ROUNDS, KNOWN = 2000, 7, 1500
LINE = "dibao_line_urban_month"


def measure(world: World) -> list[tuple[str, str, str]]:
    """Rows of the table."""
    return [*_evaluator(), *_register(world)]


def _evaluator() -> list[tuple[str, str, str]]:
    """Families of four with every fact drawn anew; each round a new table, so nothing is remembered from the last."""
    pack = read_pack()
    policies = reading.policies_of(pack["policies"]["policies"])
    parameters = reading.parameters_of(pack["parameters"]["parameters"])
    fields = pack["eligibility_fields"]["fields"]
    draw = random.Random(20220810)
    families = [_family(draw, fields) for _ in range(FAMILIES)]
    taken, conditions = [], 0
    for _ in range(ROUNDS):
        table = Table(policies, parameters, DAY)
        began = time.perf_counter()
        for facts in families:
            found = table.judge(facts)
        taken.append((time.perf_counter() - began) / FAMILIES * 1000)
        conditions = sum(len(row.conditions) for row in found)
    halves = statistics.median(taken[::2]) / statistics.median(taken[1::2])
    return [
        (f"household of four x {len(policies)} policies, with its trace (last: {conditions} conditions)",
         f"{statistics.median(taken):.3f} ms", "≤ 0.5 ms"),
        ("A/A: odd rounds / even rounds", f"{halves:.2f}", "1"),
    ]  # fmt: skip


def _family(draw: random.Random, fields: list[dict[str, Any]]) -> Facts:
    def values(scope: str) -> dict[str, Any]:
        return {
            row["id"]: _value(draw, row) for row in fields if row["scope"] == scope and draw.random() < 0.6
        }  # fmt: skip

    return Facts(DAY, values("household"), {f"m{n}": values("person") for n in range(4)})


def _value(draw: random.Random, row: dict[str, Any]) -> Any:
    if row["type"] == "bool":
        return draw.random() < 0.5
    if row["type"] == "enum":
        return draw.choice(row["values"])
    top = {"CNY": 6000, "years": 100, "0-4": 4, "months": 48}.get(row["unit"] or "", 60)
    return Decimal(draw.randrange(top * 4)) / 4


def _register(world: World) -> list[tuple[str, str, str]]:
    with world.app.app_context(), acting(SYSTEM):
        row = db.session.execute(select(Community.tenant_id, Community.id).where(Community.slug == "c1")).one()
        here = Tenant(row.tenant_id, row.id)
        with tenant_scope(here):
            _know()
        db.session.commit()
        first, _cpu = _run(here, "asked")
        with tenant_scope(here):
            line = update(Parameter).where(Parameter.slug == LINE)
            db.session.execute(line.values(value=Decimal(900), effective_from=today()))
        db.session.commit()
        second, cpu = _run(here, "parameter")
        with tenant_scope(here):
            kept = db.session.scalar(text("SELECT count(*) FROM standing"))
            changes = len(db.session.scalars(select(VerdictChange.id)).all())
            assert db.session.scalar(select(Standing.as_of).limit(1)) == today()
        db.session.remove()
    return [
        (f"register of {BIG_RESIDENTS:,} x 50, first time ({kept:,} subjects kept)", f"{first:.1f} s", ""),
        (
            f"the same after a line moved ({changes:,} changes kept)",
            f"{second:.1f} s, {cpu:.1f} s CPU of ours",
            "≤ 8 s",
        ),
    ]


def _know() -> None:
    """Incomes and facts for some of the cases, all lines confirmed."""
    db.session.execute(
        update(Parameter).where(Parameter.must_review).values(confirmed_as="value", confirmed_at=text("now()"))
    )
    draw = random.Random(1)
    rows = db.session.execute(
        select(CaseFile.id, CaseFile.household_id).where(CaseFile.household_id.is_not(None)).limit(KNOWN)
    ).all()
    people: dict[UUID, list[str]] = {}
    for person, home in db.session.execute(select(Person.id, Person.household_id)):
        people.setdefault(home, []).append(str(person))
    for case_id, home in rows:
        who = people[home]
        screening.save_income(case_id, [IncomeLine(who[0], "pension", Decimal(draw.randrange(300, 4000)))], None)
        facts = {"household.assets_within_limit": True, "household.recognised": "none"}
        screening.save_facts(
            case_id, {"household": facts, "members": {each: {"person.hukou_local": True} for each in who}}
        )


def _run(here: Tenant, cause: str) -> tuple[float, float]:
    """One whole run as the worker does it, each part committed; seconds on the wall, and of this process's CPU."""
    began, cpu = time.perf_counter(), time.process_time()
    with tenant_scope(here):
        made = service.start(cause, LINE)
    db.session.commit()
    assert made
    after: UUID | None = service.FIRST
    while after is not None:
        with tenant_scope(here):
            after = service.part(made, after)
        db.session.commit()
    return time.perf_counter() - began, time.process_time() - cpu
