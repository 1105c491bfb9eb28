"""Named example households beside a policy: made up, with the answer that must come out before anything is published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now, today
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.library.packfiles import read_pack
from tenants.catalogue import queries as catalogue
from tenants.policydesk.cells import half, number_of
from tenants.policydesk.models import PolicyExample
from tenants.screening import reading, rules
from tenants.screening.implied import imply
from tenants.screening.values import VERDICTS, ConditionResult

WHO = "p1"
MOST = 30


@dataclass(frozen=True)
class Outcome:
    """One example looked at: what must come out, what did, and the conditions that made it."""

    id: UUID
    name: str
    expected: str
    found: str
    conditions: tuple[ConditionResult, ...]
    facts: Mapping[str, Any]
    by_post: str

    @property
    def passed(self) -> bool:
        """Did the expected answer come out?"""
        return self.expected == self.found

    @property
    def failing(self) -> tuple[ConditionResult, ...]:
        """The conditions that are not met: where to look when it did not pass."""
        return tuple(row for row in self.conditions if row.truth != "met" and row.decisive)


def results(slug: str, content: Mapping[str, Any]) -> list[Outcome]:
    """Every example of a policy judged by that content today, or on the day it begins."""
    e = PolicyExample
    rows = db.session.execute(
        select(e.id, e.name, e.expected, e.facts, e.by_post)
        .where(e.slug == slug, e.retired_at.is_(None))
        .order_by(e.at, e.id)
    ).all()
    if not rows:
        return []
    policy = reading.policy_of({**content, "id": slug})
    parameters = reading.parameters_of(catalogue.parameters())
    day = max(policy.in_force_from or today(), today())
    table = rules.Table((policy,), parameters, day)
    fields = read_pack()["eligibility_fields"]["fields"]
    found = []
    for row in rows:
        facts, _added = imply(reading.facts_of(row.facts, fields, as_of=day))
        best = rules.best_of(table.judge(facts))
        found.append(Outcome(row.id, row.name, row.expected, best.verdict, best.conditions, row.facts, row.by_post))
    return found


def missing(tried: Sequence[Outcome], *, new: bool) -> Refused | None:
    """What still stands between these examples and publishing; a new policy needs one who gets it and one who does not."""
    if failed := [each for each in tried if not each.passed]:
        return Refused("还有 %(n)s 个示例家庭的结果和预期不一样，改好再发布。", field="examples", n=len(failed))
    if not tried:
        return Refused("还没有示例家庭。请先编一户，写明应得的结果，再发布。", field="examples")
    if new and len({each.expected == "eligible" for each in tried}) < 2:
        return Refused("新政策要有两户示例家庭：一户应当符合，一户不应当。", field="examples")
    return None


def add(slug: str, name: str, values: Mapping[str, str], expected: str) -> UUID:
    """Keep a made-up household: fact → text (empty = unknown). Raises Refused naming `name`, `expected` or the fact."""
    title = name.strip()
    if not title or len(title) > 40:
        raise Refused("请写一个名称，40 个字以内；用编的，不写真人。", field="name")
    if expected not in VERDICTS:
        raise Refused("请选应得的结果。", field="expected")
    kept: dict[str, Any] = {"household": {}, "members": {WHO: {}}}
    known = {row["id"]: row for row in read_pack()["eligibility_fields"]["fields"]}
    for slug_of, text in values.items():
        row = known.get(slug_of)
        value = _value(row, half(text)) if row else None
        if row and value is not None:
            (kept["household"] if row["scope"] == "household" else kept["members"][WHO])[slug_of] = value
    query = select(PolicyExample.id).where(PolicyExample.slug == slug, PolicyExample.retired_at.is_(None))
    if len(db.session.scalars(query.limit(MOST)).all()) >= MOST:
        raise Refused("示例家庭最多 %(n)s 个，请先停用旧的。", field="name", n=MOST)
    actor = current_actor()
    row_id = uuid7()
    db.session.add(
        PolicyExample(
            id=row_id, slug=slug, name=title, facts=kept, expected=expected, by_post=actor.name or actor.role, at=now(),
            retired_at=None,
        )
    )  # fmt: skip
    db.session.flush()
    audit.record("policy.example", "policy_example", row_id, policy=slug, expected=expected)
    return row_id


def _value(row: Mapping[str, Any], text: str) -> Any:
    if not text:
        return None
    if row["type"] == "bool" and text in ("yes", "no"):
        return text == "yes"
    if row["type"] == "enum" and text in row["values"]:
        return text
    if row["type"] == "number" and (figure := number_of(text)) is not None and figure >= 0:
        return figure
    raise Refused("这一项的数值不对，请再看一眼。", field=str(row["id"]))


def retire(slug: str, example_id: UUID) -> None:
    """Ask an example no more; it is kept. Raises Absent."""
    e = PolicyExample
    row = db.session.scalar(select(e).where(e.id == example_id, e.slug == slug, e.retired_at.is_(None)))
    if row is None:
        raise Absent("没有这个示例家庭。")
    row.retired_at = now()
    db.session.flush()
    audit.record("policy.example_retire", "policy_example", example_id, policy=slug)
