"""/c/<slug>/wishes: the wall of wishes; who may claim takes one with one press, in whichever community they work."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.guard import place, visitor
from blueprints.public.door import bp
from blueprints.security import PUBLIC_FORM, limiter
from rongjiu.codes import N_
from rongjiu.errors import Refused
from rongjiu.marketplace import queries as market
from tenants.wishes import queries, rules, service

SIZE = 30
VOLUNTEER = N_("志愿者")


@bp.get("/c/<slug>/wishes")
def wishes() -> ResponseReturnValue:
    """What the people here wish for, without a name; and the thanks for what came."""
    page = min(max(1, request.args.get("page", 1, type=int)), 1_000_000)
    state = request.args.get("state", "")
    rows, total = queries.wall(state, page, SIZE)
    person = visitor()
    return render_template(
        "public/wishes.html", rows=rows, total=total, page=page, pages=max(1, -(-total // SIZE)), size=SIZE, state=state,
        may_claim=person is not None and person.role in rules.ROLES, known=person is not None,
    )  # fmt: skip


@bp.post("/c/<slug>/wishes/<uuid:wish_id>/claim")
@limiter.limit(PUBLIC_FORM)
def wish_claim(wish_id: UUID) -> ResponseReturnValue:
    """Claim one; who is not logged in does that first."""
    person, wall = visitor(), url_for("public.wishes")
    if person is None:
        flash(_("请先登录，再认领。"), "info")
        return redirect(url_for("account.login", next=wall), 303)
    here = person.place
    provider = here is not None and here.kind == "provider"
    proved = person.second_factor or not person.totp_set
    able = person.role in rules.ROLES and proved and here is not None and here.state == "live"
    if not able or here is None or here.id is None or (provider and not _active(here.id)):
        flash(_("认领心愿要用志愿者或已通过审核的服务方账号。请换一个岗位，或到社区登记。"), "warning")
        return redirect(wall, 303)
    name = here.name if provider else f"{here.name}{VOLUNTEER}"
    try:
        service.claim(
            wish_id, service.Claimer(person.account_id, here.id, "provider" if provider else "volunteer", name)
        )  # fmt: skip
    except Refused as refused:
        if refused.status == 404:
            raise
        flash(_(refused.message, **refused.words), "warning")
        return redirect(wall, 303)
    flash(_("认领好了，谢谢您。%(place)s 会和您联系送到的方式。", place=place().name), "success")
    return redirect(url_for("account.wishes"), 303)


def _active(provider_id: UUID) -> bool:
    """A provider that is suspended or not yet vetted takes nothing new."""
    found = market.find(provider_id)
    return found is not None and found.state == "active"
