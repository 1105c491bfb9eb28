"""Confirming the lines and amounts of a community: as a value with its date, or as 本地未定; never guessed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select, update

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Refused
from rongjiu.policies import queries as above
from tenants.catalogue.models import Parameter
from tenants.founding import levels
from tenants.founding.models import ChecklistItem
from tenants.founding.rules import RATIOS
from tenants.rescreening import service as rescreening

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a founder says of one parameter; '' = nothing yet."""

    confirmed_as: str
    value: Decimal | None = None
    since: date | None = None

    def kept(self) -> Row:
        """As JSON, for a draft that has not cloned yet."""
        value = None if self.value is None else str(self.value)
        return {"as": self.confirmed_as, "value": value, "since": self.since.isoformat() if self.since else None}


def answer(row: Row, kind: str, value: str, since: str) -> Answer:
    """Check one answer against its parameter (a pack row); raises Refused naming `p-<id>`.

    A value without a date is taken only where it is the pack's own reference value; its date stands there.
    """
    name = f"p-{row['id']}"
    if kind in ("", "not_set"):
        return Answer(kind)
    if kind != "value":
        raise Refused("请选一项", field=name)
    text = value.strip()
    if not text and row["value"] is not None:
        text = str(row["value"])
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0 or number >= Decimal(10) ** 9:
        raise Refused("请填一个数字；还不知道，就选“本地未定”。", field=name)
    if row["unit"] in RATIOS and number > 1:
        raise Refused("这是比例，请填 0 到 1 之间的数，例如 0.7。", field=name)
    reference = row["value"] is not None and number == Decimal(str(row["value"]))
    try:
        day = date.fromisoformat(since) if since else None
    except ValueError as error:
        raise Refused("日期不对，请重新选择。", field=name) from error
    if day is None and reference and row["effective_from"]:
        day = date.fromisoformat(str(row["effective_from"]))
    if day is None and not reference:
        raise Refused("请填这个标准从哪一天起执行。", field=name)
    return Answer("value", number, day)


def of_draft(kept: Row) -> Answer:
    """An answer as the draft kept it."""
    since = date.fromisoformat(kept["since"]) if kept["since"] else None
    return Answer(kept["as"], None if kept["value"] is None else Decimal(kept["value"]), since)


def over(answers: dict[str, Answer]) -> dict[str, Answer]:
    """What a founder answered before there was a community, with the values of the levels above where one owns the line:
    the founder had only the model's reference value to go by. Reading the document itself stays to be done."""
    lines = above.binding(current_tenant().uid)
    return {
        slug: Answer("value", lines[slug].value, lines[slug].since) if slug in lines else given
        for slug, given in answers.items()
    }


def confirm(slug: str, given: Answer) -> None:
    """Write one answer into the community in force; raises Absent for a parameter it does not have, Refused for one that a
    level above owns."""
    row = db.session.scalar(select(Parameter).where(Parameter.slug == slug))
    if row is None:
        raise Absent("没有这个参数。")
    if not given.confirmed_as:
        return
    same = row.confirmed_as == given.confirmed_as and row.value == given.value
    if same and row.effective_from == given.since and row.confirmed_at:
        return
    levels.bound(slug, given.value, given.since, given.confirmed_as)
    levels.keep_history(row, given.since if given.confirmed_as == "value" else None)
    row.confirmed_as, row.value, row.effective_from = given.confirmed_as, given.value, given.since
    row.confirmed_at, row.confirmed_by = now(), current_actor().account_id
    audit.record("parameter.confirm", "parameter", slug, confirmed_as=given.confirmed_as, value=given.value)
    db.session.flush()
    rescreening.start("parameter", slug)


def settle() -> int:
    """Mark the checklist step when no parameter waits any more; answers how many still wait."""
    db.session.flush()
    waiting = len(
        db.session.scalars(select(Parameter.id).where(Parameter.must_review, Parameter.confirmed_at.is_(None))).all()
    )
    step = update(ChecklistItem).where(ChecklistItem.slug == "parameters")
    if waiting:
        db.session.execute(step.values(done_at=None))
    else:
        db.session.execute(step.where(ChecklistItem.done_at.is_(None)).values(done_at=now()))
    return waiting
