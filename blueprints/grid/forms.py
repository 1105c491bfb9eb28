"""The sheet of a first visit: door, people, who cares for whom, consent."""

from datetime import date
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms import Form as Part
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints.forms import Form, lazy, options
from rongjiu.errors import Refused
from tenants.residents.rules import GENDERS, RELATIONS
from tenants.residents.service import Door, NewPerson
from tenants.signals.first_visit import Sheet

SLOTS, MOST = 4, 12
"""People shown at first, and at most, on one sheet."""


class PersonPart(Part):
    """One person of the household; age or birth date, the rest as far as it is known."""

    name = StringField(lazy("姓名"))
    relation = SelectField(lazy("与户主关系"), validate_choice=False)
    gender = SelectField(lazy("性别"), validate_choice=False)
    age = StringField(lazy("年龄"))
    birth_date = StringField(lazy("出生日期"))
    phone = TelField(lazy("电话"))
    id_number = StringField(lazy("身份证号"))
    condition = TextAreaField(lazy("身体情况"))
    cares_for = SelectField(lazy("照护谁"), validate_choice=False)
    groups = SelectMultipleField(
        lazy("人群"), validate_choice=False, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )


class VisitForm(Form):
    """A first visit, sent at once; `client_key` makes a second sending the same."""

    building = StringField(lazy("楼"))
    unit = StringField(lazy("单元"))
    room = StringField(lazy("室"))
    persons = FieldList(FormField(PersonPart), min_entries=SLOTS, max_entries=MOST)
    consent_by = SelectField(lazy("由谁同意"), validate_choice=False)
    how = RadioField(
        lazy("怎样同意"), default="paper",
        choices=options([("paper", lazy("签字，拍照留存")), ("voice", lazy("口头同意，有见证人"))]),
    )  # fmt: skip
    read_aloud = BooleanField(lazy("已把上面的话读给家里人听，问清了同不同意"))
    photo = FileField(lazy("签好字的同意书照片"))
    witness = StringField(lazy("见证人"))
    note = TextAreaField(lazy("补充说明"))
    client_key = HiddenField()


def offer_choices(form: VisitForm, groups: list[tuple[str, str]]) -> None:
    """Fill the choices, which depend on the model and on how many people stand on the sheet."""
    count = len(form.persons.entries)
    places = [(str(n), _("第 %(n)s 位", n=n + 1)) for n in range(count)]
    form.consent_by.choices = options(places)
    for entry in form.persons.entries:
        part = entry.form
        part.relation.choices = options([("", _("请选择")), *((code, _(word)) for code, word in RELATIONS.items())])
        part.gender.choices = options([("", _("请选择")), *((code, _(word)) for code, word in GENDERS.items())])
        part.cares_for.choices = options([("", _("不照护家里人")), *places])
        part.groups.choices = options(groups)


def sheet_of(form: VisitForm) -> Sheet:
    """What was filled in, empty slots left out; raises Refused naming the field."""
    if not form.read_aloud.data:
        raise Refused("请先把同意书读给家里人听，再勾选。", field="read_aloud")
    people, carers, places = list[NewPerson](), list[tuple[int, str]](), dict[str, int]()
    for n, entry in enumerate(form.persons.entries):
        part = entry.form
        if not (part.name.data or "").strip():
            if any((part[name].data or "").strip() for name in ("age", "birth_date", "phone", "id_number")):
                raise Refused("请写姓名。", field=f"persons-{n}-name")
            continue
        places[str(n)] = len(people)
        if part.cares_for.data:
            carers.append((len(people), part.cares_for.data))
        people.append(_person(part, len(people)))
    photo = form.photo.data
    return Sheet(
        door=Door(form.building.data or "", form.unit.data or "", form.room.data or ""),
        people=people,
        carers=[(carer, places[cared]) for carer, cared in carers if cared in places],
        consent_by=places.get(form.consent_by.data or "0", -1),
        how=form.how.data or "paper", witness=form.witness.data or "", note=form.note.data or "",
        photo=(photo.filename, photo.read()) if photo and photo.filename else None,
    )  # fmt: skip


def _person(part: Any, at: int) -> NewPerson:
    age, born = (part.age.data or "").strip(), (part.birth_date.data or "").strip()
    if age and not age.isdecimal():
        raise Refused("年龄请写 0 到 120 之间的整数。", field=f"persons-{at}-age")
    try:
        birth_date = date.fromisoformat(born) if born else None
    except ValueError as error:
        raise Refused("出生日期请写成 2015-05-01 这样。", field=f"persons-{at}-birth_date") from error
    return NewPerson(
        name=part.name.data.strip(), gender=part.gender.data or "", relation=part.relation.data or "",
        birth_date=birth_date, age=int(age) if age else None, phone=part.phone.data or "",
        id_number=part.id_number.data or "", condition=part.condition.data or "", groups=tuple(part.groups.data or ()),
    )  # fmt: skip


def refuse(form: VisitForm, refused: Refused) -> int:
    """Put a refusal at its field, also within a person; answers the status.

    The service counts people, the sheet counts slots: an empty slot in between is skipped.
    """
    words = (refused.field or "").split("-")
    within = len(words) == 3 and words[1].isdecimal()
    said, status = form.refuse(refused.nowhere() if within else refused)
    if within:
        filled = [entry for entry in form.persons.entries if (entry.form["name"].data or "").strip()]
        entries = form.persons.entries if words[2] == "name" else filled
        field = entries[int(words[1])].form[words[2]]
        field.errors = [*field.errors, said]
        form.form_errors.remove(said)
        form.persons.errors = [said]
    return status


def wants_another() -> bool:
    """Was the button pressed that only adds a place for one more person?"""
    return bool(request.form.get("more"))
