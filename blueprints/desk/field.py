"""/desk/field: what phones sent that a person must decide. The list says nothing of what was sent; one item opens for a
reason, with what stands now beside what the phone told."""

import json
from typing import Any
from uuid import UUID

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import downloads
from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import SHORTEST_REASON, page_number, page_size
from blueprints.guard import logged, typed_reason, unopened
from blueprints.pages import show
from rongjiu import files
from rongjiu.codes import N_
from rongjiu.errors import Refused
from tenants.fieldwork import queries, service, sheets
from tenants.fieldwork.kinds import KINDS, PHOTO
from tenants.fieldwork.reading import Payload
from tenants.residents.rules import GENDERS, RELATIONS

STATES = {"conflict": N_("两边不一样"), "held": N_("岗位已停用"), "applied": N_("已记下"), "settled": N_("已处理")}
FIELDS = {
    "name": N_("姓名"), "gender": N_("性别"), "relation": N_("与户主关系"), "birth_date": N_("出生日期"), "phone": N_("电话"),
    "condition": N_("身体情况"), "status": N_("现在怎样"), "words": N_("原话"), "note": N_("补充说明"), "wish": N_("心愿"),
    "caller": N_("称呼"), "urgency": N_("紧急程度"), "result": N_("结果"),
}  # fmt: skip
FOUND = {
    "visited": N_("见到了"), "not_home": N_("没人在家"), "refused": N_("不愿意"), "moved": N_("搬走了"),
    "vacant": N_("空房"), "deferred": N_("改天再来"),
}  # fmt: skip
URGENT = {"ordinary": N_("一般"), "urgent": N_("紧急"), "critical": N_("急难")}
STANDS = {"here": N_("住在这里"), "moved": N_("已搬走"), "died": N_("已去世")}


@bp.get("/field")
def field() -> ResponseReturnValue:
    """Items that wait, the oldest first."""
    state, page = request.args.get("state", ""), page_number()
    state = state if state in STATES else ""
    q = request.args.get("q", "").strip()[:50]
    rows, total = queries.page(state=state, post=q, page=page, size=page_size())
    counts = queries.counts()
    filters = [
        {"name": "state", "label": _("状态"), "value": state,
         "options": [(code, _(word), counts.get(code, 0)) for code, word in STATES.items()]},
    ]  # fmt: skip
    return render_template(
        "desk/field.html", rows=rows, total=total, page=page, pages=max(1, -(-total // 50)), filters=filters,
        states=STATES, kind=kind_words, q=q,
    )  # fmt: skip


@bp.route("/field/<uuid:item_id>", methods=["GET", "POST"])
@logged
def field_item(item_id: UUID) -> ResponseReturnValue:
    """One item: both sides, and the decision."""
    row = queries.one(item_id)
    if row is None:
        abort(404)
    problem, status = "", 200
    if request.method == "POST":
        try:
            service.settle(item_id, request.form.getlist("take"), reason=request.form.get("why", ""))
        except Refused as refused:
            if refused.status == 404 and row.state not in queries.WAITING:
                raise
            problem, status = _(refused.message, **refused.words), refused.status if refused.status != 404 else 409
            return render_template("desk/field_item.html", **_page(row), problem=problem, back=_back()), status
        flash(_("已处理。"), "success")
        return redirect(url_for("desk.field"), 303)
    if len(typed_reason()) < SHORTEST_REASON:
        unopened()
        problem = _("理由请写清楚一些，至少 %(n)s 个字。", n=SHORTEST_REASON) if "reason" in request.args else ""
        return render_template("desk/field_why.html", row=row, kind=kind_words, problem=problem, typed=typed_reason())
    g.task = ""
    return render_template("desk/field_item.html", **_page(row), problem=problem, back=_back()), status


@bp.get("/field/<uuid:item_id>/photos/<uuid:file_id>")
@logged
def field_photo(item_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """A photograph that came with an item, as a file to save."""
    row = queries.one(item_id)
    if row is None or file_id not in {found for found, _name in _photos(row)}:
        abort(404)
    return downloads.kept(file_id)


def kind_words(code: str) -> str:
    """A kind of item in the reader's words."""
    return str(_(KINDS[code].label if code in KINDS else PHOTO))


def _photos(row: Any) -> list[tuple[UUID, str]]:
    return files.listed(row.object_id or row.id) + (files.listed(row.id) if row.object_id else [])


def _back() -> str:
    return url_for("desk.field")


def _page(row: Any) -> dict[str, Any]:
    """What the page of an item is built from; each pair is (field, what stands now, what the phone told)."""
    sent = json.loads(row.payload or "{}")
    values = sent.get("values")
    pairs: list[tuple[str, str, str]] = []
    if isinstance(values, dict):
        now = queries.standing(UUID(sent["person"]), [name for name in values if name in FIELDS])
        pairs = [(name, _said(name, now.get(name)), _said(name, value)) for name, value in values.items()]
    pairs += _left_alone(Payload(sent)) if "conflicts" in sent else []
    told = [(_(FIELDS[name]), _said(name, value)) for name, value in sent.items() if name in FIELDS and value]
    return {
        "row": row, "kind": kind_words, "states": STATES, "fields": FIELDS, "pairs": pairs, "told": told, "words": words,
        "photos": _photos(row), "waits": row.state in queries.WAITING,
    }  # fmt: skip


def _left_alone(sent: Payload) -> list[tuple[str, str, str]]:
    """People of a sheet whose state somebody had changed: each as the register and as the sheet has it."""
    seen = {str(each.person_id): each.how for each in sheets.sheet(sent).people}
    found = list[tuple[str, str, str]]()
    for name in sent.words("conflicts"):
        row, _mark, field_name = name.partition("/")
        if field_name == "status":
            now = queries.standing(UUID(row), ["status"]).get("status")
            told = sheets.status(sent, seen.get(row, ""))
            found.append((name, _said("status", now), _said("status", told)))
    return found


def _said(name: str, value: Any) -> str:
    """A value in words, as this role may see it."""
    if value in (None, ""):
        return str(_("（空）"))
    spoken = {"gender": GENDERS, "relation": RELATIONS, "status": STANDS}.get(name, {}).get(str(value))
    if name == "result":
        return str(_(FOUND.get(str(value), "")))
    if name == "urgency":
        return str(_(URGENT.get(str(value), "")))
    return str(show(name, _(spoken) if spoken else value))
