"""/join/community/<draft>/staff, check: who works here, what is still open, and asking for approval."""

from datetime import date
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import inviting
from blueprints.forms import options
from blueprints.guard import me
from blueprints.join import wizard
from blueprints.join.door import bp
from blueprints.join.founding_forms import ROLES, EmptyForm, InviteForm, ProofForm
from blueprints.security import INVITING, by_account, limiter
from rongjiu import files
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from rongjiu.tenancy import founding
from rongjiu.tenancy.models import Street
from tenants.founding import posts, queries, rules, service
from tenants.residents import queries as residents


@bp.route("/community/<uuid:draft>/staff", methods=["GET", "POST"])
@limiter.limit(INVITING, key_func=by_account, methods=["POST"])
def staff(draft: UUID) -> ResponseReturnValue:
    """Invite the people of the desk by phone; each link is shown once and lives 72 hours."""
    row = wizard.mine(draft)
    if row.community_id is None:
        return redirect(url_for("join.clone", draft=draft), 303)
    community = service.community_of(row)
    tenant = queries.tenant_of(community)
    with tenant_scope(tenant):
        yards = [(str(yard.id), yard.name) for yard in residents.courtyards()]
    form, status = InviteForm(), 200
    form.courtyards.choices = options([("", _("请选择")), *yards])
    if form.validate_on_submit():
        try:
            yard = form.courtyards.data
            link = service.invite_staff(
                service.community_of(wizard.mine(draft)), form.role.data or "",
                form.post.data or str(dict(ROLES).get(form.role.data, "")), form.phone.data or "",
                link_of=inviting.link_of, by=me().account_id,
                courtyards=[yard] if yard in dict(yards) else [],
            )  # fmt: skip
            founding.save(wizard.mine(draft), done="staff")
            inviting.keep(link)
            return redirect(url_for("join.staff", draft=draft), 303)
        except Refused as refused:
            _words, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    row = wizard.mine(draft)
    return render_template(
        "join/staff.html", form=form, draft=row, staff=posts.staff(tenant.uid), steps=wizard.line(row, "staff"),
        yards=yards, **inviting.shown(),
    ), status  # fmt: skip


@bp.route("/community/<uuid:draft>/check", methods=["GET", "POST"])
def check(draft: UUID) -> ResponseReturnValue:
    """The readiness checklist; submitting goes to the street, or to the operator where there is none."""
    row = wizard.mine(draft, answered=request.method == "GET")
    if row.community_id is None:
        return redirect(url_for("join.clone", draft=draft), 303)
    form, status = ProofForm(), 200
    if form.validate_on_submit():
        try:
            _submit(draft, form)
            flash(_("已提交。审批结果会发短信告诉您。"), "success")
            return redirect(url_for("join.check", draft=draft), 303)
        except Refused as refused:
            _words, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return _check_page(draft, form), status


def _submit(draft: UUID, form: ProofForm) -> None:
    upload = form.letter.data
    letter = None
    if form.kind.data == "letter" and upload:
        letter = files.save(upload.read(), upload.filename or "", owner_kind="founding", owner_id=draft, field="letter")
    elif form.kind.data == "letter":
        raise Refused("请选择盖章介绍信的照片或 PDF。", field="letter")
    code = (form.credit_code.data or "") if form.kind.data == "credit_code" else ""
    if form.kind.data == "credit_code" and not code:
        raise Refused("请填写 18 位统一社会信用代码。", field="credit_code")
    service.submit(wizard.mine(draft, lock=True), credit_code=code, letter=letter)


def _check_page(draft: UUID, form: ProofForm) -> str:
    row = wizard.mine(draft, answered=True)
    ready = queries.readiness(row)
    community = service.community_of(wizard.mine(draft, answered=True))
    street = db.session.get(Street, community.street_id) if community.street_id else None
    street_name = street.name if street else ""
    shown = {
        "name": community.name, "slug": community.slug, "state": community.state, "phone": community.phone,
        "address": community.address, "desk_hours": community.desk_hours, "title": community.title,
        "returned": community.proof.get("returned") if community.state == "preparing" else None,
    }  # fmt: skip
    due = (
        rules.approval_due(community.submitted_at)
        if community.state == "submitted" and community.submitted_at
        else None
    )
    items = queries.checklist(queries.tenant_of(community))
    row = wizard.mine(draft, answered=True)
    return render_template(
        "join/check.html", form=form, draft=row, ready=ready, items=items, community=shown, street=street_name, due=due,
        left=rules.days_left(now(), due) if due else None, steps=wizard.line(row, "check"),
    )  # fmt: skip


@bp.post("/community/<uuid:draft>/plan")
def plan(draft: UUID) -> ResponseReturnValue:
    """Keep the planned day of each step that is not done."""
    row = wizard.mine(draft)
    form = EmptyForm()
    if form.validate_on_submit() and row.community_id:
        days = {name.removeprefix("day-"): _day(text) for name, text in request.form.items() if name.startswith("day-")}
        with tenant_scope(queries.tenant_of(service.community_of(row))):
            service.plan_steps(days)
        flash(_("计划日期已保存。"), "success")
    return redirect(url_for("join.check", draft=draft), 303)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused("日期不对，请重新选择。") from error
