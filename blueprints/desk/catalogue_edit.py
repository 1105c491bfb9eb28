"""/desk/needs-list and /desk/groups: the community's needs and special groups, edited with their history kept."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.door import bp
from blueprints.forms import lazy
from blueprints.pages import named
from blueprints.surveying import wrong
from rongjiu.errors import Refused
from tenants.catalogue import editing, queries
from tenants.catalogue.editing_rules import COLOURS, FREQUENCIES, ICONS

VERBS = {
    "add": lazy("新增"), "rename": lazy("改名"), "look": lazy("改样式"), "move": lazy("换大类"), "retire": lazy("停用"),
    "restore": lazy("恢复"), "merge": lazy("合并"), "order": lazy("排序"),
}  # fmt: skip
KINDS = {"category": lazy("大类"), "item": lazy("需求"), "group": lazy("人群")}


@bp.route("/needs-list", methods=["GET", "POST"])
def need_list() -> ResponseReturnValue:
    """Categories with their items; add one of either."""
    if request.method == "POST":
        kind = "category" if request.form.get("kind") == "category" else "item"
        return _added(kind, _needs, "desk.need_list")
    return _needs()


@bp.post("/needs-list/category/<category_slug>")
def need_category_edit(category_slug: str) -> ResponseReturnValue:
    """Rename, recolour, move, retire, restore or merge a category."""
    return _edited("category", category_slug, _needs, "desk.need_list")


@bp.post("/needs-list/item/<need_slug>")
def need_edit(need_slug: str) -> ResponseReturnValue:
    """Rename, recolour, move, retire, restore or merge an item."""
    return _edited("item", need_slug, _needs, "desk.need_list")


@bp.route("/groups", methods=["GET", "POST"])
def group_list() -> ResponseReturnValue:
    """The special groups with how often each is visited; add one."""
    if request.method == "POST":
        return _added("group", _groups, "desk.group_list")
    return _groups()


@bp.post("/groups/<group_slug>")
def group_edit(group_slug: str) -> ResponseReturnValue:
    """Rename, retire, restore or merge a special group; how often it is visited."""
    return _edited("group", group_slug, _groups, "desk.group_list")


def _added(kind: str, page: Any, endpoint: str) -> ResponseReturnValue:
    form = request.form
    try:
        editing.add(
            kind, form.get("name_zh", ""), form.get("name_en", ""), category=form.get("category", ""),
            colour=form.get("colour", ""), icon=form.get("icon", ""), visit=form.get("visit", "monthly"),
        )  # fmt: skip
    except Refused as refused:
        return page(f"new-{kind}", wrong(refused), refused.status)  # type: ignore[no-any-return]
    flash(_("已新增。"), "success")
    return redirect(url_for(endpoint), 303)


def _edited(kind: str, slug: str, page: Any, endpoint: str) -> ResponseReturnValue:
    form, action = request.form, request.form.get("action", "save")
    try:
        if action in ("up", "down"):
            editing.shift(kind, slug, -1 if action == "up" else 1)
        elif action == "retire":
            editing.retire(kind, slug)
        elif action == "restore":
            editing.restore(kind, slug)
        elif action == "merge":
            editing.merge(kind, slug, form.get("into", ""))
        else:
            editing.change(
                kind, slug, name_zh=form.get("name_zh", ""), name_en=form.get("name_en", ""),
                category=form.get("category", ""), colour=form.get("colour", ""), icon=form.get("icon", ""),
                visit=form.get("visit", ""),
            )  # fmt: skip
    except Refused as refused:
        return page(slug, wrong(refused), refused.status)  # type: ignore[no-any-return]
    flash(_("已保存，旧个案里的名称仍能查到。"), "success")
    return redirect(url_for(endpoint) + f"#{kind}-{slug}", 303)


def _needs(at: str = "", faults: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    kinds, items = queries.need_categories(every=True), queries.need_items(every=True)
    of: dict[str, list[Any]] = {}
    for item in items:
        of.setdefault(item["category_id"], []).append(item)
    page = render_template(
        "desk/need_list.html", kinds=[kind for kind in kinds if kind["retired_at"] is None], of=of,
        gone=[row for row in kinds if row["retired_at"]], gone_items=[row for row in items if row["retired_at"]],
        **_furniture(at, faults, ("category", "item"), {"category": kinds, "item": items}),
    )  # fmt: skip
    return page, status


def _groups(at: str = "", faults: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    rows = queries.groups(every=True)
    page = render_template(
        "desk/group_list.html", rows=[row for row in rows if row["retired_at"] is None],
        gone=[row for row in rows if row["retired_at"]], **_furniture(at, faults, ("group",), {"group": rows}),
    )  # fmt: skip
    return page, status


def _furniture(
    at: str, faults: dict[str, str] | None, kinds: tuple[str, ...], rows: dict[str, list[Any]]
) -> dict[str, Any]:
    """What both pages share: the choices, the fault and where it stands, the history in words."""
    names = {(kind, row["id"]): named(row) for kind in kinds for row in rows[kind]}
    found = [each for each in queries.changes(limit=60) if each.kind in kinds]
    live = {kind: [(row["id"], named(row)) for row in rows[kind] if row["retired_at"] is None] for kind in kinds}
    return {
        "at": at, "wrong": faults or {}, "typed": request.form if faults else {}, "live": live, "verbs": VERBS,
        "kind_words": KINDS, "changes": found, "names": names,
        "colours": [("", _("默认")), *((code, _(word)) for code, word in COLOURS.items())],
        "icons": [("", _("默认")), *((code, _(word)) for code, word in ICONS.items())],
        "visits": [(code, _(word)) for code, word in FREQUENCIES.items()],
    }  # fmt: skip
