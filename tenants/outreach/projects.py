"""Projects (项目): a cluster of needs answered together, with budget, who does it, what came out and how it was judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu import audit
from rongjiu.cash import asks_for_cash
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace.models import Provider
from tenants.cases.models import CaseFile
from tenants.cases.service import next_number
from tenants.catalogue import queries as catalogue
from tenants.needs.models import Need
from tenants.outreach import service
from tenants.outreach.models import Project

MOVES = {"planned": ("running", "dropped"), "running": ("done", "dropped"), "done": (), "dropped": ()}
"""State → states that may follow."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A project as typed; the budget in yuan."""

    title: str
    item: str
    budget: str
    funding: str
    provider_id: UUID | None
    starts_on: date | None
    ends_on: date | None
    outputs: str


def clusters() -> list[tuple[str, int]]:
    """Items of need by how many wait, the largest first: what a project could answer."""
    rows = db.session.execute(
        select(Need.item_slug, func.count().label("n"))
        .join(CaseFile, (CaseFile.id == Need.case_id) & (CaseFile.tenant_id == Need.tenant_id))
        .where(Need.item_slug.is_not(None), Need.result.in_(("", "not_solved")), CaseFile.closed_at.is_(None))
        .group_by(Need.item_slug)
        .order_by(func.count().desc(), Need.item_slug)
    )
    return [(row.item_slug, row.n) for row in rows]


def add(planned: Planned) -> Project:
    """Plan a project. Raises Refused naming the field that is wrong."""
    title, outputs = planned.title.strip(), planned.outputs.strip()
    if not 2 <= len(title) <= 60:
        raise Refused("请写项目名称，2 到 60 个字。", field="title")
    if planned.item not in {row["id"] for row in catalogue.need_items()}:
        raise Refused("请选一项", field="item")
    if not outputs:
        raise Refused("请写要做到什么，例如 12 场、60 人次。", field="outputs")
    if cash := asks_for_cash(f"{title} {outputs}"):
        raise Refused("这里不募捐：“%(words)s”请去掉。", field="outputs", words=cash)
    if planned.starts_on is None or planned.ends_on is None or planned.ends_on < planned.starts_on:
        raise Refused("请写起止日期，结束不能早于开始。", field="ends_on")
    _community, _street, mark = service.here()
    row = Project(
        id=uuid7(), number=next_number(f"{mark}-XM", "project"), title=title, item_slug=planned.item,
        needs=dict(clusters()).get(planned.item, 0), budget=_yuan(planned.budget), funding=planned.funding.strip()[:60],
        provider_id=planned.provider_id, starts_on=planned.starts_on, ends_on=planned.ends_on, outputs=outputs[:300],
        state="planned", result="", made_at=now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("project.add", "project", row.id, item=row.item_slug, needs=row.needs)
    return row


def _yuan(text: str) -> Decimal:
    try:
        amount = Decimal(text.strip() or "0").quantize(Decimal("0.01"))
    except InvalidOperation as error:
        raise Refused("预算写数字，例如 3000 或 3000.50。", field="budget") from error
    if not amount.is_finite() or not 0 <= amount <= 10_000_000:
        raise Refused("预算写 0 到 1000 万元之间的数。", field="budget")
    return amount


def move(number: str, after: str, *, result: str = "", stars: int | None = None) -> Project:
    """Start, end or drop a project; its end says what came out and how it was judged (1-5). Raises Absent, Clash,
    Refused naming result or stars."""
    row = db.session.scalar(select(Project).where(Project.number == number).with_for_update())
    if row is None:
        raise Absent("没有这个项目。")
    if after not in MOVES[row.state]:
        raise Clash("这一步走不通：请刷新页面，看看现在到哪一步。", field="after")
    if after == "done":
        if not result.strip():
            raise Refused("请写实际做到了什么。", field="result")
        if stars is None or not 1 <= stars <= 5:
            raise Refused("请打 1 到 5 分。", field="stars")
        row.result, row.stars = result.strip()[:500], stars
    row.state = after
    db.session.flush()
    audit.record("project.move", "project", row.id, after=after)
    return row


def every() -> Sequence[Any]:
    """All projects, the newest first, with the name of who does it."""
    p = Project
    rows = db.session.execute(
        select(p.number, p.title, p.item_slug, p.needs, p.budget, p.funding, p.starts_on, p.ends_on, p.outputs, p.state,
               p.result, p.stars, p.demo, Provider.name.label("provider"))
        .outerjoin(Provider, Provider.id == p.provider_id)
        .order_by(p.number.desc())
        .limit(200)
    )  # fmt: skip
    return rows.all()
