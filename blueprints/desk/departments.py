"""…/cases/<number>/departments: a policy's file for the street's 一门受理 desk, and what becomes of it."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectField, TextAreaField
from wtforms.validators import Length, Optional

from blueprints import deskfiles, downloads
from blueprints.desk import fact_words, words
from blueprints.desk.door import bp
from blueprints.desk.scope import case_or_404, uuid_of
from blueprints.forms import Form, lazy, options
from blueprints.guard import logged
from blueprints.pages import named, show, when
from blueprints.storefront import Ticks
from rongjiu import audit
from rongjiu.clock import now
from rongjiu.errors import Refused
from tenants.acceptance import queries, service, steps
from tenants.acceptance.service import Paper
from tenants.catalogue import queries as catalogue
from tenants.catalogue.service import days_left
from tenants.needs import queries as needs
from tenants.residents import queries as residents
from tenants.screening import queries as screening

FIRST = ("eligible", "near_miss", "actionable")
"""Verdicts whose policies stand first when one is chosen; every other may still be applied for."""


class DepartmentForm(Form):
    """For whom, for which need, in the family's words; the papers stand beside it."""

    people = Ticks(lazy("为谁申请"), validate_choice=False)
    need = SelectField(lazy("为哪项需求"), validate_choice=False)
    words = TextAreaField(lazy("家里人的话"), [Optional(), Length(max=500)])


class SupplyForm(Form):
    """What is said along with the papers."""

    words = TextAreaField(lazy("给一门受理的说明"), [Optional(), Length(max=500)])


class WithdrawForm(Form):
    """Why a file is taken back."""

    reason = TextAreaField(lazy("为什么撤回"), [Optional(), Length(max=500)])


@bp.route("/cases/<number>/departments/new", methods=["GET", "POST"])
@logged
def department_new(number: str) -> ResponseReturnValue:
    """Choose a policy (?policy=), persons and papers; send the file."""
    case = case_or_404(number)
    policies = {row["id"]: row for row in catalogue.policies()}
    policy = policies.get(request.values.get("policy", ""))
    if policy is None:
        return _choose(case, policies)
    people = residents.members(case.household_id) if case.household_id else []
    form = _form(case, policy, people)
    if request.method != "POST":
        return _page(case, policy, form, people)
    if not form.validate():
        return _page(case, policy, form, people, status=422)
    try:
        chosen = [found for each in form.people.data or () if (found := uuid_of(each))]
        task_id = service.send(
            case.id, policy["id"], chosen, _papers(policy), form.words.data or "", uuid_of(form.need.data)
        )
    except Refused as refused:
        said, status = form.refuse(refused)
        return _page(case, policy, form, people, {refused.field or "": said}, status)
    due = queries.file(case.id, task_id).row.due_at
    flash(_("已交街道一门受理，%(due)s 前答复；不会因超时退回。", due=when(due)), "success")
    return redirect(url_for("desk.department_file", number=number, task_id=task_id), 303)


def _choose(case: Any, policies: dict[str, dict[str, Any]]) -> ResponseReturnValue:
    last = screening.standing(case.id)
    found = screening.result(case.id, last.id).verdicts if last else ()
    verdicts = {row.policy_id: row.verdict for row in found}
    first = [
        (code, policies[slug])
        for code in FIRST
        for slug, verdict in verdicts.items()
        if verdict == code and slug in policies
    ]
    offices = deskfiles.offices(catalogue.departments())
    groups = [
        (fact_words.name_of(office), [row for row in policies.values() if row["department_id"] == slug])
        for slug, office in offices.items()
    ]
    return render_template(
        "desk/department_choose.html", case=case, first=first, groups=groups, last=last, offices=offices,
        running=queries.running(case.id), words=fact_words,
    )  # fmt: skip


def _form(case: Any, policy: dict[str, Any], people: list[residents.Member]) -> DepartmentForm:
    fits = _fits(case, policy, people)
    rows = [row for row in needs.of_case(case.id) if not row.result]
    asked = next((row for row in rows if row.item_slug == service.QUESTION), None)
    form = DepartmentForm(data={"people": fits, "need": str(asked.id) if asked else ""})
    form.people.choices = options(
        (str(each.id), f"{show('name', each.name)} {words.relation(each.relation)}".strip()) for each in people
    )
    form.need.choices = options(
        [
            ("", _("新记一项：申请政策")),
            *((str(row.id), f"w{row.seq} {named(row) if row.item_slug else ''}") for row in rows),
        ]
    )
    return form


def _fits(case: Any, policy: dict[str, Any], people: list[residents.Member]) -> list[str]:
    """Who is ticked beforehand: the whole family for a policy of households, else those nearest to it."""
    if policy["scope"] == "household":
        return [str(each.id) for each in people]
    last = screening.standing(case.id)
    found = screening.result(case.id, last.id).verdicts if last else ()
    subjects = next((row.subjects for row in found if row.policy_id == policy["id"]), ())
    known = {str(each.id) for each in people}
    return [each for each in subjects if each in known][:1] or [str(each.id) for each in people[:1]]


def _papers(policy: dict[str, Any]) -> list[Paper]:
    """The checklist as it was filled in."""
    found = []
    for row in service.papers_of(policy):
        slug, picture = row["id"], request.files.get(f"file-{row['id']}")
        given = (picture.read(), picture.filename) if picture and picture.filename else None
        state = request.form.get(f"paper-{slug}", "missing")
        state = state if state in deskfiles.PAPERS else "missing"
        found.append(Paper(slug, row["name_zh"], "attached" if given else state, given))
    return found


def _page(
    case: Any, policy: dict[str, Any], form: DepartmentForm, people: list[residents.Member],
    problems: dict[str, str] | None = None, status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    office = next((row for row in catalogue.departments() if row["id"] == policy["department_id"]), None)
    page = render_template(
        "desk/department_new.html", case=case, policy=policy, office=office, form=form, people=people,
        papers=service.papers_of(policy), ticked=request.form, problems=problems or {}, words=fact_words,
        said=deskfiles, running=queries.running(case.id).get(policy["id"]),
    )  # fmt: skip
    return page, status


@bp.get("/cases/<number>/departments/<uuid:task_id>")
@logged
def department_file(number: str, task_id: UUID) -> ResponseReturnValue:
    """Where a file stands, who has read it, and what the community may do with it."""
    return _file(case_or_404(number), task_id)


def _file(
    case: Any, task_id: UUID, *, supply: SupplyForm | None = None, withdraw: WithdrawForm | None = None,
    problems: dict[str, str] | None = None, status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    found = queries.file(case.id, task_id)
    offices = deskfiles.offices(catalogue.departments())
    due = found.row.due_at
    page = render_template(
        "desk/department_file.html", case=case, file=found.row, content=found.content, papers=found.papers,
        history=deskfiles.history(found.events, offices), notes=deskfiles.said(found.events), said=deskfiles,
        supply=supply or SupplyForm(formdata=None), withdraw=withdraw or WithdrawForm(formdata=None), ticked=request.form,
        problems=problems or {}, desk=steps.DESK, now=now(), left=days_left(due) if due else None,
    )  # fmt: skip
    return page, status


@bp.post("/cases/<number>/departments/<uuid:task_id>/supply")
@logged
def department_supply(number: str, task_id: UUID) -> ResponseReturnValue:
    """Bring what the desk asked for; the file goes back to it."""
    case, form = case_or_404(number), SupplyForm()
    asked = [row for row in queries.file(case.id, task_id).papers if row.asked]
    states = {row.id: request.form.get(f"paper-{row.id}", "") for row in asked}
    given = {row.id: request.files.get(f"file-{row.id}") for row in asked}
    pictures = {key: (file.read(), file.filename) for key, file in given.items() if file and file.filename}
    try:
        service.supply(case.id, task_id, states, pictures, form.words.data or "")
    except Refused as refused:
        said, status = form.refuse(refused)
        return _file(case, task_id, supply=form, problems={refused.field or "": said}, status=status)
    flash(_("材料已交回一门受理，接着办理。"), "success")
    return redirect(url_for("desk.department_file", number=number, task_id=task_id), 303)


@bp.post("/cases/<number>/departments/<uuid:task_id>/withdraw")
@logged
def department_withdraw(number: str, task_id: UUID) -> ResponseReturnValue:
    """Take a file back; the desk can read it no more."""
    case, form = case_or_404(number), WithdrawForm()
    try:
        service.withdraw(case.id, task_id, form.reason.data or "")
    except Refused as refused:
        _said, status = form.refuse(refused)
        return _file(case, task_id, withdraw=form, status=status)
    flash(_("已撤回，一门受理不能再看到这份材料。"), "success")
    return redirect(url_for("desk.department_file", number=number, task_id=task_id), 303)


@bp.post("/cases/<number>/departments/<uuid:task_id>/settle")
@logged
def department_settle(number: str, task_id: UUID) -> ResponseReturnValue:
    """The family was told, or the money came (or not yet)."""
    case = case_or_404(number)
    try:
        service.settle(case.id, task_id, came=request.form.get("came") != "no")
    except Refused as refused:
        form = WithdrawForm(formdata=None)
        _said, status = form.refuse(refused)
        return _file(case, task_id, withdraw=form, status=status)
    flash(_("已登记。"), "success")
    return redirect(url_for("desk.department_file", number=number, task_id=task_id), 303)


@bp.get("/cases/<number>/departments/<uuid:task_id>/papers/<uuid:paper_id>")
@logged
def department_paper(number: str, task_id: UUID, paper_id: UUID) -> ResponseReturnValue:
    """One attached paper, as an attachment."""
    found = queries.file(case_or_404(number).id, task_id)
    row = next((each for each in found.papers if each.id == paper_id and each.file_id), None)
    if row is None:
        abort(404)
    audit.record("department.paper", "desk_file", task_id, paper=str(paper_id))
    return downloads.kept(row.file_id)
