"""…/cases/<number>/outcomes: what the family saves, new income, what it said, and the calls back."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import DecimalField, FieldList, FormField, RadioField, StringField, TextAreaField
from wtforms import Form as Part
from wtforms.validators import Optional

from blueprints.desk import offer_words
from blueprints.desk.door import bp
from blueprints.desk.scope import case_or_404
from blueprints.forms import Form, lazy, options
from blueprints.guard import logged
from blueprints.pages import money
from rongjiu.db import db
from rongjiu.errors import Refused
from tenants.catalogue import queries as catalogue
from tenants.needs import queries as needs
from tenants.outcomes import queries, reaching, results, rules, service
from tenants.referrals import confirming
from tenants.referrals import queries as referrals

ROWS = 3


class SavingPart(Part):
    """One part of a saving."""

    label = StringField(lazy("省在哪里"))
    amount = DecimalField(lazy("每月金额"), [Optional()])
    high = DecimalField(lazy("到多少（市场价是一段时）"), [Optional()])
    source = StringField(lazy("数从哪里来"))


class OutcomeForm(Form):
    """The result of a case."""

    savings = FieldList(FormField(SavingPart), max_entries=12)
    new_income = RadioField(
        lazy("家里有没有新的收入"), default="no",
        choices=options([("no", lazy("没有")), ("yes", lazy("有(金额不填,没有人说过就不写)"))]),
    )  # fmt: skip
    income_month = DecimalField(lazy("新收入每月多少"), [Optional()])
    unpriced = TextAreaField(lazy("没有市场价的帮助"))


@bp.route("/cases/<number>/outcomes", methods=["GET", "POST"])
@logged
def outcomes(number: str) -> ResponseReturnValue:
    """Write down what came of the case; the sum is an estimate with its parts."""
    case = case_or_404(number)
    form = OutcomeForm() if request.method == "POST" else _filled(queries.of_case(case.id))
    if request.method == "POST":
        kept = [entry for entry in form.savings if _typed(entry.form)]
        parts = [_part(entry.form) for entry in kept]
        try:
            total = service.note(
                case.id, parts, new_income=form.new_income.data == "yes", income_month=form.income_month.data,
                unpriced=(form.unpriced.data or "").splitlines(),
            )  # fmt: skip
        except Refused as refused:
            return _page(case, form, _refuse(form, kept, refused))
        flash(_("每月约省 %(sum)s(估算,%(n)s 项,来源可查)。", sum=money(total), n=len(parts)), "success")
        return redirect(url_for("desk.outcomes", number=number), 303)
    return _page(case, form)


@bp.post("/cases/<number>/outcomes/call-back")
def call_back(number: str) -> ResponseReturnValue:
    """What the family said on the telephone or at the counter."""
    case = case_or_404(number)
    asked = {row.seq: row.need_id for row in referrals.to_confirm(case.id)}
    answers = {
        need_id: confirming.Answer(request.form[f"w{seq}"])
        for seq, need_id in asked.items()
        if request.form.get(f"w{seq}")
    }
    try:
        count = confirming.confirm(case.id, answers, by="call_back")
    except Refused as refused:
        form = _filled(queries.of_case(case.id))
        _said, status = form.refuse(refused)
        return _page(case, form, status)
    flash(_("已记下家属对 %(n)s 项需求的答复。", n=count), "success")
    return redirect(url_for("desk.outcomes", number=number), 303)


@bp.post("/cases/<number>/outcomes/nobody/<any(call, door):where>")
def nobody_reached(number: str, where: str) -> ResponseReturnValue:
    """Nobody answered the telephone, or nobody was met at the door; pressing twice counts once."""
    case = case_or_404(number)
    try:
        if where == "door":
            reaching.nobody_met(case.id)
            flash(_("已记为“说不清楚”，转介单办结；家里人以后说了，照样记下。"), "success")
        elif reaching.note_call(case.id):
            flash(_("已记下这次没人接。"), "success")
        else:
            flash(_("半小时内已记过一次，不重复算。过一会儿再打。"), "info")
    except Refused as refused:
        db.session.rollback()
        flash(_(refused.message, **refused.words), "warning")
    return redirect(url_for("desk.outcomes", number=number), 303)


@bp.route("/cases/<number>/outcomes/follow-ups/<int(max=999999):seq>", methods=["GET", "POST"])
@logged
def follow_up(number: str, seq: int) -> ResponseReturnValue:
    """A later look: the script that is read on the telephone, one answer for each need, how content the family is."""
    case = case_or_404(number)
    row = next((each for each in queries.of_case(case.id).follow_ups if each[0] == seq), None)
    if row is None:
        abort(404)
    lines, error, status = needs.of_case(case.id), "", 200
    if request.method == "POST":
        said = {line.id: _said(line.seq) for line in lines if request.form.get(f"w{line.seq}")}
        try:
            if lines and not said:
                raise Refused("请至少记下一项的答复；没有打通，就换个时间再打。", field="answers")
            results.follow_up(case.id, seq, said)
        except Refused as refused:
            if refused.status == 404:
                raise
            db.session.rollback()
            error, status = _(refused.message, **refused.words), refused.status
        else:
            flash(_("回访已登记。"), "success")
            return redirect(url_for("desk.outcomes", number=number), 303)
    page = render_template(
        "desk/follow_up.html", case=case, seq=seq, due_on=row[1], until=service.late_after(row[1]), done_at=row[2], lines=lines, error=error,
        results=offer_words.RESULTS_SAID, given=request.form,
    )  # fmt: skip
    return page, status


def _said(seq: int) -> rules.Said:
    stars = request.form.get("stars", "")
    return rules.Said(
        request.form[f"w{seq}"], int(stars) if stars in ("1", "2", "3", "4", "5") else None,
        request.form.get("words", ""),
    )  # fmt: skip


def _part(part: Any) -> rules.Saving:
    return rules.Saving(part.label.data or "", part.amount.data, part.source.data or "", part.high.data)


def _typed(part: Any) -> bool:
    amount = "".join(part.amount.raw_data or ())
    return any(words.strip() for words in (part.label.data or "", amount, part.source.data or ""))


def _refuse(form: OutcomeForm, kept: list[Any], refused: Refused) -> int:
    """Put a refusal of one part at its own field; the number counts the parts that were filled in."""
    name, _dash, rest = (refused.field or "").partition("-")
    if name == "savings" and rest:
        number, _dash, part = rest.partition("-")
        said, status = Form().refuse(refused)
        field = kept[int(number)].form[part]
        field.errors = [*field.errors, said]
        return status
    _said, status = form.refuse(refused)
    return status


def _filled(result: queries.Result) -> OutcomeForm:
    lines = [
        {"label": row.label, "amount": row.amount_month, "high": row.amount_high, "source": row.source}
        for row in result.lines
    ]
    spare: list[dict[str, Any]] = [{"label": "", "amount": None, "high": None, "source": ""}] * max(
        1, ROWS - len(lines)
    )
    yes = "yes" if result.new_income else "no"
    return OutcomeForm(formdata=None, data={
        "savings": [*lines, *spare], "new_income": yes, "income_month": result.income_month,
        "unpriced": "\n".join(result.unpriced),
    })  # fmt: skip


def _page(case: Any, form: OutcomeForm, status: int = 200) -> ResponseReturnValue:
    items = {row["id"]: row for row in catalogue.need_items(every=True)}
    page = render_template(
        "desk/outcomes.html", case=case, form=form, result=queries.of_case(case.id), words=offer_words,
        said=referrals.confirmations(case.id), voices=results.voices(case.id), lines=needs.of_case(case.id), asked=referrals.to_confirm(case.id), items=items,
        reaching=reaching.standing(case.id),
    )  # fmt: skip
    return page, status
