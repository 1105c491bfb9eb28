"""Example households that every community begins with: made up, far from any line, so that they hold whatever it is."""

from typing import Any

from sqlalchemy import insert

from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import Tenant, db
from rongjiu.ids import uuid7
from rongjiu.library.cloner import Cloner, Content, Part
from tenants.policydesk.examples import WHO
from tenants.policydesk.models import PolicyExample

_INCOME, _LOCAL, _AGE = "household.income_per_capita_month", "person.hukou_local", "person.age"
_FREE = {"household.assets_within_limit": True, "household.recognised": "none"}
GIVEN: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("dibao", "每人每月只有 100 元的一家", {_LOCAL: True, _INCOME: 100, **_FREE}, "eligible"),
    ("dibao", "每人每月两万元的一家", {_LOCAL: True, _INCOME: 20000, **_FREE}, "not_eligible"),
    ("dibao", "还没有问过收入的一家", {_LOCAL: True, **_FREE}, "need_info"),
    ("dibao-margin", "每人每月两万元的一家", {_LOCAL: True, _INCOME: 20000, **_FREE}, "not_eligible"),
    ("dibao-margin", "还没有问过收入的一家", {_LOCAL: True, **_FREE}, "need_info"),
    ("age-subsidy", "一百岁的本地老人", {_LOCAL: True, _AGE: 100}, "eligible"),
    ("age-subsidy", "三十岁的本地人", {_LOCAL: True, _AGE: 30}, "not_eligible"),
    ("age-subsidy", "不知道年龄的本地人", {_LOCAL: True}, "need_info"),
)
"""(policy, name, facts, expected verdict)."""
BY = N_("随模型带来")


def _facts(values: dict[str, Any]) -> dict[str, Any]:
    home = {name: value for name, value in values.items() if name.startswith("household.")}
    return {"household": home, "members": {WHO: {k: v for k, v in values.items() if k not in home}}}


def _examples(pack: Content, _origin: str, tenant: Tenant) -> int:
    there = {row["id"] for row in pack["policies"]["policies"]}
    rows = [
        {
            "tenant_id": tenant.id, "id": uuid7(), "slug": slug, "name": name, "facts": _facts(values), "expected": expected,
            "by_post": BY, "at": now(), "retired_at": None,
        }
        for slug, name, values, expected in GIVEN
        if slug in there
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(PolicyExample), rows)
    return len(rows)


CLONERS: tuple[Cloner, ...] = (Part("policy_example", ("policy",), _examples),)
"""The part of this room, for the founding to run in order."""
