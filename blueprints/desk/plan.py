"""…/cases/<number>/plan: a goal and steps for each need in the family's words, who walks with them, when to look again."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import case_or_404, uuid_of
from blueprints.forms import Form
from blueprints.guard import logged, me
from blueprints.pages import day
from rongjiu.db import current_tenant
from rongjiu.errors import Refused
from rongjiu.tenancy.staff import working
from tenants.casework import planning, queries, rules
from tenants.needs import queries as needs
from tenants.referrals import queries as referrals


@bp.route("/cases/<number>/plan", methods=["GET", "POST"])
@logged
def plan(number: str) -> ResponseReturnValue:
    """Write down what is to be reached and how; then each need is offered to somebody."""
    case = case_or_404(number)
    rows = needs.of_case(case.id)
    if request.method != "POST":
        return _page(case, rows)
    typed = request.form
    goals = {row.id: typed.get(f"goal-w{row.seq}", "") for row in rows}
    steps = {row.id: [_line(row.seq, n) for n in range(1, rules.STEPS_A_NEED + 1)] for row in rows}
    try:
        made = planning.make(case.id, goals, steps, uuid_of(typed.get("companion", _holder(case))), _review())
    except Refused as refused:
        said, status = Form().refuse(refused)
        return _page(case, rows, [said]), status
    count = sum(bool(goal.strip()) for goal in goals.values())
    if made.state == "proposed":
        flash(_("帮扶计划已保存:%(n)s 个目标,等书记审批。可以先找服务方、取授权、提交转介。", n=count), "success")
    else:
        flash(_("帮扶计划已保存:%(n)s 个目标。下一步:为每项需求找服务方、取授权、提交转介。", n=count), "success")
    return redirect(url_for("desk.case", number=number, _anchor="needs"), 303)


@bp.post("/cases/<number>/plan/act")
@logged
def plan_act(number: str) -> ResponseReturnValue:
    """Approve, send back, look again, or tick a step."""
    case, act = case_or_404(number), request.form.get("act", "")
    try:
        if act in ("approve", "send_back"):
            if me().role != "secretary":
                raise Refused("计划由社区书记审批。", status=403)
            alone = planning.decide(case.id, approve=act == "approve", note=request.form.get("note", ""))
            flash(_("已批准。没有第二位书记,记为自批,会列入抽查。") if alone else _("已处理。"), "success")
        elif act == "review":
            planning.review(case.id, _day("again_on"))
            flash(_("复盘已登记。"), "success")
        elif (step := uuid_of(request.form.get("step"))) is not None:
            planning.step_done(case.id, step)
            flash(_("这一步已办好。"), "success")
        else:
            raise Refused("请选要做的事。")
    except Refused as refused:
        said, status = Form().refuse(refused)
        return _page(case, needs.of_case(case.id), [said]), status
    return redirect(url_for("desk.plan", number=number), 303)


def _holder(case: Any) -> str:
    """Who walks with the family when nobody else is named: who holds the case."""
    return str(case.worker_id or me().account_id)


def _review() -> date | None:
    return _day("review_on") if "review_on" in request.form else planning.usual_review()


def _line(seq: int, n: int) -> planning.Line:
    form = request.form
    return planning.Line(
        form.get(f"step-w{seq}-{n}", ""), form.get(f"means-w{seq}-{n}", ""), form.get(f"payer-w{seq}-{n}", "")
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None


def _page(case: Any, rows: list[Any], wrong: list[str] | None = None) -> str:
    row = queries.plan(case.id)
    staff = {each.account_id: each.post for each in working(current_tenant().uid)}
    return render_template(
        "desk/plan.html", case=case, rows=rows, wrong=wrong or [], words=words, plan=row,
        goals=referrals.goals(case.id), open_steps=_steps(case.id, done=False), done_steps=_steps(case.id, done=True),
        means={code: _(word) for code, word in rules.MEANS.items()}, payers={code: _(word) for code, word in rules.PAYERS.items()}, slots=range(1, rules.STEPS_A_NEED + 1), staff=list(staff.items()),
        typed=request.form if request.method == "POST" else {}, usual=planning.usual_review().isoformat(),
        chosen=str((row.companion_id if row else None) or _holder(case)),
        review_day=day(row.review_on) if row else "", secretary=me().role == "secretary",
    )  # fmt: skip


def _steps(case_id: UUID, *, done: bool) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in queries.steps(case_id):
        if (row.done_at is not None) == done:
            found.setdefault(row.need_id, []).append(row)
    return found
