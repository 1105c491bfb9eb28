"""What the desk reads of changes: who is newly reached, who is about to lose, how many were told."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from rongjiu.db import db
from tenants.cases.models import CaseFile
from tenants.catalogue.models import Policy
from tenants.rescreening.models import RescreenRun, VerdictChange
from tenants.residents.models import Courtyard, Household, Person

SIZE = 50
NEWS = ("reached", "amount", "lost", "will_reach", "will_amount", "will_lose")
"""Kinds of change of which a family is told."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is asked for; '' and None leave a filter out."""

    state: str = "open"
    kind: str = ""
    policy: str = ""
    courtyard_id: UUID | None = None
    page: int = 1
    size: int = SIZE


def page(asked: Wanted) -> tuple[list[Any], int]:
    """A page of changes, the nearest day first, and how many there are: two statements, no sealed field."""
    v, h, p, who = VerdictChange, Household, Person, Person.__table__.alias("who")
    where = [v.state == asked.state] if asked.state else []
    if asked.kind:
        where.append(v.kind == asked.kind)
    if asked.policy:
        where.append(v.policy_slug == asked.policy)
    if asked.courtyard_id is not None:
        where.append(h.courtyard_id == asked.courtyard_id)
    total = select(func.count()).select_from(v).join(h, (h.id == v.household_id) & (h.tenant_id == v.tenant_id))
    cases = (
        select(CaseFile.household_id, CaseFile.number)
        .where(CaseFile.household_id.is_not(None))
        .ext(distinct_on(CaseFile.household_id))
        .order_by(CaseFile.household_id, CaseFile.opened_at.desc())
        .subquery()
    )
    rows = db.session.execute(
        select(
            v.id, v.household_id, v.kind, v.on_date, v.cause, v.detail, v.state, v.at, v.settled_at, v.settled_post,
            v.channel, v.reason, h.told_by, v.policy_slug, Policy.name_zh, Policy.name_en, Courtyard.name.label("courtyard"),
            p.name.label("head"), who.c.name.label("person"), who.c.birth_date, cases.c.number,
        )
        .join(h, (h.id == v.household_id) & (h.tenant_id == v.tenant_id))
        .join(Courtyard, (Courtyard.id == h.courtyard_id) & (Courtyard.tenant_id == v.tenant_id))
        .outerjoin(Policy, (Policy.slug == v.policy_slug) & (Policy.tenant_id == v.tenant_id))
        .outerjoin(p, (p.household_id == h.id) & (p.tenant_id == v.tenant_id) & (p.seq == 1))
        .outerjoin(who, (who.c.id == v.subject_id) & (who.c.tenant_id == v.tenant_id))
        .outerjoin(cases, cases.c.household_id == h.id)
        .where(*where)
        .order_by(v.on_date, v.id)
        .limit(asked.size)
        .offset((asked.page - 1) * asked.size)
    )  # fmt: skip
    return list(rows), db.session.scalar(total.where(*where)) or 0


def counts() -> dict[str, int]:
    """Open changes by kind."""
    rows = db.session.execute(
        select(VerdictChange.kind, func.count().label("n"))
        .where(VerdictChange.state == "open")
        .group_by(VerdictChange.kind)
    )
    return {row.kind: row.n for row in rows}


def policies() -> list[Any]:
    """slug, name_zh, name_en of the policies that any change speaks of."""
    spoken = select(VerdictChange.policy_slug).distinct()
    rows = select(Policy.slug, Policy.name_zh, Policy.name_en).where(Policy.slug.in_(spoken)).order_by(Policy.seq)
    return list(db.session.execute(rows))


def coverage(policy: str) -> list[Any]:
    """How far the news of a policy went, by courtyard: households it concerns now or on a day to come, told, not to be
    told, still open. What lay ahead and passed without being settled is counted where it has come (reached, lost)."""
    v, h = VerdictChange, Household
    rows = db.session.execute(
        select(
            Courtyard.name.label("courtyard"),
            func.count(func.distinct(v.household_id)).label("reached"),
            *(
                func.count(func.distinct(case((v.state == state, v.household_id)))).label(state)
                for state in ("told", "dropped", "open")
            ),
        )
        .join(h, (h.id == v.household_id) & (h.tenant_id == v.tenant_id))
        .join(Courtyard, (Courtyard.id == h.courtyard_id) & (Courtyard.tenant_id == v.tenant_id))
        .where(v.policy_slug == policy, v.kind.in_(NEWS), v.state != "over")
        .group_by(Courtyard.name, Courtyard.seq)
        .order_by(Courtyard.seq)
    )
    return list(rows)


def last_run() -> Any:
    """The newest run: cause, detail, total, done, found, began_at, ended_at; None before the first."""
    r = RescreenRun
    row: Any = db.session.execute(
        select(r.id, r.cause, r.detail, r.total, r.done, r.found, r.began_at, r.ended_at).order_by(r.id.desc()).limit(1)
    ).one_or_none()
    return row
