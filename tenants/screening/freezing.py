"""What is frozen with a screening beside its verdicts, so that it explains itself after the model has moved on. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tenants.screening.conclusion import Amount, Conclusion, Look, Path, amount
from tenants.screening.implied import Implied
from tenants.screening.relations import Relation
from tenants.screening.values import ConditionResult, Facts, Parameters, Policy, PolicyVerdict, SubjectVerdict

Row = Mapping[str, Any]
_WORTH = ("eligible", "near_miss", "actionable")
_POLICY = ("name_zh", "name_en", "department_id", "help_class", "scope", "seq", "gives_zh", "gives_en", "document_ids")


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
    found = {name: _out(value) for name, value in row._asdict().items()}
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


def glance_record(verdicts: Iterable[PolicyVerdict]) -> list[dict[str, Any]]:
    """The verdict of each policy as JSON, of its conditions only those that stand in the way or are unknown."""
    return [
        {
            "subjects": each.subjects,
            "best": verdict_record(each.best._replace(conditions=(*each.best.misses, *each.best.unknowns))),
        }
        for each in verdicts
    ]  # fmt: skip


def glance_from(record: Iterable[Mapping[str, Any]]) -> tuple[PolicyVerdict, ...]:
    """What `glance_record` wrote."""
    found = []
    for row in record:
        best = verdict_from(row["best"])
        found.append(PolicyVerdict(best.policy_id, best.verdict, tuple(row["subjects"]), best))
    return tuple(found)


def facts_record(facts: Facts) -> dict[str, Any]:
    """The facts as `reading.facts_of` reads them: date, household, members."""
    return {
        "date": facts.as_of.isoformat(),
        "household": {name: _out(value) for name, value in facts.household.items()},
        "members": {
            who: {name: _out(value) for name, value in values.items()} for who, values in facts.members.items()
        },
    }


@dataclass(frozen=True)
class Frozen:
    """The frozen inputs and what followed from them, as read again."""

    facts: dict[str, Any]
    implied: dict[tuple[str, str], str]
    """(subject, fact) → why it follows from other facts (a msgid)."""
    relations: tuple[Relation, ...]
    paths: tuple[Path, ...]
    amounts: dict[tuple[str, str], Amount]
    entitled: tuple[str, ...]
    near_misses: tuple[str, ...]
    rescreen: tuple[tuple[date, str], ...]
    looks: dict[str, Look]
    """Missed policy → when it is looked at again; empty in screenings taken before it was kept."""


def _day(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


def model_record(
    policies: Iterable[Row], parameters: Iterable[Row], departments: Iterable[Row], sources: Iterable[Row]
) -> dict[str, Any]:
    """The community's model as it stood: names, lines with value, date, source and review mark; open data only."""
    used = list(parameters)
    named = {row["source_id"] for row in used if row.get("source_id")} | {
        entry.get("source_id") for row in used for entry in row.get("history") or ()
    }
    return {
        "policies": {row["id"]: {name: row.get(name) for name in _POLICY} for row in policies},
        "parameters": {
            row["id"]: {
                "name_zh": row["name_zh"], "name_en": row["name_en"], "unit": row.get("unit") or "",
                "value": None if row["value"] is None else str(row["value"]),
                "since": _day(row.get("effective_from")), "source": row.get("source_id"),
                "must_review": bool(row.get("must_review")), "confirmed_as": row.get("confirmed_as", ""),
            }
            for row in used
        },
        "departments": {
            row["id"]: {"name_zh": row["name_zh"], "name_en": row["name_en"], "short_zh": row.get("short_zh")}
            for row in departments
        },
        "sources": {row["id"]: row["title"] for row in sources if row["id"] in named},
    }  # fmt: skip


def inputs_record(
    facts: Facts, determinations: Iterable[SubjectVerdict], policies: Iterable[Policy], parameters: Parameters,
    found: Conclusion, implied: Iterable[Implied] = (), relations: Iterable[Relation] = (),
    looks: Mapping[str, Look] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The facts and the conclusion with its amounts; protected data."""
    by_id = {policy.id: policy for policy in policies}
    amounts = [
        (row.policy_id, row.subject, amount(by_id[row.policy_id], parameters, facts, row.subject))
        for row in determinations
        if row.verdict in _WORTH
    ]
    return {
        "facts": facts_record(facts),
        "implied": [[each.subject, each.field, each.reason] for each in implied],
        "relations": [vars(each) for each in relations],
        "paths": [vars(path) for path in found.paths],
        "amounts": [
            {
                "policy": policy, "subject": subject, "param": each.param,
                "value": None if each.value is None else str(each.value), "since": _day(each.since),
                "period": each.period, "source": each.source, "must_review": each.must_review,
            }
            for policy, subject, each in amounts
        ],
        "entitled": [row.policy_id for row in found.entitled],
        "near_misses": [row.policy_id for row in found.near_misses],
        "rescreen": [[day.isoformat(), policy] for day, policy in found.rescreen],
        "looks": {policy: [each.on.isoformat(), each.why] for policy, each in (looks or {}).items()},
    }  # fmt: skip


def inputs_from(record: Row) -> Frozen:
    """What `inputs_record` wrote."""
    paths = tuple(
        Path(**{**row, "subjects": tuple(row["subjects"]), "policies": tuple(row["policies"])})
        for row in record["paths"]
    )
    amounts = {
        (row["policy"], row["subject"]): Amount(
            row["param"],
            None if row["value"] is None else Decimal(row["value"]),
            date.fromisoformat(row["since"]) if row["since"] else None,
            row["period"],
            row["source"],
            row["must_review"],
        )
        for row in record["amounts"]
    }
    return Frozen(
        dict(record["facts"]), {(who, name): why for who, name, why in record.get("implied", ())},
        tuple(Relation(**row) for row in record.get("relations", ())), paths, amounts, tuple(record["entitled"]), tuple(record["near_misses"]),
        tuple((date.fromisoformat(day), policy) for day, policy in record["rescreen"]),
        {policy: Look(date.fromisoformat(day), why) for policy, (day, why) in record.get("looks", {}).items()},
    )  # fmt: skip
