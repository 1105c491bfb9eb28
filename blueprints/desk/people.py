"""/desk/people/<id>/edit and a household's further person: corrections after the first visit."""

from datetime import date
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.file import FileField
from wtforms import SelectField, SelectMultipleField, StringField, TelField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.requests import STATUS
from blueprints.desk.scope import in_reach
from blueprints.forms import Form, lazy, options, required
from blueprints.guard import logged
from blueprints.pages import named, rule_of
from rongjiu import files
from rongjiu.errors import Refused
from rongjiu.marketplace.words import LANGUAGES
from tenants.cases import queries as cases
from tenants.cases import service as case_service
from tenants.catalogue import queries as catalogue
from tenants.residents import duplicates, queries, service
from tenants.residents.changing import Origin, Taken
from tenants.residents.rules import ALL_RELATIONS, GENDERS
from tenants.reviews import queries as reviews
from tenants.reviews import requests
from tenants.reviews.merging import FIELD_WORDS


class PersonForm(Form):
    """A person of a household; when correcting, an empty field leaves what is there."""

    phone = TelField(lazy("电话"))
    id_number = StringField(lazy("身份证号"))
    condition = TextAreaField(lazy("身体情况"))
    groups = SelectMultipleField(
        lazy("人群"), validate_choice=False, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    languages = SelectMultipleField(
        lazy("会说什么(普通话以外)"), validate_choice=False, widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )  # fmt: skip


class CorrectionForm(PersonForm):
    """A correction; changes of who somebody is, of health and of a death wait for the secretary, with a reason."""

    name = StringField(lazy("姓名"))
    relation = SelectField(lazy("与户主关系"), validate_choice=False)
    birth_date = StringField(lazy("出生日期"))
    status = SelectField(lazy("是否还在"), validate_choice=False)
    reason = StringField(lazy("为什么改"))
    paper = FileField(lazy("证明材料"))


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
    person = next((each for each in queries.members(home, everyone=True) if each.id == person_id), None)
    if person is None:
        abort(404)
    typed = {"groups": list(person.groups), "languages": list(person.languages), "relation": person.relation}
    form, status, taken = CorrectionForm(data=typed), 200, None
    form.languages.choices = _languages()
    form.groups.choices, form.relation.choices = _groups(person.groups), _relations()
    form.status.choices = options(
        [("", _("不改")), *((code, word) for code, word in STATUS.items() if code != "merged")]
    )
    if form.validate_on_submit():
        try:
            said = _corrected(person_id, form)
            _weigh(home)
        except Refused as refused:
            taken = _holder(refused)
            _said, status = form.refuse(refused)
        else:
            for kind, text in said:
                flash(text, kind)
            return redirect(url_for("desk.household", household_id=home), 303)
    elif request.method == "POST":
        status = 422
    waiting = reviews.waiting_for((person_id,)).get(person_id, [])
    return render_template(
        "desk/person.html", form=form, person=person, household_id=home, words=words, taken=taken,
        waiting=[_(FIELD_WORDS[name]) for name in waiting],
    ), status  # fmt: skip


def _corrected(person_id: UUID, form: CorrectionForm) -> list[tuple[str, str]]:
    """Put what was filled in; answers what to say of it. An empty field leaves what is there."""
    given = {
        "name": form.name.data, "birth_date": _born(form.birth_date.data), "phone": form.phone.data,
        "id_number": _allowed("id_number", form.id_number.data),
        "condition": _allowed("condition", form.condition.data), "status": form.status.data,
        "relation": form.relation.data,
    }  # fmt: skip
    values = {name: value for name, value in given.items() if value} | {
        "groups": form.groups.data or (), "languages": form.languages.data or (),
    }  # fmt: skip
    paper, file_id = form.paper.data, None
    if paper and paper.filename:
        file_id = files.save(paper.read(), paper.filename, owner_kind="person", owner_id=person_id, field="paper")
    done = requests.put(
        person_id, values, reason=form.reason.data or "", file_id=file_id, origin=Origin(review=_put_aside())
    )
    if done.changed:
        duplicates.note((person_id,))
    said = [("success", _("已更正。"))] if done.changed or not done.asked else []
    if done.request_id:
        what = "、".join(_(FIELD_WORDS[name]) for name in done.asked)
        said.append(("info", _("已提交，等书记批准：%(what)s。", what=what)))
    return said + _noted(person_id)


@bp.route("/households/<uuid:household_id>/people", methods=["GET", "POST"])
@logged
def person_new(household_id: UUID) -> ResponseReturnValue:
    """Register one more person of a household."""
    if queries.household(household_id) is None or not in_reach(household_id):
        abort(404)
    form, status, taken = NewPersonForm(), 200, None
    form.groups.choices, form.languages.choices = _groups(), _languages()
    form.relation.choices = _relations()
    form.gender.choices = options([("", _("请选择")), *((code, _(word)) for code, word in GENDERS.items())])
    if form.validate_on_submit():
        try:
            person_id = service.add_person(household_id, _told(form), origin=Origin(review=_put_aside()))
            _weigh(household_id)
        except Refused as refused:
            taken = _holder(refused)
            _said, status = form.refuse(refused)
        else:
            for kind, text in [("success", _("已登记。")), *_noted(person_id)]:
                flash(text, kind)
            return redirect(url_for("desk.household", household_id=household_id), 303)
    elif request.method == "POST":
        status = 422
    return render_template(
        "desk/person.html", form=form, person=None, household_id=household_id, words=words, taken=taken, waiting=[]
    ), status


def _relations() -> list[object]:
    return options([("", _("请选择")), *((code, _(word)) for code, word in ALL_RELATIONS.items())])


def _told(form: NewPersonForm) -> service.NewPerson:
    age = form.age.data or ""
    if age and not age.isdecimal():
        raise Refused("年龄请写 0 到 120 之间的整数。", field="age")
    born = _born(form.birth_date.data)
    return service.NewPerson(
        name=form.name.data or "", relation=form.relation.data or "", gender=form.gender.data or "", birth_date=born,
        age=int(age) if age else None, phone=form.phone.data or "",
        id_number=_allowed("id_number", form.id_number.data) or "",
        condition=_allowed("condition", form.condition.data) or "", groups=tuple(form.groups.data or ()),
        languages=tuple(form.languages.data or ()),
    )  # fmt: skip


def _born(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused("出生日期请写成 2015-05-01 这样。", field="birth_date") from error


def _put_aside() -> bool:
    """Was it asked that a number which somebody else has be looked at later?"""
    return bool(request.form.get("review"))


def _holder(refused: Refused) -> dict[str, UUID | None] | None:
    """When a number is somebody's already: their household, for whoever may open it."""
    if not isinstance(refused, Taken):
        return None
    home = queries.home_of(refused.holder_id)
    return {"home": home if home is not None and in_reach(home) else None}


def _noted(person_id: UUID) -> list[tuple[str, str]]:
    """A word when somebody else may be the same person; it stops nothing."""
    if person_id not in reviews.doubles((person_id,)):
        return []
    return [("warning", _("可能和已登记的人是同一个人，已放进“待核对”，不影响办事。"))]


def _allowed(field: str, value: str | None) -> str | None:
    return value or None if rule_of(field) == "reveal" else None


def _weigh(household_id: UUID) -> None:
    """What was corrected may move the household's cases up or down."""
    for row in cases.of_household(household_id):
        case_service.reweigh(row.id)


def _languages() -> list[object]:
    return options((code, _(word)) for code, word in LANGUAGES.items())


def _groups(kept: tuple[str, ...] = ()) -> list[object]:
    """The groups on offer, and those the person already has although they are retired."""
    rows = catalogue.groups(every=True)
    return options((row["id"], named(row)) for row in rows if row["retired_at"] is None or row["id"] in kept)
