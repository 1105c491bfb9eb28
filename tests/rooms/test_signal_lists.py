"""Lists of departments: read, looked at, confirmed, undone; and what is not kept of a lead."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Clash, Refused
from rongjiu.outbox import Outbox, perform
from rongjiu.oversight.models import Indicator, Step
from tenants.catalogue import queries as catalogue
from tenants.catalogue import service as waits
from tenants.residents import service as residents
from tenants.residents.service import Door, NewPerson
from tenants.signals import gate, jobs, keeping, lists, service, tracking
from tenants.signals.models import DepartmentList, PublicUse, Signal
from tests.desk_of import WISHES, Desk
from tests.signalling import PHONE, at_the_desk, row_of

pytestmark = pytest.mark.usefixtures("inside")


def _people(here: Desk) -> tuple[UUID, UUID]:
    one = residents.register(here.yard, Door("3", "2", "501"), (
        NewPerson("周某", "male", "02", id_number="610103194001011235", birth_date=date(1940, 1, 1)),
        NewPerson("马某", "female", "10", birth_date=date(1942, 2, 2)),
    ))  # fmt: skip
    two = residents.register(here.other_yard, Door("1", "1", "101"), (NewPerson("李某", "male", "02", age=70),))
    return one.household_id, two.household_id


LIST = """民政局监测名单
姓名,身份证号码,出生日期,小区,楼号,单元,门牌,备注
周某,610103194001011235,,,,,,大额支出
马某,,1942年2月2日,,,,,
李某,,,雁鸣小区,1号楼,1单元,101室,
赵某,,1950-01-01,,,,,
钱某,610103194001011234,,,,,,
"""


def _read(content: str = LIST, **words: object) -> UUID:
    known = {"department": catalogue.departments()[0]["id"], "name": "监测名单", "dated": today()} | words
    return lists.read(content.encode(), "a.csv", **known)  # type: ignore[arg-type]


def signals_kept() -> int:
    """How many signals there are."""
    return db.session.scalar(select(func.count()).select_from(Signal)) or 0


def indicator(name: str) -> int:
    """What an indicator of the community counts."""
    return db.session.scalar(select(Indicator.value).where(Indicator.name == name)) or 0


def test_a_departments_list_becomes_one_signal_for_each_family_once() -> None:
    with at_the_desk() as here:
        one, two = _people(here)
        list_id = _read()
        row = lists.one(list_id)
        assert row is not None
        seen = lists.preview(row)
        assert [(each.row, each.how, each.household_id) for each in seen] == [
            (3, "id_number", one), (4, "name", one), (5, "door", two), (6, "none", None), (7, "wrong", None),
        ]  # fmt: skip
        assert [each.courtyard for each in seen[:3]] == ["雁北新村", "雁北新村", "雁鸣小区"]
        assert seen[1].again
        assert "610103194001011235" not in (row.found or "")
        assert signals_kept() == 0
        assert lists.confirm(list_id).state == "done"
        assert (signals_kept(), indicator("signals_received")) == (2, 2)
        signals = db.session.scalars(select(Signal).order_by(Signal.number)).all()
        assert {(each.channel, each.household_id, each.list_id) for each in signals} == {
            ("department", one, list_id), ("department", two, list_id),
        }  # fmt: skip
        assert "监测名单" in signals[0].words
        assert row.found is None
        assert _read() == list_id
        with pytest.raises(Clash):
            lists.confirm(list_id)
        saved_anew = _read(LIST.replace("赵某", "孙某"))
        assert saved_anew != list_id
        fresh = lists.one(saved_anew)
        assert fresh is not None
        assert all(each.again for each in lists.preview(fresh) if each.household_id)
        lists.confirm(saved_anew)
        assert signals_kept() == 2


def test_a_list_is_undone_while_nobody_sorted_its_signals() -> None:
    with at_the_desk() as here:
        one, _two = _people(here)
        list_id = _read()
        lists.confirm(list_id)
        sorted_one = db.session.scalars(select(Signal.id).where(Signal.household_id == one)).one()
        service.settle(sorted_one, "no_action", reason="已经在办")
        assert lists.undo(list_id) == (1, 1)
        assert (signals_kept(), indicator("signals_received")) == (1, 1)
        assert db.session.scalar(select(func.count()).where(Step.object_kind == "signal")) == 1
        with pytest.raises(Clash):
            lists.undo(list_id)
        assert _read() == list_id
        lists.confirm(list_id)
        assert signals_kept() == 2


def test_a_long_list_is_left_to_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "AT_ONCE", 1)
    with at_the_desk() as here:
        _people(here)
        list_id = _read()
        assert lists.confirm(list_id).state == "working"
        assert signals_kept() == 0
        row_id = str(db.session.scalars(select(Outbox.id).where(Outbox.kind == "signal.list")).one())
    assert perform(here.tenant.id, str(here.tenant.uid), row_id)
    with tenant_scope(here.tenant):
        assert signals_kept() == 2
        assert jobs.make_list({"list_id": str(list_id)}) is None
        assert signals_kept() == 2


@pytest.mark.parametrize(
    ("content", "words", "field"),
    [
        ("姓名,电话\n周某,1\n", {}, "file"),
        ("周某,610103194001011235\n", {}, "file"),
        ("", {}, "file"),
        (LIST, {"department": "x"}, "department"),
        (LIST, {"name": " "}, "name"),
        (LIST, {"dated": date(2999, 1, 1)}, "dated"),
    ],
)
def test_what_is_no_list_is_refused_at_its_field(content: str, words: dict[str, object], field: str) -> None:
    with at_the_desk():
        with pytest.raises(Refused) as refused:
            _read(content, **words)
        assert refused.value.field == field
        assert db.session.scalar(select(func.count()).select_from(DepartmentList)) == 0


def test_a_lead_that_nobody_confirmed_loses_its_words_after_its_time_and_is_still_counted() -> None:
    with at_the_desk() as here:
        days = int(waits.setting("keep-lead"))
        assert days == 180
        old = service.receive("neighbour", "need", "王阿姨说的话", caller="王阿姨", phone=PHONE, courtyard_id=here.yard)
        told = service.receive("counter", "question", "问低保")
        service.settle(told.id, "question", answer="到窗口办")
        cased = service.receive("hotline", "need", "老人卧床", phone=PHONE, courtyard_id=here.yard)
        service.open_case(cased.id, WISHES, courtyard_id=here.yard, urgency="ordinary")
        fresh = service.receive("hotline", "need", "新的", phone=PHONE)
        for signal_id in (old.id, told.id, cased.id):
            db.session.execute(
                update(Signal).where(Signal.id == signal_id).values(received_at=now() - timedelta(days=days, hours=1))
            )
        gate.note("form", "x")
        db.session.execute(update(PublicUse).values(at=now() - timedelta(days=2)))
        assert keeping.clear() == 2
        assert keeping.clear() == 0
        row = row_of(old.id)
        assert (row.words, row.caller, row.phone, row.phone_index, row.track_index) == ("", None, None, None, None)
        assert (row.state, row.became, row.channel, row.courtyard_id) == (
            "answered",
            "no_action",
            "neighbour",
            here.yard,
        )
        assert (row_of(told.id).became, row_of(told.id).answer) == ("question", None)
        assert row_of(cased.id).words == "老人卧床"
        assert row_of(fresh.id).phone == PHONE
        assert signals_kept() == 4
        assert indicator("signals_received") == 4
        assert db.session.scalar(select(func.count()).where(Step.id == old.id)) == 0
        assert db.session.scalar(select(func.count()).select_from(PublicUse)) == 0
        with pytest.raises(Refused):
            tracking.find(old.code, "1111")
