"""Forms of the platform's operator."""

from wtforms import SelectField, StringField, TelField
from wtforms.validators import Optional

from blueprints.forms import Form, lazy, required


class DistrictForm(Form):
    """A new district."""

    name = StringField(lazy("区名"), [required()])
    slug = StringField(lazy("网址名"), [required()])
    code = StringField(lazy("六位区划代码"), [Optional()])


class StreetForm(Form):
    """A new street."""

    district = SelectField(lazy("所属区"), [required()])
    name = StringField(lazy("街道名"), [required()])
    slug = StringField(lazy("网址名"), [required()])
    code = StringField(lazy("九位区划代码"), [Optional()])


class InviteForm(Form):
    """Whom to invite; with a phone only its owner can accept."""

    phone = TelField(lazy("对方手机号"), [Optional()])
