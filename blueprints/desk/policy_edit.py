"""…/policies/<policy>/edit: a policy as a form and a grid of conditions; what is typed stays, whatever is wrong in it."""

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk import fact_words
from blueprints.desk.door import bp
from blueprints.desk.fact_words import name_of
from blueprints.forms import lazy
from rongjiu.db import db
from rongjiu.errors import Clash, Refused
from rongjiu.library.packfiles import read_pack
from tenants.catalogue import queries
from tenants.policydesk import benefits, checking, rules, service
from tenants.policydesk.cells import OPERATORS as KNOWN
from tenants.policydesk.cells import half, operator_of
from tenants.policydesk.service import Faulty, Given
from tenants.policydesk.vocabulary import words

SPARE = 4
"""Empty rows under the filled ones."""
PLAIN = (
    "name_zh", "name_en", "gives_zh", "gives_en", "department_id", "help_class", "scope", "working_days",
    "effective_from", "effective_to", *benefits.INPUTS,
)  # fmt: skip
BENEFITS = {code: lazy(word) for code, word in benefits.KINDS.items()}
PERIODS = {code: lazy(word) for code, word in benefits.PERIODS.items()}
SOURCE = ("source_title", "source_number", "source_date")
LISTS = ("document_ids", "apply_at")
OPERATORS = {code: lazy(word) for code, word in KNOWN.items()}
HEADS = {code: lazy(word) for code, word in rules.HEADS.items()}


def item(policy: str) -> dict[str, Any]:
    """The policy in force, or a new one that is only a draft (`new`); 404 for one the community does not have."""
    row = next((each for each in queries.policies() if each["id"] == policy), None)
    if row is None:
        draft = service.draft_of(policy)
        if draft is None:
            abort(404)
        row = {**draft.content, "new": True}
    return row


@bp.route("/policies/new", methods=["GET", "POST"])
def policy_new() -> ResponseReturnValue:
    """A wholly new policy: the same form, nothing filled in; saved as a draft that nobody is judged by."""
    if request.method == "POST":
        return _posted("", {})
    typed = {**dict.fromkeys(PLAIN, ""), **{name: list[str]() for name in LISTS}}
    return _page("", {}, [], {**typed, "scope": "household", "benefit_kind": "cash"}, 0, spare=6)


@bp.route("/policies/<policy>/edit", methods=["GET", "POST"])
def policy_edit(policy: str) -> ResponseReturnValue:
    """The grid; a POST saves a draft, reads a pasted table into the grid, or adds rows."""
    head = item(policy)
    draft = service.draft_of(policy)
    if request.method == "POST":
        return _posted(policy, head)
    content = draft.content if draft else head
    typed = _of_content(content)
    if draft:
        day = draft.source_date.isoformat() if draft.source_date else ""
        typed |= {"source_title": draft.source_title, "source_number": draft.source_number, "source_date": day}
    return _page(policy, head, _shown(rules.rows_of(content["criteria"])), typed, draft.seq if draft else 0)


def _posted(policy: str, head: Mapping[str, Any]) -> ResponseReturnValue:
    form = request.form
    act, seen = form.get("act", "save"), form.get("seen", 0, type=int)
    rows = grid()
    typed: dict[str, Any] = {name: form.get(name, "") for name in (*PLAIN, *SOURCE)}
    typed |= {name: form.getlist(name) for name in LISTS}
    paste = form.get("paste", "")
    given = rules.pasted(paste) if paste.strip() else rows
    if act == "more":
        return _page(policy, head, rows, typed, seen, paste=paste, spare=10)
    if act == "paste" and len(given) <= rules.MOST_ROWS:
        _tree, faults = rules.tree_of(given, words())
        return _page(
            policy, head, given, typed, seen, Faulty(faults) if faults else None, status=422 if faults else 200
        )
    inputs = {name: value for name, value in typed.items() if name in (*SOURCE, *LISTS) or name in form}
    if not policy:
        inputs = typed
    try:
        saved: object = (
            service.save(policy, Given(given, inputs), seen) if policy else service.create(Given(given, inputs))
        )
    except Refused as refused:
        if refused.status == 404:
            raise
        db.session.rollback()
        many = len(given) > rules.MOST_ROWS
        return _page(policy, head, rows if many else given, typed, seen, refused, paste=paste if many else "", status=refused.status)  # fmt: skip
    policy = policy or str(saved)
    flash(_("草稿已保存，还没有生效。") if saved else _("没有改动，没有生成草稿。"), "success")
    return redirect(url_for("desk.policy_desk", policy=policy), 303)


def grid() -> list[dict[str, str]]:
    """The rows of the grid as they were typed, empty ones at the end left out."""
    form = request.form
    count = min(form.get("rows", 0, type=int), rules.MOST_ROWS + 50)
    rows = [{name: form.get(f"{name}-{n}", "") for name in rules.COLUMNS} for n in range(1, count + 1)]
    while rows and rules.blank(rows[-1]):
        rows.pop()
    return rows


def _of_content(content: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {name: content.get(name) or "" for name in PLAIN}
    found["working_days"] = checking.days_of(content)
    found |= benefits.shown(content, words(), ids=fact_words.english())
    return found | {name: content.get(name) or [] for name in LISTS}


def _shown(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Values with names for who reads Chinese; facts and operators stay ids, their lists carry the words."""
    if fact_words.english():
        return rows
    known = words()
    return [{**row, "value": rules.shown(row, known)["value"]} for row in rows]


def faults_of(refused: Refused | None) -> tuple[dict[str, list[str]], dict[str, str], list[str]]:
    """A refusal by cell (`fact-3`), by input, and what belongs to neither."""
    cells: dict[str, list[str]] = {}
    inputs: dict[str, str] = {}
    rest: list[str] = []
    if isinstance(refused, Faulty):
        for fault in refused.faults:
            text = _(fault.message, **fault.words)
            cells.setdefault(f"{fault.column}-{fault.row}", []).append(text)
        for each in refused.fields:
            if each.field in (*PLAIN, *LISTS, "paste"):
                inputs[each.field or ""] = _(each.message, **each.words)
            else:
                rest.append(_(each.message, **each.words))
    elif refused is not None and refused.field:
        inputs[refused.field] = _(refused.message, **refused.words)
    elif refused is not None:
        rest.append(_(refused.message, **refused.words))
    return cells, inputs, rest


def _page(
    policy: str, head: Mapping[str, Any], rows: list[dict[str, str]], typed: Mapping[str, Any], seen: int,
    refused: Refused | None = None, *, paste: str = "", spare: int = SPARE, status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    known, pack = words(), read_pack()["policies"]
    cells, inputs, rest = faults_of(refused)
    for row in rows:
        row["fact"] = known.fact(half(row["fact"])) or row["fact"]
        row["op"] = _operator(row["op"])
    page = render_template(
        "desk/screening/policy_edit.html", policy=head if policy else None, benefits=BENEFITS.items(),
        periods=[("", _("不按期")), *PERIODS.items()], amounts=[("", _("没有固定金额")), *((slug, name_of(row)) for slug, row in known.parameters.items())],
        graded=[("", _("不分档")), *((slug, name_of(row)) for slug, row in known.facts.items() if row["type"] in ("number", "enum"))], rows=rows + [dict.fromkeys(rules.COLUMNS, "")] * spare, typed=typed,
        seen=seen, cells=cells, wrong=inputs, rest=rest, paste=paste, heads=HEADS, operators=OPERATORS,
        clash=isinstance(refused, Clash), words=fact_words,
        facts=[(slug, name_of(row)) for slug, row in known.facts.items()],
        lines=[(f"@{slug}" if fact_words.english() else f"@{row['name_zh']}", name_of(row)) for slug, row in known.parameters.items()],
        offices=[(row["id"], name_of(row)) for row in queries.departments()],
        classes=list(fact_words.HELP_CLASSES.items()), scopes=list(fact_words.SCOPES.items()),
        papers=[(row["id"], name_of(row)) for row in pack["documents"]],
        places=[(row["id"], name_of(row)) for row in pack["apply_at"]],
    )  # fmt: skip
    return page, status


def _operator(text: str) -> str:
    """The code of an operator however it was written; what nobody knows stays as typed."""
    return operator_of(text) or text


@bp.post("/policies/<policy>/draft/drop")
def policy_drop(policy: str) -> ResponseReturnValue:
    """Throw the draft away."""
    head = item(policy)
    service.drop(policy)
    flash(_("草稿已删除，现行政策没有变。"), "success")
    if head.get("new"):
        return redirect(url_for("desk.policy_workbook"), 303)
    return redirect(url_for("desk.policy_desk", policy=policy), 303)
