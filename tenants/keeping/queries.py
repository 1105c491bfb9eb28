"""What the secretary sees of it: the rules in force with their days, and what the nights have removed."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from rongjiu.db import db
from rongjiu.library.packfiles import read_pack
from tenants.catalogue import queries as catalogue
from tenants.keeping import rules
from tenants.keeping.models import KINDS, KeepingRun


@dataclass(frozen=True, slots=True)
class Line:
    """One rule as this community has it: how long (value, 'days' or 'years'), how many things it has removed so far."""

    rule: rules.Rule
    value: int
    unit: str
    things: int
    mine: bool = False
    """May the secretary change it, and is this the first line of its wait?"""
    least: int = 1
    most: int = 0
    """From how many to how many days or years it may be set."""


def timers() -> dict[str, dict[str, Any]]:
    """How long things are kept, by the wait's id: as the community has it, else (it was founded with an older model) as
    the model has it now, so that nothing is without a term. Nothing where no model has been taken over yet."""
    own = catalogue.timers()
    asked = {rule.timer for rule in rules.RULES} if own else set()
    return {row["id"]: row for row in (*read_pack()["timers"]["timers"], *own) if row["id"] in asked}


def lines() -> list[Line]:
    """The rules with the community's own waits."""
    waits = timers()
    rows = db.session.execute(select(KeepingRun.what, func.sum(KeepingRun.things)).group_by(KeepingRun.what)).all()
    done = {what: int(count) for what, count in rows}
    found, known = [], set()
    for rule in rules.RULES:
        if (timer := waits.get(rule.timer)) is None:
            continue
        mine = "secretary" in timer.get("change", ()) and rule.timer not in known
        known.add(rule.timer)
        found.append(Line(rule, *rules.kept(timer), done.get(rule.what, 0), mine, *catalogue.kept_span(timer)))
    return found


def runs(kinds: Collection[str] = KINDS, page: int = 1, size: int = 50) -> tuple[list[Any], int]:
    """What the nights have removed of these kinds, the last first: at, what, things; and how many lines there are."""
    where = [KeepingRun.what.in_(kinds)]
    total = db.session.scalar(select(func.count()).select_from(KeepingRun).where(*where)) or 0
    query = select(KeepingRun.at, KeepingRun.what, KeepingRun.things).where(*where)
    ordered = query.order_by(KeepingRun.at.desc(), KeepingRun.id.desc())
    return list(db.session.execute(ordered.limit(size).offset((page - 1) * size))), total
