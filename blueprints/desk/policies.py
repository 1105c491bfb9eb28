"""…/policies: 融, the policies of all departments in one place, with their conditions in words and their lines."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk import fact_words
from blueprints.desk.door import bp
from blueprints.desk.fact_words import day_words, field_name, listed, name_of, plain, quantity, value_words, vocabulary
from rongjiu.clock import ZONE, today
from rongjiu.library.packfiles import read_pack
from tenants.acceptance import queries as acceptance
from tenants.catalogue import queries
from tenants.policydesk import queries as desk_queries
from tenants.screening.conclusion import hint_words
from tenants.screening.reading import criteria_of, policy_of
from tenants.screening.values import Condition, Group, Line

Parameters = Mapping[str, Mapping[str, Any]]


@bp.get("/policies")
def policies() -> ResponseReturnValue:
    """Departments with their policies, and the lines and amounts with date and source."""
    department, kind = request.args.get("department", ""), request.args.get("class", "")
    sought = request.args.get("q", "").strip()
    everything, offices, lines = queries.policies(), queries.departments(), queries.parameters()
    by_id = {row["id"]: row for row in lines}
    day = today()
    shown = [
        row
        for row in everything
        if (not department or row["department_id"] == department)
        and (not kind or row["help_class"] == kind)
        and (not sought or sought.lower() in f"{row['name_zh']} {row['name_en']} {row.get('gives_zh')}".lower())
    ]
    parts = [
        (office, [_policy(row, by_id, day) for row in shown if row["department_id"] == office["id"]])
        for office in offices
    ]
    return render_template(
        "desk/screening/policies.html", parts=[part for part in parts if part[1]], offices=offices,
        policies=everything, lines=[_line(row) for row in lines], department=department, kind=kind, sought=sought,
        unset=sum(row["value"] is None for row in lines), words=fact_words, shown=len(shown),
        departments=[
            (office["id"], name_of(office), sum(row["department_id"] == office["id"] for row in everything))
            for office in offices
        ],
        classes=[
            (code, word, sum(row["help_class"] == code for row in everything))
            for code, word in fact_words.HELP_CLASSES.items()
        ],
        drafts=desk_queries.drafts(), waiting=sum(row["must_review"] and row["confirmed_at"] is None for row in lines),
    )  # fmt: skip


@bp.get("/policies/<policy>")
def policy(policy: str) -> ResponseReturnValue:
    """One policy: what it gives, its conditions in words, papers, where and how long."""
    row = next((each for each in queries.policies() if each["id"] == policy), None)
    if row is None:
        abort(404)
    by_id = {each["id"]: each for each in queries.parameters()}
    pack = read_pack()["policies"]
    papers = {each["id"]: each for each in pack["documents"]}
    places = {each["id"]: each for each in pack["apply_at"]}
    office = next((each for each in queries.departments() if each["id"] == row["department_id"]), None)
    return render_template(
        "desk/screening/policy_page.html", policy=row, office=office, words=fact_words,
        tree=tree(criteria_of(row["criteria"]), by_id), amount=_amount(row, by_id), begins=_begins(row),
        papers=[name_of(papers.get(each), each) for each in row.get("document_ids", [])],
        places=[name_of(places.get(each), each) for each in row.get("apply_at", [])],
        limit=limit_words(row),
        desk=acceptance.reach(row["department_id"], policy),
        basis=[_document(each) for each in row.get("basis", [])], checked=_checked(policy), seen=row.get("verification") == "source_seen",
    )  # fmt: skip


def _document(row: Mapping[str, Any]) -> str:
    day = row.get("date")
    return str(row["title"]) + (f" {day_words(date.fromisoformat(day))}" if day else "")


def _checked(policy: str) -> str:
    """Who checked the version in force last, and when; empty for what came with the model."""
    rows = [row for row in queries.versions(policy) if not row.withdrawn_at and row.published_post]
    now = next((row for row in rows if row.effective_from is None or row.effective_from <= today()), None)
    if now is None:
        return ""
    return f"{now.published_post} {day_words(now.published_at.astimezone(ZONE).date())}"


def limit_words(row: Mapping[str, Any]) -> str:
    """Within how many working days it is decided."""
    days = (row.get("time_limit") or {}).get("working_days")
    if days is None:
        return str(_("由社区设定"))
    return str(_("%(n)s 个工作日", n=days) if days else _("当场办"))


def _begins(row: Mapping[str, Any]) -> date | None:
    return policy_of(row).in_force_from


def _policy(row: Mapping[str, Any], lines: Parameters, day: date) -> dict[str, Any]:
    begins, ends = policy_of(row).in_force_from, policy_of(row).in_force_to
    return {
        "id": row["id"], "name": name_of(row), "class": row["help_class"], "scope": row["scope"],
        "gives": row.get("gives_en") if fact_words.english() else row.get("gives_zh"), "amount": _amount(row, lines),
        "ahead": begins is not None and begins > day, "over": ends is not None and ends < day, "begins": begins,
        "unset": sorted(name_of(lines[name]) for name in _uses(row) if name in lines and lines[name]["value"] is None),
        "demo": bool(row.get("demo")),
    }  # fmt: skip


def _uses(row: Mapping[str, Any]) -> set[str]:
    """The lines that the conditions of a policy stand on."""

    def walk(node: Condition | Group) -> set[str]:
        if isinstance(node, Group):
            return {name for part in node.parts for name in walk(part)}
        line = node.line
        return {name for name in (line.param, line.times_param) if name} if line is not None else set()

    return walk(criteria_of(row["criteria"]))


def _amount(row: Mapping[str, Any], lines: Parameters) -> str:
    found = policy_of(row)
    if found.bands:
        values = [lines[name]["value"] for *_ends, name in found.bands if name in lines]
        known = [_decimal(value) for value in values if value is not None]
        unit = lines[found.bands[0][2]]["unit"]
        if not known:
            return str(_("金额：由社区设定"))
        least, most = min(known), max(known)
        return quantity(least, unit) + (f" – {plain(most)}" if most != least else "")
    if found.amount_param is None or found.amount_param not in lines:
        return ""
    if found.amount_param == "dibao_line_urban_month":
        return str(_("补到标准的差额"))
    line = lines[found.amount_param]
    return str(_("金额：由社区设定")) if line["value"] is None else quantity(_decimal(line["value"]), line["unit"])


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value))


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    sources = {each["id"]: each["title"] for each in read_pack()["sources"]["sources"]}
    return {
        "id": row["id"], "name": name_of(row), "unit": row["unit"],
        "value": None if row["value"] is None else quantity(_decimal(row["value"]), row["unit"]),
        "since": row["effective_from"], "source": sources.get(row.get("source_id") or "", row.get("source_id") or ""),
        "memory": row.get("status") == "memory", "must_review": row["must_review"],
        "confirmed_as": row["confirmed_as"], "confirmed_at": row["confirmed_at"],
        "history": [
            (day_words(date.fromisoformat(each["from"])), quantity(_decimal(each["value"]), row["unit"]))
            for each in row.get("history") or []
        ],
    }  # fmt: skip


def tree(node: Condition | Group, lines: Parameters) -> dict[str, Any]:
    """Conditions in words, nested as they combine: {all | any, parts} or {text, hint}."""
    if isinstance(node, Group):
        return {"any": node.combinator == "any", "parts": [tree(part, lines) for part in node.parts]}
    return {"text": _condition(node, lines), "hint": hint_words(node.hint)[fact_words.english()] if node.hint else ""}


def _condition(node: Condition, lines: Parameters) -> str:
    named = field_name(node.field)
    if node.line is not None:
        word = {"lt": _("低于"), "lte": _("不高于"), "gt": _("高于"), "gte": _("不低于"), "eq": _("等于")}[node.op]
        return f"{named} {word} {_line_words(node.line, node.field, lines)}"
    if node.op == "in":
        return str(
            _("%(name)s：%(options)s", name=named, options=listed(value_words(node.field, x) for x in node.options))
        )
    return named if node.op == "is_true" else str(_("%(name)s：应为“否”", name=named))


def _line_words(line: Line, field: str, lines: Parameters) -> str:
    if line.param is None:
        return value_words(field, line.literal)
    names = [line.param, *([line.times_param] if line.times_param else [])]
    origin = " × ".join(name_of(lines.get(name), name) for name in names)
    if line.times_param is None and line.times != 1:
        origin += f" × {plain(line.times)}"
    values = [lines[name]["value"] if name in lines else None for name in names]
    if any(value is None for value in values):
        return f"{origin}{_('（%(text)s）', text=_('本地未定'))}"
    figure = line.times
    for value in values:
        figure *= _decimal(value)
    figured = quantity(figure, vocabulary()[field].get("unit"))
    return f"{origin}{_('（%(text)s）', text=figured)}"
