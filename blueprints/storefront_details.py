"""What a provider's kind needs, as one form made from the table of requirements."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import Length, NumberRange, Optional

from blueprints.forms import Form
from blueprints.storefront import WORDS, Day, Step, known
from rongjiu.errors import Refused
from rongjiu.marketplace import listings, requirements, words

_TYPED = {
    "text": lambda label: StringField(label, [Optional(), Length(max=120)]),
    "number": lambda label: IntegerField(label, [Optional(), NumberRange(0, 100000, _("请写整数"))]),
    "date": lambda label: Day(label, [Optional()]),
    "tick": lambda label: BooleanField(label),
}


def details_form(row: Any) -> Any:
    """The form of what a provider's kind needs: its fields come from the table of requirements."""

    class DetailsForm(Form):
        """Made for one kind."""

    for code in requirements.need(row.group, row.kind).fields:
        field = requirements.FIELDS[code]
        setattr(DetailsForm, code, _TYPED[field.typed](_(field.label)))
    if row.group == "volunteer_team":
        DetailsForm.insurance_note = StringField(_("保险公司和保单号"), [Optional(), Length(max=200)])
        DetailsForm.insured_until = Day(_("保险到哪天"), [Optional()])
    if row.group == "individual":
        DetailsForm.public_name = StringField(_("公开时怎么称呼"), [Optional(), Length(max=20)])
        DetailsForm.agreed = BooleanField(_("我同意用这个称呼公开我的服务"))
    return DetailsForm


def details(step: Step) -> ResponseReturnValue:
    """What the kind needs: fields, insurance of volunteers, an individual's public name."""
    row = known(step.provider_id)
    typed = {**row.details, "insurance_note": row.insurance_note, "insured_until": row.insured_until}
    typed |= {"public_name": row.public_name, "agreed": row.public_consent_at is not None}
    if day := row.details.get("last_drill"):
        typed["last_drill"] = date.fromisoformat(day)
    form, status = details_form(row)(data=typed), 200
    if form.validate_on_submit():
        try:
            _keep_details(step.provider_id, row, form)
            flash(_("资料已保存。"), "success")
            return redirect(step.onward, 303)
        except Refused as refused:
            _message, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    need = requirements.need(row.group, row.kind)
    return step.page(form, status, row=row, need=need, papers=words.PAPERS, fields=requirements.FIELDS, said=WORDS)


def _keep_details(provider_id: UUID, row: Any, form: Any) -> None:
    wanted = requirements.need(row.group, row.kind).fields
    typed = {code: form[code].data for code in wanted}
    listings.save_details(
        provider_id, {code: value.isoformat() if isinstance(value, date) else value for code, value in typed.items()}
    )
    if row.group == "volunteer_team":
        listings.save_insurance(provider_id, form.insurance_note.data or "", form.insured_until.data)
    if row.group == "individual":
        listings.show_in_public(provider_id, form.public_name.data or "", bool(form.agreed.data))
