"""The workbook that a community without a register of its own fills in."""

from collections.abc import Sequence
from io import BytesIO

from flask_babel import gettext as _

from rongjiu.codes import N_
from tenants.imports.rules import TARGETS
from tenants.residents.rules import GENDERS, RELATIONS

FILLED = 5000
"""Rows that carry the lists."""
_LEFT_OUT = ("address", "age")


def workbook(yards: Sequence[str], groups: Sequence[str]) -> bytes:
    """Sheet 1 to fill in, sheet 2 why each column is kept, sheet 3 the words of the lists. Headers are Chinese in every
    language: they are what the import recognises."""
    from xlsxwriter import Workbook  # loaded only where a file is made

    file = BytesIO()
    columns = [target for target in TARGETS if target.code not in _LEFT_OUT]
    with Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "bg_color": "#E3F0F1", "border": 1})
        text, wrap = book.add_format({"num_format": "@"}), book.add_format({"text_wrap": True, "valign": "top"})
        sheet, notes, lists = (book.add_worksheet(name) for name in ("名册", "说明", "选项"))
        sheet.freeze_panes(1, 0)
        words = {
            "courtyard": yards,
            "relation": list(RELATIONS.values()),
            "gender": list(GENDERS.values()),
            "groups": groups,
        }
        notes.set_column(0, 0, 16)
        notes.set_column(1, 1, 60, wrap)
        notes.write_row(0, 0, (_("列"), _("为什么要留、怎么填")), head)
        for n, target in enumerate(columns):
            sheet.set_column(n, n, 22 if target.code == "id_number" else 13, text)
            sheet.write_string(0, n, target.name, head)
            notes.write_string(n + 1, 0, target.name)
            how = _HOW.get(target.code)
            notes.write_string(n + 1, 1, f"{_(target.purpose)}\n{_(how)}" if how else _(target.purpose))
            listed = words.get(target.code)
            if listed:
                lists.write_column(0, n, listed)
                letter = chr(65 + n)
                source = f"=选项!${letter}$1:${letter}${len(listed)}"
                rule = {"validate": "list", "source": source, "error_type": "warning"}
                sheet.data_validation(1, n, FILLED, n, rule)
    return file.getvalue()


_HOW = {
    "courtyard": N_("从列表里选，每行都填。"),
    "building": N_("只写号，例如 3。"),
    "unit": N_("只写号；没有单元就空着。"),
    "room": N_("例如 501；空房在姓名里写“空置”。"),
    "birth_date": N_("写成 1940-01-01；有身份证号可以不填。"),
    "id_number": N_("18 位，本列已设为文本；不知道就空着。"),
    "phone": N_("手机，或带区号的座机。"),
    "groups": N_("从列表里选；有几类就用顿号隔开。"),
    "condition": N_("残疾类别和等级、长期病，一句话。"),
}
