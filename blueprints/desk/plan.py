"""…/cases/<number>/plan: a goal for each need, in the family's words."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import case_or_404
from blueprints.forms import Form
from blueprints.guard import logged
from rongjiu.errors import Refused
from tenants.needs import queries as needs
from tenants.referrals import matching, queries


@bp.route("/cases/<number>/plan", methods=["GET", "POST"])
@logged
def plan(number: str) -> ResponseReturnValue:
    """Write down what is to be reached; then each need is offered to somebody."""
    case = case_or_404(number)
    rows = needs.of_case(case.id)
    if request.method == "POST":
        typed = {row.id: request.form.get(f"goal-w{row.seq}", "") for row in rows}
        try:
            count = matching.make_plan(case.id, typed)
        except Refused as refused:
            form = Form()
            said, status = form.refuse(refused)
            return _page(case, rows, {row.id: typed[row.id] for row in rows}, [said]), status
        flash(_("帮扶计划已保存:%(n)s 个目标。下一步:为每项需求找服务方、取授权、提交转介。", n=count), "success")
        return redirect(url_for("desk.case", number=number, _anchor="needs"), 303)
    return _page(case, rows, queries.goals(case.id), [])


def _page(case: Any, rows: list[Any], goals: dict[Any, str], wrong: list[str]) -> str:
    return render_template("desk/plan.html", case=case, rows=rows, goals=goals, wrong=wrong, words=words)
