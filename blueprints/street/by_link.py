"""/street/<slug>/answer/link/<token>: a department without an account answers one file. GET changes nothing; only the
device that typed the figures sees the people and answers, every dead link reads the same."""

from typing import Any
from uuid import UUID

from flask import abort, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length

from blueprints import deskfiles, downloads
from blueprints.forms import Form, lazy, required
from blueprints.guard import opening, place
from blueprints.pages import named
from blueprints.security import LOGIN, PUBLIC_FORM, keep_cookie, limiter
from blueprints.street import answers
from blueprints.street.door import bp
from rongjiu import links
from rongjiu.actor import Actor, current_actor, set_actor
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Refused
from rongjiu.oversight import desk
from tenants.acceptance import linking, receiving, rules

COOKIE, DEVICE = "__Secure-file", "__Secure-file-device"
LIFE = 90 * 24 * 3600


class FiguresForm(Form):
    """The figures that came another way than the link."""

    figures = StringField(lazy("6 位口令"), [required(), Length(max=20)])


@bp.post("/acceptance/<uuid:task_id>/link")
@limiter.limit(LOGIN)
def acceptance_link(task_id: UUID) -> ResponseReturnValue:
    """Make the link for the department; it and its figures stand on this one page and nowhere else."""
    street = place()
    if street.kind != "street" or street.id is None:
        abort(404)
    row = desk.one(street.id, task_id)
    try:
        with tenant_scope(desk.tenant_of(row)):
            given = linking.give(task_id)
    except Refused as refused:
        if refused.status == 404:
            raise
        db.session.rollback()
        flash(_(refused.message), "danger")
        return redirect(url_for("street.acceptance_file", task_id=task_id), 303)
    address = url_for("street.department_open", slug=street.slug, token=given.token, _external=True)
    return _kept(render_template("street/department_given.html", row=row, address=address, figures=given.figures))


@bp.get("/answer/link/<token>")
@limiter.limit(PUBLIC_FORM)
def department_open(token: str) -> ResponseReturnValue:
    """Move the token from the address into a cookie of these pages."""
    try:
        linking.lead(token)
    except Absent:
        return _dead()
    return _cookie(redirect(_to("department"), 303), COOKIE, token)


@bp.get("/answer/link/")
def department() -> ResponseReturnValue:
    """The file: in full on the device that typed the figures, else its policy and its days."""
    return _page()


@bp.post("/answer/link/open")
@limiter.limit(PUBLIC_FORM)
def department_figures() -> ResponseReturnValue:
    """The figures tie the link to this device."""
    form = FiguresForm()
    if not form.validate():
        return _page(figures=form, status=422)
    try:
        secret = linking.open_here(request.cookies.get(COOKIE, ""), form.figures.data or "")
    except Absent:
        return _dead()
    except Refused as refused:
        _said, status = form.refuse(refused, keep=isinstance(refused, linking.FiguresWrong))
        return _page(figures=form, status=status)
    return _cookie(redirect(_to("department"), 303), DEVICE, secret)


@bp.post("/answer/link/")
@limiter.limit(LOGIN)
def department_answer() -> ResponseReturnValue:
    """Write down one answer, with the words and checks of the desk."""
    try:
        found = _lead()
    except Absent:
        return _dead()
    verb = request.form.get("verb", "")
    if verb not in linking.VERBS:
        abort(400)
    if not found.mine:
        return _page(status=403)
    view = receiving.opened(found.street_id, found.task_id)
    form = answers.form_for(verb, view, receiving.departments(view))
    if not form.validate():
        return _page(form=form, verb=verb, status=422)
    try:
        with tenant_scope(found.tenant):
            answers.act(verb, found.task_id, form)
    except Refused as refused:
        if refused.status == 404:
            return _dead()
        _said, status = form.refuse(refused)
        return _page(form=form, verb=verb, status=status)
    if verb in ("grant", "refuse"):
        return redirect(_to("department_thanks"), 303)
    flash(str(answers.DONE[verb]), "success")
    return redirect(_to("department"), 303)


@bp.get("/answer/link/thanks")
def department_thanks() -> ResponseReturnValue:
    """The answer is written down; nothing of the file is shown."""
    return _kept(render_template("street/department_over.html", dead=False))


@bp.get("/answer/link/papers/<uuid:paper_id>")
def department_paper(paper_id: UUID) -> ResponseReturnValue:
    """One attached paper, on the device tied to the link; written down in the community's chain."""
    try:
        found = _lead()
        if not found.mine:
            return _dead()
        name, mime, content = receiving.paper(found.street_id, found.task_id, paper_id)
    except Absent:
        return _dead()
    return downloads.attachment(content, mime, name)


def _to(endpoint: str) -> str:
    return url_for(f"street.{endpoint}", slug=g.slug)


def _lead() -> linking.Lead:
    """The live link of the cookie; whoever holds it acts as the department it was made for. Raises Absent."""
    found = linking.lead(request.cookies.get(COOKIE, ""), request.cookies.get(DEVICE, ""))
    before = current_actor()
    set_actor(Actor(None, "department", found.office["name_zh"], before.address, before.request_id))
    return found


def _page(
    *, form: Any = None, verb: str = "", figures: FiguresForm | None = None, status: int = 200
) -> ResponseReturnValue:
    try:
        found = _lead()
        row = desk.one(found.street_id, found.task_id)
        if not found.mine:
            page = render_template(
                "street/department_less.html", row=row, office=named(found.office), bound=found.bound,
                form=figures or FiguresForm(formdata=None), now=now(),
            )  # fmt: skip
            return _kept(page, status)
        view = receiving.opened(found.street_id, found.task_id)
    except Absent:
        return _dead()
    offices = receiving.departments(view)
    opening(lambda: receiving.note_opening(view, found.office["name_zh"]))
    forms = [
        (each, form if each == verb else answers.form_for(each, view, offices, blank=True))
        for each in linking.VERBS
        if each in rules.verbs_for(row.state, "desk") or each == verb
    ]
    page = render_template(
        "street/department.html", view=view, row=row, file=view.file, content=view.content, papers=view.papers,
        forms=forms, answers=answers, said=deskfiles, now=now(), office=named(found.office), current=verb,
        act_at=_to("department_answer"),
    )  # fmt: skip
    return _kept(page, status)


def _cookie(answer: Response, name: str, value: str) -> Response:
    path = f"/street/{g.slug}/answer/link/"
    return keep_cookie(answer, name, value, life=LIFE, path=path)


def _dead() -> Response:
    """One answer for every dead link; the last wrong figures stay counted."""
    if not g.get("keep"):
        db.session.rollback()
    return _kept(render_template("street/department_over.html", dead=True, text=_(links.DEAD)), 404)


def _kept(text: str, status: int = 200) -> Response:
    page = make_response(text, status)
    page.headers["Cache-Control"] = "no-store"
    return page
