"""/desk/people/<id>/edit and a household's further person: corrections after the first visit."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectField, SelectMultipleField, StringField, TelField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import in_reach
from blueprints.forms import Form, lazy, options, required
from blueprints.guard import logged
from blueprints.pages import named, rule_of
from rongjiu.errors import Refused
from tenants.cases import queries as cases
from tenants.cases import service as case_service
from tenants.catalogue import queries as catalogue
from tenants.residents import changing, queries, service
from tenants.residents.rules import ALL_RELATIONS, GENDERS


class PersonForm(Form):
    """A person of a household; when correcting, an empty field leaves what is there."""

    phone = TelField(lazy("电话"))
    id_number = StringField(lazy("身份证号"))
    condition = TextAreaField(lazy("身体情况"))
    groups = SelectMultipleField(
        lazy("人群"), validate_choice=False, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )


class EditForm(PersonForm):
    """A person who is known: relation, and whether they still live here."""

    relation = SelectField(lazy("与户主关系"), validate_choice=False)
    status = SelectField(lazy("在住情况"), validate_choice=False)


class NewPersonForm(PersonForm):
    """Somebody who was not met at the first visit."""

    name = StringField(lazy("姓名"), [required(lazy("请写姓名。"))])
    relation = SelectField(lazy("与户主关系"), validate_choice=False)
    gender = SelectField(lazy("性别"), validate_choice=False)
    birth_date = StringField(lazy("出生日期"))
    age = StringField(lazy("年龄"))


@bp.route("/people/<uuid:person_id>/edit", methods=["GET", "POST"])
@logged
def person_edit(person_id: UUID) -> ResponseReturnValue:
    """Correct a person; fields that the post may not reveal are not offered."""
    home = queries.home_of(person_id)
    if home is None or not in_reach(home):
        abort(404)
    person = next(each for each in queries.members(home, everyone=True) if each.id == person_id)
    form = EditForm(data={"groups": list(person.groups), "relation": person.relation, "status": person.status})
    status = 200
    form.groups.choices, form.relation.choices = _groups(), _relations()
    form.status.choices = options((code, word) for code, word in words.STATUSES.items() if code != "merged")
    if form.validate_on_submit():
        try:
            changing.change_person(person_id, _corrected(form))
            _weigh(home)
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(_("已更正。"), "success")
            return redirect(url_for("desk.household", household_id=home), 303)
    elif request.method == "POST":
        status = 422
    return render_template("desk/person.html", form=form, person=person, household_id=home, words=words), status


@bp.route("/households/<uuid:household_id>/people", methods=["GET", "POST"])
@logged
def person_new(household_id: UUID) -> ResponseReturnValue:
    """Register one more person of a household."""
    if queries.household(household_id) is None or not in_reach(household_id):
        abort(404)
    form, status = NewPersonForm(), 200
    form.groups.choices = _groups()
    form.relation.choices = _relations()
    form.gender.choices = options([("", _("请选择")), *((code, _(word)) for code, word in GENDERS.items())])
    if form.validate_on_submit():
        try:
            service.add_person(household_id, _told(form))
            _weigh(household_id)
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(_("已登记。"), "success")
            return redirect(url_for("desk.household", household_id=household_id), 303)
    elif request.method == "POST":
        status = 422
    return render_template("desk/person.html", form=form, person=None, household_id=household_id, words=words), status


def _corrected(form: EditForm) -> dict[str, Any]:
    """What was filled in; groups, relation and status stand in the form as they are known, an empty text leaves."""
    given = {
        "phone": form.phone.data or None, "id_number": _allowed("id_number", form.id_number.data),
        "condition": _allowed("condition", form.condition.data), "relation": form.relation.data or None,
        "status": form.status.data or None,
    }  # fmt: skip
    return {"groups": form.groups.data or ()} | {name: value for name, value in given.items() if value is not None}


def _relations() -> list[object]:
    return options([("", _("请选择")), *((code, _(word)) for code, word in ALL_RELATIONS.items())])


def _told(form: NewPersonForm) -> service.NewPerson:
    age = form.age.data or ""
    if age and not age.isdecimal():
        raise Refused("年龄请写 0 到 120 之间的整数。", field="age")
    try:
        born = date.fromisoformat(form.birth_date.data) if form.birth_date.data else None
    except ValueError as error:
        raise Refused("出生日期请写成 2015-05-01 这样。", field="birth_date") from error
    return service.NewPerson(
        name=form.name.data or "", relation=form.relation.data or "", gender=form.gender.data or "", birth_date=born,
        age=int(age) if age else None, phone=form.phone.data or "",
        id_number=_allowed("id_number", form.id_number.data) or "",
        condition=_allowed("condition", form.condition.data) or "", groups=tuple(form.groups.data or ()),
    )  # fmt: skip


def _allowed(field: str, value: str | None) -> str | None:
    return value or None if rule_of(field) == "reveal" else None


def _weigh(household_id: UUID) -> None:
    """What was corrected may move the household's cases up or down."""
    for row in cases.of_household(household_id):
        case_service.reweigh(row.id)


def _groups() -> list[object]:
    return options((row["id"], named(row)) for row in catalogue.groups())
