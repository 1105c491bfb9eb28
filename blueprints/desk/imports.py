"""/desk/imports: old registers come in: upload, columns, dry run, confirmation, undo."""

from typing import Any
from uuid import UUID

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.file import FileField

from blueprints import downloads
from blueprints.desk import import_template, import_words
from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size
from blueprints.forms import Form, lazy
from blueprints.pages import named
from blueprints.security import UPLOADING, by_account, limiter
from rongjiu import sheet
from rongjiu.errors import Clash, Refused
from tenants.catalogue import queries as catalogue
from tenants.imports import queries, service
from tenants.imports.rules import TARGETS
from tenants.residents import queries as residents


class UploadForm(Form):
    """A file with an old register."""

    file = FileField(lazy("台账文件"))


@bp.route("/imports", methods=["GET", "POST"])
@limiter.limit(UPLOADING, key_func=by_account, methods=["POST"])
def imports() -> ResponseReturnValue:
    """What was brought in so far, and the upload of a further file."""
    form, status = UploadForm(), 200
    if form.validate_on_submit():
        try:
            given = form.file.data
            batch_id = service.upload(given.read() if given else b"", (given.filename if given else "") or "")
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            return redirect(url_for("desk.import_batch", batch_id=batch_id), 303)
    elif request.method == "POST":
        status = 422
    rows, total = queries.batches(page_number(), page_size())
    return render_template(
        "desk/imports.html", form=form, rows=rows, total=total, page=page_number(), pages=max(1, -(-total // 50)),
        states=import_words.STATES,
    ), status  # fmt: skip


@bp.get("/imports/template.xlsx")
def import_template_file() -> Response:
    """An empty workbook with lists to choose from, and a sheet that says what each column is kept for."""
    yards = [row.name for row in residents.courtyards()]
    groups = [named(row) for row in catalogue.groups()]
    return downloads.attachment(import_template.workbook(yards, groups), sheet.MIME, "register-template.xlsx")


@bp.get("/imports/<uuid:batch_id>")
def import_batch(batch_id: UUID) -> ResponseReturnValue:
    """One import at the step it has reached; while a worker is at it, the part of the page asks again by itself."""
    part = "desk/import_part.html" if request.headers.get("HX-Request") else "desk/import.html"
    return render_template(part, **_shown(batch_id))


@bp.post("/imports/<uuid:batch_id>/columns")
def import_columns(batch_id: UUID) -> ResponseReturnValue:
    """Confirm what each column is kept as; a refusal shows the choices as they were made."""
    _there(batch_id)
    size = len(queries.columns_of(batch_id))
    chosen = [request.form.get(f"column-{n}", "") for n in range(size)]
    try:
        service.choose(batch_id, chosen, {"yards": bool(request.form.get("yards"))})
    except Clash:
        raise
    except Refused as refused:
        return render_template(
            "desk/import.html",
            **{**_shown(batch_id), "step": "mapping", "chosen": chosen, "problem": _(refused.message)},
        ), refused.status
    return redirect(url_for("desk.import_batch", batch_id=batch_id), 303)


@bp.post("/imports/<uuid:batch_id>/confirm")
def import_confirm(batch_id: UUID) -> ResponseReturnValue:
    """Have the checked rows written."""
    _there(batch_id)
    service.confirm(
        batch_id, changes=bool(request.form.get("changes")), duplicates=bool(request.form.get("duplicates"))
    )
    return redirect(url_for("desk.import_batch", batch_id=batch_id), 303)


@bp.post("/imports/<uuid:batch_id>/undo")
def import_undo(batch_id: UUID) -> ResponseReturnValue:
    """Have an import taken back."""
    _there(batch_id)
    service.undo(batch_id)
    return redirect(url_for("desk.import_batch", batch_id=batch_id), 303)


@bp.post("/imports/<uuid:batch_id>/discard")
def import_discard(batch_id: UUID) -> ResponseReturnValue:
    """Leave a file that was not written."""
    _there(batch_id)
    service.discard(batch_id)
    flash(_("已放弃，文件已删除，登记册没有变化。"), "success")
    return redirect(url_for("desk.imports"), 303)


def _there(batch_id: UUID) -> Any:
    row = queries.batch(batch_id)
    if row is None:
        abort(404)
    return row


def _shown(batch_id: UUID) -> dict[str, Any]:
    row = _there(batch_id)
    step = row.state
    if step in ("checked", "failed") and request.args.get("step") == "columns":
        step = "mapping"
    columns = queries.columns_of(batch_id) if step == "mapping" or row.state == "failed" else []
    if step == "mapping" and not columns:
        step = row.state
    kinds = queries.kinds(batch_id) if step in ("checked", "undone", "done", "undoing") else {}
    kind = request.args.get("kind", "")
    if kind not in kinds:
        kind = next((each for each in import_words.KINDS if each in kinds), "")
    page = page_number()
    issues, total = queries.issues(batch_id, kind, page, page_size()) if kind else ([], 0)
    return {
        "row": row, "step": step, "columns": columns, "chosen": list(row.mapping), "targets": TARGETS, "kinds": kinds, "kind": kind,
        "issues": issues, "total": total, "page": page, "pages": max(1, -(-total // 50)), "states": import_words.STATES,
        "kind_words": import_words.KINDS, "fields": import_words.FIELDS, "problem": "", "working": step in import_words.WORKING,
        "yards": any(each["guess"] == "courtyard" for each in columns),
    }  # fmt: skip
