"""The monthly sheet of a caring merchant (爱心商家): its figures are sealed, so that anybody can check a printed one."""

from dataclasses import dataclass
from datetime import date

from rongjiu.crypto import PLATFORM, sign, verify

_PURPOSE = "provider-sheet"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a sheet says of one provider in one month: visits done, of them confirmed by families, communities."""

    slug: str
    month: date
    done: int
    confirmed: int
    communities: int

    def message(self) -> bytes:
        """What is sealed."""
        return f"{self.slug}|{self.month:%Y-%m}|{self.done}|{self.confirmed}|{self.communities}".encode()


def seal(sheet: Sheet) -> str:
    """The seal of a sheet, 32 signs."""
    return sign(sheet.message(), PLATFORM, _PURPOSE)[:16].hex()


def genuine(sheet: Sheet, seal_: str) -> bool:
    """Was this sheet made here, with these very figures?"""
    try:
        given = bytes.fromhex(seal_)
    except ValueError:
        return False
    whole = sign(sheet.message(), PLATFORM, _PURPOSE)
    return len(given) == 16 and verify(given + whole[16:], sheet.message(), PLATFORM, _PURPOSE)
