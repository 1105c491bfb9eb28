"""Facts, lines and amounts in the reader's words and units."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from babel.dates import format_date
from flask_babel import lazy_gettext as lazy

from blueprints.pages import language
from blueprints.pages import spoken as _
from rongjiu.codes import N_
from rongjiu.library.packfiles import read_pack
from tenants.policydesk.vocabulary import OPTIONS

ENUMS = {fact: {code: lazy(word) for code, word in values.items()} for fact, values in OPTIONS.items()}
INCOME_KINDS = {
    "pension": lazy("养老金、退休金"), "wages": lazy("工资"), "business": lazy("做生意、打零工"),
    "transfer": lazy("低保、补贴等"), "support": lazy("不同住的亲属给的"), "property": lazy("房租、利息"),
    "other": lazy("其他"),
}  # fmt: skip
EXPENSE_KINDS = {
    "medical": lazy("看病、吃药"), "school": lazy("上学"), "care": lazy("照护、康复"), "housing": lazy("租房、房贷"),
    "other": lazy("其他必须花的"),
}  # fmt: skip
SPANS = {1: lazy("每月"), 3: lazy("三个月合计"), 6: lazy("半年合计"), 12: lazy("一年合计")}
"""Over how many months an amount was told."""
HELP_CLASSES = {
    "basic_living": lazy("基本生活救助"), "special": lazy("专项救助"), "emergency": lazy("急难社会救助"),
    "welfare": lazy("社会福利"),
}  # fmt: skip
SCOPES = {"household": lazy("按家庭"), "person": lazy("按个人")}
_MEASURES = {
    "CNY/person/month": N_("每人 %(n)s 元/月"), "CNY/household": N_("每户 %(n)s 元"),
    "CNY/case": N_("每次 %(n)s 元"), "CNY/m2/month": N_("每平方米 %(n)s 元/月"),
    "CNY/person/year": N_("每人 %(n)s 元/年"), "CNY/month": N_("%(n)s 元/月"), "CNY/year": N_("%(n)s 元/年"),
    "CNY/student/year": N_("每名学生 %(n)s 元/年"), "CNY/child/year": N_("每名儿童 %(n)s 元/年"),
    "CNY/person once": N_("每人一次 %(n)s 元"), "CNY": N_("%(n)s 元"), "x dibao line": N_("低保标准的 %(n)s 倍"),
    "years": N_("%(n)s 岁"), "months": N_("%(n)s 个月"), "m2/person": N_("每人 %(n)s 平方米"),
    "m2": N_("%(n)s 平方米"),
}  # fmt: skip
_LEVELS = frozenset({"person.disability_grade"})


@cache
def vocabulary() -> dict[str, Mapping[str, Any]]:
    """The facts that conditions may ask for, by id."""
    return {row["id"]: row for row in read_pack()["eligibility_fields"]["fields"]}


@cache
def _cures() -> dict[str, Mapping[str, Any]]:
    return {row["field"]: row for row in read_pack()["eligibility_fields"]["cures"]}


def paper_name(field: str) -> str:
    """What is lacking when a fact can be made true: the paper or recognition, else the fact itself."""
    return name_of(_cures().get(field)) or field_name(field)


def cure_id(field: str) -> str:
    """The id of the way that makes a fact true; a community's own criterion is its own way."""
    return str(_cures().get(field, {}).get("id", field))


def english() -> bool:
    """Does the reader read English now?"""
    return language() == "en"


def listed(words: Iterable[str], *, parts: bool = False) -> str:
    """Words in a row, as the reader's language joins them; `parts` of a sentence by a semicolon."""
    between = ("; " if english() else "；") if parts else (", " if english() else "、")
    return between.join(words)


def name_of(row: Mapping[str, Any] | None, fallback: str = "") -> str:
    """The name of a model item in the reader's language."""
    if row is None:
        return fallback
    return str((row.get("name_en") if english() else "") or row.get("name_zh") or fallback)


def field_name(field: str) -> str:
    """What a fact is called."""
    return name_of(vocabulary().get(field), field)


def day_words(day: date) -> str:
    """2022年8月10日 / 10 Aug 2022."""
    return format_date(day, "d MMM y" if english() else "y年M月d日", locale="en" if english() else "zh_Hans_CN")


def month_words(day: date) -> str:
    """2022年8月 / Aug 2022."""
    return format_date(day, "MMM y" if english() else "y年M月", locale="en" if english() else "zh_Hans_CN")


def plain(value: Decimal) -> str:
    """1,150 or 1,150.50."""
    text = f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP):,.2f}"
    return text.rstrip("0").rstrip(".")


def is_share(unit: str | None) -> bool:
    """Is this a part of a whole, shown in percent?"""
    return bool(unit) and (str(unit).startswith(("share", "0-1")))


def quantity(value: Decimal, unit: str | None) -> str:
    """A number with its unit: 1,150 元, 84 岁, 62 %."""
    if is_share(unit):
        return f"{plain(value * 100)} %"
    if unit == "percent over the line":
        return f"{plain(value)} %"
    words = _MEASURES.get(unit or "")
    return _(words, n=plain(value)) if words else plain(value)


def value_words(field: str, value: Any) -> str:
    """A fact as the reader would say it; 不清楚 when nobody has said it."""
    if value is None:
        return str(_("不清楚"))
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    if isinstance(value, Decimal):
        if field in _LEVELS:
            return str(_("无") if value == 0 else _("%(n)s 级", n=plain(value)))
        return quantity(value, vocabulary()[field].get("unit"))
    return str(ENUMS.get(field, {}).get(str(value), value))
