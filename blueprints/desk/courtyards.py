"""/desk/courtyards: the tree of the register. A courtyard drawn with its doors, its buildings with lifts and barriers,
the ages of its people; counted beside stated."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import uuid_of
from blueprints.forms import Form, lazy, options, required
from blueprints.plans import Block, blocks, building_words, natural, unit_words
from rongjiu.errors import Refused
from tenants.catalogue import queries as catalogue
from tenants.residents import places, rules
from tenants.residents.places import DoorLine

KINDS = {
    "often": ("accent", lazy("有人要每周走访"), "周"),
    "lived_in": ("ok", lazy("有人住"), "住"),
    "rented_out": ("info", lazy("出租"), "租"),
    "vacant": ("blank", lazy("空房"), "空"),
    "other_use": ("muted", lazy("他用"), "他"),
}
LIFTS = {"": lazy("不清楚"), "yes": lazy("有电梯"), "no": lazy("没有电梯")}


class BuildingForm(Form):
    """A building: storeys, lift, and what is in the way of a wheelchair."""

    name = StringField(lazy("楼号"), [required(lazy("请写楼号，例如 3。")), Length(max=20)])
    units = StringField(lazy("单元数"), [Optional()])
    floors = StringField(lazy("层数"), [Optional()])
    lift = SelectField(lazy("电梯"), validate_choice=False)
    barriers = SelectMultipleField(
        lazy("无障碍风险"), validate_choice=False, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    built_in = StringField(lazy("建成年份"), [Optional()])
    note = StringField(lazy("说明"), [Optional(), Length(max=200)])


@bp.get("/courtyards")
def courtyards() -> ResponseReturnValue:
    """All courtyards: what the register counts beside what is stated, and by whom."""
    rows, counted = places.courtyards(), places.counted()
    sums = {
        "homes": sum(each.households for each in counted.values()), "said_homes": sum(each.households for each in rows),
        "people": sum(each.people for each in counted.values()), "said": sum(each.residents for each in rows),
    }  # fmt: skip
    return render_template("desk/courtyards.html", rows=rows, counted=counted, nobody=places.Counted(), sums=sums)


@bp.get("/courtyards/<uuid:courtyard_id>")
def courtyard(courtyard_id: UUID) -> ResponseReturnValue:
    """One courtyard: the plan, the buildings, the tree of doors, the ages."""
    row = places.courtyard(courtyard_id)
    if row is None:
        abort(404)
    doors = places.doors(courtyard_id)
    laid = blocks((each.id, each.building, each.unit, each.room) for each in doors)
    weekly = {each["id"] for each in catalogue.groups() if each.get("visit_default") == "weekly"}
    marks = {each.id: "often" if each.groups & weekly else each.occupancy for each in doors}
    return render_template(
        "desk/courtyard.html", row=row, blocks=laid, marks=marks, kinds=KINDS, tree=_tree(laid, doors),
        opened=request.args.get("building"), links={each.name: _link(courtyard_id, each.name) for each in laid},
        buildings=places.buildings(courtyard_id), lifts=LIFTS, barriers=rules.BARRIERS, words=words,
        counted=places.counted(courtyard_id).get(courtyard_id, places.Counted()), **_ages(courtyard_id),
    )  # fmt: skip


@bp.post("/courtyards/<uuid:courtyard_id>/estate")
def courtyard_estate(courtyard_id: UUID) -> ResponseReturnValue:
    """Say whether it is an old estate."""
    places.mark_old_estate(courtyard_id, request.form.get("old") == "1")
    flash(_("已保存。"), "success")
    return redirect(url_for("desk.courtyard", courtyard_id=courtyard_id), 303)


@bp.route("/courtyards/<uuid:courtyard_id>/buildings", methods=["GET", "POST"])
def building(courtyard_id: UUID) -> ResponseReturnValue:
    """Describe a building: a known one with ?building=, a new one without."""
    row = places.courtyard(courtyard_id)
    if row is None:
        abort(404)
    building_id = uuid_of(request.args.get("building"))
    known = next((each for each in places.buildings(courtyard_id) if each.id == building_id), None)
    if building_id is not None and known is None:
        abort(404)
    form, status = BuildingForm(data=_told(known)), 200
    form.lift.choices = options((code, word) for code, word in LIFTS.items())
    form.barriers.choices = options((code, _(word)) for code, word in rules.BARRIERS.items())
    if form.validate_on_submit():
        try:
            places.save_building(
                courtyard_id, building_id, name=form.name.data or "", units=form.units.data or "",
                floors=form.floors.data or "", lift=form.lift.data or "", barriers=form.barriers.data or (),
                built_in=form.built_in.data or "", note=form.note.data or "",
            )  # fmt: skip
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(_("已保存。"), "success")
            return redirect(url_for("desk.courtyard", courtyard_id=courtyard_id) + "#buildings", 303)
    elif request.method == "POST":
        status = 422
    return render_template("desk/building.html", form=form, row=row, known=known), status


def _told(row: Any) -> dict[str, Any]:
    if row is None:
        return {}
    numbers = {name: str(getattr(row, name) or "") for name in ("units", "floors", "built_in")}
    return {"name": row.name, "lift": row.lift, "barriers": list(row.barriers), "note": row.note, **numbers}


def _link(courtyard_id: UUID, building: str) -> str:
    return url_for("desk.courtyard", courtyard_id=courtyard_id, building=building) + "#tree"


def _tree(laid: list[Block], doors: list[DoorLine]) -> list[dict[str, Any]]:
    """Building → unit → doors in order, with the words of each."""
    by_id: dict[Any, DoorLine] = {each.id: each for each in doors}
    return [
        {
            "name": block.name, "words": building_words(block.name), "doors": len(block.keys),
            "people": sum(by_id[key].people for key in block.keys),
            "units": [
                (
                    unit_words(unit.name),
                    sorted(
                        (by_id[spot.key] for _floor, spots in unit.floors for spot in spots),
                        key=lambda each: natural(each.room),
                    ),
                )
                for unit in block.units
            ],
        }
        for block in laid
    ]  # fmt: skip


def _ages(courtyard_id: UUID) -> dict[str, Any]:
    """The ages as table rows and as a chart: men to the left, women to the right."""
    lines = places.ages(courtyard_id)
    known = [line for line in lines if line[0]]
    bars = [
        (_("男"), [-men for _band, men, _women, _other in known]), (_("女"), [women for _band, _men, women, _other in known])
    ]  # fmt: skip
    chart = {
        "tooltip": {"show": False},
        "grid": {"left": 8, "right": 24, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "axisLabel": {"show": False}, "splitLine": {"show": False}},
        "yAxis": {"type": "category", "data": [line[0] for line in known], "axisTick": {"show": False}},
        "series": [
            {"name": str(name), "type": "bar", "stack": "all", "data": values, "barCategoryGap": "20%"}
            for name, values in bars
        ],
    }
    return {
        "ages": lines, "age_chart": chart, "most": max((max(line[1:]) for line in known), default=0),
        "people": sum(sum(line[1:]) for line in lines),
    }  # fmt: skip
