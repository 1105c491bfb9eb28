"""/desk/contacts and /desk/people/<id>/contacts, card: whom an elderly person rings with one button, whether it works,
who takes over when a member of staff leaves, and the card that hangs beside the telephone."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import RadioField, SelectField, StringField, TelField
from wtforms.validators import Length, Optional

from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import in_reach, page_number, page_size, uuid_of
from blueprints.forms import Form, chosen, lazy, options
from blueprints.guard import logged, place
from blueprints.pages import named
from blueprints.pictures import qr
from rongjiu.clock import today
from rongjiu.errors import Refused
from tenants.catalogue import queries as catalogue
from tenants.founding import service as founding
from tenants.residents import contacts, dialling, queries, rules
from tenants.residents.contacts import Contact

SIZE = 50


class ContactForm(Form):
    """Somebody whom the button rings."""

    kind = SelectField(lazy("联系人是谁"), [chosen()], validate_choice=False)
    account = SelectField(lazy("哪位工作人员"), [Optional()], validate_choice=False)
    name = StringField(lazy("怎么称呼"), [Optional(), Length(max=50)])
    phone = TelField(lazy("电话"), [Optional()])


class TryForm(Form):
    """One-touch dialling taught or tested."""

    contact = SelectField(lazy("打给谁"), [Optional()], validate_choice=False)
    taught_on = StringField(lazy("教会日期"), [Optional()])
    tested_on = StringField(lazy("测试日期"), [Optional()])
    works = RadioField(lazy("打通了吗"), [Optional()], validate_choice=False)


@bp.get("/contacts")
def contact_list() -> ResponseReturnValue:
    """Elderly without younger people at home: covered or not, tested or due; and contacts that wait for a successor."""
    elders, page, size, state = dialling.elders(), page_number(), page_size(SIZE), request.args.get("state", "")
    lists = {"bare": [each for each in elders if not each.covered], "late": [each for each in elders if each.late]}
    rows = lists.get(state, elders)
    options = [("bare", _("没有联系人"), len(lists["bare"])), ("late", _("该测了"), len(lists["late"]))]
    return render_template(
        "desk/contacts.html", rows=rows[(page - 1) * size : page * size], total=len(rows), every=len(elders),
        covered=len(elders) - len(lists["bare"]), late=len(lists["late"]), page=page, pages=max(1, -(-len(rows) // SIZE)),
        filters=[{"name": "state", "label": _("只看"), "value": state if state in lists else "", "options": options}],
        waiting=contacts.to_hand_over(), staff=[(str(each.account_id), each.post) for each in contacts.staff()],
    )  # fmt: skip


@bp.post("/contacts/<uuid:contact_id>/take-over")
def contact_take_over(contact_id: UUID) -> ResponseReturnValue:
    """Hand a contact on to somebody who works here."""
    contacts.take_over(contact_id, uuid_of(request.form.get("account")))
    flash(_("已接手。请尽快上门认识一下，再测一次一键拨号。"), "success")
    return redirect(url_for("desk.contact_list"), 303)


@bp.route("/people/<uuid:person_id>/contacts", methods=["GET"])
@logged
def person_contacts(person_id: UUID) -> ResponseReturnValue:
    """One person's contacts and what was taught and tested."""
    return _page(person_id, _contact_form(), _try_form(person_id), 200)


@bp.post("/people/<uuid:person_id>/contacts")
def contact_add(person_id: UUID) -> ResponseReturnValue:
    """Add a contact."""
    _reachable(person_id)
    form, status = _contact_form(), 422
    if form.validate_on_submit():
        try:
            contacts.add(
                person_id, form.kind.data or "", account_id=uuid_of(form.account.data), name=form.name.data or "",
                phone=form.phone.data or "",
            )  # fmt: skip
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(_("联系人已登记。教老人按一次，再记下来。"), "success")
            return redirect(url_for("desk.person_contacts", person_id=person_id), 303)
    return _page(person_id, form, TryForm(formdata=None), status)


@bp.post("/contacts/<uuid:contact_id>/end")
def contact_end(contact_id: UUID) -> ResponseReturnValue:
    """End a contact that no longer holds."""
    person_id = contacts.whose(contact_id)
    if person_id is None:
        abort(404)
    _reachable(person_id)
    contacts.end(contact_id)
    flash(_("已停用这位联系人。"), "success")
    return redirect(url_for("desk.person_contacts", person_id=person_id), 303)


@bp.post("/people/<uuid:person_id>/one-touch")
def one_touch(person_id: UUID) -> ResponseReturnValue:
    """Note that one-touch dialling was taught or tested."""
    _reachable(person_id)
    form, status = _try_form(person_id), 422
    if form.validate_on_submit():
        try:
            dialling.tried(
                person_id, uuid_of(form.contact.data), taught_on=_day(form, "taught_on"),
                tested_on=_day(form, "tested_on"), works={"yes": True, "no": False}.get(form.works.data or ""),
            )  # fmt: skip
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(_("已记下。"), "success")
            return redirect(url_for("desk.person_contacts", person_id=person_id), 303)
    return _page(person_id, ContactForm(formdata=None), form, status)


@bp.get("/people/<uuid:person_id>/card")
@logged
def card(person_id: UUID) -> ResponseReturnValue:
    """The card beside the telephone: the number large, a code to scan, who answers, the community's number."""
    row, person = _reachable(person_id)
    living = [each for each in contacts.of(person_id=person_id) if each.ended_at is None and not each.orphaned]
    community = founding.community(_id())
    first = next((each for each in living if each.phone), None)
    number = first.phone if first else community.phone
    names = {each["id"]: named(each) for each in catalogue.groups()}
    kinds = [names[slug] for slug in person.all_groups if slug in names]
    return render_template(
        "desk/card.html", row=row, person=person, contact=first, number=number, kinds=kinds,
        community=community.phone, picture=qr(f"tel:{number}") if number else "", words=words, day=today(),
        contact_kinds=rules.CONTACT_KINDS,
    )  # fmt: skip


def _reachable(person_id: UUID) -> tuple[Any, queries.Member]:
    home = queries.home_of(person_id)
    if home is None or not in_reach(home):
        abort(404)
    person = next(each for each in queries.members(home, everyone=True) if each.id == person_id)
    return queries.household(home), person


def _page(person_id: UUID, form: ContactForm, attempt: TryForm, status: int) -> ResponseReturnValue:
    row, person = _reachable(person_id)
    known = contacts.of(person_id=person_id)
    _fill(form)
    _offer(attempt, known)
    tries = dialling.tries(person_id=person_id)
    last = next((each.tested_on for each in tries if each.tested_on), None)
    return render_template(
        "desk/person_contacts.html", row=row, person=person, form=form, attempt=attempt, contacts=known, tries=tries,
        by_id={each.id: each for each in known}, due_on=dialling.retest_due(last), today_on=today(), words=words,
        kinds=rules.CONTACT_KINDS, living=[each for each in known if each.ended_at is None],
    ), status  # fmt: skip


def _contact_form() -> ContactForm:
    form = ContactForm()
    _fill(form)
    return form


def _fill(form: ContactForm) -> None:
    form.kind.choices = options([("", _("请选择")), *((code, _(word)) for code, word in rules.CONTACT_KINDS.items())])
    staff = [(str(each.account_id), each.post) for each in contacts.staff()]
    form.account.choices = options([("", _("请选择")), *staff])


def _try_form(person_id: UUID) -> TryForm:
    form = TryForm()
    _offer(form, contacts.of(person_id=person_id))
    return form


def _offer(form: TryForm, known: list[Contact]) -> None:
    living = [(str(each.id), label(each)) for each in known if each.ended_at is None]
    form.contact.choices = options([("", _("请选择")), *living])
    form.works.choices = options([("yes", _("打通了")), ("no", _("没打通"))])


def label(contact: Contact) -> str:
    """A contact in words that show no name: the post of staff, else the kind."""
    return contact.post if contact.kind == "staff" else _(rules.CONTACT_KINDS[contact.kind])


def _day(form: TryForm, name: str) -> date | None:
    text = form[name].data
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused("日期请写成 2022-08-15 这样。", field=name) from error


def _id() -> UUID:
    found = place().id
    if found is None:
        abort(404)
    return found
