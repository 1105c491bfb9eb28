"""What is still missing before the street is asked, and how a community is called: pure decisions."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rongjiu import pinyin, workdays
from rongjiu.library.packfiles import read_pack

SLOTS = ("phone", "desk_hours", "address")
"""Local slots that must be filled before submitting."""
STAFF_ROLES = (
    "secretary", "assistance_clerk", "community_worker", "grid_worker", "live_desk", "volunteer_lead",
)  # fmt: skip
"""Roles that a secretary may invite for."""
RATIOS = frozenset({"0-1", "share"})
_SLUG = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")
RESERVED = frozenset({"join", "try", "demo", "test", "admin", "static", "api", "street", "operator", "provider"})


@dataclass(frozen=True, slots=True)
class Readiness:
    """How far a founding is; `open` is what blocks the submission, in the order of the page."""

    cloned: bool
    confirmed: int
    to_confirm: int
    missing_slots: tuple[str, ...]

    @property
    def open(self) -> tuple[str, ...]:
        """clone | parameters | slots: the blocks that are not done."""
        states = {
            "clone": self.cloned,
            "parameters": self.cloned and self.confirmed >= self.to_confirm,
            "slots": not self.missing_slots,
        }
        return tuple(name for name, done in states.items() if not done)


def readiness(cloned: bool, confirmed: int, to_confirm: int, slots: dict[str, Any]) -> Readiness:
    """Weigh what stands against what must stand before the street is asked."""
    return Readiness(cloned, confirmed, to_confirm, tuple(name for name in SLOTS if not slots.get(name)))


def stem(name: str) -> str:
    """端履门社区 → 端履门."""
    return re.sub(r"(社区|村)$", "", name) or name


def slug_for(name: str) -> str:
    """A web address for a community: 端履门社区 → duanlumen, with u for ü as passports write it."""
    spelled = pinyin.spellings(stem(name))
    found = re.sub(r"[^a-z0-9-]", "", (spelled[1] if len(spelled) > 2 else spelled[0]))[:32]
    return found if _SLUG.fullmatch(found) else f"shequ-{found}".rstrip("-")


def slug_fits(slug: str) -> bool:
    """Lower-case letters, digits and hyphens, 3 to 40, beginning with a letter, not a word of the house."""
    return bool(_SLUG.fullmatch(slug)) and slug not in RESERVED


def mark_for(name: str) -> str:
    """Two letters before human numbers: 端履门社区 → DL."""
    letters = re.sub(r"[^a-z]", "", pinyin.initials(stem(name)))
    return (letters[:2] or "sq").upper().ljust(2, "Q")


def title_for(name: str) -> str:
    """The name of the service: 端履门“融救联助”."""
    return f"{stem(name)}“融救联助”"


def approval_due(submitted: datetime) -> datetime:
    """By when the street answers a founding (timer founding-approval: 3 working days)."""
    wait = workdays.timer(read_pack()["timers"]["timers"], "founding-approval")
    if wait is None:
        raise ValueError("founding-approval")
    return wait.due(submitted)


def days_left(start: datetime, end: datetime) -> int:
    """Whole working days from one moment to a due time by the common calendar; negative when it has passed."""
    return workdays.working_days_left(start, end)
