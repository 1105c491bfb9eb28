"""/grid/visits/<id>: at the door. A first visit registers the family with its consent; a later one is noted."""

from typing import Any
from uuid import UUID, uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.grid import forms
from blueprints.grid.door import bp
from blueprints.guard import logged, me
from blueprints.pages import named, when
from blueprints.visit_words import TASKS, SheetForm
from rongjiu.clock import now
from rongjiu.errors import Refused
from tenants.accompaniment import sheets
from tenants.accompaniment.rules import OPENS
from tenants.accompaniment.service import finish_visit
from tenants.catalogue import queries as catalogue
from tenants.consents.rules import NOTICE
from tenants.residents import queries as residents
from tenants.reviews import queries as reviews
from tenants.signals import first_visit, queries


@bp.route("/visits/<uuid:visit_id>", methods=["GET", "POST"])
@logged
def visit(visit_id: UUID) -> ResponseReturnValue:
    """One visit in one's own courtyards."""
    yards = residents.own_courtyards(me().courtyards)
    row = queries.visit(visit_id, yards)
    if row is None:
        abort(404)
    if row.kind != "first":
        return _again(row)
    form, status = forms.VisitForm(), 200
    if request.method == "POST" and forms.wants_another():
        if len(form.persons.entries) < forms.MOST:
            form.persons.append_entry()
    elif request.method == "POST":
        try:
            count, expected = first_visit.register(
                visit_id, forms.sheet_of(form), client_key=_key(form.client_key.data), courtyards=yards
            )
        except Refused as refused:
            if refused.status == 404:
                raise
            status = forms.refuse(form, refused)
        else:
            flash(_("%(n)s 人已登记，已核实；待上传 0", n=count), "success")
            said = _("下一步：%(who)s %(due)s 前完成甄别", who=expected.actor, due=when(expected.due_at))
            flash(said, "info")
            _note_doubles(visit_id, yards)
            return redirect(url_for("grid.today"), 303)
    form.client_key.data = form.client_key.data or str(uuid4())
    forms.offer_choices(form, [(row["id"], named(row)) for row in catalogue.groups()])
    signal = queries.for_visitor(row.signal_id) if row.signal_id else None
    return render_template("grid/visit.html", row=row, form=form, signal=signal, notice=NOTICE, now=now()), status


@bp.post("/visits/<uuid:visit_id>/missed")
def missed(visit_id: UUID) -> ResponseReturnValue:
    """Nobody was met: another visit is planned."""
    yards = residents.own_courtyards(me().courtyards)
    row = queries.visit(visit_id, yards)
    if row is None:
        abort(404)
    try:
        expected = first_visit.missed(visit_id, client_key=_key(request.form.get("client_key")), courtyards=yards)
    except Refused as refused:
        flash(_(refused.message, **refused.words), "warning")
    else:
        said = _("已记下没有见到人，下一步：%(who)s %(due)s 前再上门", who=expected.actor, due=when(expected.due_at))
        flash(said, "success")
    return redirect(url_for("grid.today"), 303)


def _again(row: Any) -> ResponseReturnValue:
    form, status = SheetForm(), 200
    form.ticked.choices = [(code, TASKS[code]) for code in sheets.tasks(row.id)]
    if request.method == "POST":
        try:
            answer = _act(row, form)
        except Refused as refused:
            if refused.status == 404:
                raise
            _said, status = form.refuse(refused)
        else:
            if answer is not None:
                return answer
            status = 422
    people = residents.members(row.household_id) if row.household_id else []
    page = render_template(
        "grid/visit_again.html", row=row, people=people, key=request.form.get("client_key") or str(uuid4()), now=now(),
        form=form, flags=sheets.flags(row.id), soon=now() >= row.planned_at - OPENS,
    )  # fmt: skip
    return page, status


def _act(row: Any, form: SheetForm) -> ResponseReturnValue | None:
    """Do what the button says; None when the sheet is not filled in."""
    if request.form.get("act") == "arrive":
        sheets.arrive(row.id)
        flash(_("已报到，可以进门了。"), "success")
        return redirect(url_for("grid.visit", visit_id=row.id), 303)
    key = _key(request.form.get("client_key"))
    if request.form.get("missed"):
        finish_visit(row.id, "missed", note=request.form.get("note", "")[:1000], client_key=key)
    elif not form.validate():
        return None
    else:
        sheets.finish(row.id, form.written(), client_key=key)
    flash(_("这次上门已记下。"), "success")
    return redirect(url_for("grid.today"), 303)


def _note_doubles(visit_id: UUID, yards: list[UUID]) -> None:
    """Say that somebody may be registered already; a clerk looks at it, the visit is done."""
    row = queries.visit(visit_id, yards)
    people = residents.members(row.household_id) if row is not None and row.household_id else []
    if reviews.doubles([each.id for each in people]):
        flash(_("其中有人可能已经登记过，救助专干会核对，您不用再做什么。"), "info")


def _key(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        return uuid4()
