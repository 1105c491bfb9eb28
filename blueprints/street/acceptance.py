"""/street/<slug>/acceptance: the 一门受理 desk. Masked in the list; a file opens in full, and its opening is written
down in the chain of the community that sent it. The department decides, the desk records it."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import deskfiles, downloads, exporting
from blueprints.guard import logged, me, opening, place
from blueprints.pages import named, show, when
from blueprints.paging import page_number
from blueprints.security import EXPORTING, by_account, limiter
from blueprints.street import answers
from blueprints.street.door import bp
from rongjiu import workdays
from rongjiu.clock import now
from rongjiu.db import tenant_scope
from rongjiu.errors import Refused
from rongjiu.oversight import desk
from tenants.acceptance import receiving, rules, steps

SIZE = 50
SIZES = (20, 50, 100)


def _street() -> UUID:
    found = place().id
    if place().kind != "street" or found is None:
        abort(404)
    return found


def _wanted() -> desk.Wanted:
    asked = request.args
    state = asked.get("state", "")
    return desk.Wanted(
        state="" if state == "late" else state, community=asked.get("community", ""), policy=asked.get("policy", ""),
        late=state == "late",
    )  # fmt: skip


@bp.get("/acceptance", endpoint="acceptance")
def inbox() -> ResponseReturnValue:
    """What waits, the earliest due first; of a person only 张*."""
    street, number = _street(), page_number()
    size = request.args.get("size", SIZE, type=int)
    size = size if size in SIZES else SIZE
    rows, total = desk.page(street, _wanted(), number, size)
    counts, places, policies = desk.choices(street)
    groups = [
        {"name": "state", "label": _("状态"), "value": request.args.get("state", ""), "options": _states(counts)},
        {"name": "community", "label": _("社区"), "value": request.args.get("community", ""), "options": [tuple(row) for row in places]},
        {"name": "policy", "label": _("政策"), "value": request.args.get("policy", ""),
         "options": [(slug, named({"name_zh": zh, "name_en": en}), n) for slug, zh, en, n in policies]},
    ]  # fmt: skip
    return render_template(
        "street/acceptance.html", rows=rows, total=total, page=number, pages=-(-total // size), size=size,
        heads=receiving.heads(street, rows), groups=groups, counts=counts, now=now(), said=deskfiles, left=_left,
    )  # fmt: skip


def _states(counts: dict[str, int]) -> list[tuple[str, str, int]]:
    known = [(code, str(words), counts.get(code, 0)) for code, words in deskfiles.STATES.items()]
    everything = sum(number for code, number in counts.items() if code != "late")
    return [("late", _("已超期"), counts["late"]), *known, ("all", _("全部，含办结"), everything)]


def _left(due: Any) -> int | None:
    return workdays.working_days_left(now(), due) if due else None


@bp.post("/acceptance/export")
@limiter.limit(EXPORTING, key_func=by_account)
def acceptance_export() -> ResponseReturnValue:
    """The ledger of the filters in the address, masked as the screen."""
    if not exporting.purpose():
        return exporting.unasked(url_for("street.acceptance"))
    street = _street()
    rows, _total = desk.page(street, _wanted(), 1, exporting.MOST)
    heads = receiving.heads(street, rows)
    head = [_("政策"), _("社区"), _("申请人"), _("收到"), _("期限"), _("状态"), _("答复"), _("催办")]
    lines = [
        [named({"name_zh": row.policy_zh, "name_en": row.policy_en}), row.community, show("name", heads.get(row.task_id, "")),
         when(row.sent_at), when(row.due_at) if row.due_at else "", deskfiles.word(deskfiles.STATES, row.state),
         deskfiles.word(deskfiles.ANSWERS, row.answer), row.chases]
        for row in rows
    ]  # fmt: skip
    return exporting.file("acceptance", _("一门受理"), head, lines)


@bp.get("/acceptance/<uuid:task_id>")
@logged
def acceptance_file(task_id: UUID) -> ResponseReturnValue:
    """One file in full."""
    return _page(task_id)


@bp.post("/acceptance/<uuid:task_id>")
@logged
def acceptance_answer(task_id: UUID) -> ResponseReturnValue:
    """Write down one answer: accept, ask_papers, forward, grant or refuse."""
    view = receiving.opened(_street(), task_id)
    verb = request.form.get("verb", "")
    if verb not in answers.FORMS:
        abort(400)
    form = answers.form_for(verb, view, receiving.departments(view))
    if not form.validate():
        return _page(task_id, form, verb, 422)
    try:
        with tenant_scope(desk.tenant_of(view.row)):
            answers.act(verb, task_id, form)
    except Refused as refused:
        if refused.status == 404:
            raise
        _said, status = form.refuse(refused)
        return _page(task_id, form, verb, status)
    flash(str(answers.DONE[verb]), "success")
    return redirect(url_for("street.acceptance_file", task_id=task_id), 303)


@bp.get("/acceptance/<uuid:task_id>/papers/<uuid:paper_id>")
@logged
def acceptance_paper(task_id: UUID, paper_id: UUID) -> ResponseReturnValue:
    """One attached paper, as an attachment; written down in the community's chain."""
    name, mime, content = receiving.paper(_street(), task_id, paper_id)
    return downloads.attachment(content, mime, name)


def _page(task_id: UUID, form: Any = None, verb: str = "", status: int = 200) -> ResponseReturnValue:
    view = receiving.opened(_street(), task_id)
    post = me().post or me().name
    opening(lambda: receiving.note_opening(view, post))
    offices = receiving.departments(view)
    forms = [
        (each, form if each == verb else answers.form_for(each, view, offices, blank=True))
        for each in answers.ORDER
        if each in rules.verbs_for(view.row.state, "desk") or each == verb
    ]
    by_slug = deskfiles.offices(offices)
    page = render_template(
        "street/acceptance_file.html", view=view, row=view.row, file=view.file, content=view.content,
        papers=view.papers, forms=forms, answers=answers, said=deskfiles, now=now(), left=_left(view.row.due_at),
        office=deskfiles.office(view.file.department_slug, by_slug), history=deskfiles.history(view.events, by_slug),
        notes=deskfiles.said(view.events), desk=steps.DESK, current=verb,
    )  # fmt: skip
    return page, status
