"""How a verdict is frozen into a row and read again, so that a result of last year can be explained next year."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from tenants.screening.values import ConditionResult, Facts, SubjectVerdict

_DECIMALS = frozenset({"line", "distance", "distance_pct", "near_line"})


def _out(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    return [_out(item) for item in value] if isinstance(value, tuple) else value


def _in(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def condition_record(row: ConditionResult) -> dict[str, Any]:
    """One condition as JSON; what is empty is left out."""
    found = {spec.name: _out(getattr(row, spec.name)) for spec in fields(row)}
    return {name: value for name, value in found.items() if value not in (None, [], "") or name == "value"}


def condition_from(record: Mapping[str, Any]) -> ConditionResult:
    """The condition that `condition_record` wrote."""
    values = dict(record)
    values["value"] = _in(values.get("value"))
    values["options"] = tuple(_in(item) for item in values.get("options", ()))
    values["params"] = tuple(values.get("params", ()))
    for name in _DECIMALS & values.keys():
        values[name] = _in(values[name])
    if "since" in values:
        values["since"] = date.fromisoformat(values["since"])
    return ConditionResult(**values)


def verdict_record(verdict: SubjectVerdict) -> dict[str, Any]:
    """One verdict as JSON, conditions included."""
    return {
        "policy_id": verdict.policy_id,
        "subject": verdict.subject,
        "verdict": verdict.verdict,
        "member": verdict.member,
        "in_force_from": _out(verdict.in_force_from),
        "conditions": [condition_record(row) for row in verdict.conditions],
    }


def verdict_from(record: Mapping[str, Any]) -> SubjectVerdict:
    """The verdict that `verdict_record` wrote."""
    since = record.get("in_force_from")
    return SubjectVerdict(
        record["policy_id"],
        record["subject"],
        record["verdict"],
        tuple(condition_from(row) for row in record["conditions"]),
        date.fromisoformat(since) if since else None,
        record.get("member"),
    )


def facts_record(facts: Facts) -> dict[str, Any]:
    """The facts as `reading.facts_of` reads them: date, household, members."""
    return {
        "date": facts.as_of.isoformat(),
        "household": {name: _out(value) for name, value in facts.household.items()},
        "members": {
            who: {name: _out(value) for name, value in values.items()} for who, values in facts.members.items()
        },
    }
