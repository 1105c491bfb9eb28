"""…/cases/<number>/facts: what else the conditions ask for; what nobody has said stays unknown."""

from decimal import Decimal, InvalidOperation
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import HiddenField

from blueprints.desk import benefits, fact_words
from blueprints.desk.door import bp
from blueprints.desk.income import TRIM, seen
from blueprints.desk.scope import case_or_404
from blueprints.forms import Form
from blueprints.guard import logged
from blueprints.pages import rule_of
from rongjiu.clock import today
from rongjiu.errors import Refused
from tenants.screening import queries, relevance, service
from tenants.screening.queries import Member, Sheet


class FactsForm(Form):
    """Carries the version that was on the screen; the facts are read one by one."""

    seen = HiddenField()


def _read(subject: str, row: Any, wrong: dict[str, str]) -> Any:
    """One fact as it was posted; None = 不清楚."""
    text = request.form.get(f"f-{subject}-{row['id']}", "").strip()
    if not text:
        return None
    if row["type"] == "bool":
        return text == "yes"
    if row["type"] == "enum":
        return text
    try:
        value = Decimal(text.translate(TRIM).replace(",", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0:
        wrong[f"{subject}.{row['id']}"] = _("请填不小于 0 的数字。")
        return None
    return value


def _posted(people: list[Member], wrong: dict[str, str]) -> dict[str, Any]:
    fields = fact_words.vocabulary().values()

    def of(subject: str, scope: str) -> dict[str, Any]:
        asked = [row for row in fields if row["scope"] == scope and row["id"] not in relevance.GIVEN_BY_SHEET]
        found = {row["id"]: _read(subject, row, wrong) for row in asked}
        return {name: value for name, value in found.items() if value is not None}

    return {"household": of("household", "household"), "members": {each.id: of(each.id, "person") for each in people}}


def _facts_page(
    case: Any, form: FactsForm, people: list[Member], sheet: Sheet, wrong: dict[str, str], status: int = 200
) -> ResponseReturnValue:
    values = {"household": sheet.content.get("household", {}), **sheet.content.get("members", {})}
    typed = request.form if request.method == "POST" else None
    day = today()
    fields = list(fact_words.vocabulary().values())

    def part(subject: str, scope: str, age: int | None) -> dict[str, Any]:
        known = values.get(subject, {})
        first, rest = relevance.ask(fields, scope, age, known)
        answered = sum(name not in relevance.GIVEN_BY_REGISTER for name in known)
        return {"id": subject, "first": first, "rest": rest, "answered": answered, "all": len(first) + len(rest)}

    income = queries.income(case.id)
    page = render_template(
        "desk/screening/facts.html", case=case, form=form, sheet=sheet, income=income, values=values, typed=typed,
        wrong=wrong, words=fact_words, plain=fact_words.plain, decimal=Decimal,
        benefits=benefits.shown(case.household_id), benefit_states=benefits.STATES, benefit_tones=benefits.TONES,
        home=part("household", "household", None),
        people=[(each, each.age(day), part(each.id, "person", each.age(day))) for each in people],
    )  # fmt: skip
    return page, status


@bp.get("/cases/<number>/facts")
@logged
def facts(number: str) -> ResponseReturnValue:
    """What the conditions ask for, the relevant first, 不清楚 unless somebody has said it."""
    case = case_or_404(number)
    sheet = queries.facts(case.id)
    form = FactsForm(data={"seen": str(sheet.version)})
    return _facts_page(case, form, queries.members(case.household_id), sheet, {})


@bp.post("/cases/<number>/facts")
@logged
def save_facts(number: str) -> ResponseReturnValue:
    """Keep a new version of the facts."""
    case = case_or_404(number)
    people = queries.members(case.household_id)
    form, wrong = FactsForm(), dict[str, str]()
    told = _posted(people, wrong)
    if not form.validate_on_submit() or wrong:
        return _facts_page(case, form, people, queries.facts(case.id), wrong, 422)
    try:
        sheet = service.save_facts(case.id, told, seen=seen(form))
    except Refused as error:
        words, status = form.refuse(error)
        if error.field:
            wrong[error.field] = words
        case = case_or_404(number)
        return _facts_page(case, form, queries.members(case.household_id), queries.facts(case.id), wrong, status)
    flash(_("家庭情况第 %(n)s 版已保存。", n=sheet.version), "success")
    follow = "desk.new_screening" if request.form.get("then") == "screen" else "desk.facts"
    return redirect(url_for(follow, number=number), 303)


def sees_facts() -> bool:
    """May the person here read protected facts on this page?"""
    return rule_of("facts") == "shown"
