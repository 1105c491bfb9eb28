"""…/cases/<number>/income and …/facts: what the family lives on, and what else the conditions ask for."""

from decimal import Decimal, InvalidOperation
from typing import Any, TypeGuard

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import BooleanField, DecimalField, FieldList, FormField, HiddenField, SelectField
from wtforms import Form as Part
from wtforms.validators import Optional

from blueprints.desk import benefits, fact_words
from blueprints.desk.door import bp
from blueprints.desk.scope import case_or_404
from blueprints.forms import Form, lazy, options
from blueprints.guard import logged
from blueprints.pages import rule_of, show
from rongjiu.clock import today
from rongjiu.errors import Refused
from tenants.screening import queries, relevance, service
from tenants.screening.means import EXPENSES, KINDS, MONTHS, ExpenseLine, IncomeLine, earned
from tenants.screening.queries import Member, Sheet

BLANK, MOST = 3, 40
MOST_TOLD = 1_000_000
"""What an amount of the sheet stays under, CNY."""
_SPANS = frozenset(str(each) for each in MONTHS)
_TRIM = str.maketrans("０１２３４５６７８９．，", "0123456789.,", " ,元%￥¥")


class Amount(DecimalField):
    """A number as people type it: full-width digits, 1,150 and 4600元 are understood."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it, or say in words what to type."""
        text = (valuelist[0] if valuelist else "").translate(_TRIM).replace(",", "").strip()
        self.data = None
        if not text:
            return
        try:
            self.data = Decimal(text)
        except InvalidOperation:
            raise ValueError(_("请填数字，例如 4600。")) from None
        if not self.data.is_finite():
            raise ValueError(_("请填数字，例如 4600。"))


def _span(months: str) -> SelectField:
    """The choice of how many months an amount was told for."""
    choices = options((str(key), words) for key, words in fact_words.SPANS.items())
    return SelectField(lazy("几个月的"), choices=choices, default=months, validate_choice=False)


def _months(text: str | None) -> int:
    """As chosen; one that was never offered is refused before it counts."""
    return int(text) if text in _SPANS else 1


def _possible(amount: Decimal | None) -> TypeGuard[Decimal]:
    """Is it an amount at all, and one that a household can have?"""
    return amount is not None and amount.is_finite() and 0 <= amount < MOST_TOLD


class LineForm(Part):
    """One income of one member."""

    member = SelectField(lazy("谁"), validate_choice=False)
    kind = SelectField(
        lazy("哪一种"), choices=options([("", "—"), *fact_words.INCOME_KINDS.items()]), validate_choice=False
    )
    month = Amount(lazy("多少元"), validators=[Optional()])
    months = _span("1")

    def validate(self, extra_validators: Any = None) -> bool:
        """An empty line is no line; a line begun has its kind and its amount."""
        valid = bool(super().validate(extra_validators))
        if valid and self.month.data is None and self.kind.data:
            self.month.errors = [_("请填金额，没有就填 0。")]
        elif valid and self.month.data is not None and self.kind.data not in KINDS:
            self.kind.errors = [_("请选一种收入。")]
        elif valid and self.month.data is not None and not _possible(self.month.data):
            self.month.errors = [_("请填 0 到 999,999 元。")]
        if self.months.data not in _SPANS:
            self.months.errors = [_("请选这是几个月的。")]
        return valid and not self.month.errors and not self.kind.errors and not self.months.errors

    def line(self) -> IncomeLine | None:
        """What it says, or None when it is empty or no such amount can be."""
        if not self.kind.data or not _possible(self.month.data):
            return None
        return earned(self.member.data or "", self.kind.data, self.month.data, _months(self.months.data))


class ExpenseForm(Part):
    """One kind of thing that must be paid."""

    kind = SelectField(
        lazy("花在哪里"), choices=options([("", "—"), *fact_words.EXPENSE_KINDS.items()]), validate_choice=False
    )
    total = Amount(lazy("多少元"), validators=[Optional()])
    months = _span("12")

    def validate(self, extra_validators: Any = None) -> bool:
        """An empty line is no line; a line begun has its kind and its amount."""
        valid = bool(super().validate(extra_validators))
        if valid and self.total.data is None and self.kind.data:
            self.total.errors = [_("请填金额，没有就填 0。")]
        elif valid and self.total.data is not None and self.kind.data not in EXPENSES:
            self.kind.errors = [_("请选花在哪里。")]
        elif valid and self.total.data is not None and not _possible(self.total.data):
            self.total.errors = [_("请填 0 到 999,999 元。")]
        if self.months.data not in _SPANS:
            self.months.errors = [_("请选这是几个月的。")]
        return valid and not self.total.errors and not self.kind.errors and not self.months.errors

    def line(self) -> ExpenseLine | None:
        """What it says, or None when it is empty or no such amount can be."""
        if not self.kind.data or not _possible(self.total.data):
            return None
        return ExpenseLine(self.kind.data, self.total.data, _months(self.months.data))


class IncomeForm(Form):
    """The sheet: lines, rigid expenses, and a tick that says there is nothing."""

    seen = HiddenField()
    lines = FieldList(FormField(LineForm), label=lazy("收入"), max_entries=MOST)
    expenses = FieldList(FormField(ExpenseForm), label=lazy("必须花的钱"), max_entries=MOST)
    no_income = BooleanField(lazy("全家没有任何收入"))
    rigid = Amount(lazy("刚性支出占收入的比例"), validators=[Optional()])


class FactsForm(Form):
    """Carries the version that was on the screen; the facts are read one by one."""

    seen = HiddenField()


def _seen(form: Form) -> int:
    """The version that was on the screen; what is no number was never one of ours."""
    text = str(form["seen"].data or "0")
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def _filled(form: IncomeForm) -> list[IncomeLine]:
    """The lines that say something; whether there are any must agree with the tick."""
    found = [line for entry in form.lines if (line := entry.form.line()) is not None]
    if not found and not form.no_income.data and not form.lines.errors:
        form.form_errors.append(_("请至少填一笔收入；确实没有，请勾选“全家没有任何收入”。"))
    if found and form.no_income.data:
        form.form_errors.append(_("已经填了收入，就不要再勾选“全家没有任何收入”。"))
    return found


def _start(sheet: Sheet) -> dict[str, Any]:
    ratio = sheet.content.get("rigid_expense_ratio")
    return {
        "seen": str(sheet.version),
        "lines": [
            {"member": row["member"], "kind": row["kind"], "month": Decimal(row.get("total", row["month"])),
             "months": str(row.get("months", 1))}
            for row in sheet.content.get("lines", [])
        ],
        "expenses": [
            {"kind": row["kind"], "total": Decimal(row["total"]), "months": str(row["months"])}
            for row in sheet.content.get("expenses", [])
        ],
        "no_income": bool(sheet.version) and not sheet.content["lines"],
        "rigid": Decimal(ratio) * 100 if ratio is not None and not sheet.content.get("expenses") else None,
    }  # fmt: skip


def _income_page(
    case: Any, form: IncomeForm, people: list[Member], extra: int, status: int = 200
) -> ResponseReturnValue:
    for _nth in range(min(extra, MOST - len(form.lines.entries))):
        form.lines.append_entry()
    for _nth in range(min(extra, MOST - len(form.expenses.entries))):
        form.expenses.append_entry()
    names = {member.id: str(show("name", member.name)) for member in people}
    for entry in form.lines:
        entry.form.member.choices = options(names.items())
    history = queries.income_history(case.id)
    page = render_template(
        "desk/screening/income.html", case=case, form=form, people=people, history=history,
        sheet=history[0] if history else None, kinds=fact_words.INCOME_KINDS, spent=fact_words.EXPENSE_KINDS, spans=fact_words.SPANS, plain=fact_words.plain,
        names=names, decimal=Decimal,
    )  # fmt: skip
    return page, status


@bp.get("/cases/<number>/income")
@logged
def income(number: str) -> ResponseReturnValue:
    """The income sheet in force, ready to be changed into a new version."""
    case = case_or_404(number)
    people = queries.members(case.household_id)
    sheet = queries.income(case.id)
    form = IncomeForm(data=_start(sheet))
    return _income_page(case, form, people, BLANK if not sheet.version else 1)


@bp.post("/cases/<number>/income")
@logged
def save_income(number: str) -> ResponseReturnValue:
    """Keep a new version; with 再加几行 only give more room, what was typed stays."""
    case = case_or_404(number)
    people = queries.members(case.household_id)
    form = IncomeForm()
    if "more" in request.form:
        return _income_page(case, form, people, BLANK)
    valid = form.validate_on_submit()
    lines = _filled(form)
    if not valid or form.form_errors:
        return _income_page(case, form, people, 0, 422)
    try:
        spent = [line for entry in form.expenses if (line := entry.form.line()) is not None]
        sheet = service.save_income(case.id, lines, form.rigid.data, seen=_seen(form), expenses=spent)
    except Refused as error:
        _words, status = form.refuse(error)
        case = case_or_404(number)
        return _income_page(case, form, queries.members(case.household_id), 0, status)
    flash(_("收支表第 %(n)s 版已保存。", n=sheet.version), "success")
    return redirect(url_for("desk.income", number=number), 303)


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
        value = Decimal(text.translate(_TRIM).replace(",", ""))
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
        sheet = service.save_facts(case.id, told, seen=_seen(form))
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
