"""Single cells of an old register as the register keeps them: numbers as Excel mangles them, dates in every form. Pure."""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from rongjiu import codes
from rongjiu.codes import N_
from tenants.imports.rules import narrow
from tenants.residents.rules import OLDEST, relation_code

_EPOCH = date(1899, 12, 30)
_DATE = re.compile(
    r"(\d{4})(?:[-./年\s](\d{1,2})(?:[-./月\s](\d{1,2})日?)?)?[-./年月]?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?"
)
_ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{2}")
_DOOR = re.compile(r"(?:号楼|楼栋|幢|栋|座|楼|单元|室|号)$")
_WHOLE = re.compile(
    r"(?:(.*?)(?:号楼|楼|幢|栋|座)[-—\s]*)?(?:([^\s楼幢栋座]{1,6}?)单元[-—\s]*)?(?:\d{1,2}层)?([0-9A-Za-z甲乙丙丁东西南北中上下-]{1,8})[室号户]?"
)
_SHORT = re.compile(r"(\d{1,4}[A-Za-z甲乙丙丁]?)[-—#/](?:(\d{1,2})[-—#/])?(\d{1,5}[A-Za-z甲乙丙丁]?)")
_MORE_RELATIONS = {
    "户主本人": "02", "夫": "10", "妻": "10", "爱人": "10", "配": "10", "丈夫": "10", "老公": "10", "老婆": "10",
    "子": "20", "长子": "20", "次子": "20", "三子": "20", "独生子": "20", "儿": "20", "女": "30", "长女": "30", "次女": "30",
    "三女": "30", "独生女": "30", "婿": "28", "媳": "38", "媳妇": "38", "儿媳妇": "38", "孙": "41", "外孙": "43", "父": "51",
    "爸爸": "51", "母": "52", "妈妈": "52", "祖父": "60", "祖母": "60", "外祖父": "60", "外祖母": "60", "爷爷": "60", "奶奶": "60",
    "兄": "70", "弟": "70", "姐": "70", "妹": "70", "哥哥": "70", "弟弟": "70", "姐姐": "70", "妹妹": "70", "兄弟": "70", "姐妹": "70",
    "亲属": "97", "其他": "97", "侄子": "97", "侄女": "97", "非亲属": "99", "保姆": "99", "租客": "99", "租户": "99",
}  # fmt: skip
LOST = N_("身份证号被 Excel 存成了数字，末几位已丢失。请把该列设为“文本”再填。")


class CellError(ValueError):
    """A cell cannot be right; the message is a msgid."""


def text(value: Any) -> str:
    """A cell as text: 3.0 is 3, a date is 1940-01-01, full-width signs are narrow, unseen ones are gone."""
    if value is None:
        return ""
    if isinstance(value, str):
        return narrow(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)


def id_number(value: Any, today: date) -> codes.IdNumber | None:
    """An identity number; None for nothing. A number of more than 15 digits has lost its end: Excel keeps 15."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) > 999_999_999_999_999:
        raise CellError(LOST)
    words = text(value).replace("'", "")
    if not words or words in ("无", "-", "/"):
        return None
    if _ROUNDED.fullmatch(words):
        raise CellError(LOST)
    try:
        return codes.id_number(words, today=today)
    except codes.CodeError as error:
        raise CellError(str(error)) from error


def phone(value: Any) -> str:
    """The first telephone number of a cell as the register keeps it; '' for nothing."""
    words = text(value)
    if not words or words in ("无", "-", "/"):
        return ""
    first = re.split(r"[/、,;\n]|\s{2,}|(?<=\d{11})\s", words)[0]
    try:
        return codes.phone(first)
    except codes.CodeError as error:
        raise CellError(str(error)) from error


def birth(value: Any, today: date) -> tuple[date | None, int | None]:
    """A birth date, or the age in full years where a cell tells the year or month only; (None, None) for nothing.

    Reads dates, Excel serials, 19400101, 1940-1-1, 1940.1.1, 1940/1/1, 1940年1月1日, 1940-1 and 1940.
    """
    if isinstance(value, datetime | date):
        return _sane(value.date() if isinstance(value, datetime) else value, today), None
    words = text(value)
    if not words or words in ("无", "-", "/"):
        return None, None
    if re.fullmatch(r"\d{8}", words):
        return _sane(_day(int(words[:4]), int(words[4:6]), int(words[6:])), today), None
    if re.fullmatch(r"(19|20)\d{4}", words):
        return None, _years(int(words[:4]), int(words[4:6]), today)
    if re.fullmatch(r"\d{4,5}(\.\d+)?", words) and not 1900 <= int(float(words)) <= today.year and "." not in words:
        return _sane(_EPOCH + timedelta(days=int(words)), today), None
    if isinstance(value, float) and not value.is_integer() and 1 < value < 80_000 and not _month(words):
        return _sane(_EPOCH + timedelta(days=int(value)), today), None
    found = _DATE.fullmatch(words)
    if found is None:
        raise CellError(N_("出生日期看不懂，请写成 1940-01-01 这样。"))
    year, month, day = (int(part) if part else 0 for part in found.groups())
    if day:
        return _sane(_day(year, month, day), today), None
    return None, _years(year, month or 7, today)


def _month(words: str) -> bool:
    """1940.1 and 1940.12 typed as numbers: a year and a month, not a serial."""
    return bool(re.fullmatch(r"(19|20)\d{2}\.(1[0-2]?|[2-9]|0[1-9])", words))


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise CellError(N_("出生日期看不懂，请写成 1940-01-01 这样。")) from error


def _sane(day: date, today: date) -> date:
    if day > today or today.year - day.year > OLDEST:
        raise CellError(N_("出生日期不可能，请再看一眼。"))
    return day


def _years(year: int, month: int, today: date) -> int:
    if not 1 <= month <= 12:
        raise CellError(N_("出生日期看不懂，请写成 1940-01-01 这样。"))
    return codes.age_on(_sane(date(year, month, 1), today), today)


def age(value: Any) -> int | None:
    """Full years as told, 0 to 120; None for nothing."""
    words = text(value).removesuffix("周岁").removesuffix("岁")
    if not words:
        return None
    if not words.isdecimal() or int(words) > OLDEST:
        raise CellError(N_("年龄请写 0 到 120 之间的整数。"))
    return int(words)


def gender(value: Any) -> str:
    """male | female | ''."""
    words = text(value).upper()
    found = {"男": "male", "女": "female", "男性": "male", "女性": "female", "M": "male", "F": "female", "1": "male", "2": "female",
             "": "", "未知": "", "不详": "", "-": ""}.get(words)  # fmt: skip
    if found is None:
        raise CellError(N_("性别请写 男 或 女。"))
    return found


@lru_cache(maxsize=512)
def relation(words: str) -> str | None:
    """The code of a relation to the head; None when the word is not known."""
    found = _MORE_RELATIONS.get(words)
    return found if found is not None else relation_code(words)


@lru_cache(maxsize=8192)
def door(words: str) -> str:
    """Building, unit or room as the register writes it: 3号楼 and 3栋 are 3, 501室 is 501."""
    return _DOOR.sub("", words.replace(" ", "")) or words


@lru_cache(maxsize=16384)
def address(words: str) -> tuple[str, str, str, str]:
    """What stands in front, building, unit and room of an address in one cell, such as 雁北新村3号楼2单元501 or 3-2-501.

    Raises CellError when no door can be found in it.
    """
    plain = words.replace(" ", "")
    if found := re.search(_SHORT.pattern + r"室?$", plain):
        return plain[: found.start()], found[1], found[2] or "", found[3]
    if (found := _WHOLE.fullmatch(plain)) and found[3]:
        before = found[1] or ""
        number = re.search(r"(?:[0-9]+[A-Za-z甲乙丙丁]?|[A-Za-z甲乙丙丁])$", before)
        if before and number:
            return before[: number.start()].rstrip("第"), number[0], found[2] or "", found[3]
        if before:
            return "", before, found[2] or "", found[3]
        unit = re.search(r"[0-9]+$|[一二三四五六七八九东西]$", found[2] or "")
        if found[2] and unit:
            return found[2][: unit.start()], "", unit[0], found[3]
        return "", "", "", found[3]
    raise CellError(N_("地址里找不到门牌号，请写成 3号楼2单元501室。"))
