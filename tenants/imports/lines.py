"""Rows of a sheet as people behind doors: merged cells filled down, every value checked, each fault named. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rongjiu.codes import N_
from tenants.imports import cells
from tenants.imports.rules import DOOR, narrow

Fault = tuple[str, str, dict[str, Any]]
"""Target, msgid, its words."""
_TOTAL = re.compile(r"(合计|总计|小计|共计|总数|填表|制表|审核|备注|说明|注[:：])")
_VACANT = frozenset(("空置", "空房", "空户", "无人", "无人居住", "空置房"))
_NONE = frozenset(("", "无", "-", "/", "否", "正常", "健康", "良好"))


@dataclass(slots=True)
class Line:
    """One person of one row, or an empty flat."""

    row: int
    courtyard: str = ""
    building: str = ""
    unit: str = ""
    room: str = ""
    name: str = ""
    relation: str = ""
    gender: str = ""
    born: date | None = None
    age: int | None = None
    id_number: str = ""
    phone: str = ""
    groups: tuple[str, ...] = ()
    condition: str = ""
    vacant: bool = False
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)


class Reader:
    """Reads the rows below a header by a confirmed mapping.

    `groups` gives the slug of each special group by its name; `today` is the day on which ages are told.
    """

    def __init__(self, mapping: Sequence[str], header: int, groups: Mapping[str, str], today: date) -> None:
        self._at = {code: n for n, code in enumerate(mapping) if code}
        self._header, self._groups, self._today = header, groups, today
        self._doors = tuple(code for code in (*DOOR, "address") if code in self._at)
        self._last = dict.fromkeys(self._doors, "")
        self.skipped = 0
        """Rows that hold no person: totals, signatures under the table, repeated headers."""

    def lines(self, rows: Sequence[Sequence[Any]]) -> Iterator[Line]:
        """One line for each row with something in it; row numbers as Excel counts."""
        name_at = self._at["name"]
        for n in range(self._header, len(rows)):
            row = rows[n]
            if name_at < len(row) and row[name_at] not in ("", None):
                name = cells.text(row[name_at])
            else:
                name = ""
                if not any(cell not in ("", None) for cell in row):
                    continue
            if self._furniture(row, name):
                self.skipped += 1
                continue
            yield self._line(n + 1, row, name)

    def _furniture(self, row: Sequence[Any], name: str) -> bool:
        first = next((cell for cell in row if cell not in ("", None)), "")
        if isinstance(first, str) and _TOTAL.match(first.replace(" ", "").replace("\u3000", "")):
            return True
        return name in ("姓名", "户主姓名", "合计", "总计", "小计")

    def _line(self, number: int, row: Sequence[Any], name: str) -> Line:
        line = Line(number, name=name.replace(" ", "") if not name.isascii() else name)
        size = len(row)

        def cell(code: str) -> Any:
            at = self._at.get(code, size)
            return row[at] if at < size else None

        line.relation = self._relation(line, cell("relation"))
        self._door(line, cell)
        if name in _VACANT:
            line.vacant, line.name = True, ""
        elif not line.name:
            line.faults.append(("name", N_("没有姓名。"), {}))
        elif line.name.isdecimal() or len(line.name) > 40:
            line.faults.append(("name", N_("姓名不像一个人的名字。"), {}))
        if not line.vacant:
            self._person(line, cell)
        return line

    def _person(self, line: Line, cell: Any) -> None:
        for code, put in _PUT:
            value = cell(code)
            if value in ("", None):
                continue
            try:
                put(line, value, self._today)
            except cells.CellError as error:
                line.faults.append((code, str(error), {}))
        if (value := cell("groups")) not in ("", None):
            self._named(line, cells.text(value))

    def _relation(self, line: Line, value: Any) -> str:
        words = cells.text(value)
        if not words or words in ("-", "/", "无"):
            return ""
        code = cells.relation(words)
        if code is None:
            line.notes.append(("relation", N_("关系“%(word)s”不在目录里，先空着。"), {"word": words[:8]}))
        return code or ""

    def _door(self, line: Line, cell: Any) -> None:
        given = {code: cells.text(cell(code)) for code in self._doors}
        if not any(given.values()):
            if line.relation != "02":  # merged over the whole family: the door stands at its first row only
                given = self._last
        else:
            for (
                code
            ) in self._doors:  # merged above: what stands before the first value given is the one of the row above
                if given[code]:
                    break
                given[code] = self._last[code]
            self._last = given
        for code in DOOR:
            words = given.get(code, "")
            if words:
                setattr(line, code, words if code == "courtyard" else cells.door(words))
        if not line.room and given.get("address"):
            try:
                before, building, unit, line.room = cells.address(given["address"])
            except cells.CellError as error:
                line.faults.append(("address", str(error), {}))
                return
            line.courtyard, line.building, line.unit = (
                line.courtyard or before,
                line.building or building,
                line.unit or unit,
            )
        if not line.room:
            line.faults.append(("room", N_("没有门牌号。"), {}))

    def _named(self, line: Line, words: str) -> None:
        found = list[str]()
        for word in re.split(r"[、,;/\s|]+", words):
            if word in _NONE:
                continue
            slug = self._groups.get(word)
            if slug is None:
                line.notes.append(("groups", N_("人群“%(word)s”不在目录里，没有记。"), {"word": word[:12]}))
            elif slug not in found:
                found.append(slug)
        line.groups = tuple(sorted(found))


def _gender(line: Line, value: Any, _today: date) -> None:
    line.gender = cells.gender(value)


def _born(line: Line, value: Any, today: date) -> None:
    line.born, line.age = cells.birth(value, today)


def _age(line: Line, value: Any, _today: date) -> None:
    said = cells.age(value)
    if line.born is None and line.age is None:
        line.age = said


def _number(line: Line, value: Any, today: date) -> None:
    found = cells.id_number(value, today)
    if found is None:
        return
    if line.born is not None and line.born != found.born:
        raise cells.CellError(N_("身份证号和出生日期对不上，请照证件再看一眼。"))
    line.id_number, line.born, line.gender, line.age = found.number, found.born, line.gender or found.sex, None


def _phone(line: Line, value: Any, _today: date) -> None:
    line.phone = cells.phone(value)


def _condition(line: Line, value: Any, _today: date) -> None:
    words = cells.text(value)[:500]
    line.condition = "" if words in _NONE else words


_PUT = (
    ("gender", _gender), ("birth_date", _born), ("age", _age), ("id_number", _number), ("phone", _phone),
    ("condition", _condition),
)  # fmt: skip


def group_words(groups: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Words by which a special group is called → its slug: its name, and the parts of a name with strokes in it."""
    found: dict[str, str] = {}
    for row in groups:
        name = narrow(str(row.get("name_zh", "")))
        for word in (name, *re.split(r"[、/()（）]", name)):
            if len(word) > 1:
                found.setdefault(word, str(row["id"]))
    return found
