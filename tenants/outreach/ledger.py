"""The ledger of what was mobilised: discounts, goods, services, hours. Money is refused and sent to a charity."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu import audit, codes
from rongjiu.actor import current_actor
from rongjiu.cash import asks_for_cash
from rongjiu.clock import now, today
from rongjiu.db import db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace.models import Provider
from tenants.outreach import rules
from tenants.outreach.models import Charity, Mobilised

SIZE = 50


@dataclass(frozen=True, slots=True)
class Given:
    """What was given, as typed."""

    kind: str
    what: str
    quantity: str
    unit: str
    on_day: date | None
    giver: str = ""
    provider_id: UUID | None = None


def add(given: Given) -> Mobilised:
    """Record what was given. Raises Refused naming the field; money in any field is refused with the charity's name."""
    what, unit = given.what.strip(), given.unit.strip()
    if given.kind not in rules.GIVEN:
        raise Refused("请选一项", field="kind")
    if not 2 <= len(what) <= 120:
        raise Refused("请写是什么，2 到 120 个字。", field="what")
    if cash := asks_for_cash(f"{what} {unit} {given.giver}"):
        known = charity()
        if known is None:
            raise Refused(
                "这里不登记钱（“%(words)s”）。愿意捐钱的，请对方找有公开募捐资格的慈善组织。", field="what", words=cash
            )
        raise Refused(
            "这里不登记钱（“%(words)s”）。愿意捐钱的，请告诉对方：%(name)s，电话 %(phone)s。", field="what", words=cash,
            name=known.name, phone=known.phone,
        )  # fmt: skip
    if not 1 <= len(unit) <= 10 or unit in ("元", "块", "块钱", "万元", "yuan", "RMB", "￥", "¥"):
        raise Refused("单位写次、小时、袋、份等，不能是钱。", field="unit")
    try:
        quantity = Decimal(given.quantity.strip()).quantize(Decimal("0.01"))
    except InvalidOperation as error:
        raise Refused("数量写数字，例如 10 或 1.5。", field="quantity") from error
    if not quantity.is_finite() or not 0 < quantity <= 1_000_000:
        raise Refused("数量写 0 到 100 万之间的数。", field="quantity")
    if given.on_day is None or given.on_day > today():
        raise Refused("请写哪天给的，不能晚于今天。", field="on_day")
    actor = current_actor()
    row = Mobilised(
        id=uuid7(), kind=given.kind, what=what, quantity=quantity, unit=unit, giver=given.giver.strip()[:60] or None,
        provider_id=given.provider_id, on_day=given.on_day, by=actor.account_id, post=actor.name, made_at=now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("mobilised.add", "mobilised", row.id, what=row.kind)
    return row


def strike(row_id: UUID) -> None:
    """Entered in error: struck out, still to be read. Raises Absent, Clash."""
    row = db.session.scalar(select(Mobilised).where(Mobilised.id == row_id).with_for_update())
    if row is None:
        raise Absent("没有这一条。")
    if row.struck_at is not None:
        raise Clash("这一条已经划掉了。")
    row.struck_at = now()
    db.session.flush()
    audit.record("mobilised.strike", "mobilised", row.id)


def page(*, kind: str = "", words: str = "", page: int = 1, size: int = SIZE) -> tuple[list[Any], int]:
    """The ledger, newest day first, and how many lines."""
    m = Mobilised
    query = select(
        m.id, m.kind, m.what, m.quantity, m.unit, m.giver, m.on_day, m.post, m.struck_at, Provider.name.label("provider")
    ).outerjoin(Provider, Provider.id == m.provider_id)  # fmt: skip
    if kind:
        query = query.where(m.kind == kind)
    if words:
        query = query.where(m.what.contains(words, autoescape=True))
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.session.execute(query.order_by(m.on_day.desc(), m.id.desc()).limit(size).offset((page - 1) * size))
    return list(rows), total


def sums(since: date) -> list[tuple[str, str, Decimal]]:
    """What came since a day, by kind and unit, without what was struck out."""
    m = Mobilised
    rows = db.session.execute(
        select(m.kind, m.unit, func.sum(m.quantity).label("n"))
        .where(m.on_day >= since, m.struck_at.is_(None))
        .group_by(m.kind, m.unit)
        .order_by(m.kind, m.unit)
    )
    return [(row.kind, row.unit, row.n) for row in rows]


def charity() -> Charity | None:
    """The charity to which offers of money are sent, None while the community has named none."""
    return db.session.scalar(select(Charity))


def name_charity(name: str, uscc: str, phone: str) -> Charity:
    """Name it; its qualification to raise money stands behind its code. Raises Refused naming name, uscc or phone."""
    title = " ".join(name.split())
    if not 4 <= len(title) <= 60:
        raise Refused("请写慈善组织的全称。", field="name")
    try:
        code = codes.credit_code(uscc)
    except codes.CodeError as error:
        raise Refused(str(error), field="uscc") from error
    if not code.startswith("5"):
        raise Refused("这不是社会组织的代码（应以 5 开头）。请到“慈善中国”核对。", field="uscc")
    try:
        number = codes.phone(phone)
    except codes.CodeError as error:
        raise Refused(str(error), field="phone") from error
    row = charity() or Charity(id=uuid7())
    row.name, row.uscc, row.phone, row.set_at, row.set_post = title, code, number, now(), current_actor().name
    db.session.add(row)
    db.session.flush()
    audit.record("charity.name", "charity", row.id)
    return row
