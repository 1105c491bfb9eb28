"""/street/<slug>/lines: lines this office passes down with their documents, who has not confirmed, and what the dry runs
of its communities counted."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.guard import me, place
from blueprints.pages import named
from blueprints.street.door import bp
from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.library.packfiles import read_pack
from rongjiu.oversight import desk
from rongjiu.oversight.rules import people
from rongjiu.policies import queries, service
from rongjiu.policies.rules import SPEAKS, WORDS
from tenants.founding import levels
from tenants.founding.parameters import answer
from tenants.policydesk import queries as trials

KINDS = ("reached", "amount", "near", "lost", "unknown")


def _office() -> UUID:
    found = place().id
    if found is None:
        abort(404)
    return found


def _parameters() -> list[dict[str, Any]]:
    return list(read_pack()["parameters"]["parameters"])


@bp.route("/lines", methods=["GET", "POST"])
def lines() -> ResponseReturnValue:
    """What was published, who has not confirmed; a POST publishes one more."""
    if request.method == "GET":
        return _page()
    form = request.form
    try:
        value, since = _value(form)
        paper = service.Document(form.get("document", ""), form.get("document_number", ""), _day("document_date"))
        service.publish(
            place().kind, _office(), form.get("level", ""), form.get("parameter", ""), value, since, paper, me().post
        )
    except Refused as refused:
        db.session.rollback()
        return _page({refused.field or "": _(refused.message, **refused.words)}, refused.status)
    flash(_("已公布。下面的社区会看到，并逐个确认。"), "success")
    return redirect(url_for("street.lines"), 303)


def _value(form: Mapping[str, str]) -> tuple[Decimal, date]:
    row = next((each for each in _parameters() if each["id"] == form.get("parameter")), None)
    if row is None:
        raise Refused("请从列出的里面选。", field="parameter")
    day = _day("since")
    try:
        found = answer({**row, "value": None}, "value", form.get("value", ""), day.isoformat())
    except Refused as refused:
        raise Refused(refused.message, field="value") from refused
    if found.value is None:
        raise Refused("请填一个数字", field="value")
    return found.value, day


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError as error:
        raise Refused("日期不对，请重新选择。", field=name) from error


def _page(wrong: Mapping[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    below = queries.communities(place().kind, _office())
    done = levels.confirmations([row.tenant_id for row in below])
    known = {row["id"]: row for row in _parameters()}
    rows = [
        {
            "line": line, "name": named(known.get(line.slug, {"name_zh": line.slug})), "level": WORDS[line.level],
            "confirmed": sum(row.tenant_id in done.get(line.id, ()) for row in below),
            "open": [row for row in below if row.tenant_id not in done.get(line.id, ())],
        }
        for line in queries.published(_office())
    ]  # fmt: skip
    page = render_template(
        "street/lines.html", rows=rows, below=len(below), wrong=wrong or {}, typed=request.form if wrong else {},
        parameters=[("", _("请选择")), *((row["id"], named(row)) for row in _parameters())],
        levels=[(level, _(WORDS[level])) for level in SPEAKS[place().kind]],
    )  # fmt: skip
    return page, status


@bp.post("/lines/<uuid:line_id>/withdraw")
def line_withdraw(line_id: UUID) -> ResponseReturnValue:
    """Take a line back."""
    service.withdraw(_office(), line_id, me().post)
    flash(_("已收回。已经确认的社区不受影响。"), "success")
    return redirect(url_for("street.lines"), 303)


@bp.get("/lines/trials", endpoint="trials")
def dry_runs() -> ResponseReturnValue:
    """The newest dry run of each policy in each community: counts alone, small ones hidden."""
    tenants = desk.tenants(place().kind, _office())
    names = {row.tenant_id: row.name for row in queries.communities(place().kind, _office())}
    rows = [
        {
            "community": names.get(row.tenant_id, ""), "name": named(row), "day": row.as_of, "at": row.ended_at,
            "cells": dict(zip(KINDS, people([row.counts.get(kind, 0) for kind in KINDS]).cells, strict=True)),
        }
        for row in trials.overseen(tenants)
    ]  # fmt: skip
    return render_template("street/trials.html", rows=rows)
