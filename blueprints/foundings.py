"""A founding as it is answered, the same at the street's door and at the operator's: page, approval, return, letter."""

from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import BooleanField, StringField, TelField, TextAreaField
from wtforms.validators import Length

from blueprints import downloads
from blueprints.forms import Form, lazy, required
from rongjiu import audit
from rongjiu.errors import Absent, Refused
from tenants.founding import approval, queries


class ApproveForm(Form):
    """The call back that proves who asks."""

    number = TelField(lazy("回电的号码（另外查到的）"), [required(lazy("请填回电的号码"))])
    source = StringField(lazy("号码从哪里查到"), [required(lazy("请写号码从哪里查到")), Length(max=80)])
    confirmed = BooleanField(lazy("已回电核实，申请人能代表社区"), [required(lazy("请先回电核实，再打勾"))])


class ReturnForm(Form):
    """What is missing."""

    reason = TextAreaField(lazy("请补充什么"), [required(lazy("请写明要补什么")), Length(max=500)])


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answers: a street its own foundings, the operator (no street) those without one."""

    door: str
    """Name of the door: of its template and its list."""
    street: UUID | None = None

    def page(self, draft: UUID, approve: ApproveForm | None = None, send_back: ReturnForm | None = None) -> str:
        """One founding: place, proof, posts, parameter table; nothing else. Raises Absent when it is not one's own."""
        review = queries.review(draft, self.street)
        if review is None:
            raise Absent
        return render_template(
            f"{self.door}/founding.html", review=review, approve=approve or ApproveForm(formdata=None),
            send_back=send_back or ReturnForm(formdata=None),
        )  # fmt: skip

    def approve(self, draft: UUID) -> ResponseReturnValue:
        """Let the community go live."""
        form, status = ApproveForm(), 422
        if form.validate_on_submit():
            try:
                approval.approve(draft, self.street, number=form.number.data or "", source=form.source.data or "")
                flash(_("已同意，社区已上线。"), "success")
                return self._back()
            except Absent:
                raise
            except Refused as refused:
                _words, status = form.refuse(refused)
        return self.page(draft, approve=form), status

    def give_back(self, draft: UUID) -> ResponseReturnValue:
        """Give it back with a reason."""
        form, status = ReturnForm(), 422
        if form.validate_on_submit():
            try:
                approval.send_back(draft, self.street, form.reason.data or "")
                flash(_("已退回，申请人会收到短信。"), "success")
                return self._back()
            except Absent:
                raise
            except Refused as refused:
                _words, status = form.refuse(refused)
        return self.page(draft, send_back=form), status

    def letter(self, draft: UUID) -> ResponseReturnValue:
        """The stamped letter, as an attachment; its opening is written down."""
        review = queries.review(draft, self.street)
        if review is None or review.proof.get("kind") != "letter":
            raise Absent
        letter = downloads.kept(UUID(review.proof["file"]))
        audit.record("open", "founding_letter", draft)
        return letter

    def _back(self) -> ResponseReturnValue:
        return redirect(url_for(f"{self.door}.foundings"), 303)
