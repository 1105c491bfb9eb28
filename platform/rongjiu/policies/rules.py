"""Which level owns a line, and who may speak for it. Pure."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rongjiu.codes import N_
from rongjiu.workdays import add_months

LEVELS = ("nation", "province", "city", "district", "street")
"""From the highest down; any may be empty."""
PLACES = ("district", "street")
WORDS = {
    "nation": N_("国家"), "province": N_("省"), "city": N_("市"), "district": N_("区"), "street": N_("街道"),
    "community": N_("社区"),
}  # fmt: skip
SPEAKS = {"district": ("nation", "province", "city", "district"), "street": ("street",)}
"""Kind of office → the levels whose documents it passes down: the district stands for all above it."""


def rank(level: str) -> int:
    """0 = the highest."""
    return LEVELS.index(level)


def number(text: str) -> str:
    """A document number as it is compared: half-width, without spaces, one kind of brackets."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    for sign in "〔[【（":
        plain = plain.replace(sign, "(")
    for sign in "〕]】）":
        plain = plain.replace(sign, ")")
    return plain


def url_fault(url: str) -> str | None:
    """What is wrong with the address of an official page, in words, or None; empty is no address."""
    plain = url.strip()
    if not plain:
        return None
    head, _mark, rest = plain.partition("://")
    host = rest.partition("/")[0]
    if head.lower() not in ("http", "https") or "." not in host or "@" in host or any(c.isspace() for c in plain):
        return N_("请填以 http:// 或 https:// 开头的完整网址。")
    return None


@dataclass(frozen=True, slots=True)
class Terms:
    """Within how many days of the answer, and where, one may object; by which document."""

    to: str
    days: int
    source: str


LAW = Terms(
    N_("作出答复部门的本级人民政府（行政复议机构）"), 60,
    N_("《中华人民共和国行政复议法》（2023 年修订）第二十条：自知道或者应当知道该行政行为之日起六十日内"),
)  # fmt: skip
"""Administrative review. Source: Administrative Reconsideration Law (行政复议法), revised 2023-09-01, in force 2024-01-01,
article 20: within 60 days of knowing of the act, unless a law gives longer; within a year at most where the way to
appeal was not told. Whoever applies to whom is article 24: the people's government of the same level."""
COURT = N_("《中华人民共和国行政诉讼法》（2017 年修正）第四十六条：自知道或者应当知道作出行政行为之日起六个月内")
COURT_MONTHS = 6
"""Straight to a people's court. Source: Administrative Litigation Law (行政诉讼法), as amended 2017-06-27, article 46: within
six months of knowing of the act; after a review within 15 days of its decision (article 45)."""
ORGANS = frozenset({"mzj", "rsj", "ybj", "wjj", "jyj", "zjj", "yjj", "tyj", "sfj"})
"""Departments of government, for whom the law speaks; unions, federations and the Red Cross have terms of their own,
which the street or community writes down."""


def terms_of(department: str, rows: Sequence[Mapping[str, Any]]) -> Terms | None:
    """The terms of the first row that has any, else the law's for a department of government, else None: not known."""
    for row in rows:
        if row["appeal_days"]:
            return Terms(row["appeal_to"], row["appeal_days"], row["appeal_source"])
    return LAW if department in ORGANS else None


def court_until(department: str, answered: date) -> date | None:
    """Until when one may go straight to court over an answer of a department of government, counted from the day of
    the answer (the family may have learned of it later); None for a union, a federation or the Red Cross."""
    return add_months(answered, COURT_MONTHS) if department in ORGANS else None


def first(name: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The first word that any row has for a field."""
    return next((str(row[name]) for row in rows if row[name]), "")
