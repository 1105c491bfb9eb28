"""Old registers brought in: nothing twice, nothing half, everything can be taken back."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from rongjiu import files, outbox
from rongjiu.actor import Actor, acting, current_actor
from rongjiu.clock import today
from rongjiu.db import db, telling, tenant_scope
from rongjiu.errors import Clash, Refused
from rongjiu.oversight.models import Indicator
from rongjiu.tenancy.models import Community
from tenants.cases import service as cases
from tenants.imports import queries, service, work, writing
from tenants.imports.models import ImportBatch, ImportMapping
from tenants.rescreening import service as rescreening
from tenants.rescreening.models import Standing
from tenants.residents import changing, duplicates
from tenants.residents import service as residents
from tenants.residents.models import Courtyard, Household, Person, RegisterChange
from tenants.residents.service import Door, NewPerson
from tenants.signals import service as signals
from tenants.sweeps import planning
from tests import factories, registers
from tests.desk_of import Desk, a_desk

pytestmark = pytest.mark.usefixtures("inside")
HEAD = (
    "院落",
    "楼号",
    "单元",
    "房号",
    "姓名",
    "与户主关系",
    "出生日期",
    "身份证号",
    "联系电话",
    "人群类别",
    "健康状况",
)
BORN_1940 = registers.id_number(date(1940, 1, 1), 123)
ROWS = (
    ("雁北新村", "3", "2", "501", "王建国", "户主", "1940-01-01", BORN_1940, "13800001234", "", "高血压"),
    ("雁北新村", "3", "2", "501", "李秀英", "配偶", "1942年3月5日", "", "", "", ""),
    ("雁鸣小区", "1", "1", "101", "张伟", "户主", "1980.1.1", "", "029-85251234", "", ""),
)


@pytest.fixture(autouse=True)
def _own_folder(app: Flask, tmp_path: Path):
    before = app.extensions["rongjiu.files"]
    files.configure(app, tmp_path)
    yield
    files.configure(app, before)


@pytest.fixture
def desk():
    desk = a_desk()
    with tenant_scope(desk.tenant), acting(desk.as_clerk()):
        yield desk


def uploaded(rows: Sequence[Sequence[Any]], head: Sequence[Any] = HEAD, name: str = "台账.xlsx") -> UUID:
    batch = service.upload(registers.workbook(rows, head), name)
    work.read(batch, _by())
    return batch


def _by() -> Actor:
    return current_actor()


def checked(rows: Sequence[Sequence[Any]] = ROWS, head: Sequence[Any] = HEAD, **options: bool) -> UUID:
    batch = uploaded(rows, head)
    row = queries.batch(batch)
    assert row.state == "mapping", row.problem
    service.choose(batch, row.mapping, options)
    work.check(batch, _by())
    return batch


def imported(rows: Sequence[Sequence[Any]] = ROWS, head: Sequence[Any] = HEAD, **options: bool) -> UUID:
    batch = checked(rows, head)
    service.confirm(batch, **options)
    work.apply(batch, _by())
    assert queries.batch(batch).state == "done", queries.batch(batch).problem
    return batch


def undone(batch: UUID) -> Any:
    service.undo(batch)
    work.undo(batch, _by())
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
    work.apply(again, _by())
    assert [tuple(row) for row in db.session.execute(text("SELECT * FROM person ORDER BY id"))] == before
    assert indicators() == (2, 3)
    assert db.session.scalar(select(func.count()).select_from(RegisterChange)) == 0


def test_changed_fields_are_shown_then_written_with_their_history_and_put_back(desk: Desk) -> None:
    first = imported()
    rows = (
        (*ROWS[0][:8], "13900005678", "", "糖尿病"),
        ("雁北新村", "3", "2", "501", "李秀英", "配偶", "1942年3月5日", registers.id_number(person("李秀英").birth_date, 22), "", "", ""),
    )  # fmt: skip
    batch = checked(rows)
    (changed, other), total = queries.issues(batch, "changed")
    assert total == 2 and changed.column == "condition phone" and "13900005678" not in str(changed)
    assert other.column == "gender id_number"
    service.confirm(batch)
    work.apply(batch, _by())
    assert person("王建国").phone == "13900005678"
    history = db.session.scalars(select(RegisterChange).where(RegisterChange.source_id == batch)).all()
    told = {(row.name, row.before, row.after, row.source) for row in history}
    assert ("phone", "13800001234", "13900005678", "import") in told
    assert person("王建国").condition == "高血压" and "condition" not in {name for name, *_ in told}
    assert {row.actor for row in history} == {"救助专干（示例）"}
    found = db.session.scalar(select(Person.id).where(Person.phone_index == person("王建国").phone_index))
    assert found == person("王建国").id
    changing.change_person(person("王建国").id, {"condition": "中风后遗症"})
    row = undone(batch)
    assert (row.state, row.counts["restored"], row.counts["kept"]) == ("undone", 2, 0)
    back = person("王建国")
    assert (back.phone, back.condition) == ("13800001234", "中风后遗症")
    assert (person("李秀英").id_number, person("李秀英").gender) == (None, "")
    assert undone(first).counts["kept"] == 2  # two have been changed since and stay


def test_undo_takes_out_what_nobody_stands_on_and_names_the_rest_by_row(desk: Desk) -> None:
    batch = imported()
    case = cases.open_case(desk.yard)
    cases.attach_household(case.id, person("王建国").household_id)
    changing.change_person(person("王建国").id, {"phone": "13700001111"})
    row = undone(batch)
    assert (row.counts["removed_households"], row.counts["removed_persons"]) == (1, 2)
    assert [(each.row, each.preview) for each in queries.issues(batch, "kept")[0]] == [(2, "王建国")]
    assert size() == (1, 1) == indicators()
    with pytest.raises(Clash):
        service.undo(batch)


def test_a_household_on_which_something_stands_stays_and_is_named_by_its_door(desk: Desk) -> None:
    batch = imported()
    home = person("王建国").household_id
    planned = planning.plan(
        "heat", "高温", today(), today(), courtyards=[desk.yard, desk.other_yard], left_out={}
    )  # fmt: skip
    planning.start(planned.id)
    signals.receive("counter", "need", "问过一次", household_id=home)
    row = undone(batch)
    assert (row.counts["removed_households"], row.counts["removed_persons"], row.counts["kept"]) == (0, 3, 2)
    found = {each.preview for each in queries.issues(batch, "kept")[0]}
    door = db.session.execute(
        select(Household.building, Household.unit, Household.room).where(Household.id == home)
    ).one()
    assert "-".join(door) in found and len(found) == 2, "each door that stays is named"


def test_undo_after_nothing_happened_leaves_the_register_as_it_was(desk: Desk) -> None:
    residents.register(desk.yard, Door("9", "1", "101"), (NewPerson("旧住户"),))
    before = (size(), indicators())
    batch = imported()
    assert size() == (3, 4)
    for _again in range(2):  # what the house works out by itself of the new people holds nobody back
        rescreening.judge(list(db.session.scalars(select(Household.id))), cause="asked")
        for step in range(duplicates.STEPS):
            duplicates.find_all(step)
    undone(batch)
    assert (size(), indicators()) == before
    assert db.session.scalar(select(func.count()).select_from(Standing)) == 2, "the old household and its one person"


def test_broken_at_row_7000_leaves_nothing_half_done(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        ("雁北新村", "1", "1", str(n), f"人{n:05d}甲".replace("0", "零"), "户主", "", "", "", "", "")
        for n in range(7100)
    ]
    batch = checked(rows)
    service.confirm(batch)
    original, calls = writing._row, []

    def breaks(*args: Any) -> Any:
        calls.append(1)
        if len(calls) == 7000:
            raise RuntimeError("王建国")
        return original(*args)

    monkeypatch.setattr(writing, "_row", breaks)
    work.apply(batch, _by())
    row = queries.batch(batch)
    assert (row.state, size(), indicators()) == ("failed", (0, 0), (0, 0))
    assert row.problem == work.BROKEN and len(calls) == 7000
    monkeypatch.setattr(writing, "_row", original)
    service.choose(batch, row.mapping, {})
    work.check(batch, _by())
    service.confirm(batch)
    work.apply(batch, _by())
    assert size() == (7100, 7100) == indicators()


def test_confirmed_twice_is_written_once(desk: Desk) -> None:
    batch = checked()
    service.confirm(batch)
    with pytest.raises(Clash):
        service.confirm(batch)
    work.apply(batch, _by())
    work.apply(batch, _by())  # the effect delivered twice
    assert size() == (2, 3) == indicators()
    sent = db.session.scalars(text("SELECT unique_key FROM outbox WHERE kind = 'import.apply'")).all()
    assert len(sent) == 1


def test_a_worker_killed_in_the_middle_has_written_nothing_and_the_next_writes_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = checked((*ROWS, ("雁鸣小区", "1", "1", "102", "张𠅤䶮", "", "", "", "", "", "")))
    service.confirm(batch)
    db.session.commit()
    effect = db.session.scalar(text("SELECT id FROM outbox WHERE kind = 'import.apply'"))
    original = writing._row

    def killed(*args: Any) -> Any:
        if args[3].line.row == 3:
            raise KeyboardInterrupt
        return original(*args)

    monkeypatch.setattr(writing, "_row", killed)
    with pytest.raises(KeyboardInterrupt):
        outbox.perform(desk.tenant.id, str(desk.tenant.uid), str(effect))
    assert (queries.batch(batch).state, size(), indicators()) == ("applying", (0, 0), (0, 0))
    monkeypatch.setattr(writing, "_row", original)
    assert outbox.perform(desk.tenant.id, str(desk.tenant.uid), str(effect))
    assert not outbox.perform(desk.tenant.id, str(desk.tenant.uid), str(effect))
    assert (queries.batch(batch).state, size(), indicators()) == ("done", (3, 4), (3, 4))
    assert person("张𠅤䶮").pinyin.startswith("zhang")


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
    work.apply(batch, _by())
    assert size() == (2, 3)


def test_unknown_courtyards_are_made_when_asked_for_and_go_with_the_undo(desk: Desk) -> None:
    rows = (("新来的院", "1", "1", "101", "赵一", "", "", "", "", "", ""),)
    batch = checked(rows, yards=True)
    service.confirm(batch)
    work.apply(batch, _by())
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
    work.apply(batch, _by())
    assert size() == (3, 4)
    with_them = checked((*rows, ("雁鸣小区", "8", "1", "1", "新人", "", "", "", "", "", "")))
    service.confirm(with_them, duplicates=True)
    work.apply(with_them, _by())
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
