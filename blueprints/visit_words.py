"""Visits that repeat, for every door: what is done, how somebody is, how often, and the sheet of one visit."""

from flask import request
from wtforms import FileField, RadioField, SelectMultipleField, TextAreaField, widgets

from blueprints.forms import Form, chosen, lazy, options
from tenants.accompaniment import sheets
from tenants.accompaniment.rules import RHYTHMS as RULES

TASKS = {
    "chat": lazy("陪聊天"), "health": lazy("问问身体、量血压"), "medicine": lazy("提醒吃药、代取药"), "shopping": lazy("代买东西"),
    "tidy": lazy("收拾屋子"), "walk": lazy("陪着走走"), "phone": lazy("教用手机、试一键拨号"), "papers": lazy("读信、帮填表"),
    "study": lazy("陪孩子做功课"),
}  # fmt: skip
MOODS = {"good": lazy("精神好"), "plain": lazy("平平常常"), "low": lazy("情绪低"), "bad": lazy("很不好，要有人管")}
RHYTHMS = {
    "weekly": lazy("每周"), "fortnightly": lazy("每两周"), "monthly": lazy("每个月"), "quarterly": lazy("每季"),
}  # fmt: skip
HOLIDAYS = {
    "move": lazy("顺延到下一个工作日"), "keep": lazy("照常去"), "skip": lazy("那次不去"),
}  # fmt: skip


def rhythm(rrule: str) -> str:
    """The word of a recurrence; the recurrence itself when it is none of ours."""
    code = next((code for code, rule in RULES.items() if rule == rrule), "")
    return str(RHYTHMS.get(code, rrule))


class SheetForm(Form):
    """What is written when leaving."""

    ticked = SelectMultipleField(
        lazy("做了什么"), option_widget=widgets.CheckboxInput(), widget=widgets.ListWidget(prefix_label=False)
    )
    mood = RadioField(lazy("今天人怎么样"), [chosen()], choices=options(MOODS.items()))
    note = TextAreaField(lazy("还想说什么"))
    photo = FileField(lazy("照片"))
    signature = FileField(lazy("签字单"))
    receipt = FileField(lazy("小票"))

    def written(self) -> sheets.Written:
        """The sheet."""
        found = [
            sheets.Evidence(kind, given.filename, given.read())
            for kind in sheets.EVIDENCE
            if (given := request.files.get(kind)) is not None and given.filename
        ]
        return sheets.Written(self.ticked.data or [], self.mood.data or "", self.note.data or "", found)
