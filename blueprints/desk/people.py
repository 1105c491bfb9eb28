"""/desk/people/<id>/edit and a household's further person: corrections after the first visit."""

from datetime import date
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectField, SelectMultipleField, StringField, TelField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import own
from blueprints.forms import Form, lazy, options, required
from blueprints.guard import logged
from blueprints.pages import named, rule_of
from rongjiu.errors import Refused
from tenants.cases import queries as cases
from tenants.cases import service as case_service
from tenants.catalogue import queries as catalogue
from tenants.residents import queries, service
from tenants.residents.rules import GENDERS, RELATIONS


class PersonForm(Form):
    """A person of a household; when correcting, an empty field leaves what is there."""

    phone = TelField(lazy("电话"))
    id_number = StringField(lazy("身份证号"))
    condition = TextAreaField(lazy("身体情况"))
    groups = SelectMultipleField(
        lazy("人群"), validate_choice=False, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )


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
    if home is None or not _mine(home):
        abort(404)
    person = next(each for each in queries.members(home) if each.id == person_id)
    form, status = PersonForm(data={"groups": list(person.groups)}), 200
    form.groups.choices = _groups(person.groups)
    if form.validate_on_submit():
        try:
            service.amend_person(
                person_id, phone=form.phone.data or None, id_number=_allowed("id_number", form.id_number.data),
                condition=_allowed("condition", form.condition.data), groups=form.groups.data or (),
            )  # fmt: skip
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
    if queries.household(household_id) is None or not _mine(household_id):
        abort(404)
    form, status = NewPersonForm(), 200
    form.groups.choices = _groups()
    form.relation.choices = options([("", _("请选择")), *((code, _(word)) for code, word in RELATIONS.items())])
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


def _groups(kept: tuple[str, ...] = ()) -> list[object]:
    """The groups on offer, and those the person already has although they are retired."""
    rows = catalogue.groups(every=True)
    return options((row["id"], named(row)) for row in rows if row["retired_at"] is None or row["id"] in kept)


def _mine(household_id: UUID) -> bool:
    mine = own()
    return mine is None or household_id in cases.household_ids(mine)
