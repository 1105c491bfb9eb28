"""The sheet of one door of a sweep: person by person, who was not registered yet, what was seen of need and danger."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

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
    TextAreaField,
)
from wtforms import Form as Part
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints import sweep_words
from blueprints.forms import Form, lazy, options
from rongjiu.errors import Refused
from tenants.residents.rules import CONTACT_KINDS, GENDERS, RELATIONS
from tenants.sweeps import rules
from tenants.sweeps.service import NewPerson, Seen, Sheet
from tenants.sweeps.sheets import CONTACTS, Rings

SLOTS, MOST = 2, 10
"""Places for people not registered yet, at first and at most."""


def _ticks(label: Any) -> SelectMultipleField:
    return SelectMultipleField(
        label, validate_choice=False, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )


class SeenPart(Part):
    """One registered person."""

    person = HiddenField()
    before = HiddenField()
    how = RadioField(lazy("怎样核对"), choices=options(sweep_words.HOW.items()), validate_choice=False)
    possible_leak = BooleanField(lazy("疑似漏保漏救"))
    leak_reason = SelectField(lazy("漏保原因"), validate_choice=False)
    hardships = _ticks(lazy("困难类型"))
    policies = _ticks(lazy("现享受政策"))
    groups = _ticks(lazy("人群"))
    contact_kind = SelectField(lazy("紧急联系人是"), validate_choice=False, default="family")
    contact_name = StringField(lazy("联系人怎么称呼"))
    contact_phone = StringField(lazy("联系人电话"))
    one_touch = BooleanField(lazy("已教会一键拨号"))


class NewPart(Part):
    """Somebody who lives here and is not registered yet."""

    name = StringField(lazy("姓名"))
    relation = SelectField(lazy("与户主关系"), validate_choice=False)
    gender = SelectField(lazy("性别"), validate_choice=False)
    age = StringField(lazy("年龄"))


class StopForm(Form):
    """A visited door; `client_key` makes a second sending the same."""

    people = FieldList(FormField(SeenPart))
    new_people = FieldList(FormField(NewPart), min_entries=SLOTS, max_entries=MOST)
    rented = BooleanField(lazy("租住户"))
    possible_leak = BooleanField(lazy("这一家疑似漏保漏救"))
    leak_reason = SelectField(lazy("漏保原因"), validate_choice=False)
    risks = _ticks(lazy("居家安全隐患"))
    urgent = BooleanField(lazy("急难，24 小时内要处置"))
    wish = TextAreaField(lazy("微心愿"))
    note = TextAreaField(lazy("备注"))
    photo = FileField(lazy("现场照片"))
    consent = BooleanField(lazy("已说明来意，家里人同意登记"))
    client_key = HiddenField()
    base = HiddenField()


class NewDoorForm(StopForm):
    """A door that is on no list."""

    courtyard = SelectField(lazy("院落"), validate_choice=False)
    building = StringField(lazy("楼"))
    unit = StringField(lazy("单元"))
    room = StringField(lazy("室"))
    result = RadioField(
        lazy("敲门结果"), default="visited", validate_choice=False,
        choices=options((code, sweep_words.STATES[code]) for code in ("visited", "not_home", "refused", "vacant")),
    )  # fmt: skip


def offer_choices(
    form: StopForm, groups: Sequence[tuple[str, str]], policies: Sequence[tuple[str, str]]
) -> None:  # fmt: skip
    """Fill the choices that depend on the community's model and the reader's language."""
    leaks = [("", _("说不清")), *((code, _(word)) for code, word in rules.LEAK_REASONS.items())]
    form.leak_reason.choices = options(leaks)
    form.risks.choices = options((code, _(word)) for code, word in rules.RISKS.items())
    for entry in form.people.entries:
        part = entry.form
        part.leak_reason.choices = options(leaks)
        part.hardships.choices = options((code, _(word)) for code, word in rules.HARDSHIPS.items())
        part.contact_kind.choices = options((code, _(CONTACT_KINDS[code])) for code in CONTACTS)
        part.policies.choices, part.groups.choices = options(policies), options(groups)
    for entry in form.new_people.entries:
        part = entry.form
        part.relation.choices = options([("", _("请选择")), *((code, _(word)) for code, word in RELATIONS.items())])
        part.gender.choices = options([("", _("请选择")), *((code, _(word)) for code, word in GENDERS.items())])


def fill_in(form: StopForm, people: Sequence[Any], base: Mapping[str, str]) -> None:
    """Put the people of a door on a fresh sheet, with what the writer has seen of the register."""
    for each in people:
        groups = sorted(each.groups)
        form.people.append_entry(
            {"person": str(each.id), "before": ",".join(groups), "groups": groups, "how": _said(each.result)}
        )
    form.base.data = json.dumps(base)


def _said(result: str) -> str | None:
    return result if result in sweep_words.HOW and result not in rules.OPEN_PERSON else None


def sheet_of(form: StopForm, result: str, *, until: date | None = None) -> Sheet:
    """What was filled in; raises Refused naming the field."""
    if result == "visited" and not form.consent.data:
        raise Refused("请先说明来意，家里人同意后再勾选；不同意就选“不愿登记”。", field="consent")
    return Sheet(
        result,
        people=tuple(_seen(entry.form, n) for n, entry in enumerate(form.people.entries)),
        new_people=tuple(new_people(form)), deferred_until=until, note=form.note.data or "", urgent=form.urgent.data,
        safety_risks=tuple(form.risks.data or ()), wish=form.wish.data or "", possible_leak=form.possible_leak.data,
        leak_reason=form.leak_reason.data or "", occupancy="rented_out" if form.rented.data else "",
        consent=form.consent.data, base=_base(form.base.data),
    )  # fmt: skip


def with_file(sheet: Sheet, file_id: UUID) -> Sheet:
    """The sheet with a picture kept."""
    return replace(sheet, file_ids=(*sheet.file_ids, file_id))


def new_people(form: StopForm) -> list[NewPerson]:
    """People not registered yet, empty places left out; raises Refused naming the field of the place."""
    found = []
    for n, entry in enumerate(form.new_people.entries):
        part, name = entry.form, (entry.form.name.data or "").strip()
        age = (part.age.data or "").strip()
        if not name:
            if age:
                raise Refused("请写姓名。", field=f"new_people-{n}-name")
            continue
        if age and not age.isdecimal():
            raise Refused("年龄请写 0 到 120 之间的整数。", field=f"new_people-{n}-age")
        found.append(NewPerson(name, part.gender.data or "", part.relation.data or "", age=int(age) if age else None))
    return found


def refuse(form: StopForm, refused: Refused) -> int:
    """Put a refusal at its field, also within a person; answers the status. The service counts the people, the sheet
    its places: empty places in between are skipped."""
    words = (refused.field or "").split("-")
    within = len(words) == 3 and words[1].isdecimal() and words[0] in ("people", "new_people")
    said, status = form.refuse(refused.nowhere() if within else refused)
    if within:
        entries = form.people.entries if words[0] == "people" else form.new_people.entries
        if words[0] == "new_people" and words[2] not in ("name", "age"):
            entries = [each for each in entries if (each.form["name"].data or "").strip()]
        field = entries[int(words[1])].form[words[2]]
        field.errors = [*field.errors, said]
        form.form_errors.remove(said)
        form[words[0]].errors = [said]
    return status


def _seen(part: Any, at: int) -> Seen:
    if not part.how.data:
        raise Refused("请选一项；没问到就选“没问到”。", field=f"people-{at}-how")
    before = set(filter(None, (part.before.data or "").split(",")))
    now = set(part.groups.data or ())
    return Seen(
        UUID(part.person.data), part.how.data, groups=None if now == before else tuple(sorted(now)),
        policy_now_received=tuple(part.policies.data or ()), possible_leak=part.possible_leak.data,
        leak_reason=part.leak_reason.data or "", hardships=tuple(part.hardships.data or ()), contact=_rings(part),
        one_touch=part.one_touch.data,
    )  # fmt: skip


def _rings(part: Any) -> Rings | None:
    name, phone = (part.contact_name.data or "").strip(), (part.contact_phone.data or "").strip()
    kind = part.contact_kind.data if part.contact_kind.data in CONTACTS else "family"
    return Rings(kind, name, phone) if name or phone else None


def _base(text: str | None) -> dict[str, str] | None:
    try:
        found = json.loads(text or "null")
    except ValueError:
        return None
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else None
