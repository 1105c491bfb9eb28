"""The lines of a department's list: which column is which, and to whom of the register a line belongs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from rongjiu import codes, crypto
from rongjiu.clock import today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Refused
from tenants.residents.models import Courtyard, Household, Person

HEADINGS = {
    "name": ("姓名", "名字", "人员姓名", "老人姓名", "残疾人姓名"),
    "id_number": ("身份证号", "身份证号码", "身份证", "证件号码", "证件号", "公民身份号码"),
    "born": ("出生日期", "出生年月日", "生日"),
    "yard": ("院落", "小区", "小区名称", "住址小区"),
    "building": ("楼栋", "楼号", "楼", "幢", "栋"),
    "unit": ("单元", "单元号"),
    "room": ("房号", "门牌", "室", "房间号", "门牌号"),
    "note": ("备注", "情况", "说明", "监测原因", "风险类型"),
}
"""Words above a column, each as lists write them."""
_LOOK = 10
"""The headings stand within so many lines."""
Match = tuple[str, UUID | None]


@dataclass(frozen=True, slots=True)
class Line:
    """One person of a list; `wrong` says what cannot be right."""

    row: int
    name: str
    index: bytes | None
    born: date | None
    door: tuple[str, str, str, str] | None
    note: str
    wrong: str = ""


def lines(rows: Sequence[Sequence[str]]) -> list[Line]:
    """The people of a table whose headings stand in one of its first lines; row numbers as the file counts.

    Raises Refused naming `file` when no column with names, or none to tell people of one name apart, is found.
    """
    for at, row in enumerate(rows[:_LOOK]):
        columns = _columns(row)
        if "name" in columns:
            if not {"id_number", "born", "room"} & set(columns):
                raise Refused("名单里要有身份证号、出生日期或门牌，才能对上人。", field="file")
            return [_line(n, each, columns) for n, each in enumerate(rows[at + 1 :], at + 2) if each]
    return []


def _columns(row: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(row):
        word = re.sub(r"[\s*：:（(].*$", "", cell)
        for key, words in HEADINGS.items():
            if word in words:
                found.setdefault(key, at)
    return found


def _line(n: int, row: Sequence[str], columns: dict[str, int]) -> Line:
    def cell(key: str) -> str:
        at = columns.get(key, len(row))
        return row[at].strip() if at < len(row) else ""

    index, born, wrong = None, None, ""
    if cell("id_number"):
        try:
            read = codes.id_number(cell("id_number"), today=today())
            index, born = crypto.blind(read.number, current_tenant().uid, "id_number"), read.born
        except codes.CodeError as error:
            wrong = str(error)
    elif cell("born"):
        born = _day(cell("born"))
        wrong = "" if born else N_("出生日期看不懂，请写成 1948-03-15")
    if not cell("name"):
        wrong = N_("没有写姓名")
    door = (cell("yard"), _bare(cell("building")), _bare(cell("unit")), _bare(cell("room")))
    return Line(n, cell("name")[:30], index, born, door if door[3] else None, cell("note")[:100], wrong)


def _bare(text: str) -> str:
    """3号楼 → 3, 2单元 → 2, 501室 → 501."""
    return re.sub(r"(号楼|号|栋|幢|楼|单元|室)+$", "", text)


def _day(text: str) -> date | None:
    found = re.fullmatch(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?", text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def match(each: Sequence[Line]) -> list[Match]:
    """To which family each line belongs: by number of identity, else by name and birth, else by name and door."""
    by_number = _by_number({line.index for line in each if line.index})
    people = _by_name({line.name for line in each if not line.wrong})
    return [_match(line, by_number, people) for line in each]


def _match(
    line: Line, by_number: dict[bytes, UUID], people: dict[str, list[tuple[UUID, date | None, tuple[str, ...]]]]
) -> Match:
    if line.wrong:
        return "wrong", None
    if line.index and line.index in by_number:
        return "id_number", by_number[line.index]
    named = people.get(line.name, [])
    if line.born:
        homes = {home for home, born, _door in named if born == line.born}
        if homes:
            return ("name", homes.pop()) if len(homes) == 1 else ("several", None)
    if line.door:
        homes = {home for home, _born, door in named if door[1:] == line.door[1:] and line.door[0] in ("", door[0])}
        if homes:
            return ("door", homes.pop()) if len(homes) == 1 else ("several", None)
    return "none", None


def _by_number(indexes: set[bytes]) -> dict[bytes, UUID]:
    rows = db.session.execute(
        select(Person.id_index, Person.household_id).where(
            Person.id_index.in_(indexes), Person.status.in_(("here", "moved"))
        )
    )
    return {bytes(row.id_index): row.household_id for row in rows}


def _by_name(names: set[str]) -> dict[str, list[tuple[UUID, date | None, tuple[str, ...]]]]:
    rows = db.session.execute(
        select(Person.name, Person.household_id, Person.birth_date, Courtyard.name.label("yard"), Household.building,
               Household.unit, Household.room)
        .join(Household, Household.id == Person.household_id)
        .join(Courtyard, Courtyard.id == Household.courtyard_id)
        .where(Person.name.in_(names), Person.status == "here")
    )  # fmt: skip
    people: dict[str, list[tuple[UUID, date | None, tuple[str, ...]]]] = {}
    for row in rows:
        door = (row.yard, *map(_bare, (row.building, row.unit, row.room)))
        people.setdefault(row.name, []).append((row.household_id, row.birth_date, door))
    return people
