"""The pipeline of a prospect as a table, reasons to decline, what is an appeal for cash. Pure."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

MOVES: dict[str, tuple[str, ...]] = {
    "prospect": ("visited", "declined"),
    "visited": ("interested", "explained", "declined"),
    "interested": ("explained", "declined"),
    "explained": ("agreed", "declined"),
    "agreed": ("active", "declined"),
    "active": ("declined",),
    "declined": ("visited",),
}
"""State → states that may follow. Nobody agrees before it was explained to them what they agree to."""
KINDS = ("shop", "unit", "person")
REASONS = ("no_time", "no_staff", "no_profit", "not_ours", "owner_away", "bad_experience", "moved", "other")
OVER = frozenset({"moved"})
"""Reasons after which nobody asks again."""
TIES = ("owner", "family", "friend", "customer", "neighbour", "colleague")
TALKS = ("visit", "call")
GIVEN = ("discount", "goods", "service", "hours")
LONGEST = 500
HEADS = {
    "名称": "name", "店名": "name", "单位名称": "name", "商户名称": "name", "姓名": "name", "类型": "kind", "类别": "kind",
    "行业": "trade", "统一社会信用代码": "uscc", "信用代码": "uscc", "地址": "address", "门牌": "address", "联系人": "contact",
    "负责人": "contact", "电话": "phone", "联系电话": "phone", "能帮什么": "service", "备注": "note",
}  # fmt: skip
"""Headings of a table of shops, as they are written in the wild."""
KIND_WORDS = {
    "商户": "shop", "店铺": "shop", "沿街商户": "shop", "单位": "unit", "驻地单位": "unit", "驻区单位": "unit", "个人": "person",
    "爱心人士": "person",
}  # fmt: skip


def may_move(before: str, after: str) -> bool:
    """May a prospect go from one state to the other?"""
    return after in MOVES.get(before, ())


def onward(state: str) -> tuple[str, ...]:
    """Where a prospect may go from a state, in the order of the table."""
    return MOVES.get(state, ())


def columns(head: Sequence[str]) -> dict[str, int]:
    """Which column holds what: field → position, by the headings of the first line; unknown ones are left out."""
    found: dict[str, int] = {}
    for at, word in enumerate(head):
        name = HEADS.get(re.sub(r"[\s*(（].*$", "", unicodedata.normalize("NFKC", word).strip()))
        if name and name not in found:
            found[name] = at
    return found


@dataclass(frozen=True, slots=True)
class Gap:
    """A kind of need in one courtyard in one month: how many wait, how many places there are here and next door."""

    item: str
    courtyard: str
    waiting: int
    here: int
    next_door: int

    @property
    def missing(self) -> int:
        """Places that nobody has, not even next door."""
        return max(0, self.waiting - self.here - self.next_door)

    @property
    def verdict(self) -> str:
        """met | next_door (a neighbour's provider could be admitted) | gap."""
        if self.waiting <= self.here:
            return "met"
        return "next_door" if self.waiting <= self.here + self.next_door else "gap"


def single_points(helpers: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Kinds of service that rest on one provider alone: type → that provider, by name of the type."""
    return {kind: next(iter(names)) for kind, names in sorted(helpers.items()) if len(set(names)) == 1}
