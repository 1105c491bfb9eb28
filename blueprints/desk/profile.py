"""/desk/profile: the community in figures, each with its day and source; where sources disagree both stand."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectField, StringField
from wtforms.validators import Length, Optional

from blueprints.desk.door import bp
from blueprints.forms import Form, chosen, lazy, options, required
from blueprints.guard import may
from rongjiu.errors import Refused
from tenants.residents import places, rules


class StatForm(Form):
    """One statement: what, how many, when, and who says so."""

    kind = SelectField(lazy("哪一项"), [chosen()], validate_choice=False)
    value = StringField(lazy("数字"), [required(lazy("请写数字。"))])
    unit = StringField(lazy("单位"), [Optional(), Length(max=20)])
    as_of = StringField(lazy("截至日期"), [Optional()])
    source = StringField(lazy("来源"), [required(lazy("请写来源：哪份文件、哪次统计。")), Length(max=120)])
    note = StringField(lazy("说明"), [Optional(), Length(max=200)])


@bp.route("/profile", methods=["GET"])
def profile() -> ResponseReturnValue:
    """Figures of the community beside what the register counts."""
    return _page(_form(), 200)


@bp.post("/profile")
def profile_add() -> ResponseReturnValue:
    """State one more figure; those that stand stay."""
    form = _form()
    if form.validate_on_submit():
        try:
            places.save_stat(
                form.kind.data or "", form.value.data or "", unit=form.unit.data or "", as_of=_day(form.as_of.data),
                source=form.source.data or "", note=form.note.data or "",
            )  # fmt: skip
        except Refused as refused:
            _said, status = form.refuse(refused)
            return _page(form, status)
        flash(_("已保存。"), "success")
        return redirect(url_for("desk.profile"), 303)
    return _page(form, 422)


@bp.post("/profile/<uuid:stat_id>/drop")
def profile_drop(stat_id: UUID) -> ResponseReturnValue:
    """Take back a figure that was wrong."""
    places.drop_stat(stat_id)
    flash(_("已删除这条数字。"), "success")
    return redirect(url_for("desk.profile"), 303)


def _form() -> StatForm:
    form = StatForm()
    form.kind.choices = options([("", _("请选择")), *((code, _(word)) for code, word in rules.STAT_KINDS.items())])
    return form


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused("日期请写成 2022-08-15 这样。", field="as_of") from error


def _page(form: StatForm, status: int) -> ResponseReturnValue:
    yards, counted = places.courtyards(), places.counted()
    own = {
        "courtyards": len(yards),
        "households": sum(each.households for each in counted.values()),
        "residents": sum(each.people for each in counted.values()),
    }
    stated: dict[str, Any] = places.stats()
    differ = {kind for kind, rows in stated.items() if len({(row.value, row.unit) for row in rows}) > 1}
    return render_template(
        "desk/profile.html", form=form, stated=stated, differ=differ, own=own, kinds=rules.STAT_KINDS,
        old=sum(each.old_estate for each in yards), yards=len(yards), edits=may("desk.profile_add"),
        typed=request.method == "POST",
    ), status  # fmt: skip
