"""The form over the lines and amounts that a community confirms: made from its rows, one answer each."""

from collections.abc import Sequence
from typing import Any

from wtforms import DateField, SelectField, StringField
from wtforms.validators import Optional

from blueprints.forms import Form, lazy, options
from rongjiu.errors import Refused
from tenants.founding.parameters import Answer, answer
from tenants.founding.queries import ParameterRow

KINDS = [("", lazy("还没确认")), ("value", lazy("有，标准是")), ("not_set", lazy("本地未定"))]


def parameter_form(rows: Sequence[ParameterRow], base: type[Form] = Form) -> Any:
    """A form with three inputs for each parameter, filled with what was said so far: `p-` what, `v-` value, `d-` from."""
    words: dict[str, Any] = {}
    for row in rows:
        value = row.value if row.confirmed_as else row.reference
        words[f"p-{row.slug}"] = SelectField(row.name_zh, choices=options(KINDS), default=row.confirmed_as)
        words[f"v-{row.slug}"] = StringField(lazy("数值"), default="" if value is None else f"{value:f}")
        since = row.since or (row.reference_from if not row.confirmed_as else None)
        words[f"d-{row.slug}"] = DateField(lazy("从哪天起"), [Optional()], default=since)
    return type("ParameterForm", (base,), words)()


def answers(form: Any, rows: Sequence[ParameterRow], rest: str = "") -> dict[str, Answer]:
    """What the form says, checked one by one; all faults stand at their fields, then the first is raised.

    `rest`: 'reference' takes every reference value not answered yet, 'not_set' says 本地未定 for all that remain.
    """
    found: dict[str, Answer] = {}
    faults: list[Refused] = []
    for row in rows:
        kind = form[f"p-{row.slug}"].data or ""
        if not kind and rest == "reference" and row.reference is not None:
            kind = "value"
        elif not kind and rest == "not_set" and row.reference is None:
            kind = "not_set"
        since = form[f"d-{row.slug}"].data
        item = {
            "id": row.slug, "unit": row.unit, "value": row.reference,
            "effective_from": row.reference_from.isoformat() if row.reference_from else None,
        }  # fmt: skip
        try:
            value = form[f"v-{row.slug}"].data or ""
            found[row.slug] = answer(item, kind, value, since.isoformat() if since else "")
        except Refused as refused:
            faults.append(refused)
    for fault in faults[1:]:
        form.refuse(fault)
    if faults:
        raise faults[0]
    return found
