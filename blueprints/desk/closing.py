"""…/cases/<number>/close: what still holds a case open, the proposal to close it, the secretary's word, opening it again."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import case_or_404
from blueprints.forms import Form
from blueprints.guard import logged, me
from rongjiu.errors import Refused
from tenants.casework import closing, following, planning, rules
from tenants.needs import queries as needs


@bp.route("/cases/<number>/close", methods=["GET", "POST"])
@logged
def close(number: str) -> ResponseReturnValue:
    """Close a case, or say why it cannot be closed yet; a closed one is opened again here."""
    case = case_or_404(number)
    if request.method != "POST":
        return _page(case)
    try:
        _act(case, request.form.get("act", "propose"))
    except Refused as refused:
        said, status = Form().refuse(refused)
        return _page(case, [said]), status
    return redirect(url_for("desk.case", number=number), 303)


@bp.post("/cases/<number>/follow")
def follow(number: str) -> ResponseReturnValue:
    """Send the family a link to its progress."""
    case = case_or_404(number)
    try:
        following.send(case.id)
    except Refused as refused:
        flash(_(refused.message, **refused.words), "warning")
    else:
        flash(_("进度链接已发给家里人,90 天内可看,转发也看不到姓名住址。"), "success")
    return redirect(url_for("desk.case", number=number), 303)


def _act(case: Any, act: str) -> None:
    form = request.form
    if act == "propose":
        left = {row.id: form.get(f"left-w{row.seq}", "") for row in needs.of_case(case.id) if not row.result}
        done = closing.propose(case.id, form.get("reason", ""), {key: code for key, code in left.items() if code})
        flash(_("个案已办结。") if done else _("已提出办结,等书记审批。审批前个案照常办理。"), "success")
    elif act in ("approve", "send_back"):
        if me().role != "secretary":
            raise Refused("办结由社区书记审批。", status=403)
        alone = closing.decide(case.id, approve=act == "approve", note=form.get("note", ""))
        flash(_("已批准。没有第二位书记,记为自批,会列入抽查。") if alone else _("已处理。"), "success")
    elif act == "take_back":
        closing.take_back(case.id)
        flash(_("已撤回办结。"), "success")
    elif act == "reopen":
        closing.reopen(case.id)
        flash(_("个案已重新启动,负责人已收到通知。"), "success")
    else:
        raise Refused("请选要做的事。")


def _page(case: Any, wrong: list[str] | None = None) -> str:
    standing = closing.standing(case.id)
    rows = needs.of_case(case.id)
    return render_template(
        "desk/close.html", case=case, rows=rows, wrong=wrong or [], words=words, asked=closing.last(case.id),
        hindered=[_(said, **values) for said, values in rules.hindrances(standing)],
        blocked=bool(standing.live_offers or standing.waiting_slips or standing.emergency),
        reasons=[(code, _(word)) for code, word in rules.CLOSE_REASONS.items()],
        reason_words={code: _(word) for code, word in rules.CLOSE_REASONS.items()},
        left=[("", _("还没有结果")), *((code, _(word)) for code, word in rules.LEFT.items())],
        approval=planning.approval_asked(), secretary=me().role == "secretary",
        typed=request.form if request.method == "POST" else {},
    )  # fmt: skip
