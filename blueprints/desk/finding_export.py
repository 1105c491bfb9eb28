"""The lists of finding people as Excel files: what waits to be looked at, sweeps, surveys, what phones sent. Each is
filtered and masked as on its page, asks what it is for, and stands in the audit."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import exporting, sweep_words
from blueprints.desk import field as phones
from blueprints.desk import reviews
from blueprints.desk.door import bp
from blueprints.desk.surveys import STATES as SURVEY_STATES
from blueprints.pages import day, show, when
from blueprints.security import EXPORTING, by_account, limiter
from rongjiu.tenancy import known
from tenants.fieldwork import queries as sent
from tenants.residents.likeness import WORDS as EVIDENCE
from tenants.reviews import queries, requests
from tenants.reviews.merging import FIELD_WORDS
from tenants.surveys import queries as surveys
from tenants.sweeps import lists, rules


@bp.post("/reviews/export")
@limiter.limit(EXPORTING, key_func=by_account)
def reviews_export() -> ResponseReturnValue:
    """The tab of the address: pairs, requests, questions or merges; names masked, no value that was changed."""
    tab = request.args.get("tab", "")
    tab = tab if tab in reviews.TABS else "twice"
    if not exporting.purpose():
        return exporting.unasked(url_for("desk.reviews", tab=tab))
    head, rows = {"requests": _requests, "questions": _questions, "merged": _merges}.get(tab, lambda: _pairs(tab))()
    return exporting.file("reviews", f"{_('待核对')} {reviews.TABS[tab]}", head, rows)


def _pairs(tab: str) -> tuple[list[str], list[list[Any]]]:
    state = request.args.get("state", "")
    chosen = (state,) if state in reviews.STATES else queries.UNDECIDED
    rows, _total = queries.pairs(reviews.KINDS[tab], chosen, size=exporting.MOST)
    head = [_("哪两个登记"), "", _("院落"), "", _("有多像"), _("依据"), _("状态"), _("发现日期")]
    return head, [
        [show("name", row.one) or _("两户同一个门牌"), show("name", row.other), row.yard, row.other_yard,
         str(reviews.WEIGHTS[row.strength]), "；".join(_(EVIDENCE[code]) for code in row.reasons),
         str(reviews.STATES[row.state]), day(row.made_at)]
        for row in rows
    ]  # fmt: skip


def _requests() -> tuple[list[str], list[list[Any]]]:
    rows, _total = queries.requests(size=exporting.MOST)
    head = [_("申请"), _("姓名"), _("改什么"), _("申请人"), _("时间"), _("状态"), _("期限"), _("谁批的")]
    return head, [
        [requests.number(row.id), show("name", row.name), "；".join(_(FIELD_WORDS[name]) for name in row.fields),
         row.asked_post, when(row.asked_at), str(reviews.REQUEST_STATES[row.state]), when(row.due_at),
         row.decided_post or ""]
        for row in rows
    ]  # fmt: skip


def _questions() -> tuple[list[str], list[list[Any]]]:
    rows, _total = known.asked_of_us(size=exporting.MOST)
    return [_("询问"), _("时间"), _("状态")], [
        [row.contact.community if row.contact else _("另一个社区来问"), when(row.at),
         str(reviews.QUESTION_STATES[row.state])]
        for row in rows
    ]  # fmt: skip


def _merges() -> tuple[list[str], list[list[Any]]]:
    rows, _total = queries.merges(size=exporting.MOST)
    return [_("合并"), _("时间"), _("谁合并的"), _("撤销"), _("谁撤销的")], [
        [show("name", row.name) if row.kind == "person" else _("两户并成一户"), when(row.at), row.actor,
         when(row.undone_at) if row.undone_at else "", row.undone_by or ""]
        for row in rows
    ]  # fmt: skip


@bp.post("/sweeps/export")
@limiter.limit(EXPORTING, key_func=by_account)
def sweeps_export() -> ResponseReturnValue:
    """All sweeps of the filter with their numbers; nothing of a person."""
    if not exporting.purpose():
        return exporting.unasked(url_for("desk.sweeps"))
    rows, _total = lists.sweeps(state=request.args.get("state", ""), size=exporting.MOST)
    head = [
        _("编号"),
        _("摸排"),
        _("目的"),
        _("开始"),
        _("结束"),
        _("状态"),
        _("户数"),
        _("已有结果"),
        _("覆盖户数"),
        _("覆盖率"),
    ]
    return exporting.file("sweeps", _("摸排"), head, [
        [row.number, row.title, _(rules.PURPOSES.get(row.purpose, row.purpose)), day(row.starts_on), day(row.ends_on),
         sweep_words.word(sweep_words.SWEEP_STATES, row.state), row.doors, row.done, row.covered,
         f"{rules.percent(row.covered, row.doors)}%"]
        for row in rows
    ])  # fmt: skip


@bp.post("/surveys/export")
@limiter.limit(EXPORTING, key_func=by_account)
def surveys_export() -> ResponseReturnValue:
    """All surveys with their numbers; nothing of a person."""
    if not exporting.purpose():
        return exporting.unasked(url_for("desk.surveys"))
    head = [_("编号"), _("统计"), _("状态"), _("开始"), _("结束"), _("答卷"), _("样本")]
    return exporting.file("surveys", _("需求统计"), head, [
        [row.number, row.title, str(SURVEY_STATES[row.state]), day(row.starts_on), day(row.ends_on), row.answers, row.sample]
        for row in surveys.surveys()
    ])  # fmt: skip


@bp.post("/field/export")
@limiter.limit(EXPORTING, key_func=by_account)
def field_export() -> ResponseReturnValue:
    """What phones sent, of the filters of the page; not what stood in it."""
    if not exporting.purpose():
        return exporting.unasked(url_for("desk.field"))
    state = request.args.get("state", "")
    rows, _total = sent.page(
        state=state if state in phones.STATES else "", post=request.args.get("q", "").strip()[:50], size=exporting.MOST
    )
    head = [_("记录"), _("院落"), _("谁记的"), _("什么时候"), _("收到"), _("状态"), _("原因")]
    return exporting.file("field", _("手机回传"), head, [
        [phones.kind_words(row.kind), row.courtyard or "", row.post, when(row.told_at), when(row.received_at),
         _(phones.STATES[row.state]), _(row.problem) if row.problem else ""]
        for row in rows
    ])  # fmt: skip
