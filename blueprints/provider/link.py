"""/provider/link/<token>: one job without an account. GET changes nothing; the address opens only after the code
sent to the phone on record was typed; every dead link gives the same answer."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.provider import job_acts, job_page, joblink, portal, proving
from blueprints.provider.door import bp
from blueprints.provider.joblink import Opened
from blueprints.security import LOGIN, PUBLIC_FORM, limiter
from rongjiu import links
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.identity import service as identity
from tenants.referrals.offering import opening
from tenants.referrals.receiving import Job

P = ParamSpec("P")


def _alive(act: Callable[Concatenate[Opened, Job, P], ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Give a view the live link of the cookie and its job; a dead one gets the one answer."""

    @wraps(act)
    def opened(*args: P.args, **words: P.kwargs) -> ResponseReturnValue:
        try:
            found, view = joblink.enter_job()
        except Absent:
            return _dead(own=True)
        return act(found, view, *args, **words)

    return opened


@bp.get("/link/<token>")
@limiter.limit(LOGIN)
def link_open(token: str) -> ResponseReturnValue:
    """Move the token from the address into a cookie of these pages; nothing else changes."""
    try:
        joblink.view_of(joblink.find(token))
    except Absent:
        return _dead()
    return joblink.keep(redirect(url_for("provider.link"), 303), token)


@bp.get("/link/")
@_alive
def link(found: Opened, view: Job) -> ResponseReturnValue:
    """The job as it may be seen now."""
    form = job_page.form_for(view)
    if found.locked:
        return _locked(found, view, form)
    job_page.ticked_by_default(view, form)
    return _page(found, view, form)


@bp.post("/link/code")
@limiter.limit(PUBLIC_FORM)
@_alive
def link_code(found: Opened, view: Job) -> ResponseReturnValue:
    """Taking a job begins: the time is checked, a code goes to the phone on record."""
    form = job_page.form_for(view)
    slot = now() if found.locked else form.moment()
    if slot is None:
        _said, status = form.refuse(Refused("请选上门的日子和时间。", field="slot"))
        return _page(found, view, form, status)
    try:
        proving.send("job", found.id, view.provider_id, "slot", slot=slot.isoformat())
    except Refused as refused:
        _said, status = form.refuse(refused)
        return _locked(found, view, form, status) if found.locked else _page(found, view, form, status)
    return redirect(url_for("provider.link", _anchor="code"), 303)


@bp.post("/link/unlock")
@limiter.limit(PUBLIC_FORM)
@_alive
def link_unlock(found: Opened, view: Job) -> ResponseReturnValue:
    """The code opens a job's link that came by message; a link of this browser's own takes its place."""
    form = job_page.form_for(view)
    if not found.locked:
        return redirect(url_for("provider.link"), 303)
    try:
        proving.check("job", found.id, view.provider_id, form.code.data or "")
    except Refused as refused:
        _said, status = form.refuse(refused, keep=isinstance(refused, identity.CodeWrong))
        return _locked(found, view, form, status)
    proving.forget("job")
    mine = opening.job_link(view.task_ids, view.provider_id, "provider_job", proved=True)
    return joblink.keep(redirect(url_for("provider.link"), 303), mine)


@bp.post(
    "/link/<any(accept, propose, decline, arrive, done, missed, fail, hold, wait, let_go, tried, move, keep, shift):verb>"
)
@limiter.limit(LOGIN)
@_alive
def link_act(found: Opened, view: Job, verb: str) -> ResponseReturnValue:
    """Do one thing with the job; accepting takes the code, spends the link and opens the job's own."""
    form = job_page.form_for(view)
    if found.locked:
        return redirect(url_for("provider.link"), 303)
    try:
        if verb == "accept":
            proving.check("job", found.id, view.provider_id, form.code.data or "")
        ended = job_acts.act(view, verb, form)
        if verb == "accept" or ended:
            links.use(links.find(request.cookies.get(joblink.COOKIE, ""), *joblink.PURPOSES))
    except Refused as refused:
        keep = isinstance(refused, identity.CodeWrong)
        _said, status = form.refuse(refused, keep=keep)
        return _again(found, form, 404 if isinstance(refused, Absent) else status)
    if ended:
        return redirect(url_for("provider.link_thanks", of=ended), 303)
    answer = redirect(url_for("provider.link"), 303)
    if verb == "accept":
        proving.forget("job")
        return joblink.keep(answer, opening.job_link(view.task_ids, view.provider_id, "provider_job", proved=True))
    return answer


@bp.post("/link/portal")
@limiter.limit(PUBLIC_FORM)
@_alive
def link_portal(found: Opened, view: Job) -> ResponseReturnValue:
    """From one job to all: whoever has typed the code in this browser needs no other to see the day's work."""
    if not found.proved:
        return redirect(url_for("provider.link"), 303)
    return portal.keep(url_for("provider.route"), opening.portal_link(view.provider_id, proved=True))


@bp.get("/link/thanks")
def link_thanks() -> ResponseReturnValue:
    """The job is over for its receiver; nothing of it is shown."""
    title, text = job_page.ended(request.args.get("of", ""))
    return render_template("provider/job_over.html", title=title, text=text)


@bp.post("/link/again")
@limiter.limit(PUBLIC_FORM)
def link_again() -> ResponseReturnValue:
    """Send fresh links to a phone; the answer is the same whether it is a provider's or not."""
    opening.links_again(request.form.get("phone", ""))
    title = _("如果这个号码有待办的派单,短信马上就到")
    return render_template("provider/job_over.html", title=title, text=_("没有收到?请打社区电话。"))


def _page(found: Opened, view: Job, form: job_page.JobForm, status: int = 200) -> ResponseReturnValue:
    sent = proving.sent("job", found.id) if view.state == "requested" else None
    phone, chosen = "", ""
    if sent:
        phone = proving.masked_phone("job", found.id, view.provider_id)
        form.slot.data = sent["slot"]
        chosen = job_page.said_slot(form.moment())
    text = job_page.draw(
        view, form, _to, by_link=True, upcoming=job_page.upcoming(view), code_phone=phone, chosen=chosen
    )
    answer = make_response(text, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _locked(found: Opened, view: Job, form: job_page.JobForm, status: int = 200) -> ResponseReturnValue:
    """What a link from a message says before the code: how many things, no person."""
    phone = proving.masked_phone("job", found.id, view.provider_id)
    text = render_template(
        "provider/job_locked.html", form=form, code_phone=phone, titles=job_page.titles(view, proved=False),
        call_phone=view.community_phone,
    )  # fmt: skip
    answer = make_response(text, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _to(verb: str) -> str:
    return url_for("provider.link_code") if verb == "code" else url_for("provider.link_act", verb=verb)


def _again(found: Opened, form: job_page.JobForm, status: int) -> ResponseReturnValue:
    """The page once more with what was typed and what is wrong; dead when the job ended meanwhile."""
    try:
        view = joblink.view_of(joblink.find(request.cookies.get(joblink.COOKIE, "")))
    except Absent:
        return _dead(own=True)
    if status == 404:
        return _dead(own=True)
    return _page(found, view, form, status)


def _dead(*, own: bool = False) -> ResponseReturnValue:
    """One answer for unknown, altered, used, expired and withdrawn links, and for jobs that ended; only the phone that
    has typed the code of a job that was taken back is told to stop: its holder may be on the way."""
    db.session.rollback()
    phone = joblink.taken_back() if own else None
    db.session.rollback()
    words = {"text": _(links.DEAD), "stop": phone is not None, "call_phone": phone or ""}
    answer = make_response(render_template("provider/job_dead.html", **words), 404)
    answer.headers["Cache-Control"] = "no-store"
    return answer
