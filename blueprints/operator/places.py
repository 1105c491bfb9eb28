"""/operator/streets: districts and streets, and the link that makes somebody their first overseer."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import inviting
from blueprints.forms import options
from blueprints.guard import me
from blueprints.operator.door import bp
from blueprints.operator.forms import DistrictForm, InviteForm, StreetForm
from blueprints.security import INVITING, by_account, limiter
from rongjiu import codes
from rongjiu.errors import Absent, Refused
from rongjiu.tenancy import places, queries, service

OVERSEER = {"district": "district_overseer", "street": "street_overseer", "platform": "operator"}


@bp.get("/streets")
def streets() -> ResponseReturnValue:
    """All districts and streets, with forms for another."""
    return _page(DistrictForm(prefix="d"), _street_form(), 200)


@bp.post("/districts")
def make_district() -> ResponseReturnValue:
    """Make a district."""
    form, status = DistrictForm(prefix="d"), 422
    if form.validate_on_submit():
        try:
            places.make_district(form.name.data or "", form.slug.data or "", form.code.data or "")
            flash(_("区已建好。请邀请区级督导。"), "success")
            return redirect(url_for("operator.streets"), 303)
        except Refused as refused:
            _words, status = form.refuse(refused)
    return _page(form, _street_form(), status)


@bp.post("/streets")
def make_street() -> ResponseReturnValue:
    """Make a street."""
    form, status = _street_form(), 422
    if form.validate_on_submit():
        try:
            places.make_street(
                UUID(form.district.data), form.name.data or "", form.slug.data or "", form.code.data or ""
            )
            flash(_("街道已建好。请邀请街道督导。"), "success")
            return redirect(url_for("operator.streets"), 303)
        except Refused as refused:
            _words, status = form.refuse(refused)
    return _page(DistrictForm(prefix="d"), form, status)


@bp.route("/invite/<kind>/<place_id>", methods=["GET", "POST"])
@limiter.limit(INVITING, key_func=by_account, methods=["POST"])
def invite(kind: str, place_id: str) -> ResponseReturnValue:
    """Make a single-use link for an overseer or another operator; it is shown once and kept nowhere."""
    scope_id = _scope(kind, place_id)
    name, demo = queries.place_name(kind, scope_id)
    form, status, link = InviteForm(), 200, ""
    if form.validate_on_submit():
        try:
            token = service.invite(kind, scope_id, OVERSEER[kind], phone=_phone(form), invited_by=me().account_id)
            link = inviting.link_of(token)
        except Refused as refused:
            _words, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return render_template("operator/invite.html", form=form, name=name, demo=demo, kind=kind, link=link), status


def _phone(form: InviteForm) -> str | None:
    if not form.phone.data:
        return None
    try:
        return codes.mobile(form.phone.data)
    except codes.CodeError as error:
        raise Refused(str(error), field="phone") from error


def _scope(kind: str, place_id: str) -> UUID | None:
    ids = {"district": [row.id for row in places.districts()], "street": [row.id for row in places.streets()]}
    if kind == "platform" and place_id == "-":
        return None
    for one in ids.get(kind, []):
        if str(one) == place_id:
            return one
    raise Absent("没有这个地方。")


def _street_form() -> StreetForm:
    form = StreetForm(prefix="s")
    form.district.choices = options((str(row.id), row.name) for row in places.districts())
    return form


def _page(district: DistrictForm, street: StreetForm, status: int) -> ResponseReturnValue:
    return render_template(
        "operator/streets.html", streets=places.streets(), districts=places.districts(), district_form=district,
        street_form=street,
    ), status  # fmt: skip
