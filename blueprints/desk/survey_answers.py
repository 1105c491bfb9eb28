"""/desk/surveys/<id>/answers: paper sheets typed in, who answered when, one sheet opened for a reason."""

from datetime import datetime, time
from typing import Any
from uuid import UUID, uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import surveying
from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size, uuid_of
from blueprints.desk.surveys import day_of
from blueprints.guard import logged
from rongjiu.clock import ZONE, now, today
from rongjiu.errors import Refused
from tenants.residents import queries as residents
from tenants.surveys import forms, queries, service


@bp.get("/surveys/<uuid:survey_id>/answers")
def survey_answers(survey_id: UUID) -> ResponseReturnValue:
    """Who answered when, without what was said."""
    row, page, yard = _existing(survey_id), page_number(), uuid_of(request.args.get("courtyard"))
    yards = queries.yards(survey_id)
    filters = [{"name": "courtyard", "label": _("院落"), "value": str(yard or ""),
                "options": [(str(each.id), each.name, each.answers) for each in yards]}]  # fmt: skip
    total = sum(each.answers for each in yards if yard is None or each.id == yard)
    return render_template(
        "desk/survey_answers.html", row=row, rows=queries.answers(survey_id, courtyard_id=yard, page=page, size=page_size()), page=page,
        total=total, pages=max(1, -(-total // 50)), filters=filters,
    )  # fmt: skip


@bp.route("/surveys/<uuid:survey_id>/answers/new", methods=["GET", "POST"])
def survey_answer_new(survey_id: UUID) -> ResponseReturnValue:
    """Type in one paper sheet."""
    row, faults, status = _existing(survey_id), dict[str, str](), 200
    rows = forms.version(row.form_version)
    if request.method == "POST":
        try:
            _keep(row, rows)
        except Refused as refused:
            faults, status = surveying.wrong(refused), refused.status
        else:
            flash(_("已录入一份，接着录下一份。"), "success")
            yard = request.form.get("courtyard", "")
            return redirect(url_for("desk.survey_answer_new", survey_id=survey_id, courtyard=yard), 303)
    typed = {**request.form.to_dict(), **surveying.given(rows)} if request.method == "POST" else request.args.to_dict()
    return render_template(
        "desk/survey_answer_new.html", row=row, rows=rows, wrong=faults, typed=typed, aloud=surveying.ALOUD,
        offered=surveying.offered(rows), worded=surveying.worded, key=typed.get("client_key") or uuid4(), today=today(),
        yards=[("", _("请选择")), *((str(yard.id), yard.name) for yard in residents.courtyards())],
    ), status  # fmt: skip


@bp.get("/surveys/<uuid:survey_id>/answers/<uuid:answer_id>")
@logged
def survey_answer(survey_id: UUID, answer_id: UUID) -> ResponseReturnValue:
    """One sheet as it was asked and answered; its opening is written down."""
    row, sheet = _existing(survey_id), queries.sheet(survey_id, answer_id)
    if sheet is None:
        abort(404)
    said = surveying.said(sheet.questions, sheet.said)
    return render_template("desk/survey_answer.html", row=row, head=sheet.head, said=said)


@bp.post("/surveys/<uuid:survey_id>/answers/<uuid:answer_id>/withdraw")
def survey_answer_withdraw(survey_id: UUID, answer_id: UUID) -> ResponseReturnValue:
    """Delete a sheet because the person asks for it."""
    service.withdraw(survey_id, answer_id)
    flash(_("答卷已删除，不再计入统计。"), "success")
    return redirect(url_for("desk.survey_answers", survey_id=survey_id), 303)


def _keep(row: Any, rows: list[dict[str, Any]]) -> None:
    day = day_of(request.form.get("at")) or today()
    moment = now() if day >= today() else datetime.combine(day, time(12), ZONE)
    service.answer(
        row.id, surveying.given(rows), client_key=surveying.key(), at=moment, how="paper",
        courtyard_id=uuid_of(request.form.get("courtyard")), form_version=row.form_version,
    )  # fmt: skip


def _existing(survey_id: UUID) -> Any:
    row = queries.one(survey_id)
    if row is None:
        abort(404)
    return row
