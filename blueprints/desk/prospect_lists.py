"""…/desk/outreach/lists: a table of shops, looked at before it is entered, and undone when it was the wrong one."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import FileField, StringField

from blueprints import downloads
from blueprints.desk import outreach_words as words
from blueprints.desk.door import bp
from blueprints.forms import Form, flashed, lazy, required
from blueprints.security import UPLOADING, by_account, limiter
from rongjiu import sheet
from rongjiu.errors import Refused
from tenants.outreach import lists


class ListForm(Form):
    """A table and what it is called."""

    name = StringField(lazy("名单叫什么"), [required(lazy("请写这份名单叫什么。"))])
    file = FileField(lazy("文件"))


@bp.route("/outreach/lists", methods=["GET", "POST"])
@limiter.limit(UPLOADING, key_func=by_account, methods=["POST"])
def prospect_lists() -> ResponseReturnValue:
    """Choose a table; it is read and shown before anything is entered."""
    form, status = ListForm(), 200
    if form.validate_on_submit():
        file = request.files.get("file")
        try:
            list_id = lists.read(
                file.read() if file else b"", (file.filename or "") if file else "", form.name.data or ""
            )  # fmt: skip
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            return redirect(url_for("desk.prospect_list", list_id=list_id), 303)
    elif request.method == "POST":
        status = 422
    return render_template("desk/prospect_lists.html", form=form, rows=lists.newest(), words=words), status


@bp.get("/outreach/lists/template")
def prospect_template() -> ResponseReturnValue:
    """A table with the headings that are read and one example."""
    example = ("雁发理发店（示例，请删去）", "商户", "理发店", "", "雁北路 12 号", "", "", "上门理发")
    file = sheet.workbook("走访名单", [lists.HEAD, example])
    return downloads.attachment(file, sheet.MIME, "outreach-template.xlsx")


@bp.route("/outreach/lists/<uuid:list_id>", methods=["GET", "POST"])
def prospect_list(list_id: UUID) -> ResponseReturnValue:
    """What each line leads to; confirming enters the new ones."""
    row = _list(list_id)
    if request.method == "POST":
        with flashed():
            made = lists.enter(list_id, spoken_too=request.form.get("spoken") == "1")
            flash(_("已登记 %(n)s 个走访对象。", n=made), "success")
        return redirect(url_for("desk.prospect_list", list_id=list_id), 303)
    found = lists.lines(row)
    figures = {code: sum(line.how == code for line in found) for code in words.LIST_HOW}
    return render_template("desk/prospect_list.html", row=row, rows=found, figures=figures, words=words)


@bp.post("/outreach/lists/<uuid:list_id>/undo")
def prospect_list_undo(list_id: UUID) -> ResponseReturnValue:
    """Take out again what nobody has spoken to."""
    with flashed():
        gone, left = lists.undo(list_id)
        flash(_("已撤销 %(n)s 个；%(left)s 个已经谈过，保留。", n=gone, left=left), "success")
    return redirect(url_for("desk.prospect_list", list_id=list_id), 303)


def _list(list_id: UUID) -> Any:
    row = lists.one(list_id)
    if row is None:
        abort(404)
    return row
