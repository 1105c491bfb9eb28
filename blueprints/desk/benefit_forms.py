"""What is asked about a benefit: whose, from when until when, received or waited for, on what ground."""

from wtforms import HiddenField, RadioField, SelectField, StringField
from wtforms.validators import Length, Optional

from blueprints.forms import Form, chosen, lazy, options
from blueprints.storefront import Day
from tenants.benefits import rules

STATUS = {"enrolled": lazy("在享受"), "on-waitlist": lazy("轮候中")}
HOW = {
    "paper": lazy("看到了证件或批复"), "department": lazy("部门答复了"), "none": lazy("没有在享受"),
}  # fmt: skip
"""What the check of a benefit that was told at the door found."""


class PeriodForm(Form):
    """From when until when, on what ground."""

    since = Day(lazy("从哪天起"), [Optional()])
    until = Day(lazy("到哪天止"), [Optional()])
    ground = StringField(lazy("依据"), [Optional(), Length(max=rules.GROUND_LONGEST)])
    seen = HiddenField()


class CheckForm(PeriodForm):
    """What was told at the door: by what it is confirmed, and the dates that it names."""

    ground = StringField(lazy("证号、文号，或者谁在哪天答复的"), [Optional(), Length(max=rules.GROUND_LONGEST)])
    how = RadioField(
        lazy("怎么核对的"), [chosen()], choices=options((code, HOW[code]) for code in ("paper", "department"))
    )


class KeptForm(PeriodForm):
    """And whether it is received, or only waited for."""

    status = RadioField(lazy("享受还是轮候"), [Optional()], choices=options(STATUS.items()), default="enrolled")


class TurnForm(Form):
    """The first day on which it is received."""

    first = Day(lazy("从哪天起享受"), [Optional()])
    seen = HiddenField(id="turn-seen")


class NewForm(KeptForm):
    """Which policy, and whose."""

    policy = SelectField(lazy("哪项政策"), [chosen()], validate_choice=False)
    person = SelectField(lazy("谁在享受"), [Optional()], validate_choice=False)
