"""/desk/surveys/<id>/report: what the answers say, weighed by courtyard; the draft of a needs list, and its publishing."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import exporting
from blueprints.desk.door import bp
from blueprints.guard import may
from blueprints.pages import named, small
from blueprints.security import EXPORTING, by_account, limiter
from blueprints.surveying import wrong
from rongjiu.errors import Refused
from tenants.catalogue import queries as catalogue
from tenants.founding import service as founding
from tenants.surveys import queries, report, rules
from tenants.surveys.report import Report

STEP = "survey"
"""The step of the founding checklist that a published list completes."""
_TOP = 12


@bp.get("/surveys/<uuid:survey_id>/report")
def survey_report(survey_id: UUID) -> ResponseReturnValue:
    """Shares of the items, plain and weighted, by courtyard, with what the numbers can say and cannot."""
    row = _existing(survey_id)
    found = report.report(survey_id)
    names = {str(yard.id): yard.name for yard in found.yards}
    return render_template(
        "desk/survey_report.html", row=row, found=found, note=_note(found, names), bars=_chart(found), few=rules.FEW,
        drafted=bool(report.lines(survey_id)),
    )  # fmt: skip


@bp.post("/surveys/<uuid:survey_id>/report/export")
@limiter.limit(EXPORTING, key_func=by_account)
def survey_report_export(survey_id: UUID) -> ResponseReturnValue:
    """The report's table with its note as an Excel file; counts of a courtyard under five stay 少于5."""
    _existing(survey_id)
    if not exporting.purpose():
        return exporting.unasked(url_for("desk.survey_report", survey_id=survey_id))
    found = report.report(survey_id, others=False)
    names = {str(yard.id): yard.name for yard in found.yards}
    asked = [yard for yard in found.yards if yard.answers]
    head = [_("名次"), _("需求"), _("提到的户数"), _("占比"), _("加权占比"), *(yard.name for yard in asked)]
    rows: list[list[object]] = [
        [share.rank, named(found.items[share.item]), share.count, percent(share.share), percent(share.weighted),
         *(small(found.by_yard.get(yard.id, {}).get(share.item, 0)) for yard in asked)]
        for share in found.weighing.shares
    ]  # fmt: skip
    return exporting.file("survey-report", _("需求统计报告"), head, [*rows, *([line] for line in _note(found, names))])


@bp.route("/surveys/<uuid:survey_id>/list", methods=["GET", "POST"])
def survey_list(survey_id: UUID) -> ResponseReturnValue:
    """The draft of the needs list: made of the answers, edited, then published."""
    row, faults, status = _existing(survey_id), dict[str, str](), 200
    if request.method == "POST":
        try:
            said = _act(survey_id)
        except Refused as refused:
            faults, status = wrong(refused), refused.status
            row = _existing(survey_id)
        else:
            flash(said, "success")
            return redirect(url_for("desk.survey_list", survey_id=survey_id), 303)
    kinds = [(kind["id"], named(kind)) for kind in catalogue.need_categories()]
    return render_template(
        "desk/survey_list.html", row=row, lines=report.lines(survey_id), wrong=faults, typed=request.form,
        kinds=[("", _("请选择")), *kinds], kind_names=dict(kinds),
    ), status  # fmt: skip


@bp.post("/surveys/<uuid:survey_id>/publish")
def survey_publish(survey_id: UUID) -> ResponseReturnValue:
    """The draft becomes the community's needs list, and the checklist's step is done."""
    _existing(survey_id)
    try:
        done = report.publish(survey_id)
        founding.mark_step(STEP, done=True)
    except Refused as refused:
        faults = wrong(refused)
        flash(" ".join(faults.values()), "warning")
        return redirect(url_for("desk.survey_list", survey_id=survey_id), 303)
    flash(
        _("清单已公布：保留 %(a)s 项，新增 %(b)s 项，停用 %(c)s 项。展示牌已更新。", a=done["keep"], b=done["add"], c=done["retire"]),
        "success",
    )  # fmt: skip
    return redirect(url_for("desk.need_list") if may("desk.need_list") else url_for("desk.surveys"), 303)


def percent(part: float) -> str:
    """37.5%."""
    return f"{part * 100:.1f}%"


def _act(survey_id: UUID) -> str:
    if request.form.get("make") == "1":
        count = report.make_draft(survey_id)
        return str(_("已按答卷生成草稿，共 %(n)s 行，请逐行核对。", n=count))
    lines = []
    for n in range(len(report.lines(survey_id))):
        place = request.form.get(f"{n}-place", "").strip()
        lines.append({
            "action": request.form.get(f"{n}-action", ""), "name_zh": request.form.get(f"{n}-name_zh", ""),
            "category": request.form.get(f"{n}-category", ""), "place": int(place) if place.isdecimal() else 999,
        })  # fmt: skip
    report.edit_draft(survey_id, lines)
    return str(_("草稿已保存，还没有公布。"))


def _note(found: Report, names: dict[str, str]) -> list[str]:
    """The weighting note in plain words: how it was reckoned, what it is worth, who is missing."""
    w = found.weighing
    lines = [
        _("收到 %(n)s 份答卷。每份答卷按所在院落的户数加权：院落户数 ÷ 该院落答卷数，所以大院落不会因为答得少而被看轻。", n=w.answers),
        _("加权以后，这些答卷相当于 %(n)s 份简单随机抽样的答卷；最大和最小权数相差 %(x)s 倍。", n=round(w.effective), x=f"{w.heaviest:.1f}"),
        _("答卷覆盖的院落共 %(a)s 户，占全部 %(b)s 户的 %(c)s。", a=w.covered, b=w.households,
          c=percent(w.covered / w.households if w.households else 0)),
    ]  # fmt: skip
    if w.silent:
        yards = "、".join(names[key] for key in w.silent)
        lines.append(_("没有答卷的院落：%(yards)s。它们单独列出，不用别处的数字推算。", yards=yards))
    left = [yard for yard in found.yards if yard.left_out]
    if left:
        why = "；".join(f"{yard.name}（{yard.left_out}）" for yard in left)
        lines.append(_("没有安排的院落：%(yards)s。", yards=why))
    if w.few:
        lines.append(
            _("%(n)s 个院落的答卷不到 %(few)s 份，只看总体，不单看这些院落的占比。", n=len(w.few), few=rules.FEW)
        )
    if found.no_need:
        lines.append(_("%(n)s 户说没有什么需要，算在总数里。", n=found.no_need))
    return [str(line) for line in lines]


def _chart(found: Report) -> dict[str, Any]:
    shares = [share for share in found.weighing.shares if share.count][:_TOP][::-1]
    return {
        "xAxis": {"type": "value", "axisLabel": {"formatter": "{value}%"}},
        "yAxis": {"type": "category", "data": [named(found.items[share.item]) for share in shares],
                  "axisLabel": {"width": 180, "overflow": "truncate"}},
        "series": [{"type": "bar", "data": [round(share.weighted * 100, 1) for share in shares]}],
    }  # fmt: skip


def _existing(survey_id: UUID) -> Any:
    row = queries.one(survey_id)
    if row is None:
        abort(404)
    return row
