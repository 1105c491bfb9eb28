"""/desk/surveys: campaigns of 需求统计, a new one, its sample by courtyard, its progress, its beginning and end."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import DateField, StringField
from wtforms.validators import InputRequired, Length

from blueprints.desk.door import bp
from blueprints.forms import Form, lazy, required
from blueprints.surveying import wrong
from rongjiu.clock import today
from rongjiu.errors import Refused
from tenants.finding import home_visits
from tenants.surveys import forms, queries, rules, sampling, service
from tenants.surveys.sampling import Aim

STATES = {"draft": lazy("草稿"), "running": lazy("进行中"), "closed": lazy("已结束")}


class SurveyForm(Form):
    """What a new survey needs; the rest is suggested."""

    title = StringField(lazy("名称"), [required(), Length(max=40, message=lazy("最多 40 个字"))])
    starts_on = DateField(lazy("从哪天开始"), [InputRequired(lazy("请选日期。"))])


@bp.get("/surveys")
def surveys() -> ResponseReturnValue:
    """All surveys, the running one first."""
    return render_template(
        "desk/surveys.html", rows=queries.surveys(), states=STATES, version=forms.latest(), today=today(),
        waiting=home_visits.counts()["waiting"],
    )  # fmt: skip


@bp.route("/surveys/new", methods=["GET", "POST"])
def survey_new() -> ResponseReturnValue:
    """Lay out a survey; sample and quota are suggested from the courtyards."""
    form, status = SurveyForm(data={"title": _("居民需求统计"), "starts_on": today()}), 200
    if form.validate_on_submit():
        try:
            row = service.start_draft(form.title.data or "", form.starts_on.data or today())
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(_("草稿已建好，请核对每个院落问多少户。"), "success")
            return redirect(url_for("desk.survey_sample", survey_id=row.id), 303)
    elif request.method == "POST":
        status = 422
    return render_template("desk/survey_new.html", form=form), status


@bp.get("/surveys/<uuid:survey_id>")
def survey(survey_id: UUID) -> ResponseReturnValue:
    """One survey: how far it is by courtyard, day and worker."""
    row = _existing(survey_id)
    days = queries.days(survey_id)
    return render_template(
        "desk/survey.html", row=row, yards=queries.yards(survey_id), days=days[:14], workers=queries.workers(survey_id),
        states=STATES, newest=forms.latest(), today=today(), over=service.over(row), tries=rules.TRIES,
        now_count=next((count for day, count in days if day == today()), 0), left=(row.ends_on - today()).days,
    )  # fmt: skip


@bp.route("/surveys/<uuid:survey_id>/sample", methods=["GET", "POST"])
def survey_sample(survey_id: UUID) -> ResponseReturnValue:
    """How many households answer in each courtyard, and how many a day; a draft only."""
    row, faults, status = _existing(survey_id), dict[str, str](), 200
    if request.method == "POST":
        again = request.form.get("again") == "1"
        try:
            sampling.aim(survey_id, _int("sample"), _int("quota"), _aims(survey_id), again=again)
        except Refused as refused:
            faults, status = wrong(refused), refused.status
        else:
            flash(_("已按比例重新分配。") if again else _("样本已保存。"), "success")
            return redirect(url_for("desk.survey_sample" if again else "desk.survey", survey_id=survey_id), 303)
        row = _existing(survey_id)
    yards = queries.yards(survey_id)
    return render_template(
        "desk/survey_sample.html", row=row, yards=yards, wrong=faults, typed=request.form, least=rules.LEAST,
        suggested=rules.suggested_sample(sum(yard.households for yard in yards)),
    ), status  # fmt: skip


@bp.post("/surveys/<uuid:survey_id>/begin")
def survey_begin(survey_id: UUID) -> ResponseReturnValue:
    """Open it for answers and draw the doors."""
    return _moved(survey_id, service.begin, _("统计已开始，网格员的手机上能看到要问的门。"))


@bp.post("/surveys/<uuid:survey_id>/end")
def survey_end(survey_id: UUID) -> ResponseReturnValue:
    """Take no more answers."""
    return _moved(survey_id, service.end, _("统计已结束，可以看报告、生成清单。"))


@bp.post("/surveys/<uuid:survey_id>/form")
def survey_renew(survey_id: UUID) -> ResponseReturnValue:
    """Ask by the newest form from now on."""
    return _moved(survey_id, service.renew_form, _("从现在起按最新表单提问，以前的答卷不变。"))


def _moved(survey_id: UUID, verb: Any, said: str) -> ResponseReturnValue:
    _existing(survey_id)
    try:
        verb(survey_id)
    except Refused as refused:
        if refused.status == 404:
            raise
        faults = wrong(refused)
        flash(" ".join(faults.values()), "warning")
    else:
        flash(said, "success")
    return redirect(url_for("desk.survey", survey_id=survey_id), 303)


def _existing(survey_id: UUID) -> Any:
    row = queries.one(survey_id)
    if row is None:
        abort(404)
    return row


def _int(name: str, fallback: int = 0) -> int:
    text = request.form.get(name, "").strip()
    return int(text) if text.isdecimal() and len(text) < 7 else fallback


def _aims(survey_id: UUID) -> dict[UUID, Aim]:
    return {
        yard.id: Aim(
            _int(f"{yard.id}-households", -1),
            _int(f"{yard.id}-target", -1),
            request.form.get(f"{yard.id}-left_out", ""),
        )
        for yard in queries.yards(survey_id)
    }


def day_of(text: str | None) -> date | None:
    """A day as a date field sends it, or None."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
