"""Numbers that China's registers give: identity numbers, credit codes, telephone numbers, division codes."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LANDLINE = re.compile(r"(010|02\d|0[3-9]\d{2})([2-9]\d{6,7})", re.ASCII)
_HOTLINE = re.compile(r"1\d{4}|9\d{4,5}|[48]00\d{7}", re.ASCII)


class CodeError(ValueError):
    """A number cannot be right; the message (Simplified Chinese, a msgid) says what to look at."""


def N_(text: str) -> str:
    """Mark words for the catalogue; the door translates them, this module knows no language."""
    return text


def plain(text: str) -> str:
    """The text with full-width characters made narrow, upper case, without blanks, dots and hyphens of any kind."""
    return re.sub(r"[\s\-‐-―−·.()()]", "", unicodedata.normalize("NFKC", text)).upper()


@dataclass(frozen=True)
class IdNumber:
    """A checked identity number (GB 11643-1999) and what it says."""

    number: str
    born: date
    sex: Literal["male", "female"]
    division: str  # six digits: where it was first issued


def id_number(text: str, *, today: date) -> IdNumber:
    """Read an 18-character identity number; CodeError says which part is wrong. Rule: GB 11643-1999."""
    number = plain(text)
    if len(number) != 18:
        raise CodeError(N_("身份证号应为 18 位,请数一数"))
    if not re.fullmatch(r"\d{17}[\dX]", number, re.ASCII):
        raise CodeError(N_("身份证号前 17 位是数字,最后一位是数字或 X"))
    if not (11 <= int(number[:2]) <= 83 or number[0] == "9"):  # 9: permanent residence card of a foreigner, 2023
        raise CodeError(N_("身份证号前 6 位(地区)对不上,请再看一眼"))
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise CodeError(N_("身份证号第 7 到 14 位不是一个日期,请再看一眼")) from error
    if born > today or born.year < 1900:
        raise CodeError(N_("身份证号里的出生日期不可能,请再看一眼"))
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True))
    if _ID_CHECKS[total % 11] != number[17]:
        raise CodeError(N_("身份证号最后一位对不上,请照证件再看一眼"))
    return IdNumber(number, born, "male" if int(number[16]) % 2 else "female", number[:6])


def age_on(born: date, day: date) -> int:
    """Full years of age on that day; who is born on 29 February has the birthday on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def credit_code(text: str) -> str:
    """The 18 characters of a unified social credit code, checked; CodeError says what is wrong. Rule: GB 32100-2015."""
    code = plain(text)
    if len(code) != 18:
        raise CodeError(N_("统一社会信用代码应为 18 位,请数一数"))
    if any(letter not in _CREDIT_LETTERS for letter in code):
        raise CodeError(N_("统一社会信用代码只有数字和大写字母,没有 I、O、S、V、Z,请照执照再看一眼"))
    if not re.fullmatch(r"\d{6}", code[2:8], re.ASCII):
        raise CodeError(N_("统一社会信用代码第 3 到 8 位是数字,请照执照再看一眼"))
    if credit_check(code[:17]) != code[17]:
        raise CodeError(N_("第 18 位对不上,请照执照再看一眼"))
    return code


def credit_check(first17: str) -> str:
    """The check character that GB 32100-2015 gives to the first 17 characters of a credit code."""
    total = sum(_CREDIT_LETTERS.index(letter) * weight for letter, weight in zip(first17, _CREDIT_WEIGHTS, strict=True))
    return _CREDIT_LETTERS[(31 - total % 31) % 31]


def mobile(text: str) -> str:
    """A mainland mobile number as 11 digits, whatever was typed around it; CodeError when it is none."""
    number = re.sub(r"^(\+86|0086|86(?=1\d{10}$))", "", plain(text))
    if not number.isascii() or not number.isdigit():
        raise CodeError(N_("手机号只写数字"))
    if len(number) != 11:
        raise CodeError(N_("手机号应为 11 位,请数一数"))
    if not _MOBILE.fullmatch(number):
        raise CodeError(N_("手机号以 13 到 19 开头,请再看一眼"))
    return number


def phone(text: str) -> str:
    """A mainland number to call: 13812345678, 029-85251234, 12345, 4008001234; CodeError when it is none of these."""
    number = re.sub(r"^(\+86|0086)", "", plain(text))
    if landline := _LANDLINE.fullmatch(number):
        return f"{landline[1]}-{landline[2]}"
    if _HOTLINE.fullmatch(number):
        return number
    if number.startswith("0"):
        raise CodeError(N_("座机请写区号和 7 到 8 位号码,例如 029-85251234"))
    return mobile(text)


@dataclass(frozen=True)
class Division:
    """A statistical division code: an attribute of a place, never its key."""

    code: str
    level: Literal["province", "city", "county", "street", "community"]

    @property
    def county(self) -> str:
        """The six digits of the district or county."""
        return self.code[:6]

    @property
    def street(self) -> str:
        """The nine digits of the street office or town."""
        return self.code[:9]


def division(text: str) -> Division:
    """Read a division code of 2, 4, 6, 9 or 12 digits; trailing zero parts raise the level; CodeError otherwise."""
    code = plain(text)
    if not code.isascii() or not code.isdigit() or len(code) not in (2, 4, 6, 9, 12):
        raise CodeError(N_("社区代码是 12 位数字,街道是前 9 位,区县是前 6 位"))
    if not 11 <= int(code[:2]) <= 83:
        raise CodeError(N_("社区代码前 2 位(省份)对不上,请再看一眼"))
    full = code.ljust(12, "0")
    level: Literal["province", "city", "county", "street", "community"] = "community"
    if full[9:] == "000":
        level = "street"
        if full[6:9] == "000":
            level = "county"
            if full[4:6] == "00":
                level = "province" if full[2:4] == "00" else "city"
    return Division(full, level)
