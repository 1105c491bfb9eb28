"""/desk/signals/import: a department's list becomes one signal for each family of the register, after a look at it."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import DateField, FileField, SelectField, StringField
from wtforms.validators import Optional

from blueprints import downloads
from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.forms import Form, flashed, lazy, options, required
from blueprints.guard import logged
from blueprints.pages import named
from blueprints.paging import page_size
from blueprints.security import UPLOADING, by_account, limiter
from rongjiu.clock import today
from rongjiu.errors import Refused
from tenants.catalogue import queries as catalogue
from tenants.signals import lists

_SHOWN = 500
"""So many lines stand on the page of a list; the figures count all of them."""


class ListForm(Form):
    """A file and where it comes from."""

    department = SelectField(lazy("哪个部门的名单"), validate_choice=False)
    name = StringField(lazy("名单叫什么"), [required(lazy("请写这份名单叫什么。"))])
    dated = DateField(lazy("名单日期"), [Optional()])
    file = FileField(lazy("文件"))


@bp.route("/signals/import", methods=["GET", "POST"])
@limiter.limit(UPLOADING, key_func=by_account, methods=["POST"])
def signal_import() -> ResponseReturnValue:
    """Choose a file; it is read and shown before anything is made."""
    form, status = ListForm(), 200
    departments = catalogue.departments()
    form.department.choices = options([("", _("请选择")), *((row["id"], named(row)) for row in departments)])
    if form.validate_on_submit():
        file = request.files.get("file")
        try:
            list_id = lists.read(
                file.read() if file else b"", (file.filename or "") if file else "", name=form.name.data or "",
                department=form.department.data or "", dated=form.dated.data or today(),
            )  # fmt: skip
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            return redirect(url_for("desk.signal_list", list_id=list_id), 303)
    elif request.method == "POST":
        status = 422
    names = {row["id"]: named(row) for row in departments}
    return render_template("desk/signal_import.html", form=form, rows=lists.newest(), names=names, words=words), status


@bp.get("/signals/import/template")
def signal_import_template() -> ResponseReturnValue:
    """An empty table with the headings that are read."""
    head = ("姓名", "身份证号", "出生日期", "院落", "楼号", "单元", "门牌", "备注")
    table = f"\ufeff{','.join(head)}\r\n"  # the mark tells Excel that it is UTF-8
    return downloads.attachment(table, "text/csv", "list-template.csv")


@bp.route("/signals/import/<uuid:list_id>", methods=["GET", "POST"])
@logged
def signal_list(list_id: UUID) -> ResponseReturnValue:
    """What each line of a list leads to; confirming makes the signals."""
    row = _list(list_id)
    if request.method == "POST":
        with flashed():
            row = lists.confirm(list_id)
            if row.state == "done":
                flash(_("已登记 %(n)s 条线索，下一步：分派。", n=row.made), "success")
            else:
                flash(_("正在登记，可以先做别的，过一会儿再来看。"), "info")
        return redirect(url_for("desk.signal_list", list_id=list_id), 303)
    seen = lists.preview(row)
    figures: dict[str, int] = {}
    for each in seen:
        figures[each.how] = figures.get(each.how, 0) + 1
    shown = page_size(_SHOWN)
    homes = {each.household_id for each in seen if each.household_id and not each.again}
    department = next((named(each) for each in catalogue.departments() if each["id"] == row.department), "")
    return render_template(
        "desk/signal_list.html", row=row, rows=seen[:shown], more=max(0, len(seen) - shown), figures=figures,
        homes=len(homes), department=department, words=words,
    )  # fmt: skip


@bp.post("/signals/import/<uuid:list_id>/undo")
def signal_list_undo(list_id: UUID) -> ResponseReturnValue:
    """Take back what the list made and nobody sorted yet."""
    with flashed():
        gone, left = lists.undo(list_id)
        flash(_("已撤销 %(n)s 条；%(left)s 条已经分派，保留。", n=gone, left=left), "success")
    return redirect(url_for("desk.signal_list", list_id=list_id), 303)


def _list(list_id: UUID) -> Any:
    row = lists.one(list_id)
    if row is None:
        abort(404)
    return row
