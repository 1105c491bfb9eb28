"""/desk/sweeps: all sweeps; one sweep with its courtyards; starting, closing, the certificate."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import plans, sweep_words
from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size, uuid_of
from blueprints.guard import place
from rongjiu.clock import now, today
from rongjiu.db import current_tenant, db
from rongjiu.errors import Refused
from rongjiu.tenancy.staff import working
from tenants.livestream import queries as livestream
from tenants.signals import queries as signals
from tenants.sweeps import closing, lists, planning, rules
from tenants.sweeps.entitled import queries as entitled


@bp.get("/sweeps")
def sweeps() -> ResponseReturnValue:
    """All sweeps, the newest first."""
    state, page = request.args.get("state", ""), page_number()
    rows, total = lists.sweeps(state=state, page=page, size=page_size())
    filters = [
        {"name": "state", "label": _("状态"), "value": state,
         "options": [(code, str(word), None) for code, word in sweep_words.SWEEP_STATES.items()]},
    ]  # fmt: skip
    return render_template(
        "desk/sweeps.html", rows=rows, total=total, page=page, pages=max(1, -(-total // 50)), filters=filters,
        words=sweep_words, purposes=rules.PURPOSES, entitled=entitled.counts(), percent=rules.percent,
    )  # fmt: skip


@bp.get("/sweeps/<uuid:sweep_id>")
def sweep(sweep_id: UUID) -> ResponseReturnValue:
    """One sweep: who walks where before it starts, numbers of each courtyard while it runs."""
    return _page(_sweep(sweep_id))


@bp.post("/sweeps/<uuid:sweep_id>/start")
def sweep_start(sweep_id: UUID) -> ResponseReturnValue:
    """Start a planned sweep with the walkers chosen; every household gets its stop."""
    row = _sweep(sweep_id)
    walkers = {
        yard.id: account
        for yard in lists.yards(sweep_id)
        if yard.in_scope and (account := uuid_of(request.form.get(f"worker-{yard.id}")))
    }
    try:
        planning.assign(sweep_id, walkers)
        count = planning.start(sweep_id)
    except Refused as refused:
        db.session.rollback()
        return _page(row, problem=_(refused.message, **refused.words), status=refused.status)
    flash(_("摸排已开始，共 %(n)s 户。", n=count), "success")
    return redirect(url_for("desk.sweep", sweep_id=sweep_id), 303)


@bp.post("/sweeps/<uuid:sweep_id>/cancel")
def sweep_cancel(sweep_id: UUID) -> ResponseReturnValue:
    """Give a sweep up, with the reason."""
    row = _sweep(sweep_id)
    try:
        planning.cancel(sweep_id, request.form.get("reason", ""))
    except Refused as refused:
        db.session.rollback()
        return _page(row, problem=_(refused.message, **refused.words), status=refused.status)
    flash(_("摸排已取消，已登记的结果都在。"), "success")
    return redirect(url_for("desk.sweep", sweep_id=sweep_id), 303)


@bp.post("/sweeps/<uuid:sweep_id>/session")
def sweep_session(sweep_id: UUID) -> ResponseReturnValue:
    """Say which livestream session goes with a sweep; an empty choice takes it away."""
    _sweep(sweep_id)
    seq = request.form.get("session", "").strip()
    live = livestream.one(int(seq)) if seq.isdecimal() and len(seq) < 9 else None
    if seq and live is None:
        abort(404)
    planning.name_session(sweep_id, live.id if live else None)
    flash(_("已记下，这一场的线索和摸排的线索放在一起看。") if live else _("已去掉这一场直播。"), "success")
    return redirect(url_for("desk.sweep", sweep_id=sweep_id) + "#signals", 303)


@bp.get("/sweeps/<uuid:sweep_id>/courtyards/<uuid:courtyard_id>")
def sweep_courtyard(sweep_id: UUID, courtyard_id: UUID) -> ResponseReturnValue:
    """One courtyard of a sweep, drawn: each door by its state, and what keeps the courtyard open."""
    row, yard = _sweep(sweep_id), _yard(sweep_id, courtyard_id)
    if row.state == "running":
        planning.sync_stops(sweep_id, courtyard_id)
    return _courtyard(row, yard)


@bp.post("/sweeps/<uuid:sweep_id>/courtyards/<uuid:courtyard_id>/close")
def sweep_close(sweep_id: UUID, courtyard_id: UUID) -> ResponseReturnValue:
    """Close a courtyard: signed when nobody is missed, refused with the name of each door otherwise."""
    row, yard = _sweep(sweep_id), _yard(sweep_id, courtyard_id)
    try:
        closing.close(sweep_id, courtyard_id)
    except Refused as refused:
        db.session.rollback()
        return _courtyard(row, yard, problem=_(refused.message, **refused.words), status=refused.status)
    flash(_("%(yard)s 已结束，证书已签。", yard=yard.name), "success")
    return redirect(url_for("desk.sweep_certificate", sweep_id=sweep_id, courtyard_id=courtyard_id), 303)


@bp.post("/sweeps/<uuid:sweep_id>/courtyards/<uuid:courtyard_id>/leave-out")
def sweep_leave_out(sweep_id: UUID, courtyard_id: UUID) -> ResponseReturnValue:
    """Leave a courtyard without any door out of the sweep, with the reason."""
    row, yard = _sweep(sweep_id), _yard(sweep_id, courtyard_id)
    try:
        planning.leave_out(sweep_id, courtyard_id, request.form.get("reason", ""))
    except Refused as refused:
        db.session.rollback()
        return _courtyard(row, yard, problem=_(refused.message, **refused.words), status=refused.status)
    flash(_("%(yard)s 不在这次摸排里了，原因已记下。", yard=yard.name), "success")
    return redirect(url_for("desk.sweep", sweep_id=sweep_id), 303)


@bp.get("/sweeps/<uuid:sweep_id>/courtyards/<uuid:courtyard_id>/certificate")
def sweep_certificate(sweep_id: UUID, courtyard_id: UUID) -> ResponseReturnValue:
    """The certificate of a courtyard: counts per building, the signature, how to prove it again."""
    row = lists.certificate(sweep_id, courtyard_id)
    if row is None:
        abort(404)
    proof = next((each for each in closing.verify(row.number, courtyard_id)), None)
    unreached = [] if row.content["covered"] == row.content["doors"] else lists.doors(
        sweep_id, courtyards=[courtyard_id], states=["unreached"], size=500
    )[0]  # fmt: skip
    return render_template(
        "desk/sweep_certificate.html", row=row, content=row.content, proof=proof, words=sweep_words,
        states=[code for code in rules.STATES if code in rules.FINAL], purposes=rules.PURPOSES, unreached=unreached,
        building=plans.building_words, signature=bytes(row.signature).hex(), slug=place().slug,
    )  # fmt: skip


def _sweep(sweep_id: UUID) -> Any:
    row = lists.sweep(sweep_id)
    if row is None:
        abort(404)
    return row


def _yard(sweep_id: UUID, courtyard_id: UUID) -> lists.Yard:
    yard = next((each for each in lists.yards(sweep_id) if each.id == courtyard_id and each.in_scope), None)
    if yard is None:
        abort(404)
    return yard


def _page(row: Any, *, problem: str = "", status: int = 200) -> ResponseReturnValue:
    if row.state == "running" and status == 200:
        planning.sync_stops(row.id)
    yards = lists.yards(row.id)
    staff = working(current_tenant().uid, ("grid_worker",)) if row.state == "draft" else []
    return render_template(
        "desk/sweep.html", row=row, yards=[each for each in yards if each.in_scope], problem=problem,
        left_out=[each for each in yards if not each.in_scope], staff=staff, words=sweep_words, purposes=rules.PURPOSES,
        open_states=[code for code in rules.STATES if rules.is_open(code)], day_now=today(), kept=lists.kept(row.id),
        walkers=_walkers(yards, staff), late=row.ends_on < today() and row.state == "running", now=now(),
        sessions=livestream.sessions(), said=words,
        signals=signals.gathered(lists.signals(row.id), row.session_id),
    ), status  # fmt: skip


def _walkers(yards: list[lists.Yard], staff: list[Any]) -> dict[UUID, list[tuple[str, str]]]:
    """Who may walk each courtyard: the grid workers whose membership names it."""
    slugs = lists.slugs()
    return {
        yard.id: [
            (str(each.account_id), f"{each.post} {each.name}")
            for each in staff
            if {slugs.get(yard.id), str(yard.id)} & set(each.courtyards)
        ]
        for yard in yards
    }


def _courtyard(row: Any, yard: lists.Yard, *, problem: str = "", status: int = 200) -> ResponseReturnValue:
    found = closing.blockers(row.id, yard.id) if row.state == "running" and yard.state == "open" else []
    homes = lists.by_household(row.id, {UUID(each.household_id) for each in found})
    doors, _total = lists.doors(row.id, courtyards=[yard.id], size=5000)
    return render_template(
        "desk/sweep_courtyard.html", row=row, yard=yard, problem=problem, words=sweep_words, kinds=sweep_words.kinds(),
        blocks=plans.blocks((each.id, each.building, each.unit, each.room) for each in doors),
        marks={each.id: each.state for each in doors},
        blockers=[(each, homes[UUID(each.household_id)]) for each in found],
        names={
            str(each): name
            for each, name in lists.names({UUID(one.person_id) for one in found if one.person_id}).items()
        },
    ), status  # fmt: skip
