"""What the desk reads of the paths, near misses and days that follow from confirmed screenings."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from rongjiu.db import db
from rongjiu.library.packfiles import read_pack
from tenants.cases.models import CaseFile
from tenants.residents.models import Person
from tenants.screening.freezing import inputs_from, verdict_from
from tenants.screening.models import Determination, NearMiss, PathTask, Screening
from tenants.screening.reading import facts_of, parameters_of, policy_of
from tenants.screening.rules import judge


def paths(case_id: UUID, screening_id: UUID | None = None) -> list[Row[Any]]:
    """Path tasks of one screening, or of the newest confirmed one: id, code, policy_slugs, done_at."""
    p = PathTask
    newest = (
        select(Screening.id)
        .where(Screening.case_id == case_id, Screening.confirmed_at.is_not(None))
        .order_by(Screening.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(p.id, p.code, p.policy_slugs, p.done_at).where(p.case_id == case_id).order_by(p.id)
    return list(db.session.execute(query.where(p.screening_id == (newest if screening_id is None else screening_id))))


def near_miss_looks(screening_id: UUID) -> dict[str, date]:
    """Policy → the day on which its near miss is looked at again."""
    rows = db.session.execute(
        select(NearMiss.policy_slug, NearMiss.look_again_on).where(NearMiss.screening_id == screening_id)
    )
    return {row.policy_slug: row.look_again_on for row in rows}


def near_misses(*, policy: str = "", number: str = "", until: date | None = None, sort: str = "distance", page: int = 1, size: int = 50) -> tuple[
    list[dict[str, Any]], int
]:  # fmt: skip
    """Households just outside a line, and how many there are: by `sort` the nearest to the line first and among equals the
    hardest case (distance), the hardest case first (weight), or the next to be looked at first (day).

    Each: number, head, policy, look_again_on, as_of, verdict (frozen), inputs (facts as frozen, for judging anew).
    """
    n, c, s, d, p = NearMiss, CaseFile, Screening, Determination, Person
    far, hard = (n.distance_pct, n.distance_pct.asc().nulls_last()), (c.weight, c.weight.desc())
    ways = {"weight": (hard, far), "day": ((n.look_again_on, n.look_again_on), far)}
    keys, order = zip(*ways.get(sort, (far, hard)), strict=True)
    query = (
        select(
            n.id,
            n.policy_slug,
            n.look_again_on,
            n.case_id,
            c.weight,
            c.number,
            s.as_of,
            s.inputs,
            s.parameters,
            d.trace,
            p.name,
        )
        .join(c, (c.id == n.case_id) & (c.tenant_id == n.tenant_id))
        .join(s, (s.id == n.screening_id) & (s.tenant_id == n.tenant_id))
        .join(d, (d.screening_id == s.id) & (d.policy_slug == n.policy_slug) & (d.verdict == "near_miss"))
        .outerjoin(p, (p.household_id == c.household_id) & (p.tenant_id == c.tenant_id) & (p.seq == 1))
        .where(n.looked_at.is_(None))
        .ext(distinct_on(*keys, n.id))
    )
    count = (
        select(func.count())
        .select_from(n)
        .join(c, (c.id == n.case_id) & (c.tenant_id == n.tenant_id))
        .where(n.looked_at.is_(None))
    )
    if number:
        there = c.number.contains(number.strip().upper(), autoescape=True)
        query, count = query.where(there), count.where(there)
    if policy:
        query, count = query.where(n.policy_slug == policy), count.where(n.policy_slug == policy)
    if until is not None:
        query, count = query.where(n.look_again_on <= until), count.where(n.look_again_on <= until)
    rows = db.session.execute(query.order_by(*order, n.id, d.subject).limit(size).offset((page - 1) * size))
    found = [
        {
            "id": row.id, "case_id": row.case_id, "weight": row.weight, "number": row.number, "head": row.name or "", "policy": row.policy_slug,
            "model": row.parameters, "look_again_on": row.look_again_on, "as_of": row.as_of,
            "verdict": verdict_from(json.loads(row.trace)), "inputs": json.loads(row.inputs)["facts"],
        }
        for row in rows
    ]  # fmt: skip
    return found, db.session.scalar(count) or 0


def rescreens(until: date | None = None) -> list[dict[str, Any]]:
    """Open cases whose newest confirmed screening names a day from which its answer may change, earliest first:
    number, head, rescreen_on, as_of, days [(day, policy)], model (names as frozen)."""
    s, c, p = Screening, CaseFile, Person
    newest = (
        select(s.case_id, func.max(s.seq).label("seq"))
        .where(s.confirmed_at.is_not(None))
        .group_by(s.case_id)
        .subquery()
    )
    query = (
        select(c.number, s.rescreen_on, s.as_of, s.inputs, s.parameters, p.name)
        .join(newest, (newest.c.case_id == s.case_id) & (newest.c.seq == s.seq))
        .join(c, (c.id == s.case_id) & (c.tenant_id == s.tenant_id))
        .outerjoin(p, (p.household_id == c.household_id) & (p.tenant_id == c.tenant_id) & (p.seq == 1))
        .where(s.rescreen_on.is_not(None), c.state != "closed")
        .order_by(s.rescreen_on, c.number)
    )
    if until is not None:
        query = query.where(s.rescreen_on <= until)
    return [
        {
            "number": row.number, "head": row.name or "", "rescreen_on": row.rescreen_on, "as_of": row.as_of,
            "days": inputs_from(json.loads(row.inputs)).rescreen, "model": row.parameters,
        }
        for row in db.session.execute(query)
    ]  # fmt: skip


def newly_reached(
    rows: Iterable[Mapping[str, Any]], policies: Iterable[Mapping[str, Any]], parameters: Iterable[Mapping[str, Any]],
    day: date,
) -> set[UUID]:  # fmt: skip
    """Which rows of `near_misses` would be eligible by the lines of that day, with the facts as they were frozen."""
    lines, by_id = parameters_of(parameters), {row["id"]: row for row in policies}
    fields = read_pack()["eligibility_fields"]["fields"]
    found = set()
    for row in rows:
        policy = by_id.get(row["policy"])
        if policy is None:
            continue
        verdicts = judge(policy_of(policy), lines, facts_of(row["inputs"], fields, as_of=day))
        if any(each.verdict == "eligible" for each in verdicts):
            found.add(row["id"])
    return found
