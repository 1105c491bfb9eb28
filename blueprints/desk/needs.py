"""/desk/cases/<number>/needs: sorting needs into the model's items, adding further ones."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice

from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import case_or_404, uuid_of
from blueprints.forms import Form, lazy, options
from blueprints.guard import logged
from blueprints.pages import named, show
from rongjiu.errors import Refused
from tenants.cases import service as cases
from tenants.catalogue import queries as catalogue
from tenants.needs import queries, service
from tenants.residents import queries as residents

URGENCY = options(words.URGENCIES.items())


class NeedForm(Form):
    """One need: in whose words, under which item, for whom, how urgent."""

    words = TextAreaField(lazy("家里人的原话"))
    item_slug = SelectField(lazy("需求目录"), validate_choice=False)
    person_id = SelectField(lazy("为谁"), validate_choice=False)
    urgency = SelectField(lazy("紧急程度"), choices=URGENCY, default="ordinary")
    is_wish = BooleanField(lazy("这是一个心愿"))


@bp.route("/cases/<number>/needs", methods=["GET", "POST"])
@logged
def needs(number: str) -> ResponseReturnValue:
    """The needs of a case; POST adds one."""
    case = case_or_404(number)
    form, status = _form(case), 200
    if request.method == "POST":
        try:
            row = service.add(
                case.id, form.words.data or "", is_wish=bool(form.is_wish.data), item_slug=form.item_slug.data or None,
                urgency=form.urgency.data or "ordinary", person_id=uuid_of(form.person_id.data),
            )  # fmt: skip
            cases.event(case.id, "needs_sorted", need=f"w{row.seq}")
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(_("已登记 w%(n)s。", n=row.seq), "success")
            return redirect(url_for("desk.needs", number=number), 303)
    return _page(case, form, status)


@bp.post("/cases/<number>/needs/<need>")
def need(number: str, need: str) -> ResponseReturnValue:
    """Sort one need; the form's fields are prefixed with its number."""
    case = case_or_404(number)
    row = queries.one(case.id, int(need[1:])) if need[:1] == "w" and need[1:].isdecimal() else None
    if row is None:
        abort(404)
    form = _form(case, row.item_slug, prefix=f"{need}-")
    try:
        service.sort(
            row.id, item_slug=form.item_slug.data or None, urgency=form.urgency.data or "ordinary",
            person_id=uuid_of(form.person_id.data), words=form.words.data or "",
        )  # fmt: skip
        cases.event(case.id, "needs_sorted", need=need)
    except Refused as refused:
        _said, status = form.refuse(refused)
        return _page(case, _form(case, formdata=None), status, {row.seq: form})
    flash(_("%(need)s 已归类。", need=need), "success")
    return redirect(url_for("desk.needs", number=number), 303)


def _form(case: Any, kept: str | None = None, **words_of: Any) -> NeedForm:
    """The form of one need; `kept` = its present item, offered even when it has been retired."""
    form = NeedForm(**words_of)
    kinds = {row["id"]: named(row) for row in catalogue.need_categories(every=True)}
    form.item_slug.choices = [
        SelectChoice("", _("还没归类")),
        *(
            SelectChoice(row["id"], named(row), optgroup=kinds.get(row["category_id"]))
            for row in catalogue.need_items(every=True)
            if row["retired_at"] is None or row["id"] == kept
        ),
    ]
    people = residents.members(case.household_id) if case.household_id else []
    form.person_id.choices = options([("", _("全家")), *((str(each.id), _whom(each)) for each in people)])
    return form


def _whom(person: residents.Member) -> str:
    parts = [str(show("name", person.name)), words.relation(person.relation)]
    return " ".join(part for part in parts if part)


def _page(case: Any, form: NeedForm, status: int, refused: dict[int, NeedForm] | None = None) -> ResponseReturnValue:
    rows = queries.of_case(case.id)
    forms = {
        row.seq: (refused or {}).get(row.seq)
        or _form(
            case, row.item_slug, prefix=f"w{row.seq}-", formdata=None,
            data={"words": row.words, "item_slug": row.item_slug or "", "urgency": row.urgency,
                  "person_id": _text(row.person_id)},
        )
        for row in rows
    }  # fmt: skip
    return render_template("desk/needs.html", case=case, rows=rows, forms=forms, form=form, words=words), status


def _text(value: UUID | None) -> str:
    return str(value) if value else ""
