"""…/cases/<number>/rounds: what comes round again for a family: who looks in, how often, with whom it is paired."""

from datetime import time
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import (
    BooleanField,
    DateField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    TimeField,
    widgets,
)

from blueprints.desk.door import bp
from blueprints.desk.scope import case_or_404, uuid_of
from blueprints.forms import Form, chosen, lazy, options, required
from blueprints.guard import logged
from blueprints.visit_words import HOLIDAYS, RHYTHMS, TASKS, rhythm
from rongjiu.clock import now, today
from rongjiu.errors import Refused
from tenants.accompaniment import queries as visits
from tenants.accompaniment import rounds
from tenants.volunteers import queries, teams


class RoundForm(Form):
    """Something that repeats."""

    team_id = SelectField(lazy("谁去"), validate_choice=False)
    rhythm = RadioField(lazy("多久一次"), [chosen()], choices=options(RHYTHMS.items()), default="weekly")
    from_on = DateField(lazy("从哪天起"), [required(lazy("请选一天"))])
    hour = TimeField(lazy("几点"), default=time(10))
    holidays = RadioField(lazy("遇到周末、节假日"), choices=options(HOLIDAYS.items()), default="move")
    tasks = SelectMultipleField(
        lazy("上门做什么"), choices=options(TASKS.items()), option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )  # fmt: skip
    two_person = BooleanField(lazy("要两个人一起去"))
    safety = TextAreaField(lazy("注意安全的事"))
    dignity = TextAreaField(lazy("顾着体面的事"))
    agreed = BooleanField(lazy("家里人同意有人定期上门"))


@bp.route("/cases/<number>/rounds", methods=["GET", "POST"])
@logged
def case_rounds(number: str) -> ResponseReturnValue:
    """The rounds of a family, the visits ahead, and a new round."""
    case = case_or_404(number)
    form, status = RoundForm(), 200
    form.team_id.choices = options([("", _("网格员")), *((str(row.id), row.name) for row in queries.teams())])
    if form.validate_on_submit():
        try:
            rounds.begin(case.id, _said(form))
        except Refused as refused:
            _words, status = form.refuse(refused)
        else:
            flash(_("定期探访已安排，往后五周的已排好。"), "success")
            return redirect(url_for("desk.case_rounds", number=number), 303)
    elif request.method == "POST":
        status = 422
    elif form.from_on.data is None:
        form.from_on.data = today()
    return _page(case, form), status


def _said(form: RoundForm) -> rounds.Round:
    return rounds.Round(
        form.rhythm.data or "", form.from_on.data, form.hour.data or time(10), form.holidays.data or "",
        tuple(form.tasks.data or ()), bool(form.two_person.data), form.dignity.data or "", form.safety.data or "",
        uuid_of(form.team_id.data), bool(form.agreed.data),
    )  # fmt: skip


def _page(case: Any, form: RoundForm) -> str:
    names = {row.id: row.name for row in queries.teams()}
    people, _total = queries.page("active")
    return render_template(
        "desk/case_rounds.html", case=case, form=form, plans=rounds.of_case(case.id), teams=names, rhythm=rhythm,
        holidays=HOLIDAYS, tasks=TASKS, pairs=queries.pairs(case.id), people=people, now=now(),
        ahead=[row for row in visits.of_case(case.id) if row.state == "planned" and row.plan_id],
    )  # fmt: skip


@bp.post("/cases/<number>/rounds/<uuid:plan_id>/end")
def round_end(number: str, plan_id: UUID) -> ResponseReturnValue:
    """End a round; its planned visits are cancelled."""
    case = case_or_404(number)
    if plan_id not in {row.id for row in rounds.of_case(case.id)}:
        abort(404)
    withdrawn = request.form.get("withdrawn") == "1"
    count = rounds.end(plan_id, withdrawn=withdrawn)
    if withdrawn:
        flash(_("已记下家里人不愿意了。还没去的 %(n)s 次取消，在路上的人已接到通知，地址已收回。", n=count), "success")
    else:
        flash(_("已结束，取消了还没去的 %(n)s 次。", n=count), "success")
    return redirect(url_for("desk.case_rounds", number=number), 303)


@bp.post("/cases/<number>/pairs")
def pair(number: str) -> ResponseReturnValue:
    """Pair a volunteer with the family, or end a pair."""
    case = case_or_404(number)
    ends = uuid_of(request.form.get("end"))
    try:
        if ends is not None:
            if ends not in {row.id for row in queries.pairs(case.id)}:
                abort(404)
            teams.unpair(ends)
            said = _("结对已结束。")
        else:
            chosen_one = uuid_of(request.form.get("volunteer"))
            if chosen_one is None:
                raise Refused("请选一位志愿者。", field="volunteer")
            teams.pair(case.id, chosen_one, kin_checked=request.form.get("kin") == "1")
            said = _("已结对，空着的班先给这位志愿者。")
    except Refused as refused:
        flash(_(refused.message, **refused.words), "warning")
    else:
        flash(said, "success")
    return redirect(url_for("desk.case_rounds", number=number), 303)
