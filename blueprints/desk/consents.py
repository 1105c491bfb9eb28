"""…/cases/<number>/consents: taking a consent, each for one purpose and one receiver, and taking it back."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import case_or_404, uuid_of
from blueprints.entry import safe_next
from blueprints.forms import Form, chosen, lazy, options
from blueprints.guard import logged
from blueprints.pages import show
from blueprints.storefront import Day, Ticks
from rongjiu import files
from rongjiu.clock import ZONE
from rongjiu.errors import Refused
from rongjiu.marketplace import queries as marketplace
from rongjiu.marketplace.kinds import meeting, prices
from tenants.consents import queries, rules, service
from tenants.referrals.queries import here
from tenants.residents import queries as residents
from tenants.residents.rules import OWN_VOICE, speaks_for_self


class ConsentForm(Form):
    """One consent: for what, about whom, by whom, to whom, which fields, how."""

    scope = RadioField(lazy("同意什么"), [chosen()], choices=options(words.SCOPES.items()))
    provider_id = SelectField(lazy("提供给谁"), validate_choice=False)
    fields = Ticks(lazy("可以提供哪些内容"), choices=options(words.SHARED.items()), validate_choice=False)
    person_id = SelectField(lazy("关于谁的信息"), validate_choice=False)
    given_by_id = SelectField(lazy("由谁同意"), validate_choice=False)
    guardian = BooleanField(lazy("同意人是监护人或受托人"))
    how = RadioField(lazy("怎样同意的"), [chosen()], choices=options(words.HOW.items()))
    witness = StringField(lazy("见证人或文书编号"), [Optional(), Length(max=60)])
    picture = FileField(lazy("签字单照片"))
    ends_on = Day(lazy("到哪天为止"), [Optional()])
    agreed = BooleanField(
        lazy("已向对方读过告知书,对方明白可以不同意、可以随时撤回,并单独同意这一项"),
        [InputRequired(lazy("没有单独同意,不能登记。"))],
    )


class WithdrawForm(Form):
    """Why a consent ends."""

    reason = TextAreaField(lazy("为什么撤回"), [Optional(), Length(max=200)])


@bp.route("/cases/<number>/consents/new", methods=["GET", "POST"])
@logged
def consent_new(number: str) -> ResponseReturnValue:
    """Take a consent; ?scope= ?provider= ?person= ?next= fill it in and lead back."""
    case = case_or_404(number)
    people = residents.members(case.household_id) if case.household_id else []
    form, status = _form(people), 200
    if request.method == "POST":
        if form.validate():
            try:
                _give(case, form)
            except Refused as refused:
                _said, status = form.refuse(refused)
            else:
                flash(_("授权已登记,可随时撤回。"), "success")
                back = url_for("desk.case", number=number, _anchor="consents")
                return redirect(safe_next(request.args.get("next")) or back, 303)
        else:
            status = 422
    page = render_template(
        "desk/consent.html",
        case=case,
        form=form,
        people=people,
        notice=rules.NOTICE,
        own_voice=OWN_VOICE,
        prices=_prices(form),
        grounds=[(_(what), _(ground), _(source)) for what, ground, source in rules.GROUNDS],
    )
    return page, status


def _prices(form: ConsentForm) -> list[Any]:
    """What the provider that is chosen has declared, for the family to hear before it agrees."""
    chosen_now = uuid_of(form.provider_id.data)
    return prices.listed(chosen_now, valid=True)[0] if chosen_now else []


def _form(people: list[residents.Member]) -> ConsentForm:
    asked = request.args
    person = next((each for each in people if str(each.id) == asked.get("person")), people[0] if people else None)
    minor = person is not None and not speaks_for_self(person.age)
    adult = next((each for each in people if each.age is None or each.age >= 18), person)
    carer = next((each for each in people if each.age is not None and 18 <= each.age < 70), adult)
    giver = carer if minor else person
    form = ConsentForm(
        data={
            "scope": asked.get("scope", "share_with_provider"), "provider_id": asked.get("provider", ""),
            "person_id": str(person.id) if person else "", "given_by_id": str(giver.id) if giver else "",
            "guardian": minor, "how": "paper", "fields": ["name", "age", "phone_of_guardian"] if minor else ["name"],
        }
    )  # fmt: skip
    choices = [(str(each.id), f"{show('name', each.name)} {words.relation(each.relation)}".strip()) for each in people]
    form.person_id.choices, form.given_by_id.choices = options(choices), options(choices)
    form.provider_id.choices = options(
        [("", _("不提供给服务方")), *((str(row.id), row.name) for row in meeting.admitted(here().id))]
    )
    return form


def _give(case: Any, form: ConsentForm) -> None:
    person, giver = uuid_of(form.person_id.data), uuid_of(form.given_by_id.data)
    if person is None or giver is None:
        raise Refused("请选择是谁的信息、由谁同意。", field="person_id" if person is None else "given_by_id")
    picture = form.picture.data
    file_id = None
    if picture and picture.filename:
        file_id = files.save(picture.read(), picture.filename, owner_kind="consent", owner_id=case.id, field="picture")
    ends = datetime.combine(form.ends_on.data, time(23, 59), ZONE) if form.ends_on.data else None
    sharing = form.scope.data == "share_with_provider"
    service.give(
        case.id, person, giver, form.scope.data, provider_id=uuid_of(form.provider_id.data) if sharing else None,
        fields=(form.fields.data or ()) if sharing else (), guardian=bool(form.guardian.data), how=form.how.data,
        witness=form.witness.data or "", file_id=file_id, ends_at=ends,
    )  # fmt: skip


@bp.route("/cases/<number>/consents/<uuid:consent_id>/withdraw", methods=["GET", "POST"])
@logged
def consent_withdraw(number: str, consent_id: UUID) -> ResponseReturnValue:
    """Take a consent back; what stands on it ends at once."""
    case = case_or_404(number)
    row = queries.one(consent_id)
    if row is None or row.case_id != case.id:
        abort(404)
    form, status = WithdrawForm(), 200
    if request.method == "POST":
        if form.validate():
            service.withdraw(consent_id, form.reason.data or "")
            flash(_("授权已撤回。依据它的派单已取消,服务方再打开时什么都看不到。"), "success")
            return redirect(url_for("desk.case", number=number, _anchor="consents"), 303)
        status = 422
    provider = marketplace.find(row.provider_id) if row.provider_id else None
    page = render_template("desk/consent_withdraw.html", case=case, row=row, form=form, provider=provider, words=words)
    return page, status
