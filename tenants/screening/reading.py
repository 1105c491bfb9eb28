"""From the pack's rows, or a tenant's own copies of them, to the frozen values of screening; wrong types never pass."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tenants.screening.values import Condition, Cure, Dated, Fact, Facts, Group, Line, Parameter, Policy

Row = Mapping[str, Any]


class FactError(ValueError):
    """A fact is unknown to the vocabulary or has the wrong type; `field` names it, `subject` whose it is."""

    def __init__(self, subject: str, field: str, message: str) -> None:
        super().__init__(f"{subject}: {field}: {message}")
        self.subject, self.field = subject, field


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _plain(value: Any) -> Fact:
    """Numbers become Decimal, so that 740 x 1.2 is 888 and a list [1, 2] never equals True."""
    return value if isinstance(value, bool | str) else Decimal(str(value))


def _day(value: str | date | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def fact(row: Row, subject: str, value: Any) -> Fact | None:
    """One value of the vocabulary's field `row`, of the right type; None stays unknown; FactError otherwise."""
    if value is None:
        return None
    kind = row["type"]
    if kind == "bool" and isinstance(value, bool):
        return value
    if kind == "number" and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        number = Decimal(str(value))
        if number.is_finite():
            return number
    if kind == "enum" and isinstance(value, str) and value in row["values"]:
        return value
    raise FactError(subject, row["id"], f"{value!r} is not a {kind} of this field")


def facts_of(inputs: Row, fields: Iterable[Row], *, as_of: date | None = None) -> Facts:
    """Facts from `{date, household, members}` (as screening_cases.json has them), checked against the vocabulary."""
    known = {row["id"]: row for row in fields}

    def read(subject: str, scope: str, values: Row) -> dict[str, Fact | None]:
        for name in values:
            if name not in known or known[name]["scope"] != scope:
                raise FactError(subject, name, f"no such fact of a {scope}")
        return {name: fact(known[name], subject, value) for name, value in values.items()}

    day = as_of or _day(inputs["date"])
    if day is None:
        raise FactError("household", "date", "no as-of date")
    members = {member: read(member, "person", values) for member, values in inputs["members"].items()}
    return Facts(day, read("household", "household", inputs["household"]), members)


def parameter_of(row: Row) -> Parameter:
    """One row of parameters.json, or a community's own row of the same form."""
    history = tuple(
        Dated(date.fromisoformat(str(entry["from"])), _number(entry["value"]), entry.get("source_id"))
        for entry in row.get("history") or ()
    )
    return Parameter(
        row["id"],
        _number(row["value"]),
        _day(row.get("effective_from")),
        history,
        row.get("source_id"),
        row.get("unit") or "",
        bool(row.get("must_review")),
    )


def parameters_of(rows: Iterable[Row]) -> dict[str, Parameter]:
    """All parameters by id."""
    return {row["id"]: parameter_of(row) for row in rows}


def _line(value: Any) -> Line:
    if not isinstance(value, Mapping):
        return Line(literal=Decimal(str(value)))
    times = value.get("times", 1)
    if isinstance(times, Mapping):
        return Line(param=value["param"], times_param=times["param"])
    return Line(param=value["param"], times=Decimal(str(times)))


def criteria_of(node: Row) -> Condition | Group:
    """A tree of all / any over conditions, as policies.json writes it."""
    if "all" in node:
        return Group("all", tuple(criteria_of(part) for part in node["all"]))
    if "any" in node:
        return Group("any", tuple(criteria_of(part) for part in node["any"]))
    op, near, hint = node["op"], bool(node.get("near")), node.get("curable")
    if op == "in":
        return Condition(node["field"], op, None, tuple(_plain(value) for value in node["value"]), near, hint)
    if op in ("is_true", "is_false"):
        return Condition(node["field"], op, None, (), near, hint)
    if op not in ("eq", "lt", "lte", "gt", "gte"):
        raise ValueError(f"unknown operator {op!r}")
    return Condition(node["field"], op, _line(node["value"]), (), near, hint)


def policy_of(row: Row) -> Policy:
    """One row of policies.json."""
    benefit = row.get("benefit") or {}
    banded = benefit.get("banded") or {}
    return Policy(
        row["id"],
        row["scope"],
        criteria_of(row["criteria"]),
        _day(row.get("effective_from")),
        _day(row.get("effective_to")),
        row.get("seq") or 0,
        row.get("name_zh") or "",
        row.get("name_en") or "",
        row.get("department_id") or "",
        row.get("help_class") or "",
        benefit.get("amount_param"),
        banded.get("by"),
        tuple((_number(low), _number(high), param) for low, high, param in banded.get("bands", ())),
        benefit.get("period"),
    )


def policies_of(rows: Iterable[Row]) -> tuple[Policy, ...]:
    """All policies in their own order."""
    return tuple(sorted((policy_of(row) for row in rows), key=lambda policy: (policy.seq, policy.id)))


def cures_of(rows: Iterable[Row]) -> tuple[Cure, ...]:
    """The `cures` of eligibility_fields.json."""
    return tuple(
        Cure(
            row["id"],
            row["field"],
            row["name_zh"],
            row["name_en"],
            row["department_id"],
            {name: _plain(value) for name, value in row.get("senseless_if", {}).items()},
            row.get("recognition", {}),
        )
        for row in rows
    )
