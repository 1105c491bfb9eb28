"""/desk/households, /desk/search and the eye: households, finding somebody, opening masked fields with a reason."""

from typing import Any
from uuid import UUID

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import pgettext

from blueprints.desk import household_page, words
from blueprints.desk.door import bp
from blueprints.desk.scope import child_closed, in_reach, own, page_number, page_size, reason_asked, uuid_of
from blueprints.guard import logged
from blueprints.pages import day, named, phone_spaced, rule_of
from blueprints.security import SEARCHING, by_account, limiter
from rongjiu import audit
from rongjiu.clock import today
from tenants.cases import queries as cases
from tenants.catalogue import queries as catalogue
from tenants.residents import queries, rules, searching

SHOWN_SECONDS = 360
"""How long a revealed field stays (timers.json reveal-shown, 6 minutes)."""


@bp.get("/households")
def households() -> ResponseReturnValue:
    """The register by courtyard and door; a community worker sees the households of own cases."""
    mine, page, yard = own(), page_number(), uuid_of(request.args.get("courtyard"))
    ids = cases.household_ids(mine) if mine else None
    rows, total = queries.households(courtyard_id=yard, ids=ids, page=page, size=page_size())
    options = [(str(row.id), row.name, None) for row in queries.courtyards()]
    filters = [{"name": "courtyard", "label": _("院落"), "value": str(yard or ""), "options": options}]
    return render_template(
        "desk/households.html", rows=rows, total=total, page=page, pages=max(1, -(-total // 50)), filters=filters
    )


@bp.get("/households/<uuid:household_id>")
@logged
def household(household_id: UUID) -> ResponseReturnValue:
    """One household with its people and cases; its opening is written down."""
    row = queries.household(household_id)
    if row is None or not in_reach(household_id):
        abort(404)
    files = cases.of_household(household_id)
    asked = reason_asked(
        ((each.number, each.state) for each in files), url_for("desk.households"), pgettext("list", "家庭")
    )
    if asked:
        return asked
    part = request.args.get("kind", "")
    shown = household_page.build(row, files, part if part in household_page.PARTS else "")
    return render_template("desk/household.html", **shown)


@bp.get("/search")
@limiter.limit(SEARCHING, key_func=by_account)
def search() -> ResponseReturnValue:
    """People by name, pinyin, initials, a whole telephone or identity number, group, address, or several together."""
    text, mine, page = request.args.get("q", "").strip(), own(), page_number()
    homes = cases.household_ids(mine) if mine is not None else None
    found = searching.search(text, ids=homes, page=page) if text else searching.Found("")
    number = cases.one(text.upper(), own=mine) if text else None
    if found.kind in ("phone", "id_number"):
        audit.record("search", "person", found.kind, found=found.total)
    ages = {row.id: rules.age(row.birth_date, row.age_said, row.age_on, today()) for row in found.rows}
    return render_template(
        "desk/search.html", text=text, kind=found.kind, rows=found.rows, total=found.total, ages=ages, case=number,
        group_names=_group_names(), words=words, page=page, pages=max(1, -(-found.total // searching.SIZE)),
    )  # fmt: skip


@bp.post("/people/<uuid:person_id>/reveal")
def reveal(person_id: UUID) -> ResponseReturnValue:
    """Open masked fields of one person for a reason that is written down; they hide themselves again."""
    row = queries.opened(person_id)
    if row is None or not in_reach(row.household_id):
        abort(404)
    fields = [each for each in request.form.getlist("fields") if rule_of(each) == "reveal"]
    reason, more = request.form.get("reason", ""), request.form.get("reason_text", "").strip()
    problem = ""
    if reason not in words.REASONS:
        problem = _("请选一个理由，查看会留下记录。")
    elif not fields:
        problem = _("请勾选要看的内容；有的内容您的岗位不能看。")
    else:
        age = rules.age(row.birth_date, row.age_said, row.age_on, today())
        problem = child_closed(row.household_id, age)
    pairs = []
    if not problem:
        audit.record("reveal", "person", person_id, reason=f"{reason} {more}".strip()[:200], fields=fields)
        pairs = [(words.word(words.REVEALABLE, each), _plain(row, each)) for each in fields]
    page = "desk/revealed_part.html" if request.headers.get("HX-Request") else "desk/revealed.html"
    status = 200 if not problem or request.headers.get("HX-Request") else 422
    return render_template(
        page, pairs=pairs, problem=problem, seconds=SHOWN_SECONDS, person_id=person_id, household_id=row.household_id
    ), status


def _plain(row: Any, field: str) -> str:
    if field == "address":
        door = [f"{part}{word}" for part, word in zip(_door(row), (_("号楼"), _("单元"), _("室")), strict=True) if part]
        return " ".join([row.courtyard, *door])
    if field == "birth_date":
        return day(row.birth_date)
    value = getattr(row, field) or _("没有登记")
    return phone_spaced(value) if field == "phone" else str(value)


def _door(row: Any) -> tuple[str, str, str]:
    return row.building, row.unit, row.room


def _group_names() -> dict[str, str]:
    return {row["id"]: named(row) for row in catalogue.groups(every=True)}
