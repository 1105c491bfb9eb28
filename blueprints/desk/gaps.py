"""…/desk/gaps: needs against capacity here and next door, targets until they are closed, projects, the network."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from blueprints.desk import outreach_words as words
from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size, uuid_of
from blueprints.forms import Form, flashed, lazy, required
from blueprints.guard import place
from blueprints.pages import day, named
from blueprints.storefront import Day
from rongjiu.clock import today
from rongjiu.errors import Refused
from rongjiu.marketplace.rules import month, months
from tenants.catalogue import queries as catalogue
from tenants.outreach import gaps as rooms
from tenants.outreach import projects, queries

AHEAD = 4
DRAWN = 10
"""Kinds of service in the picture: more could not be read."""


class ProjectForm(Form):
    """A project."""

    title = StringField(lazy("项目名称"), [required(lazy("请写项目名称，2 到 60 个字。"))])
    item = SelectField(lazy("回应哪类需求"), validate_choice=False)
    outputs = TextAreaField(lazy("要做到什么"))
    budget = StringField(lazy("预算"), default="0")
    funding = StringField(lazy("经费从哪里来"))
    provider = SelectField(lazy("谁来做"), validate_choice=False)
    starts_on = Day(lazy("开始"), [Optional()])
    ends_on = Day(lazy("结束"), [Optional()])


def _items() -> dict[str, str]:
    return {row["id"]: named(row) for row in catalogue.need_items(every=True)}


def _types() -> dict[str, str]:
    return {row["id"]: named(row) for row in catalogue.service_types()}


def _month() -> date:
    """The month of ?month=2026-11, this one when it is none of the next ones."""
    known = {each.isoformat()[:7]: each for each in months(today(), AHEAD)}
    return known.get(request.args.get("month", ""), month(today()))


@bp.get("/gaps")
def gaps() -> ResponseReturnValue:
    """Where needs stand without capacity, and what is done about it."""
    chosen, verdict = _month(), request.args.get("verdict", "")
    every = rooms.plan(chosen)
    names, typed = _items(), request.args.get("q", "").strip()[:40]
    lines = [
        line for line in every
        if (not verdict or line.gap.verdict == verdict)
        and (not typed or typed in line.courtyard or typed in names.get(line.item, ""))
    ]  # fmt: skip
    page, size = page_number(), page_size()
    filters = [
        {"name": "month", "label": _("月份"), "value": chosen.isoformat()[:7],
         "options": [(each.isoformat()[:7], each.isoformat()[:7], None) for each in months(today(), AHEAD)]},
        {"name": "verdict", "label": _("够不够"), "value": verdict,
         "options": [(code, str(word), sum(line.gap.verdict == code for line in every)) for code, word in words.VERDICTS.items()]},
    ]  # fmt: skip
    found = rooms.targets()
    return render_template(
        "desk/gaps.html", rows=lines[(page - 1) * size : page * size], total=len(lines), page=page,
        pages=max(1, -(-len(lines) // size)), filters=filters, words=words, items=names, typed=typed, types=_types(), targets=found,
        prospects=rooms.prospects_of([row.id for row in found]), admitted=_admitted(), today=today(),
    )  # fmt: skip


@bp.post("/gaps")
def gap_open() -> ResponseReturnValue:
    """Make a target of a line of the plan."""
    try:
        row = rooms.open_target(
            request.form.get("item", ""), request.form.get("type", ""), uuid_of(request.form.get("courtyard")),
            wanted=min(9999, request.form.get("wanted", 1, type=int)),
        )  # fmt: skip
    except Refused as refused:
        flash(_(refused.message, **refused.words), "warning")
    else:
        flash(_("已列为走访目标，请在 %(day)s 前补上。", day=day(row.due_on)), "success")
    return redirect(url_for("desk.gaps") + "#targets", 303)


@bp.post("/gaps/<uuid:target_id>")
def gap_close(target_id: UUID) -> ResponseReturnValue:
    """Close a target with the provider that gives it, or because nobody asks any more."""
    if target_id not in {row.id for row in rooms.targets()}:
        abort(404)
    provider = uuid_of(request.form.get("provider"))
    with flashed():
        if request.form.get("drop") == "1":
            rooms.drop(target_id)
        else:
            rooms.close(target_id, provider)
        flash(_("缺口已办结。"), "success")
    return redirect(url_for("desk.gaps") + "#targets", 303)


@bp.route("/projects", methods=["GET", "POST"], endpoint="projects")
def project_list() -> ResponseReturnValue:
    """Clusters of needs, the projects that answer them, and a new one."""
    form, status, items = ProjectForm(), 200, _items()
    clusters = projects.clusters()
    form.item.choices = [(code, _("%(item)s（%(n)s 项在等）", item=items.get(code, code), n=n)) for code, n in clusters]
    form.provider.choices = [("", _("还没定")), *((str(row.id), row.name) for row in _admitted())]
    if form.validate_on_submit():
        planned = projects.Planned(
            form.title.data or "", form.item.data or "", form.budget.data or "", form.funding.data or "",
            uuid_of(form.provider.data), form.starts_on.data, form.ends_on.data, form.outputs.data or "",
        )  # fmt: skip
        try:
            row = projects.add(planned)
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(_("项目 %(number)s 已立项。", number=row.number), "success")
            return redirect(url_for("desk.projects"), 303)
    elif request.method == "POST":
        status = 422
    return render_template(
        "desk/projects.html", form=form, rows=projects.every(), items=items, words=words, moves=projects.MOVES,
        clusters=clusters,
    ), status  # fmt: skip


@bp.post("/projects/<number>")
def project_move(number: str) -> ResponseReturnValue:
    """Start, end with its evaluation, or drop."""
    with flashed():
        projects.move(
            number, request.form.get("after", ""), result=request.form.get("result", ""),
            stars=request.form.get("stars", type=int),
        )  # fmt: skip
        flash(_("已记下。"), "success")
    return redirect(url_for("desk.projects"), 303)


@bp.get("/network")
def network() -> ResponseReturnValue:
    """Which kinds of service rest on which providers; what falls away with one alone."""
    found, single = rooms.network()
    types = _types()
    return render_template(
        "desk/network.html", rows=found, single=single, types=types, chart_option=_picture(found, single, types)
    )


def _picture(found: dict[str, list[str]], single: dict[str, str], types: dict[str, str]) -> dict[str, Any]:
    """The kinds that rest on the fewest, on the left, their providers on the right; a single point of failure is thick.
    The table under it holds all."""
    found = dict(sorted(found.items(), key=lambda each: (len(each[1]), each[0]))[:DRAWN])
    names = sorted({name for each in found.values() for name in each})
    left = {kind: 1 - (n + 0.5) / max(1, len(found)) for n, kind in enumerate(found)}
    right = {name: 1 - (n + 0.5) / max(1, len(names)) for n, name in enumerate(names)}
    series = [
        {"type": "line", "data": [[0, left[kind]], [1, right[name]]], "symbol": "circle", "symbolSize": 8, "silent": True,
         "color": "#b42318" if kind in single else "#1f6f78", "lineStyle": {"width": 3 if kind in single else 1}}
        for kind, every in found.items() for name in every
    ]  # fmt: skip
    series += [
        _labels(0, [(at, types.get(kind, kind)) for kind, at in left.items()], "left"),
        _labels(1, [(at, name) for name, at in right.items()], "right"),
    ]
    hidden = {"show": False, "min": -0.7, "max": 1.7}
    return {"xAxis": hidden, "yAxis": {"show": False, "min": 0, "max": 1}, "tooltip": {"show": False}, "series": series}


def _labels(at: int, rows: list[tuple[float, str]], side: str) -> dict[str, Any]:
    points = [{"value": [at, y], "label": {"show": True, "position": side, "formatter": name}} for y, name in rows]
    return {"type": "line", "lineStyle": {"width": 0}, "symbol": "circle", "symbolSize": 10, "color": "#1f2a37", "silent": True,
            "data": points}  # fmt: skip


def _admitted() -> list[Any]:
    found = place().id
    return queries.admitted(found) if found else []
