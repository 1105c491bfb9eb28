"""/account/invitation/<token>: take up a post. GET changes nothing; the token leaves the address at once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.account.door import bp
from blueprints.account.forms import KinForm, SignUpCodeForm, SignUpForm
from blueprints.account.words import ROLES
from blueprints.entry import give, home_of, where_from
from blueprints.guard import me, visitor
from blueprints.security import PUBLIC_FORM, keep_cookie, limiter
from rongjiu import masks
from rongjiu.errors import Absent, Refused
from rongjiu.identity import logins
from rongjiu.identity import service as identity
from rongjiu.links import DEAD
from rongjiu.tenancy import invitations, queries, service
from rongjiu.tenancy.models import Invitation

COOKIE = "__Secure-invitation"
PATH = "/account/invitation"


@dataclass(frozen=True, slots=True)
class Offer:
    """What an invitation says, for its page."""

    place: str
    demo: bool
    role: str
    post: str
    courtyards: int
    expires_at: datetime
    phone: str
    near_people: bool


@bp.get("/invitation/<token>")
def invitation_link(token: str) -> ResponseReturnValue:
    """Move the token from the address into a cookie of these pages; a dead one is answered 404."""
    service.find_invitation(token)
    answer = redirect(url_for("account.invitation"), 303)
    return keep_cookie(answer, COOKIE, token, life=service.INVITATION_LIFE, path=PATH)


@bp.get("/invitation")
def invitation() -> ResponseReturnValue:
    """What one is invited to, and how to accept."""
    return _page(KinForm() if visitor() else SignUpForm(), 200)


@bp.post("/invitation")
@limiter.limit(PUBLIC_FORM)
def accept() -> ResponseReturnValue:
    """Take up the post with the account logged in; work goes on there at once."""
    person, token = me(), _token()
    row = service.find_invitation(token)
    form = KinForm()
    if row.role in invitations.NEAR_PEOPLE and not form.validate_on_submit():
        return _page(form, 422)
    try:
        account = identity.locked(person.account_id)
        membership = invitations.accept(token, account, kin=form.kin.data or "")
    except Refused as refused:
        if refused.status == 404:
            raise
        _words, status = form.refuse(refused)
        return _page(form, status)
    return _start_work(membership.id, membership.role)


@bp.route("/invitation/code", methods=["GET", "POST"])
@limiter.limit(PUBLIC_FORM, methods=["POST"])
def invitation_code() -> ResponseReturnValue:
    """Send a code to whoever has no account yet."""
    row = service.find_invitation(_token())
    form = SignUpForm()
    if request.method == "GET":
        return redirect(url_for("account.invitation"), 303)
    if not form.validate_on_submit():
        return _page(form, 422)
    try:
        invitations.meant_for(row, identity.address_index(form.address.data or "")[1])
        session["sign_up"] = str(identity.send_code(form.address.data or "", "invitation"))
    except Refused as refused:
        _words, status = form.refuse(refused)
        return _page(form, status)
    following = SignUpCodeForm(formdata=None, name=form.name.data, address=form.address.data)
    return render_template("account/invitation_code.html", form=following)


@bp.post("/invitation/account")
@limiter.limit(PUBLIC_FORM)
def invitation_account() -> ResponseReturnValue:
    """Make the account once the code is right; the invitation is accepted on the page after it."""
    service.find_invitation(_token())
    form, status = SignUpCodeForm(), 422
    if "sign_up" not in session:
        return redirect(url_for("account.invitation"), 303)
    if form.validate_on_submit():
        try:
            address = form.address.data or ""
            sent_to = identity.check_code(UUID(session["sign_up"]), "invitation", form.code.data or "")
            if sent_to != identity.address_index(address)[1]:
                raise Refused("验证码不是发到这个号码的，请重新获取。", field="code")
            account = identity.create_account(form.name.data or "", address, form.password.data or "")
            session.pop("sign_up")
            token = logins.start_session(account.id, None, None, **where_from())
            answer = redirect(url_for("account.invitation"), 303)
            give(answer, token, None)
            return answer
        except Refused as refused:
            refused.field = "code" if refused.field == "address" else refused.field
            _words, status = form.refuse(refused, keep=isinstance(refused, identity.CodeWrong))
    return render_template("account/invitation_code.html", form=form), status


def _token() -> str:
    token = request.cookies.get(COOKIE)
    if not token:
        raise Absent(DEAD)
    return token


def _page(form: KinForm | SignUpForm, status: int) -> ResponseReturnValue:
    row = service.find_invitation(_token())
    return render_template("account/invitation.html", form=form, offer=_offer(row), roles=ROLES), status


def _offer(row: Invitation) -> Offer:
    name, demo = queries.place_name(row.scope_kind, row.scope_id)
    phone = masks.phone(row.phone) if row.phone else ""
    return Offer(
        place=name, demo=demo, role=row.role, post=row.post, courtyards=len(row.courtyards or ()),
        expires_at=row.expires_at, phone=phone, near_people=row.role in invitations.NEAR_PEOPLE,
    )  # fmt: skip


def _start_work(membership_id: UUID, role: str) -> ResponseReturnValue:
    person = me()
    post = next((post for post in queries.posts(person.account_id) if post.id == membership_id), None)
    token = logins.renew_session(
        person.session_id, membership_id, role, second_factor=person.second_factor, **where_from()
    )
    flash(_("已接受邀请。"), "success")
    answer = redirect(home_of(post) if token else url_for("account.login"), 303)
    answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Lax", path=PATH)
    if token:
        give(answer, token, role)
    return answer
