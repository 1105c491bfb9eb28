"""What is written about an admission at the desk: terms, a look, a reason."""

from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as lazy
from wtforms import StringField, TextAreaField
from wtforms.validators import Length, Optional, Regexp

from blueprints.forms import Form
from blueprints.storefront import Day
from rongjiu.clock import today
from rongjiu.marketplace.admissions import rules


class TermsForm(Form):
    """How many places a month this community may take, from when on and until when."""

    limit = StringField(
        lazy("每月最多派几人次"), [Optional(), Regexp(r"\d{1,4}$", message=lazy("写 1 到 9999 之间的整数,不限就留空"))]
    )
    starts_on = Day(lazy("从哪天开始派单"), [Optional()])
    ends_on = Day(lazy("准入到哪天"), [Optional()])


class ReviewForm(Form):
    """What was looked at, or is to be asked."""

    note = TextAreaField(lazy("看了什么、还要问什么"), [Optional(), Length(max=500)])


class ReasonForm(Form):
    """Why, in words that the provider reads."""

    reason = TextAreaField(lazy("原因(对方看得到)"), [Optional(), Length(max=500)])


class StopForm(ReasonForm):
    """Why no more is sent."""

    reason = TextAreaField(lazy("停止的原因(对方看得到)"), [Optional(), Length(max=500)])


def forms(admission: Any, **sent: Form) -> dict[str, Form]:
    """The forms of one provider's page: terms, review, refusing, stopping. What was sent keeps what was typed; the terms
    show how they stand, and where they have ended a new last day, so that one press renews them."""
    known: dict[str, Any] = {}
    if admission is not None:
        over = admission.state == "expired"
        ends_on = today() + timedelta(days=rules.RENEWED) if over else admission.ends_on
        known = {"limit": str(admission.monthly_limit or ""), "ends_on": ends_on}
        if admission.state == "approved":
            known["starts_on"] = admission.starts_on
    empty: dict[str, Form] = {
        "terms": TermsForm(formdata=None, data=known), "review": ReviewForm(formdata=None),
        "refusing": ReasonForm(formdata=None), "stopping": StopForm(formdata=None),
    }  # fmt: skip
    return {**empty, **sent}
