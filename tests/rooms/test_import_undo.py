"""An import is written once and whole, or not at all, and it can be taken back."""

from typing import Any

import pytest
from sqlalchemy import func, select, text

from rongjiu import outbox
from rongjiu.actor import current_actor
from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.errors import Clash
from tenants.cases import service as cases
from tenants.imports import queries, service, work, writing
from tenants.rescreening import service as rescreening
from tenants.rescreening.models import Standing
from tenants.residents import changing, duplicates
from tenants.residents import service as residents
from tenants.residents.models import Household, Person, RegisterChange
from tenants.residents.service import Door, NewPerson
from tenants.signals import service as signals
from tenants.sweeps import planning
from tests import registers
from tests.desk_of import Desk
from tests.importing import ROWS, checked, imported, indicators, person, size, undone

pytestmark = pytest.mark.usefixtures("inside", "own_folder")


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
    work.apply(batch, current_actor())
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
    work.apply(batch, current_actor())
    row = queries.batch(batch)
    assert (row.state, size(), indicators()) == ("failed", (0, 0), (0, 0))
    assert row.problem == work.BROKEN and len(calls) == 7000
    monkeypatch.setattr(writing, "_row", original)
    service.choose(batch, row.mapping, {})
    work.check(batch, current_actor())
    service.confirm(batch)
    work.apply(batch, current_actor())
    assert size() == (7100, 7100) == indicators()


def test_confirmed_twice_is_written_once(desk: Desk) -> None:
    batch = checked()
    service.confirm(batch)
    with pytest.raises(Clash):
        service.confirm(batch)
    work.apply(batch, current_actor())
    work.apply(batch, current_actor())  # the effect delivered twice
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
