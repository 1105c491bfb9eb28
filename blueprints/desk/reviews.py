"""/desk/reviews: what may be registered twice, side by side, merged field by field and undone; the list of all tabs."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import own, page_number, page_size
from blueprints.forms import lazy
from blueprints.guard import logged, me
from blueprints.pages import named, show
from blueprints.permissions import matrix
from blueprints.security import EXPORTING, by_account, limiter
from rongjiu.clock import now
from rongjiu.errors import Clash, Refused
from rongjiu.tenancy import known
from tenants.catalogue import queries as catalogue
from tenants.residents.likeness import CERTAIN, STRONG
from tenants.residents.likeness import WORDS as EVIDENCE
from tenants.reviews import ledgers, merging, queries, requests, service, unmerging
from tenants.reviews.merging import FIELD_WORDS, FIELDS

TABS = {
    "twice": lazy("疑似重复"), "numbers": lazy("身份证号冲突"), "requests": lazy("变更审批"), "questions": lazy("外社区询问"),
    "ledgers": lazy("台账导出"), "merged": lazy("已合并"),
}  # fmt: skip
KINDS = {"twice": ("duplicate", "door"), "numbers": ("id_clash",)}
STATES = {
    "open": lazy("待核对"),
    "later": lazy("以后再看"),
    "different": lazy("不是同一个"),
    "merged": lazy("已合并"),
    "gone": lazy("不用再看"),
}
REQUEST_STATES = {
    "open": lazy("等书记批准"), "approved": lazy("已批准"), "refused": lazy("已退回"), "withdrawn": lazy("已撤回"),
}  # fmt: skip
LEDGER_STATES = {
    "open": lazy("等书记批准"), "approved": lazy("已批准"), "refused": lazy("已退回"), "withdrawn": lazy("已撤回"), "taken": lazy("已取走"),
}  # fmt: skip
QUESTION_STATES = {"asked": lazy("等答复"), "agreed": lazy("双方同意联系"), "declined": lazy("未同意")}
WEIGHTS = {CERTAIN: lazy("确定"), STRONG: lazy("很可能"), 1: lazy("可能")}


@bp.get("/reviews")
def reviews() -> ResponseReturnValue:
    """Everything that somebody should look at again; a community worker sees the own requests."""
    mine, page = own(), page_number()
    tab = request.args.get("tab", "")
    tab = "requests" if mine is not None else tab if tab in TABS else "twice"
    counts = None if mine is not None else queries.counts()
    rows, total, more = _rows(tab, page, mine)
    return render_template(
        "desk/reviews.html", tab=tab, tabs=TABS, counts=counts, rows=rows, total=total, page=page,
        pages=max(1, -(-total // 50)), now=now(), evidence=EVIDENCE, weights=WEIGHTS, states=STATES,
        request_states=REQUEST_STATES, question_states=QUESTION_STATES, field_words=FIELD_WORDS,
        request_number=requests.number, nav_counts={"reviews": counts.total if counts else 0}, **more,
    )  # fmt: skip


def _rows(tab: str, page: int, mine: UUID | None) -> tuple[list[Any], int, dict[str, Any]]:
    if tab == "requests":
        return (*queries.requests(asked_by=mine, page=page, size=page_size()), {})
    if tab == "ledgers":
        asker = None if me().role == "secretary" else me().account_id
        more = {"ledger_states": LEDGER_STATES, "ready": ledgers.ready(now())}
        return (*ledgers.page(asker, page, page_size()), more)
    if tab == "questions":
        return (*known.asked_of_us(page, page_size()), {})
    if tab == "merged":
        return (*queries.merges(page, page_size()), {})
    state = request.args.get("state", "")
    chosen = (state,) if state in STATES else queries.UNDECIDED
    run = queries.last_run() if tab == "twice" else None
    return (*queries.pairs(KINDS[tab], chosen, page, page_size()), {"run": run, "state": state})


@bp.post("/reviews/search")
@limiter.limit(EXPORTING, key_func=by_account)
def reviews_search() -> ResponseReturnValue:
    """Search the whole register for duplicates; the worker does it, the list shows how far it is."""
    service.search()
    flash(_("正在重新查找，可以先做别的事，过一会儿刷新这一页。"), "info")
    return redirect(url_for("desk.reviews", tab="twice"), 303)


@bp.route("/reviews/<uuid:review_id>", methods=["GET", "POST"])
@logged
def review(review_id: UUID) -> ResponseReturnValue:
    """Two entries side by side; one decision: the same, two, or later."""
    row = queries.review(review_id)
    if row is None:
        abort(404)
    problem, status = "", 200
    if request.method == "POST":
        try:
            return _decided(row)
        except Refused as refused:
            problem, status = told(refused), refused.status
    page = "desk/review_door.html" if row.kind == "door" else "desk/review.html"
    sides = _homes(row) if row.kind == "door" else _people(row)
    return render_template(
        page, row=row, problem=problem, words=words, evidence=EVIDENCE, weights=WEIGHTS, states=STATES,
        decided=row.state not in queries.UNDECIDED, revealable=_revealable(), **sides,
    ), status  # fmt: skip


def _revealable() -> list[tuple[str, Any]]:
    """Fields that the eye beside each entry may open to this post; the eye's own address decides anew."""
    eye = matrix()["desk.reveal"]
    return [(code, word) for code, word in words.REVEALABLE.items() if eye.rule(code, me().role) == "reveal"]


def _decided(row: Any) -> ResponseReturnValue:
    back = url_for("desk.reviews", tab="numbers" if row.kind == "id_clash" else "twice")
    act = request.form.get("act", "")
    if act in ("different", "later"):
        service.set_aside(row.id, "different" if act == "different" else "later")
        flash(_("已记下：不是同一个，以后不再提示。") if act == "different" else _("已放到“以后再看”。"), "success")
        return redirect(back, 303)
    if act != "merge" or request.form.get("keep") not in ("one", "other"):
        raise Refused("请选保留哪一个，再合并。")
    keep = "one" if request.form["keep"] == "one" else "other"
    merge = service.merge(row.id, keep, _choices(request.form, keep))  # type: ignore[arg-type]
    flash((_("已合并。"), url_for("desk.merge_undo", merge_id=merge)), "undo")  # type: ignore[arg-type]
    return redirect(back, 303)


def _choices(form: Mapping[str, str], keep: str) -> dict[str, merging.Choice]:
    """Field → whose value stays; the page says `one` or `other`, the merge `keep` or `drop`."""
    found: dict[str, merging.Choice] = {}
    for name in (*FIELDS, "household"):
        side = form.get(f"f-{name}", "")
        if side == "both":
            found[name] = "both"
        elif side in ("one", "other"):
            found[name] = "keep" if side == keep else "drop"
    return found


def told(refused: Refused) -> str:
    """A refusal in the reader's language, with the fields it names."""
    given = {name: "、".join(_(part) for part in str(value).split("、")) for name, value in refused.words.items()}
    return str(_(refused.message, **given))


def _homes(row: Any) -> dict[str, Any]:
    homes = queries.homes((row.one_id, row.other_id))
    return {"one": homes[row.one_id], "other": homes[row.other_id]}


def _people(row: Any) -> dict[str, Any]:
    people = queries.people((row.one_id, row.other_id))
    one, other = people[row.one_id], people[row.other_id]
    groups = {each["id"]: named(each) for each in catalogue.groups()}
    lines = []
    for name in FIELDS:
        a, b = one.values[name], other.values[name]
        if not a and not b:
            continue
        same = a == b
        pick = "one" if a else "other"
        both = name == "groups" and bool(a) and bool(b) and not same
        lines.append(
            {"name": name, "word": _(FIELD_WORDS[name]), "one": _shown(name, a, groups), "other": _shown(name, b, groups),
             "same": same, "pick": "both" if both else pick, "both": both}
        )  # fmt: skip
    fuller = "one" if _weight(one) >= _weight(other) else "other"
    return {"one": one, "other": other, "lines": lines, "fuller": fuller}


def _weight(side: queries.Side) -> int:
    """How much is known of an entry: the fuller one is proposed to stay."""
    return sum(bool(value) for value in side.values.values())


def _shown(name: str, value: Any, groups: Mapping[str, str]) -> str:
    if not value:
        return ""
    if name == "gender":
        return words.word(words.GENDERS, value)
    if name == "relation":
        return words.relation(value)
    if name == "groups":
        return "、".join(groups.get(slug, slug) for slug in value)
    return show(name, value) or _("已登记")


@bp.post("/reviews/merges/<uuid:merge_id>/undo")
def merge_undo(merge_id: UUID) -> ResponseReturnValue:
    """Put a merge back; what has changed since and forbids it is named."""
    if queries.merge(merge_id) is None:
        abort(404)
    back = redirect(url_for("desk.reviews", tab="merged"), 303)
    try:
        unmerging.undo(merge_id)
    except Clash as refused:
        flash(told(refused), "warning")
    else:
        flash(_("已撤销，两个登记和合并以前一样。"), "success")
    return back
