"""The register as Excel: households as the page lists them, and the 台账 of all people for the secretary's duty."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import exporting
from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import uuid_of
from blueprints.pages import named, show
from blueprints.security import EXPORTING, by_account, limiter
from rongjiu.clock import today
from tenants.catalogue import queries as catalogue
from tenants.residents import queries, rules


@bp.post("/register/export")
@limiter.limit(EXPORTING, key_func=by_account)
def register_export() -> ResponseReturnValue:
    """Everybody of the register, of one courtyard if the address names one; no sealed field is opened."""
    if not exporting.purpose():
        return exporting.unasked(_back())
    people = queries.register_rows(uuid_of(request.args.get("courtyard")))
    groups = {row["id"]: named(row) for row in catalogue.groups()}
    head = [
        _("院落"),
        _("楼栋"),
        _("单元"),
        _("门牌号"),
        _("姓名"),
        _("与户主关系"),
        _("性别"),
        _("年龄"),
        _("特殊人群"),
    ]
    return exporting.file("register", _("居民台账"), head, [_line(row, groups) for row in people])


def _line(row: Any, groups: dict[str, str]) -> list[object]:
    door = [show("address", part) for part in (row.building, row.unit, row.room)]
    age = rules.age(row.birth_date, row.age_said, row.age_on, today())
    return [row.courtyard, *door, show("name", row.name), words.relation(row.relation), words.word(rules.GENDERS, row.gender),
            "" if age is None else age, "、".join(groups.get(slug, slug) for slug in row.groups)]  # fmt: skip


def _back() -> str:
    return url_for("desk.households", courtyard=request.args.get("courtyard") or None)
