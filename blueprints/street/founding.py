"""/street/<slug>/founding: communities of this street that ask to go live."""

from io import BytesIO
from uuid import UUID

from flask import flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import BooleanField, StringField, TelField, TextAreaField
from wtforms.validators import Length

from blueprints.forms import Form, lazy, required
from blueprints.guard import place
from blueprints.street.door import bp
from rongjiu import audit, files
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


@bp.get("/founding")
def foundings() -> ResponseReturnValue:
    """Those that wait first."""
    return render_template("street/foundings.html", rows=queries.requests(_street()))


@bp.get("/founding/<uuid:draft>")
def founding(draft: UUID) -> ResponseReturnValue:
    """One founding: place, proof, posts, parameter table; nothing else."""
    return _page(draft, ApproveForm(formdata=None), ReturnForm(formdata=None)), 200


@bp.post("/founding/<uuid:draft>/approve")
def founding_approve(draft: UUID) -> ResponseReturnValue:
    """Let the community go live."""
    form, status = ApproveForm(), 422
    if form.validate_on_submit():
        try:
            approval.approve(draft, _street(), number=form.number.data or "", source=form.source.data or "")
            flash(_("已同意，社区已上线。"), "success")
            return redirect(url_for("street.foundings"), 303)
        except Absent:
            raise
        except Refused as refused:
            _words, status = form.refuse(refused)
    return _page(draft, form, ReturnForm(formdata=None)), status


@bp.post("/founding/<uuid:draft>/return")
def founding_return(draft: UUID) -> ResponseReturnValue:
    """Give it back with a reason."""
    form, status = ReturnForm(), 422
    if form.validate_on_submit():
        try:
            approval.send_back(draft, _street(), form.reason.data or "")
            flash(_("已退回，申请人会收到短信。"), "success")
            return redirect(url_for("street.foundings"), 303)
        except Absent:
            raise
        except Refused as refused:
            _words, status = form.refuse(refused)
    return _page(draft, ApproveForm(formdata=None), form), status


@bp.get("/founding/<uuid:draft>/letter")
def founding_letter(draft: UUID) -> ResponseReturnValue:
    """The stamped letter, as an attachment; its opening is written down."""
    review = queries.review(draft, _street())
    if review is None or review.proof.get("kind") != "letter":
        raise Absent
    name, mime, content = files.load(UUID(review.proof["file"]))
    audit.record("open", "founding_letter", draft)
    return send_file(BytesIO(content), mimetype=mime, as_attachment=True, download_name=name)


def _page(draft: UUID, approve: ApproveForm, send_back: ReturnForm) -> str:
    review = queries.review(draft, _street())
    if review is None:
        raise Absent
    return render_template("street/founding.html", review=review, approve=approve, send_back=send_back)


def _street() -> UUID:
    here = place()
    if here.kind != "street" or here.id is None:
        raise Absent
    return here.id
