"""A provider's own pages, the same while it registers (`/join/provider`) and afterwards (`/provider`): shop, papers,
services. The doors say which template, whose provider, and where to go on."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.file import FileField
from wtforms import (
    DateField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints import downloads
from blueprints.forms import Form, chosen, lazy, options, required
from blueprints.pages import language
from rongjiu import files
from rongjiu.errors import Refused
from rongjiu.marketplace import listings, queries, reading, rules, words


class Ticks(SelectMultipleField):
    """Several choices as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Day(DateField):
    """A day, refused in our own words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was chosen or typed."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("请写成 2027-05-31 这样的日期。")) from None


class ContactForm(Form):
    """What a vetted provider may change by itself."""

    kind = SelectField(lazy("类型"), [chosen()])
    phone = TelField(lazy("联系电话"), [required(lazy("请填一个打得通的电话")), Length(max=20)])
    contact = StringField(lazy("联系人"), [Optional(), Length(max=30)])
    address = StringField(lazy("店铺地址"), [Optional(), Length(max=120)])
    intro = TextAreaField(lazy("一句话介绍"), [Optional(), Length(max=300)])

    def __init__(self, *args: Any, **words_: Any) -> None:
        super().__init__(*args, **words_)
        self.kind.choices = said(words.KINDS)


class ShopForm(ContactForm):
    """Who the provider is."""

    name = StringField(lazy("店名"), [required(lazy("请写店名,照执照上的写")), Length(max=60)])
    group = RadioField(lazy("您是"), [chosen()], default="company")
    legal_form = SelectField(lazy("法律形式"), [Optional()])
    uscc = StringField(lazy("统一社会信用代码"), [Optional(), Length(max=40)])
    photo = FileField(lazy("执照照片"))
    street = SelectField(lazy("店铺在哪个街道"), [chosen(lazy("请选店铺所在的街道"))])

    def __init__(self, *args: Any, **words_: Any) -> None:
        super().__init__(*args, **words_)
        self.group.choices = said(words.GROUPS)
        self.legal_form.choices = options([("", _("不确定,由街道核对")), *said(rules.LEGAL_FORMS)])
        self.street.choices = options([("", _("请选择")), *((str(key), name) for key, name in queries.streets())])


class PaperForm(Form):
    """One paper."""

    kind = RadioField(lazy("这是什么证照"), [chosen()], default="licence")
    file = FileField(lazy("照片或 PDF"))
    ends_on = Day(lazy("有效期到"), [Optional()])

    def __init__(self, *args: Any, **words_: Any) -> None:
        super().__init__(*args, **words_)
        self.kind.choices = said(words.PAPERS)


@dataclass(frozen=True, slots=True)
class Step:
    """One page of one door: whose provider, with which template, and where to go when it is done."""

    provider_id: UUID
    template: str
    onward: str
    more: dict[str, Any]

    def page(self, form: Form | None, status: int = 200, **words_: Any) -> ResponseReturnValue:
        """Show it."""
        return render_template(self.template, form=form, **self.more, **words_), status


def said(of: dict[str, str]) -> list[tuple[str, str]]:
    """Codes with their words in the reader's language."""
    return [(code, _(word)) for code, word in of.items()]


def type_names() -> dict[str, str]:
    """Service types of the published model in the reader's language."""
    return {code: names[1 if language() == "en" else 0] for code, names in queries.service_types().items()}


def group_names() -> dict[str, str]:
    """Special groups of the published model in the reader's language."""
    return {code: names[1 if language() == "en" else 0] for code, names in queries.special_groups().items()}


def shop(step: Step) -> ResponseReturnValue:
    """Who the provider is; once vetted, name, code and street stand still."""
    row = known(step.provider_id)
    fixed = row.state in ("approved", "active")
    form = (ContactForm if fixed else ShopForm)(
        obj=row if row.name else None, data=None if row.name else {"kind": "barber", "street": ""}
    )
    if not fixed and request.method == "GET" and row.street_id:
        form.street.data = str(row.street_id)
    status = 200
    if not fixed and request.form.get("read"):
        return _read_licence(step, form, row)
    if form.validate_on_submit():
        try:
            listings.save_shop(step.provider_id, _shop(form, row, fixed))
            return redirect(step.onward, 303)
        except Refused as refused:
            _message, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return step.page(form, status, row=row, fixed=fixed, reads=reading.available())


def _read_licence(step: Step, form: Any, row: Any) -> ResponseReturnValue:
    """Fill name and code from the photograph of the licence; nothing is saved, everything else stays as typed."""
    status, upload = 200, form.photo.data
    try:
        if not upload or not upload.filename:
            raise Refused("请先选执照照片。", field="photo")
        found = reading.read(upload.stream.read(reading.LIMIT + 1))
        form.name.data, form.uscc.data = found.name or form.name.data, found.uscc or form.uscc.data
        if found.uscc:
            flash(_("已照照片填好,校验位正确。请对照执照再看一遍。"), "success")
        else:
            flash(_("代码没有认出来。请照执照输入 18 位代码。"), "warning")
    except Refused as refused:
        _message, status = form.refuse(refused)
    return step.page(form, status, row=row, fixed=False, reads=reading.available())


def _shop(form: Any, row: Any, fixed: bool) -> listings.Shop:
    return listings.Shop(
        name=row.name if fixed else form.name.data, group=row.group if fixed else form.group.data,
        uscc=(row.uscc or "") if fixed else form.uscc.data or "", kind=form.kind.data, phone=form.phone.data,
        contact=form.contact.data or "", address=form.address.data or "", intro=form.intro.data or "",
        street_id=row.street_id if fixed else UUID(form.street.data),
        legal_form=row.legal_form if fixed else form.legal_form.data or "",
    )  # fmt: skip


def papers(step: Step) -> ResponseReturnValue:
    """The papers, and one more; what cannot be read is refused at the field."""
    row, form, status = known(step.provider_id), PaperForm(), 200
    if form.validate_on_submit():
        try:
            upload = form.file.data
            if not upload or not upload.filename:
                raise Refused("请先选照片或 PDF。", field="file")
            content = upload.stream.read(files.LIMIT + 1)
            listings.add_paper(step.provider_id, form.kind.data, content, upload.filename, form.ends_on.data)
            flash(_("证照已保存。"), "success")
            return redirect(step.onward, 303)
        except Refused as refused:
            _message, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return step.page(form, status, row=row, papers=queries.papers(step.provider_id), kinds=words.PAPERS)


def drop_paper(step: Step, paper_id: UUID) -> ResponseReturnValue:
    """Take a paper back."""
    try:
        listings.drop_paper(step.provider_id, paper_id)
    except Refused as refused:
        flash(_(refused.message, **refused.words), "warning")
    return redirect(step.onward, 303)


def paper_file(provider_id: UUID, paper_id: UUID) -> ResponseReturnValue:
    """The bytes of a paper, always as an attachment."""
    name, mime, content = listings.open_paper(provider_id, paper_id)
    answer = downloads.attachment(content, mime, name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def known(provider_id: UUID) -> Any:
    """One provider, or 404."""
    row = queries.find(provider_id)
    if row is None:
        abort(404)
    return row


class _Groups:
    """Names of special groups by code, in the reader's language, for templates."""

    def __getitem__(self, code: str) -> str:
        return group_names().get(code, "")


WORDS = {
    "groups": words.GROUPS, "kinds": words.KINDS, "prices": words.PRICES, "modes": words.MODES, "papers": words.PAPERS,
    "days": words.WEEKDAYS, "parts": words.PARTS, "states": words.STATES, "tones": words.TONES,
    "admissions": words.ADMISSIONS, "missing": words.MISSING, "access": rules.ACCESS, "bearers": rules.BEARERS,
    "forms": rules.LEGAL_FORMS, "special": _Groups(), "capacity": rules.CAPACITY,
}  # fmt: skip
"""All words of the marketplace by name, for templates: `{{ _(said.kinds[row.kind]) }}`."""
