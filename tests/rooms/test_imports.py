"""Old registers brought in: nothing twice, nothing half, everything can be taken back."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from rongjiu.actor import current_actor
from rongjiu.db import db, telling, tenant_scope
from rongjiu.errors import Clash, Refused
from rongjiu.tenancy.models import Community
from tenants.imports import queries, service, work, writing
from tenants.imports.models import ImportBatch, ImportMapping
from tenants.residents import changing
from tenants.residents.models import Courtyard, Household, RegisterChange
from tests import factories
from tests.desk_of import Desk
from tests.importing import (
    BORN_1940,
    ROWS,
    checked,
    imported,
    indicators,
    messages,
    person,
    size,
    undone,
    uploaded,
)

pytestmark = pytest.mark.usefixtures("inside", "own_folder")


def test_a_register_comes_in_sealed_and_indexed_with_heads_first(desk: Desk) -> None:
    batch = imported((ROWS[1], ROWS[0], ROWS[2]))
    assert size() == (2, 3) == indicators()
    head, wife = person("王建国"), person("李秀英")
    assert (head.seq, wife.seq, head.household_id == wife.household_id) == (1, 2, True)
    assert (head.phone, head.id_number, head.condition, head.gender) == ("13800001234", BORN_1940, "高血压", "male")
    assert (wife.birth_date.isoformat(), wife.import_id, wife.labels) == ("1942-03-05", batch, [])
    assert head.pinyin == changing.reading("王建国")
    stored = db.session.execute(text("SELECT phone, id_number FROM person WHERE name = '王建国'")).one()
    assert b"13800001234" not in bytes(stored.phone) and BORN_1940.encode() not in bytes(stored.id_number)
    applied = db.session.execute(text("SELECT detail FROM audit WHERE verb = 'import.apply'")).scalars().all()
    assert len(applied) == 1 and applied[0]["persons"] == 3 and len(applied[0]["people"]) == 64
    assert "王建国" not in str(applied)


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    imported()
    before = [tuple(row) for row in db.session.execute(text("SELECT * FROM person ORDER BY id"))]
    again = checked()
    counts = queries.batch(again).counts
    assert (counts["same"], counts.get("new", 0), counts.get("changed", 0), counts.get("duplicate", 0)) == (3, 0, 0, 0)
    service.confirm(again)
    work.apply(again, current_actor())
    assert [tuple(row) for row in db.session.execute(text("SELECT * FROM person ORDER BY id"))] == before
    assert indicators() == (2, 3)
    assert db.session.scalar(select(func.count()).select_from(RegisterChange)) == 0


def test_rows_with_errors_are_named_and_left_out(desk: Desk) -> None:
    rows = (
        *ROWS,
        ("没有的院", "1", "1", "101", "赵一", "", "", "", "", "", ""),
        ("雁鸣小区", "1", "1", "102", "钱二", "", "1940-13-01", "", "1380000", "", ""),
        ("雁鸣小区", "1", "1", "103", "孙三", "", "", 610103194001011235.0, "", "", ""),
        ("雁鸣小区", "1", "1", "103", "", "", "", "", "", "", "x"),
        ("雁鸣小区", "1", "1", "104", "李四", "", "", BORN_1940, "", "", ""),
        ("合计", "", "", "", "5人", "", "", "", "", "", ""),
    )
    batch = checked(rows)
    found = messages(batch, "error")
    assert (5, "没有“%(word)s”这个院落。") in found
    assert {row for row, _ in found} == {5, 6, 7, 8, 9}
    assert len([row for row, _ in found if row == 6]) == 2
    assert next(words for row, words in found if row == 7).startswith("身份证号被 Excel 存成了数字")
    assert (9, "和第 %(row)s 行的身份证号相同。") in found
    assert (queries.batch(batch).counts["error"], queries.batch(batch).counts["skipped"]) == (5, 1)
    service.confirm(batch)
    work.apply(batch, current_actor())
    assert size() == (2, 3)


def test_unknown_courtyards_are_made_when_asked_for_and_go_with_the_undo(desk: Desk) -> None:
    rows = (("新来的院", "1", "1", "101", "赵一", "", "", "", "", "", ""),)
    batch = checked(rows, yards=True)
    service.confirm(batch)
    work.apply(batch, current_actor())
    made = db.session.scalars(select(Courtyard).where(Courtyard.name == "新来的院")).one()
    assert person("赵一").import_id == batch and made.slug
    undone(batch)
    assert db.session.scalar(select(func.count()).where(Courtyard.name == "新来的院")) == 0


def test_people_who_may_be_there_already_are_asked_about(desk: Desk) -> None:
    imported()
    rows = (
        ("雁鸣小区", "7", "1", "101", "王建国", "户主", "1940-01-01", BORN_1940, "", "", ""),  # same number elsewhere
        ("雁鸣小区", "7", "1", "102", "李秀英", "", "1942-03-05", "", "", "", ""),  # same name and birth
        ("雁鸣小区", "7", "1", "103", "张伟", "", "", "", "029-85251234", "", ""),  # same name and phone
        ("雁北新村", "3", "2", "501", "李秀瑛", "", "", "", "", "", ""),  # sounds the same behind the same door
        ("雁鸣小区", "7", "1", "105", "张三丰", "", "", "", "029-85251234", "", ""),  # the phone alone is only noted
    )
    batch = checked(rows)
    assert [row for row, _ in messages(batch, "duplicate")] == [2, 3, 4, 5]
    assert [row for row, _ in messages(batch, "note")] == [6]
    service.confirm(batch)
    work.apply(batch, current_actor())
    assert size() == (3, 4)
    with_them = checked((*rows, ("雁鸣小区", "8", "1", "1", "新人", "", "", "", "", "", "")))
    service.confirm(with_them, duplicates=True)
    work.apply(with_them, current_actor())
    assert size()[1] == 4 + 3 + 1  # all but the one whose number is registered elsewhere


def test_the_mapping_is_remembered_for_the_street_without_a_word_of_the_file(desk: Desk) -> None:
    head = ("院", "号楼", "单元", "户室", "当家人", "备考")
    first = uploaded((("雁北新村", "3", "2", "501", "王建国", "x"),), head)
    assert queries.batch(first).mapping == ["", "building", "unit", "", "", ""]
    with pytest.raises(Refused):
        service.choose(first, queries.batch(first).mapping, {})
    service.choose(first, ["courtyard", "building", "unit", "room", "name", ""], {})
    assert db.session.scalars(select(ImportMapping.id)).all() == []
    with telling(community_id=desk.tenant.uid):
        kept = db.session.scalars(select(ImportMapping)).one()
    assert "当家人" not in str(kept.mapping) + kept.fingerprint
    second = uploaded((("雁北新村", "3", "2", "502", "李四", "x"),), head)
    assert queries.batch(second).mapping == ["courtyard", "building", "unit", "room", "name", ""]


def test_a_community_of_the_same_street_is_proposed_the_mapping_another_street_is_not(desk: Desk) -> None:
    head = ("院子", "哪栋", "哪单元", "户室", "当家人")
    first = uploaded((("雁北新村", "3", "2", "501", "王建国"),), head)
    service.choose(first, ["courtyard", "building", "unit", "room", "name"], {})
    street = db.session.get_one(Community, desk.tenant.uid).street_id
    far = factories.tenant(factories.a_modelled_community())
    near = factories.a_modelled_community()
    near.street_id = street
    db.session.flush()
    for community, known in ((factories.tenant(near), True), (far, False)):
        with tenant_scope(community):
            batch = uploaded((("某院", "3", "2", "501", "王建国"),), head)
            assert ("name" in queries.batch(batch).mapping) == known


def test_the_file_is_removed_when_it_is_written_and_after_30_days(desk: Desk, tmp_path: Path) -> None:
    batch = imported()
    assert [path for path in tmp_path.rglob("*") if path.is_file()]
    work.forget(batch)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    waiting = checked((("雁北新村", "1", "1", "1", "某人", "", "", "", "", "", ""),))
    work.forget(waiting)
    assert queries.batch(waiting).state == "failed" and "30 天" in queries.batch(waiting).problem
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_an_empty_flat_becomes_a_household_without_people(desk: Desk) -> None:
    imported((("雁北新村", "1", "1", "201", "空置", "", "", "", "", "", ""),))
    assert size() == (1, 0) == indicators()
    assert db.session.scalar(select(Household.occupancy)) == "vacant"


def test_samples_and_columns_of_a_waiting_file_show_nobody(desk: Desk) -> None:
    batch = uploaded(ROWS)
    shown = str(queries.columns_of(batch))
    assert "王建国" not in shown and "王**" in shown and BORN_1940 not in shown
    stored = db.session.execute(text("SELECT columns::text, mapping::text, counts::text FROM import_batch")).one()
    assert "王" not in str(stored)


def test_progress_is_seen_before_the_work_is_committed(desk: Desk) -> None:
    batch = checked()
    work._progress(batch, 11067)(4000)
    assert (queries.batch(batch).done, queries.batch(batch).total) == (4000, 11067)


def test_where_tables_are_distributed_rows_go_one_by_one(desk: Desk) -> None:
    rows = [(desk.tenant.id, UUID(int=7), desk.yard, "1", "1", "1", "lived_in", None, "2026-01-01T00:00:00Z", False)]
    writing._one_by_one("household", writing._HOME, rows)
    assert size() == (1, 0)


def test_a_discarded_file_can_no_longer_be_confirmed(desk: Desk) -> None:
    batch = checked()
    service.discard(batch)
    with pytest.raises(Clash):
        service.confirm(batch)
    assert db.session.get_one(ImportBatch, (desk.tenant.id, batch)).columns is None
