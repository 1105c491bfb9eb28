"""/desk/people/<id>/history: which field of a person changed when, by which post, from which source."""

import json
from typing import Any
from uuid import UUID

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.requests import STATUS
from blueprints.desk.scope import child_closed, own, page_number, page_size
from blueprints.forms import lazy
from blueprints.guard import logged
from blueprints.pages import named, rule_of
from rongjiu import audit
from tenants.cases import queries as cases
from tenants.catalogue import queries as catalogue
from tenants.residents import queries as residents
from tenants.reviews import queries
from tenants.reviews.merging import FIELD_WORDS

SOURCES = {
    "desk": lazy("工作台"), "visit": lazy("上门"), "sweep": lazy("摸排"), "field": lazy("网格手机"), "import": lazy("导入台账"),
    "merge": lazy("合并"), "request": lazy("变更审批"), "undo": lazy("撤销"),
    "acceptance": lazy("街道一门受理"),
}  # fmt: skip


@bp.route("/people/<uuid:person_id>/history", methods=["GET", "POST"])
@logged
def person_history(person_id: UUID) -> ResponseReturnValue:
    """The changes of a person; values only for a reason that is written down, and only of fields this post may see."""
    home, mine, page = residents.home_of(person_id), own(), page_number()
    if home is None or (mine is not None and home not in cases.household_ids(mine)):
        abort(404)
    person = next((each for each in residents.members(home) if each.id == person_id), None)
    if person is None:
        abort(404)
    problem, opened = "", False
    if request.method == "POST":
        reason, more = request.form.get("reason", ""), request.form.get("reason_text", "").strip()
        closed = child_closed(home, person.age)
        if closed:
            problem = closed
        elif reason in words.REASONS:
            opened = True
            audit.record("reveal", "person", person_id, reason=f"{reason} {more}".strip()[:200], fields=["history"])
        else:
            problem = _("请选一个理由，查看会留下记录。")
    rows, total = queries.history(person_id, opened=opened, page=page, size=page_size())
    return render_template(
        "desk/history.html", rows=[_line(row, opened) for row in rows], total=total, page=page,
        pages=max(1, -(-total // 50)), person=person, household_id=home, problem=problem, opened=opened,
        reasons=words.REASONS,
    ), 422 if problem else 200  # fmt: skip


def _line(row: Any, opened: bool) -> dict[str, Any]:
    line = {
        "field": _(FIELD_WORDS.get(row.name, row.name)), "at": row.at, "actor": row.actor,
        "source": words.word(SOURCES, row.source),
    }  # fmt: skip
    if opened:
        may = rule_of(row.name) == "reveal"
        line |= {"before": _value(row.name, row.before) if may else _("您的岗位不能看"),
                 "after": _value(row.name, row.after) if may else ""}  # fmt: skip
    return line


def _value(name: str, value: str | None) -> str:
    if value is None:
        return str(_("没有登记"))
    if name == "status":
        return str(words.word(STATUS, value))
    if name == "gender":
        return str(words.word(words.GENDERS, value))
    if name == "groups":
        known = {row["id"]: named(row) for row in catalogue.groups()}
        return "、".join(str(known.get(slug, slug)) for slug in json.loads(value))
    if name == "languages":
        return "、".join(str(words.word(words.LANGUAGES, code)) for code in json.loads(value))
    if name == "household":
        return str(_("另一户"))
    return str(words.relation(value)) if name == "relation" else value
