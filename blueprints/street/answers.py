"""The forms of the 一门受理 desk: one for each answer, and what they do."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from wtforms import DecimalField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from blueprints import deskfiles
from blueprints.forms import Form, lazy, options
from blueprints.pages import named
from blueprints.storefront import Day, Ticks
from rongjiu.clock import today
from rongjiu.db import tenant_scope
from rongjiu.oversight import desk
from tenants.acceptance import answering, queries
from tenants.acceptance.answering import Appeal
from tenants.acceptance.receiving import Opened

ORDER = ("accept", "forward", "ask_papers", "grant", "refuse")
TITLES = {
    "accept": lazy("受理"), "forward": lazy("转办主管部门"), "ask_papers": lazy("一次告知补正"), "grant": lazy("登记准予"),
    "refuse": lazy("登记不予"),
}  # fmt: skip
ICONS = {
    "accept": "check-lg",
    "forward": "send",
    "ask_papers": "list-check",
    "grant": "check-circle",
    "refuse": "x-circle",
}
DONE = {
    "accept": lazy("已受理。下一步：转主管部门。"), "forward": lazy("已转办，到期没有答复会提醒。"),
    "ask_papers": lazy("补正清单已发回社区，期限暂停计算。"), "grant": lazy("已登记准予，社区会核对是否到账。"),
    "refuse": lazy("已登记不予，社区会告知家里并接着帮。"),
}  # fmt: skip


class AcceptForm(Form):
    """The day, and words if any."""

    day = Day(lazy("办理日期"), [Optional()])
    words = TextAreaField(lazy("说明"), [Optional(), Length(max=1000)])


class ForwardForm(AcceptForm):
    """To which department."""

    department = SelectField(lazy("转给哪个部门"), validate_choice=False)


class PapersForm(AcceptForm):
    """Everything that is lacking, at once."""

    papers = Ticks(lazy("清单里要补的"), validate_choice=False)
    more = TextAreaField(lazy("清单外要补的，每行一样"), [Optional(), Length(max=1500)])


class Amount(DecimalField):
    """A sum, refused in our own words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("请填 0 到 1000000 之间的金额；实物或服务填 0。")) from None


class GrantForm(Form):
    """How much, for how long, from when."""

    day = Day(lazy("答复日期"), [Optional()])
    amount = Amount(lazy("金额（元）"), [Optional()])
    period = RadioField(lazy("多久一次"), [Optional()], validate_choice=False)
    from_on = Day(lazy("从哪天起"), [Optional()])
    until_on = Day(lazy("到哪天止"), [Optional()])


class RefuseForm(Form):
    """Why not, in writing, and how to appeal."""

    day = Day(lazy("答复日期"), [Optional()])
    reason = TextAreaField(lazy("不予的书面理由"), [Optional(), Length(max=1000)])
    appeal_to = StringField(lazy("向哪里申诉或复议"), [Optional(), Length(max=100)])
    appeal_until = Day(lazy("申诉或复议截止"), [Optional()])


FORMS: dict[str, type[Form]] = {
    "accept": AcceptForm, "forward": ForwardForm, "ask_papers": PapersForm, "grant": GrantForm, "refuse": RefuseForm,
}  # fmt: skip


def form_for(verb: str, view: Opened, offices: list[Any], *, blank: bool = False) -> Any:
    """The form of one answer with its choices; `blank` leaves what was posted to another form unread."""
    start = {
        "day": today(), "department": view.file.department_slug, "period": "month", "from_on": today(),
    }  # fmt: skip
    terms = _terms(view) if verb == "refuse" else None
    if terms:
        start |= {"appeal_to": terms.to, "appeal_until": today() + timedelta(days=terms.days)}
    words: dict[str, Any] = {"formdata": None} if blank else {}
    form: Any = FORMS[verb](prefix=f"{verb}-", data=start, **words)
    if verb == "forward":
        form.department.choices = options((row.slug, named(row)) for row in offices)
    elif verb == "ask_papers":
        form.papers.choices = options((str(row.id), deskfiles.paper_name(row)) for row in view.papers)
    elif verb == "refuse":
        form.appeal_until.description = (
            _("%(n)s 天，依据：%(source)s。以答复文书为准。", n=terms.days, source=_(terms.source))
            if terms
            else _("还没有填这个部门的申诉期限，请照答复文书填。")
        )
    elif verb == "grant":
        form.period.choices = options(deskfiles.PERIODS.items())
    return form


def _terms(view: Opened) -> Any:
    """How one may object to this department's answer, as its community or street has written it down."""
    with tenant_scope(desk.tenant_of(view.row)):
        return queries.reach(view.file.department_slug, view.row.policy_slug).terms


def act(verb: str, task_id: UUID, form: Any) -> None:
    """Do what a form says, inside the community that sent the file. Raises Refused naming the field."""
    if verb == "accept":
        answering.accept(task_id, form.day.data, form.words.data or "")
    elif verb == "forward":
        answering.forward(task_id, form.day.data, form.department.data or "", form.words.data or "")
    elif verb == "ask_papers":
        papers = [UUID(each) for each in form.papers.data or () if each in {code for code, *_ in form.papers.choices}]
        answering.ask_papers(
            task_id, form.day.data, papers, (form.more.data or "").splitlines(), form.words.data or ""
        )  # fmt: skip
    elif verb == "grant":
        answering.grant(
            task_id, form.day.data, form.amount.data, form.period.data or "", form.from_on.data, form.until_on.data
        )  # fmt: skip
    else:
        appeal = Appeal(form.appeal_to.data or "", form.appeal_until.data)
        answering.refuse(task_id, form.day.data, form.reason.data or "", appeal)
