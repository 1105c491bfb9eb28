"""/c/<slug>/track: what becomes of one's own words, by the code one was given and the last digits of one's telephone."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms import StringField

from blueprints.forms import Form, lazy, required
from blueprints.resident.door import bp
from blueprints.security import PUBLIC_FORM, limiter
from rongjiu.errors import Refused
from tenants.signals import tracking


class TrackForm(Form):
    """A code, and the last four digits of the telephone that was left."""

    code = StringField(lazy("查询码"), [required(lazy("请写查询码。"))])
    tail = StringField(lazy("手机号后四位"), [required(lazy("请写手机号后四位。"))])


@bp.route("/track", methods=["GET", "POST"])
@limiter.limit(PUBLIC_FORM, methods=["POST"])
def track() -> ResponseReturnValue:
    """Ask for the code; answer in plain words where things stand."""
    form, found, status = TrackForm(), None, 200
    if form.validate_on_submit():
        try:
            found = tracking.find(form.code.data or "", form.tail.data or "")
        except Refused as refused:
            _said, status = form.refuse(refused, keep=True)
    elif request.method == "POST":
        status = 422
    return render_template("resident/track.html", form=form, found=found), status
