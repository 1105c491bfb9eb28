"""/account/sessions: where one is logged in, and ending it elsewhere."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.account.door import bp
from blueprints.account.words import ROLES, browser
from blueprints.guard import me
from rongjiu.identity import logins, queries


@bp.get("/sessions")
def sessions() -> ResponseReturnValue:
    """All live logins of this account."""
    rows = queries.live_sessions(me().account_id)
    return render_template("account/sessions.html", rows=rows, browser=browser, roles=ROLES)


@bp.post("/sessions/<uuid:session_id>/end")
def end_session(session_id: UUID) -> ResponseReturnValue:
    """End one login, seen from here; it is dead at its next request."""
    logins.end_session(session_id, me().account_id)
    flash(_("那台设备已退出。"), "success")
    return redirect(url_for("account.sessions"), 303)


@bp.post("/sessions/end-others")
def end_others() -> ResponseReturnValue:
    """End every login but this one."""
    logins.end_sessions(me().account_id, but=me().session_id)
    flash(_("其他设备都已退出。"), "success")
    return redirect(url_for("account.sessions"), 303)
