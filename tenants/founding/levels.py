"""Lines that a level above owns: the community sees and confirms them with number and date of the document, and cannot
change them; the office above sees who has not confirmed."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.db import as_role, current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.policies import queries as above
from rongjiu.policies import rules
from tenants.catalogue import queries as catalogue
from tenants.catalogue.models import Parameter
from tenants.founding.models import LineConfirmation
from tenants.rescreening import service as rescreening


def waiting() -> list[dict[str, Any]]:
    """Lines from above for the community in force: line, parameter (row or None), confirmed (bool); open ones first."""
    lines = above.binding(current_tenant().uid)
    done = set(db.session.scalars(select(LineConfirmation.line_id)))
    known = {row["id"]: row for row in catalogue.parameters()}
    found = [
        {"line": line, "parameter": known[slug], "confirmed": line.id in done}
        for slug, line in lines.items()
        if slug in known
    ]
    return sorted(found, key=lambda each: (each["confirmed"], each["line"].slug))


def bound(slug: str, value: Decimal | None, since: date | None, kind: str) -> None:
    """Refuse an answer of the community's own for a line that a level above owns; raises Refused naming `p-<slug>`."""
    line = above.binding(current_tenant().uid).get(slug)
    if line is None or (kind == "value" and value == line.value and since == line.since):
        return
    raise Refused("这个标准由上级规定，社区只能确认，不能改。", field=f"p-{slug}")


def confirm(line_id: UUID, number: str, day: date | None, post: str) -> None:
    """The community has read the document: the line is its own value from its date on, and the register is judged anew.

    Raises Absent, Clash when another line took its place or it is confirmed, Refused naming `number` or `day`.
    """
    line = next((each for each in above.binding(current_tenant().uid).values() if each.id == line_id), None)
    row = db.session.scalar(select(Parameter).where(Parameter.slug == line.slug).with_for_update()) if line else None
    if line is None or row is None:
        raise Absent("没有这个标准。")
    if db.session.scalar(select(LineConfirmation.id).where(LineConfirmation.line_id == line_id)) is not None:
        raise Clash("这个标准已经确认过了，请刷新页面。")
    if rules.number(number) != rules.number(line.document_number):
        raise Refused("文号和上级公布的不一样，请对照文件再填。", field="number")
    if day != line.document_date:
        raise Refused("文件日期和上级公布的不一样，请对照文件再填。", field="day")
    actor = current_actor()
    keep_history(row, line.since)
    row.value, row.effective_from, row.confirmed_as = line.value, line.since, "value"
    row.confirmed_at, row.confirmed_by = now(), actor.account_id
    db.session.add(
        LineConfirmation(
            id=uuid7(), line_id=line_id, slug=line.slug, document_number=line.document_number, document_date=day, at=now(),
            confirmed_by=actor.account_id, post=post,
        )
    )  # fmt: skip
    db.session.flush()
    audit.record("line.confirm", "parameter_line", line_id, parameter=line.slug, value=line.value)
    rescreening.start("parameter", line.slug)


def keep_history(row: Parameter, since: date | None) -> None:
    """A value that a later one takes the place of stays in force for the days before: screenings of the past find it."""
    if row.value is None or row.effective_from is None or since is None or row.effective_from >= since:
        return
    if row.confirmed_as == "not_set":
        return
    entry = {
        "from": row.effective_from.isoformat(),
        "value": float(row.value),
        "source_id": row.content.get("source_id"),
    }
    past = [each for each in row.content.get("history") or [] if each["from"] != entry["from"]]
    row.content = {**row.content, "history": [*past, entry]}


def confirmations(tenants: Sequence[int]) -> dict[UUID, set[int]]:
    """Line → the communities (as storage numbers them) that have confirmed it: for the office above."""
    if not tenants:
        return {}
    found: dict[UUID, set[int]] = {}
    with as_role("app_overseer", visible=tuple(tenants)):
        for row in db.session.execute(select(LineConfirmation.line_id, LineConfirmation.tenant_id)):
            found.setdefault(row.line_id, set()).add(row.tenant_id)
    return found
