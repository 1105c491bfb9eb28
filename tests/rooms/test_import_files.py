"""Every trap of an old register as a true file, through the whole import: read, checked, written, or refused with nothing
kept."""

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from xlsxwriter import Workbook

from rongjiu.db import db
from rongjiu.errors import Refused
from tenants.imports import queries as imports
from tenants.imports import service, work
from tenants.imports.models import ImportBatch
from tenants.residents.models import Household, Person
from tests import registers
from tests.bombs import a_bomb
from tests.desk_of import Desk
from tests.rules.test_import_traps import changed

pytestmark = pytest.mark.usefixtures("inside", "own_folder")
GOOD = registers.id_number(date(1950, 2, 3), 321)
RARE = "王𠅤䶮"


def an_old_ledger() -> bytes:
    """A sheet as a community keeps it: a title over all columns, a heading of two lines with merged cells, the door
    merged over a family, full-width digits, days as words, as days and as serial numbers, a number kept as a float."""
    file = BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        sheet, day = book.add_worksheet("2026"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.merge_range(0, 0, 0, 8, "雁荡社区居民台账（2026年）")
        sheet.merge_range(1, 0, 2, 0, "小区")
        sheet.merge_range(1, 1, 1, 3, "住  址")
        sheet.merge_range(1, 4, 1, 8, "家庭成员情况")
        sheet.write_row(
            2, 1, ("楼号", "单元", "室", "姓名", "与户主关系", "出生日期", "公民身份号码（必填）", "联系电话")
        )
        rows: list[tuple[Any, ...]] = [
            ("雁北新村", "３号楼", "２单元", "５０１", RARE, "户主", "1940年1月1日", "", "１３８００００１２３４"),
            ("", "", "", "", "李　秀英", "妻", 15405, "", 13900001234.0),
            ("雁北新村", 3, 2, 502.0, "张伟", "户主", date(1950, 2, 3), GOOD, ""),
            ("雁北新村", 3, 2, 601.0, "赵某", "户主", "", 610103194203051234.0, ""),
        ]  # fmt: skip
        for line, row in enumerate(rows, 3):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(line, column, cell, day)
                elif cell != "":
                    sheet.write(line, column, cell)
        for column in range(4):
            sheet.merge_range(3, column, 4, column, rows[0][column])
        sheet.write_row(7, 0, ("合计", "", "", "", "4人"))
    return file.getvalue()


def brought(content: bytes, name: str, desk: Desk) -> UUID:
    batch, by = service.upload(content, name), desk.as_clerk()
    work.read(batch, by)
    service.choose(batch, imports.batch(batch).mapping, {})
    work.check(batch, by)
    service.confirm(batch)
    work.apply(batch, by)
    assert imports.batch(batch).state == "done", imports.batch(batch).problem
    return batch


def the_register() -> dict[str, tuple[Any, ...]]:
    rows = db.session.execute(
        select(Person, Household.building, Household.unit, Household.room).join(
            Household, Household.id == Person.household_id
        )
    )
    return {
        p.name: (f"{building}-{unit}-{room}", p.birth_date.isoformat() if p.birth_date else "", p.phone or "")
        for p, building, unit, room in rows
    }


def test_a_workbook_with_every_trap_comes_in_right_and_its_bad_line_is_named(desk: Desk) -> None:
    batch = brought(an_old_ledger(), "居民台账.xlsx", desk)
    assert the_register() == {
        RARE: ("3-2-501", "1940-01-01", "13800001234"), "李秀英": ("3-2-501", "1942-03-05", "13900001234"),
        "张伟": ("3-2-502", "1950-02-03", ""),
    }  # fmt: skip
    assert db.session.scalar(select(func.count()).select_from(Household)) == 2
    (wrong,), total = imports.issues(batch, "error")
    assert (wrong.row, wrong.column, total) == (7, "id_number", 1), "a number that Excel has rounded is not guessed"
    kept = db.session.scalars(select(Person).where(Person.name == "张伟")).one()
    assert (kept.id_number, kept.gender) == (GOOD, "male")
    assert imports.batch(batch).counts["skipped"] == 1
    again = imports.batch(brought(an_old_ledger(), "同一份.xlsx", desk)).counts
    assert (again["same"], again.get("new", 0), again.get("changed", 0)) == (3, 0, 0)


@pytest.mark.parametrize("coding", ["utf-8-sig", "gb18030"])
def test_a_text_file_comes_in_whatever_its_coding(desk: Desk, coding: str) -> None:
    lines = f"小区,楼号,单元,房号,姓名,出生日期\n雁北新村,３,2,５０１,{RARE},1940.1.1\n"
    brought(lines.encode(coding), "台账.csv", desk)
    assert the_register() == {RARE: ("3-2-501", "1940-01-01", "")}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(a_bomb(), id="a bomb of ten megabytes"),
        pytest.param(changed({"xl/sharedStrings.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><sst/>'}), id="a DOCTYPE"),
    ],
)
def test_what_would_harm_is_refused_at_the_upload_and_nothing_is_kept(
    desk: Desk, content: bytes, tmp_path: Path
) -> None:
    with pytest.raises(Refused) as refused:
        service.upload(content, "台账.xlsx")
    assert refused.value.field == "file"
    assert db.session.scalar(select(func.count()).select_from(ImportBatch)) == 0
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
