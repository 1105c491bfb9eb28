"""…/policies/<policy>/desk: draft against the policy in force, example households, dry run, publishing, versions."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk import fact_words
from blueprints.desk.door import bp
from blueprints.desk.fact_words import day_words, field_name, listed, name_of, value_words, vocabulary
from blueprints.desk.policies import limit_words, tree
from blueprints.desk.policy_edit import BENEFITS, HEADS, OPERATORS, PERIODS, item
from blueprints.desk.scope import page_number, page_size
from blueprints.forms import lazy
from blueprints.guard import logged, me
from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.library.packfiles import read_pack
from tenants.catalogue import queries as catalogue
from tenants.policydesk import examples, queries, rules, service, trials
from tenants.policydesk.vocabulary import words
from tenants.screening.reading import criteria_of

KINDS = {
    "reached": lazy("新够得着"), "amount": lazy("待遇换档"), "near": lazy("新的临界"), "lost": lazy("不再符合"),
    "unknown": lazy("变成待核实"),
}  # fmt: skip
VERDICTS = {
    "eligible": lazy("符合"), "near_miss": lazy("临界"), "actionable": lazy("补办后可申请"), "need_info": lazy("待核实"),
    "not_eligible": lazy("不符合"), "not_in_force": lazy("未施行"),
}  # fmt: skip
NAMES = {
    "name_zh": lazy("名称"), "name_en": lazy("英文名称"), "gives_zh": lazy("给什么"), "gives_en": lazy("给什么（英文）"),
    "department_id": lazy("部门"), "help_class": lazy("类别"), "scope": lazy("对象"), "document_ids": lazy("材料"),
    "apply_at": lazy("在哪里办"), "time_limit": lazy("办理时限"), "benefit": lazy("待遇和金额"), "effective_from": lazy("施行"), "effective_to": lazy("停止"),
}  # fmt: skip


@bp.get("/policies/<policy>/desk")
def policy_desk(policy: str) -> ResponseReturnValue:
    """Everything about the next version of a policy, in the order in which it is done."""
    return _page(policy)


def _page(policy: str, wrong: Mapping[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    head, draft = item(policy), service.draft_of(policy)
    content = draft.content if draft else head
    before = {**head, **dict.fromkeys(NAMES, None), "criteria": {"all": []}} if head.get("new") else head
    lines = {row["id"]: row for row in catalogue.parameters()}
    trial = trials.latest(policy)
    tried = examples.results(policy, content)
    page = render_template(
        "desk/screening/policy_desk.html", policy=head, draft=draft, words=fact_words, changes=_changes(before, content),
        rows=_rows(before, content), heads=HEADS, examples=tried,
        verdicts=VERDICTS, said=_said, why=_why, asked=_asked(content), trial=trial, kinds=KINDS, mine=_mine(draft),
        versions=catalogue.versions(policy), day=today(), wrong=wrong or {}, typed=request.form if wrong else {},
        tree=tree(criteria_of(content["criteria"]), lines),
        fresh=bool(draft and trials.fresh(draft, trial)), missing=_missing(tried, head),
    )  # fmt: skip
    return page, status


def _missing(tried: Any, head: Mapping[str, Any]) -> str:
    """What the examples still lack before publishing, in words."""
    refused = examples.missing(tried, new=bool(head.get("new")))
    return _(refused.message, **refused.words) if refused else ""


def _mine(draft: Any) -> bool:
    return draft is not None and draft.saved_by == me().account_id


def _changes(head: Mapping[str, Any], content: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Inputs that a draft changes: what, before, after, in words."""
    found = []
    for name, word in NAMES.items():
        before, after = head.get(name), content.get(name)
        if before != after:
            found.append((str(word), _text(name, before), _text(name, after)))
    return found


def _text(name: str, value: Any) -> str:
    if name == "time_limit":
        return limit_words({"time_limit": value})
    if name == "benefit":
        return _benefit(value)
    if value in (None, "", []):
        return "—"
    if name == "department_id":
        return name_of(next((row for row in catalogue.departments() if row["id"] == value), None), value)
    if name in ("help_class", "scope"):
        return str({**fact_words.HELP_CLASSES, **fact_words.SCOPES}.get(value, value))
    if name in ("document_ids", "apply_at"):
        pack = read_pack()["policies"]
        names = {row["id"]: name_of(row) for row in pack["documents" if name == "document_ids" else "apply_at"]}
        return listed(names.get(each, each) for each in value)
    return day_words(date.fromisoformat(value)) if name.startswith("effective") else str(value)


def _benefit(value: Mapping[str, Any] | None) -> str:
    """What is given in one line: kind, amount, period, bands."""
    if not value or not value.get("kind"):
        return "—"
    lines = {row["id"]: name_of(row) for row in catalogue.parameters()}
    said = [str(BENEFITS[value["kind"]])]
    if value.get("period"):
        said.append(str(PERIODS[value["period"]]))
    if banded := value.get("banded"):
        said += [
            f"{field_name(banded['by'])} {low}{'+' if high is None else '' if high == low else f'–{high}'} {lines.get(line, line)}"
            for low, high, line in banded["bands"]
        ]
    elif value.get("amount_param"):
        said.append(lines.get(value["amount_param"], value["amount_param"]))
    return listed(said)


def _rows(head: Mapping[str, Any], content: Mapping[str, Any]) -> list[dict[str, Any]]:
    known = words()
    found = []
    for kind, row in rules.changed(rules.rows_of(head["criteria"]), rules.rows_of(content["criteria"])):
        said = row if fact_words.english() else rules.shown(row, known)
        found.append({
            **said, "kind": kind, "fact": field_name(row["fact"]), "op": str(OPERATORS[row["op"]]),
            "hint": row["hint"].split(" / ")[-1 if fact_words.english() else 0],
        })  # fmt: skip
    return found


def _asked(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The facts that a new example may state: those the conditions ask for, with what may be chosen."""
    found = []
    for slug in rules.facts_in(content["criteria"]):
        row = vocabulary()[slug]
        choices = [("", _("不清楚"))]
        if row["type"] == "bool":
            choices += [("yes", _("是")), ("no", _("否"))]
        elif row["type"] == "enum":
            choices += [(value, value_words(slug, value)) for value in row["values"]]
        found.append({"id": slug, "name": field_name(slug), "type": row["type"], "choices": choices})
    return found


def _said(facts: Mapping[str, Any]) -> str:
    """The facts of an example in words."""
    values = {**facts["household"], **facts["members"][examples.WHO]}
    return listed(
        (f"{field_name(slug)}{_('：')}{value_words(slug, _plain(value))}" for slug, value in values.items()), parts=True
    )


def _plain(value: Any) -> Any:
    """A number of JSON as the facts have it."""
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _why(rows: Iterable[Any]) -> str:
    """The conditions that stand in the way of an example."""
    return listed(f"{field_name(row.field)}{_('：')}{value_words(row.field, row.value)}" for row in rows)


def _again(refused: Refused, policy: str) -> ResponseReturnValue:
    """The page with what was typed and why it was refused."""
    if refused.status == 404:
        raise refused
    db.session.rollback()
    return _page(policy, {refused.field or "": _(refused.message, **refused.words)}, refused.status)


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError as error:
        raise Refused("日期不对，请重新选择。", field=name) from error


@bp.post("/policies/<policy>/publish")
def policy_publish(policy: str) -> ResponseReturnValue:
    """Publish the draft that was on the screen from a day on."""
    item(policy)
    try:
        number = service.publish(policy, request.form.get("seq", 0, type=int), _day("effective_on"), me().post)
    except Refused as refused:
        return _again(refused, policy)
    flash(_("第 %(n)s 版已发布。到了起用的那一天，全部家庭会重新研判。", n=number), "success")
    return redirect(url_for("desk.policy_desk", policy=policy), 303)


@bp.post("/policies/<policy>/restore")
def policy_restore(policy: str) -> ResponseReturnValue:
    """Bring an older version back, from a day on."""
    item(policy)
    try:
        number = service.roll_back(policy, request.form.get("version", 0, type=int), today(), me().post)
    except Refused as refused:
        return _again(refused, policy)
    flash(_("已恢复，作为第 %(n)s 版从今天起用。", n=number), "success")
    return redirect(url_for("desk.policy_desk", policy=policy), 303)


@bp.post("/policies/<policy>/withdraw")
def policy_withdraw(policy: str) -> ResponseReturnValue:
    """Take back a version whose day has not come."""
    item(policy)
    try:
        service.withdraw(policy, request.form.get("version", 0, type=int), me().post)
    except Refused as refused:
        return _again(refused, policy)
    flash(_("已撤回，这一版不会起用。"), "success")
    return redirect(url_for("desk.policy_desk", policy=policy), 303)


@bp.post("/policies/<policy>/examples")
def policy_example(policy: str) -> ResponseReturnValue:
    """Keep a made-up household with the answer it must get."""
    item(policy)
    values = {name.removeprefix("f-"): value for name, value in request.form.items() if name.startswith("f-")}
    try:
        examples.add(policy, request.form.get("name", ""), values, request.form.get("expected", ""))
    except Refused as refused:
        return _again(refused, policy)
    flash(_("示例家庭已保存。"), "success")
    return redirect(url_for("desk.policy_desk", policy=policy) + "#examples", 303)


@bp.post("/policies/<policy>/examples/<uuid:example_id>/retire")
def policy_example_retire(policy: str, example_id: UUID) -> ResponseReturnValue:
    """Ask an example no more."""
    item(policy)
    examples.retire(policy, example_id)
    flash(_("示例家庭已停用。"), "success")
    return redirect(url_for("desk.policy_desk", policy=policy) + "#examples", 303)


@bp.post("/policies/<policy>/trial")
def policy_try(policy: str) -> ResponseReturnValue:
    """Begin a dry run of the draft on the register."""
    item(policy)
    try:
        trials.start(policy)
    except Refused as refused:
        return _again(refused, policy)
    flash(_("试算已开始，可以离开这一页，过一会儿再来看。"), "success")
    return redirect(url_for("desk.policy_desk", policy=policy) + "#trial", 303)


@bp.get("/policies/<policy>/trial")
@logged
def policy_trial(policy: str) -> ResponseReturnValue:
    """Who the draft would reach or leave, by courtyard; names masked."""
    head, trial = item(policy), trials.latest(policy)
    if trial is None:
        abort(404)
    return trial_page(trial, head, url_for("desk.policy_desk", policy=policy), name_of(head))


def trial_page(trial: Any, item: Mapping[str, Any], back: str, back_text: str) -> str:
    """The list of a dry run; `item` = the policy or line that was tried."""
    kind, page = request.args.get("kind", ""), page_number()
    kind = kind if kind in KINDS else ""
    rows, total = queries.trial_page(trial.id, kind, page, page_size())
    options = [(code, str(word), trial.counts.get(code, 0)) for code, word in KINDS.items()]
    return render_template(
        "desk/screening/policy_trial.html", item=item, trial=trial, rows=rows, total=total, page=page, kinds=KINDS, back=back,
        pages=max(1, -(-total // queries.SIZE)), words=fact_words, back_text=back_text,
        filters=[{"name": "kind", "label": _("变化"), "value": kind, "options": options}],
    )  # fmt: skip
