"""…/cases/<number>/outcomes: what the family saves, new income, what it said, and the calls back."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import DecimalField, FieldList, FormField, RadioField, StringField
from wtforms import Form as Part
from wtforms.validators import Optional

from blueprints.desk import offer_words
from blueprints.desk.door import bp
from blueprints.desk.scope import case_or_404
from blueprints.forms import Form, lazy, options
from blueprints.guard import logged
from blueprints.pages import money
from rongjiu.errors import Refused
from tenants.catalogue import queries as catalogue
from tenants.outcomes import queries, rules, service
from tenants.referrals import confirming
from tenants.referrals import queries as referrals

ROWS = 3


class SavingPart(Part):
    """One part of a saving."""

    label = StringField(lazy("省在哪里"))
    amount = DecimalField(lazy("每月金额"), [Optional()])
    source = StringField(lazy("数从哪里来"))


class OutcomeForm(Form):
    """The result of a case."""

    savings = FieldList(FormField(SavingPart), max_entries=12)
    new_income = RadioField(
        lazy("家里有没有新的收入"), default="no",
        choices=options([("no", lazy("没有")), ("yes", lazy("有(金额不填,没有人说过就不写)"))]),
    )  # fmt: skip


@bp.route("/cases/<number>/outcomes", methods=["GET", "POST"])
@logged
def outcomes(number: str) -> ResponseReturnValue:
    """Write down what came of the case; the sum is an estimate with its parts."""
    case = case_or_404(number)
    form = OutcomeForm() if request.method == "POST" else _filled(queries.of_case(case.id))
    if request.method == "POST":
        kept = [entry for entry in form.savings if _typed(entry.form)]
        parts = [rules.Saving(e.form.label.data or "", e.form.amount.data, e.form.source.data or "") for e in kept]
        try:
            total = service.note(case.id, parts, new_income=form.new_income.data == "yes")
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


@bp.post("/cases/<number>/outcomes/follow-ups/<int(max=999999):seq>")
def follow_up(number: str, seq: int) -> ResponseReturnValue:
    """A later look was taken."""
    case = case_or_404(number)
    service.finish_follow_up(case.id, seq)
    flash(_("回访已登记。"), "success")
    return redirect(url_for("desk.outcomes", number=number), 303)


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
    lines = [{"label": row.label, "amount": row.amount_month, "source": row.source} for row in result.lines]
    spare: list[dict[str, Any]] = [{"label": "", "amount": None, "source": ""}] * max(1, ROWS - len(lines))
    yes = "yes" if result.new_income else "no"
    return OutcomeForm(formdata=None, data={"savings": [*lines, *spare], "new_income": yes})


def _page(case: Any, form: OutcomeForm, status: int = 200) -> ResponseReturnValue:
    items = {row["id"]: row for row in catalogue.need_items(every=True)}
    page = render_template(
        "desk/outcomes.html", case=case, form=form, result=queries.of_case(case.id), words=offer_words,
        said=referrals.confirmations(case.id), asked=referrals.to_confirm(case.id), items=items,
    )  # fmt: skip
    return page, status
