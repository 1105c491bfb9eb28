"""The right of reply of somebody complained about, the same behind each door of a community: the receiver's question and
one's own answer. Who complained, the number and the words of the complaint never stand here."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from blueprints.guard import me
from rongjiu.clock import now
from rongjiu.errors import Refused
from tenants.complaints import queries, service, words

CATEGORIES = {code: lazy(word) for code, word in words.CATEGORIES.items()}


def page(door: str, reply_to: str) -> ResponseReturnValue:
    """What I am asked about. `door` is the template that the page extends, `reply_to` the endpoint of my answer."""
    return _page(door, reply_to, None, "", 200)


def reply(matter_id: UUID, door: str, reply_to: str, back: str) -> ResponseReturnValue:
    """Keep my side of a matter; what was typed stays when it is refused. Absent for a matter that is not mine."""
    try:
        service.reply(matter_id, request.form.get("reply", ""), staff_id=me().account_id)
    except Refused as refused:
        if refused.status == 404:
            raise
        return _page(door, reply_to, matter_id, _(refused.message, **refused.words), refused.status)
    flash(_("已收到您的说明，处理的人会看。"), "success")
    return redirect(url_for(back), 303)


def asked() -> int:
    """How many matters wait for my answer."""
    return sum(row.state == "hearing" and not row.replied_at for row in queries.about_me(me().account_id))


def _page(door: str, reply_to: str, wrong: UUID | None, problem: str, status: int) -> ResponseReturnValue:
    return render_template(
        "hearings.html", door=door, reply_to=reply_to, rows=queries.about_me(me().account_id), categories=CATEGORIES,
        wrong=wrong, problem=problem, typed=request.form.get("reply", ""), now=now(),
    ), status  # fmt: skip
