"""/grid/survey: the doors to ask in one's own courtyards, one sheet at a door, nobody at home."""

from typing import Any
from uuid import UUID, uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import surveying
from blueprints.grid.door import bp
from blueprints.guard import me
from rongjiu.errors import Refused
from tenants.residents import queries as residents
from tenants.surveys import forms, queries, rules, sampling, service

_HERE = ("building_unit_room",)


@bp.get("/survey")
def survey() -> ResponseReturnValue:
    """The running surveys with the doors still to be asked here."""
    yards = _yards()
    found = []
    for row in queries.running():
        progress = [yard for yard in queries.yards(row.id) if yard.id in yards]
        found.append((row, progress, queries.doors(row.id, yards)))
    return render_template("grid/survey.html", found=found, tries=rules.TRIES)


@bp.route("/survey/doors/<uuid:door_id>", methods=["GET", "POST"])
def survey_door(door_id: UUID) -> ResponseReturnValue:
    """One drawn door: read aloud, asked, noted."""
    door = queries.door(door_id, _yards())
    row = queries.one(door.survey_id) if door else None
    if row is None:
        abort(404)
    if door.state != "waiting" or row.state != "running":
        flash(_("这户已经记过了。"), "info")
        return redirect(url_for("grid.survey"), 303)
    return _sheet(row, door)


@bp.post("/survey/doors/<uuid:door_id>/knocked")
def survey_knocked(door_id: UUID) -> ResponseReturnValue:
    """Nobody answered."""
    try:
        state = sampling.knocked(door_id, request.form.get("result", ""), courtyards=_yards())
    except Refused as refused:
        flash(" ".join(surveying.wrong(refused).values()), "warning")
    else:
        said = {
            "waiting": _("已记下，请换个时间再来一次。"), "refused": _("已记下不愿回答，不用再问。"),
            "unreached": _("两次没见到人，已换上候补的一户。"), "not_lived_in": _("没有人住，已换上候补的一户。"),
        }  # fmt: skip
        flash(said[state], "success")
    return redirect(url_for("grid.survey"), 303)


@bp.route("/survey/<uuid:survey_id>/any", methods=["GET", "POST"])
def survey_any(survey_id: UUID) -> ResponseReturnValue:
    """A household that was not drawn from the register, in one's own courtyards."""
    row = queries.one(survey_id)
    if row is None:
        abort(404)
    if row.state != "running":
        flash(_("这次统计现在不收答卷。"), "warning")
        return redirect(url_for("grid.survey"), 303)
    return _sheet(row, None)


def _sheet(row: Any, door: Any) -> ResponseReturnValue:
    yards, faults, status = _yards(), dict[str, str](), 200
    rows = forms.version(row.form_version)
    if request.method == "POST":
        given = surveying.given(rows)
        if door:
            given["building_unit_room"] = (
                "-".join(part for part in (door.building, door.unit, door.room) if part) or "—"
            )
        try:
            service.answer(
                row.id, given, client_key=surveying.key(), courtyards=yards, form_version=row.form_version,
                courtyard_id=_yard(yards), door_id=door.id if door else None,
            )  # fmt: skip
        except Refused as refused:
            faults, status = surveying.wrong(refused), refused.status
        else:
            flash(_("已记下一户，谢谢。"), "success")
            return redirect(url_for("grid.survey"), 303)
    typed = {**request.form.to_dict(), **surveying.given(rows)} if request.method == "POST" else {}
    names = [(str(yard.id), yard.name) for yard in residents.courtyards(yards)]
    return render_template(
        "grid/survey_sheet.html", row=row, door=door, rows=rows, wrong=faults, typed=typed, aloud=surveying.ALOUD,
        offered=surveying.offered(rows), worded=surveying.worded, key=typed.get("client_key") or uuid4(), yards=names,
        skip=_HERE if door else (), results=[(code, _(word)) for code, word in rules.DOOR_RESULTS.items()],
    ), status  # fmt: skip


def _yard(yards: list[UUID]) -> UUID | None:
    marked = request.form.get("courtyard", "")
    return next((yard for yard in yards if str(yard) == marked), None)


def _yards() -> list[UUID]:
    return residents.own_courtyards(me().courtyards)
