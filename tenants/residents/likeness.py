"""When two persons, or two doors, of the register may be one and the same, and why. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongjiu import masks
from rongjiu.codes import N_
from tenants.residents import rules

CERTAIN, STRONG, MEDIUM = 3, 2, 1
WORDS = {
    "id_number": N_("身份证号相同"), "name_birth": N_("姓名和出生日期相同"), "name_age": N_("姓名相同，年龄相近"),
    "pinyin_age": N_("姓名同音，年龄相近"), "phone": N_("电话相同"), "door_surname": N_("同一个门牌，同姓"),
    "door": N_("同一个门牌，写法不同"),
}  # fmt: skip
"""What speaks for it, in words."""
STRENGTH = {
    "id_number": CERTAIN, "name_birth": STRONG, "name_age": MEDIUM, "pinyin_age": MEDIUM, "phone": MEDIUM,
    "door_surname": MEDIUM, "door": STRONG,
}  # fmt: skip
NEAR = 1
"""Years by which two ages told may differ."""
SENSITIVE_FACTS = ("name", "birth_date", "id_number", "condition", "status")
"""Facts whose change needs a second person: who somebody is (name, birth, number) opens or closes entitlements and
files; the condition is health data (PIPL art. 28); a death stops help. Of `status` only to or from 'died'."""
_DOOR_WORDS = re.compile(r"(号楼|幢|栋|座|楼|单元|门洞|门|室|房|户|号|层|\s|[-—_/·.、,，#])+")
_LEADING = re.compile(r"(?<![0-9])0+(?=[0-9])")
_NUMERALS = str.maketrans("〇零一二三四五六七八九", "00123456789")


@dataclass(frozen=True, slots=True)
class Features:
    """What is compared of a person; the keyed hashes stand for the numbers."""

    id: UUID | None
    household_id: UUID | None
    name: str
    pinyin: str = ""
    gender: str = ""
    birth_date: date | None = None
    age: int | None = None
    phone_index: bytes | None = None
    id_index: bytes | None = None
    door: tuple[UUID, str] | None = None
    """Courtyard and door as `door_key` reads it."""


def door_key(building: str, unit: str, room: str) -> str:
    """A door without its ways of writing: 3号楼 / 二单元 / 0501室 and 3-2-501 read 3|2|501; '' without a room."""
    parts = [_door_part(part) for part in (building, unit, room)]
    return "|".join(parts) if parts[2] else ""


def _door_part(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).translate(_NUMERALS).upper()
    return _LEADING.sub("", _DOOR_WORDS.sub("", plain))


def alike(one: Features, other: Features) -> tuple[str, ...]:
    """What speaks for two entries being one person (codes of WORDS, the strongest first); nothing when something
    speaks against it, or when they live in one household and nothing is certain."""
    if one.id is not None and one.id == other.id:
        return ()
    if one.id_index and one.id_index == other.id_index:
        return ("id_number",)
    if one.household_id is not None and one.household_id == other.household_id:
        return ()
    if one.id_index and other.id_index:
        return ()
    if one.gender and other.gender and one.gender != other.gender:
        return ()
    if one.birth_date and other.birth_date and one.birth_date != other.birth_date:
        return ()
    near = _near(one.age, other.age)
    if near is False:
        return ()
    found = [
        _by_name(one, other, near is True),
        "phone" if one.phone_index and one.phone_index == other.phone_index else "",
        "door_surname"
        if one.door and one.door == other.door and masks.surname(one.name) == masks.surname(other.name)
        else "",
    ]
    return tuple(sorted(filter(None, found), key=lambda code: -STRENGTH[code]))


def strength(reasons: tuple[str, ...]) -> int:
    """How much they weigh together: two medium signs are a strong one."""
    if not reasons:
        return 0
    best = max(STRENGTH[code] for code in reasons)
    return STRONG if best == MEDIUM and len(reasons) > 1 else best


def sensitive(name: str, before: object, after: object) -> bool:
    """Does this change of a field need a second person? A first entry is no change."""
    if name not in SENSITIVE_FACTS or before in (None, "", []) or before == after:
        return False
    return name != "status" or "died" in (before, after)


def age_of(born: date | None, said: int | None, said_on: date | None, day: date) -> int | None:
    """Age on a day, as the register tells it."""
    return rules.age(born, said, said_on, day)


def _near(one: int | None, other: int | None) -> bool | None:
    """True within NEAR years, False beyond, None when an age is not known."""
    return None if one is None or other is None else abs(one - other) <= NEAR


def _by_name(one: Features, other: Features, near: bool) -> str:
    if one.name == other.name:
        if one.birth_date and one.birth_date == other.birth_date:
            return "name_birth"
        return "name_age" if near else ""
    return "pinyin_age" if near and one.pinyin and one.pinyin == other.pinyin else ""
