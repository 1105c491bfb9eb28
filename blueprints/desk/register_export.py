"""/desk/contacts/export and /desk/courtyards/export: the lists as Excel files, masked like the screen."""

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import exporting
from blueprints.desk.door import bp
from blueprints.pages import day, show
from blueprints.security import EXPORTING, by_account, limiter
from tenants.residents import contacts, places


@bp.post("/contacts/export")
@limiter.limit(EXPORTING, key_func=by_account)
def contacts_export() -> ResponseReturnValue:
    """Elderly without younger people at home, covered or not, tested or due."""
    if not exporting.purpose():
        return exporting.unasked(url_for("desk.contact_list"))
    head = [_("老人"), _("院落"), _("联系人"), _("上次测试"), _("打通了吗"), _("下次测试")]
    rows = [
        [show("name", each.name), each.courtyard, _("有联系人") if each.covered else _("没有联系人"),
         day(each.tested_on) if each.tested_on else _("没测过"),
         "" if each.works is None else _("打通了") if each.works else _("没打通"),
         day(each.due_on) if each.covered else ""]
        for each in contacts.elders()[: exporting.MOST]
    ]  # fmt: skip
    return exporting.file("contacts", _("紧急联系人"), head, rows)


@bp.post("/courtyards/export")
@limiter.limit(EXPORTING, key_func=by_account)
def courtyards_export() -> ResponseReturnValue:
    """Courtyards with what the register counts beside what is stated."""
    if not exporting.purpose():
        return exporting.unasked(url_for("desk.courtyards"))
    counted, nobody = places.counted(), places.Counted()
    head = [_("院落"), _("老旧小区"), _("登记户数"), _("公布户数"), _("登记人数"), _("公布人数"), _("公布来源")]
    rows = []
    for yard in places.courtyards():
        own = counted.get(yard.id, nobody)
        old = _("是") if yard.old_estate else ""
        rows.append([yard.name, old, own.households, yard.households, own.people, yard.residents, yard.source])
    return exporting.file("courtyards", _("全部院落"), head, rows)
