"""What a file may not do alone: who somebody is and how they are changes only when the secretary agrees. And the
buildings that its doors name."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from rongjiu.actor import Actor, acting
from rongjiu.db import db
from tenants.imports import queries as imports
from tenants.imports import service, work
from tenants.residents import places
from tenants.residents.models import Building, Household, Person
from tenants.reviews import queries, requests
from tenants.reviews.models import ChangeRequest
from tests import oldxls, registers
from tests.desk_of import Desk

pytestmark = pytest.mark.usefixtures("inside", "own_folder")
HEAD = ("院落", "楼号", "单元", "房号", "姓名", "与户主关系", "出生日期", "联系电话", "健康状况")
WANG = ("雁北新村", "3", "2", "501", "王建国", "户主", "1940-01-01", "13800001234", "高血压")
LI = ("雁北新村", "12", "1", "101", "李秀英", "户主", "1942-03-05", "", "")


def brought(desk: Desk, *rows: tuple[str, ...]) -> UUID:
    batch, by = service.upload(registers.workbook(rows, HEAD), "台账.xlsx"), desk.as_clerk()
    work.read(batch, by)
    service.choose(batch, imports.batch(batch).mapping, {})
    work.check(batch, by)
    service.confirm(batch)
    work.apply(batch, by)
    return batch


def test_a_true_old_workbook_is_read_as_it_is(desk: Desk) -> None:
    number = registers.id_number(date(1940, 1, 1), 123)
    rows = (
        ("雁荡社区居民台账",), (), ("院落", "楼号", "单元", "房号", "姓名", "出生日期", "身份证号", "联系电话"),
        ("雁北新村", 3.0, "2单元", 501, "𠮷国", date(1940, 1, 1), number, 13800001234.0),
        ("雁北新村", 3.0, 2, 502.0, "李秀英", 15405.0, 610103194203051234.0, "０２９－８５２５１２３４"),
        ("合计", "", "", "", "2人"),
    )  # fmt: skip
    batch, by = service.upload(oldxls.workbook(rows), "老台账.xls"), desk.as_clerk()
    work.read(batch, by)
    service.choose(batch, imports.batch(batch).mapping, {})
    work.check(batch, by)
    (wrong,), _total = imports.issues(batch, "error")
    assert (wrong.row, wrong.column) == (5, "id_number"), "a number kept as a float has lost its last digits"
    service.confirm(batch)
    work.apply(batch, by)
    row = person("𠮷国")
    assert (row.id_number, row.phone, row.birth_date) == (number, "13800001234", date(1940, 1, 1))
    door = db.session.execute(select(Household.building, Household.unit, Household.room)).one()
    assert tuple(door) == ("3", "2", "501") and imports.batch(batch).counts["skipped"] == 1


def person(name: str) -> Person:
    return db.session.scalars(select(Person).where(Person.name == name).execution_options(populate_existing=True)).one()


def open_requests() -> list[ChangeRequest]:
    return list(db.session.scalars(select(ChangeRequest).where(ChangeRequest.state == "open")))


def test_a_file_asks_where_it_would_change_who_somebody_is_or_how_they_are(desk: Desk) -> None:
    brought(desk, WANG, LI)
    batch = brought(desk, (*WANG[:6], "1941-01-01", "13900005678", "偏瘫"), (*LI[:8], "失能"))
    wang, li = person("王建国"), person("李秀英")
    assert (wang.birth_date.isoformat(), wang.condition, wang.phone) == ("1940-01-01", "高血压", "13900005678")
    assert li.condition == "失能", "a first entry is no change"
    (request,) = open_requests()
    assert (request.person_id, request.fields, request.source_id) == (wang.id, ["birth_date", "condition"], batch)
    assert imports.batch(batch).counts["asked"] == 1
    assert "书记批准" in imports.issues(batch, "changed")[0][0].message
    with acting(Actor(desk.secretary.account.id, "secretary", "书记")):
        requests.approve(request.id)
    assert (person("王建国").birth_date.isoformat(), person("王建国").condition) == ("1941-01-01", "偏瘫")


def test_the_same_file_asks_once_and_taking_it_back_takes_the_question_back(desk: Desk) -> None:
    brought(desk, WANG)
    other = (*WANG[:8], "偏瘫")
    batch = brought(desk, other)
    assert imports.batch(brought(desk, other)).counts["asked"] == 0
    assert len(open_requests()) == queries.counts().requests == 1
    service.undo(batch)
    work.undo(batch, desk.as_clerk())
    assert open_requests() == [] and person("王建国").condition == "高血压"


def test_doors_of_a_file_bring_their_buildings_once_and_an_undo_takes_them_out(desk: Desk) -> None:
    first = brought(desk, WANG, LI)
    rows = {row.name: row.id for row in places.buildings(desk.yard)}
    assert list(rows) == ["3", "12"], "in the order in which people count"
    second = brought(
        desk,
        (*WANG[:3], "601", "赵四", *WANG[5:7], "", ""),
        ("雁北新村", "5", "", "1", "孙五", "户主", "1950-01-01", "", ""),
    )
    assert len(places.buildings(desk.yard)) == 3
    places.save_building(desk.yard, rows["12"], name="12", lift="yes")
    for batch in (second, first):
        service.undo(batch)
        work.undo(batch, desk.as_clerk())
    left = db.session.scalars(select(Building.name).where(Building.courtyard_id == desk.yard)).all()
    assert left == ["12"], "somebody has written about it"
