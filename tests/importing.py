"""Files for imports, and the way of one from the upload to the register."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu.actor import current_actor
from rongjiu.db import db
from rongjiu.oversight.models import Indicator
from tenants.imports import queries, service, work
from tenants.residents.models import Household, Person
from tests import registers

HEAD = (
    "院落", "楼号", "单元", "房号", "姓名", "与户主关系", "出生日期", "身份证号", "联系电话", "人群类别", "健康状况",
)  # fmt: skip
BORN_1940 = registers.id_number(date(1940, 1, 1), 123)
ROWS = (
    ("雁北新村", "3", "2", "501", "王建国", "户主", "1940-01-01", BORN_1940, "13800001234", "", "高血压"),
    ("雁北新村", "3", "2", "501", "李秀英", "配偶", "1942年3月5日", "", "", "", ""),
    ("雁鸣小区", "1", "1", "101", "张伟", "户主", "1980.1.1", "", "029-85251234", "", ""),
)


def uploaded(rows: Sequence[Sequence[Any]], head: Sequence[Any] = HEAD, name: str = "台账.xlsx") -> UUID:
    batch = service.upload(registers.workbook(rows, head), name)
    work.read(batch, current_actor())
    return batch


def checked(rows: Sequence[Sequence[Any]] = ROWS, head: Sequence[Any] = HEAD, **options: bool) -> UUID:
    batch = uploaded(rows, head)
    row = queries.batch(batch)
    assert row.state == "mapping", row.problem
    service.choose(batch, row.mapping, options)
    work.check(batch, current_actor())
    return batch


def imported(rows: Sequence[Sequence[Any]] = ROWS, head: Sequence[Any] = HEAD, **options: bool) -> UUID:
    batch = checked(rows, head)
    service.confirm(batch, **options)
    work.apply(batch, current_actor())
    assert queries.batch(batch).state == "done", queries.batch(batch).problem
    return batch


def undone(batch: UUID) -> Any:
    service.undo(batch)
    work.undo(batch, current_actor())
    return queries.batch(batch)


def size() -> tuple[int, int]:
    return (
        db.session.scalar(select(func.count()).select_from(Household)) or 0,
        db.session.scalar(select(func.count()).select_from(Person)) or 0,
    )


def indicators() -> tuple[int, int]:
    found = {row.name: row.value for row in db.session.execute(select(Indicator.name, Indicator.value))}
    return found.get("households", 0), found.get("persons", 0)


def person(name: str) -> Person:
    db.session.expire_all()
    return db.session.scalars(select(Person).where(Person.name == name)).one()


def messages(batch: UUID, kind: str) -> list[tuple[int, str]]:
    return [(row.row, row.message) for row in queries.issues(batch, kind)[0]]
