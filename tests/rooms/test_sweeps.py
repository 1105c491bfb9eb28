"""At the door: a sheet is written once, nothing is lost, nobody is missed."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from rongjiu.actor import acting
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.oversight.models import Step
from tenants.residents import changing
from tenants.residents import service as register
from tenants.residents.models import Household, Person
from tenants.residents.service import Door, NewPerson
from tenants.reviews import merging, unmerging
from tenants.signals.models import Signal
from tenants.sweeps import closing, lists, planning, queries
from tenants.sweeps.models import StopTry
from tenants.sweeps.service import Seen, Sheet, record
from tests.desk_of import DOOR, ZHOU, a_desk
from tests.sweeping import PAIR, a_sweep, all_seen, count_of, stops

pytestmark = pytest.mark.usefixtures("inside")


def test_starting_makes_one_stop_for_every_household_in_walking_order() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        for room in ("10", "2"):
            register.register(here.yard, Door("3", "1", room), PAIR)
        register.register(here.yard, Door("12", "1", "1"), (NewPerson("丙某"),))
        gone = register.register(here.yard, Door("1", "1", "1"), (NewPerson("丁某"),)).household_id
        shop = register.register(here.yard, Door("1", "1", "2"), (NewPerson("戊某"),)).household_id
        changing.change_household(gone, {"left_on": date(2026, 1, 1)})
        changing.change_household(shop, {"occupancy": "other_use"})
        register.register(here.other_yard, Door("1", "1", "1"), (NewPerson("己某"),))
        sweep_id = a_sweep(here)
        homes = [
            db.session.scalars(select(Household).where(Household.id == each.household_id)).one()
            for each in stops(sweep_id)
        ]
        assert [(each.building, each.room) for each in homes] == [("3", "2"), ("3", "10"), ("12", "1")]
        step = db.session.scalars(select(Step).where(Step.id == sweep_id)).one()
        assert (step.actor, step.verb) == ("网格员03", "完成摸排入户")
        with pytest.raises(Clash):
            planning.start(sweep_id)
        with pytest.raises(Refused, match="没有摸排完"):
            a_sweep(here)


def test_a_plan_names_what_is_missing() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        for words, field in (
            ({"left_out": {}}, f"reason-{here.other_yard}"), ({"courtyards": []}, "courtyards"),
            ({"purpose": "x"}, "purpose"), ({"title": " "}, "title"), ({"ends_on": date(2020, 1, 1)}, "ends_on"),
        ):  # fmt: skip
            given = {
                "purpose": "heat", "title": "高温", "starts_on": today(), "ends_on": today(),
                "courtyards": [here.yard], "left_out": {here.other_yard: "下一批"},
            } | words  # fmt: skip
            with pytest.raises(Refused) as refused:
                planning.plan(**given)
            assert refused.value.field == field


def test_a_door_written_twice_is_one_door_after_the_merge() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        kept = register.register(here.yard, Door("3", "1", "101"), PAIR)
        for room in ("0101", "1-01"):
            register.register(here.yard, Door("3", "1", room), (NewPerson(f"丙{room}"),))
        sweep_id = a_sweep(here)
        ids = {each.household_id: each.id for each in stops(sweep_id)}
        done, gone = (home for home in ids if home != kept.household_id)
        record(ids[kept.household_id], Sheet("visited", all_seen(kept.household_id)), client_key=uuid4(), at=now())
        record(ids[done], Sheet("visited", all_seen(done)), client_key=uuid4(), at=now())
        first = merging.merge_homes(kept.household_id, done)
        second = merging.merge_homes(kept.household_id, gone)
        assert planning.sync_stops(sweep_id) == 0, "an entry that was taken into another is no door"
        lines, total = lists.doors(sweep_id)
        assert total == len(lines) == 2, "the door that was done stays, the open one is gone"
        (yard,) = [each for each in lists.yards(sweep_id) if each.in_scope]
        assert (yard.doors, yard.done) == (2, 2)
        blockers = closing.blockers(sweep_id, here.yard)
        assert [(each.kind, each.household_id) for each in blockers] == [("person", str(kept.household_id))]
        (door,) = queries.bundle([here.yard])
        assert [each.result for each in door.people] == ["seen", "seen", "seen", ""], "who was seen behind either door"
        unmerging.undo(second)
        assert {each.household_id for each in queries.bundle([here.yard])} == {gone}
        merging.merge_homes(kept.household_id, gone)
        last = all_seen(kept.household_id)
        record(ids[kept.household_id], Sheet("visited", last), client_key=uuid4(), at=now())
        closing.close(sweep_id, here.yard)
        assert [each.differences for each in closing.verify()] == [()]
        assert first


def test_a_second_sheet_for_a_door_that_is_done_is_kept_and_changes_nothing() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = register.register(here.yard, DOOR, ZHOU).household_id
        sweep_id = a_sweep(here)
        (stop,) = stops(sweep_id)
        record(stop.id, Sheet("visited", all_seen(home)), client_key=uuid4(), at=now())
        late = record(stop.id, Sheet("moved", note="邻居说搬走了", urgent=True), client_key=uuid4(), at=now())
        assert late.kept and late.state == "visited"
        assert set(db.session.scalars(select(Person.status))) == {"here"}
        assert count_of(Signal) == 0
        kept = db.session.scalars(select(StopTry).where(StopTry.kept)).one()
        assert kept.note == "邻居说搬走了" and '"urgent":true' in kept.sheet


def test_whoever_nobody_answered_for_keeps_the_door_open() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = register.register(here.yard, DOOR, ZHOU)
        sweep_id = a_sweep(here)
        (stop,) = stops(sweep_id)
        half = record(stop.id, Sheet("visited", all_seen(home.household_id)[:2]), client_key=uuid4(), at=now())
        assert (half.state, half.pending) == ("deferred", 2)
        (door,) = queries.bundle([here.yard])
        assert [each.result for each in door.people] == ["seen", "seen", "unasked", "unasked"]
        rest = record(stop.id, Sheet("visited", all_seen(home.household_id)[2:]), client_key=uuid4(), at=now())
        assert (rest.state, rest.pending) == ("visited", 0)
        assert queries.bundle([here.yard]) == []
        late = register.add_person(home.household_id, NewPerson("后来登记的"))
        (door,) = queries.bundle([here.yard])
        assert door.state == "visited" and door.people[-1].id == late
        added = record(stop.id, Sheet("visited", (Seen(late, "seen"),)), client_key=uuid4(), at=now())
        assert not added.kept and added.pending == 0


def test_a_stop_of_another_courtyard_or_sweep_not_going_on_is_refused() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        register.register(here.yard, DOOR, ZHOU)
        sweep_id = a_sweep(here)
        (stop,) = stops(sweep_id)
        with pytest.raises(Absent):
            record(stop.id, Sheet("not_home"), client_key=uuid4(), at=now(), courtyards=[here.other_yard])
        with pytest.raises(Refused) as refused:
            day = today() + timedelta(days=30)
            record(stop.id, Sheet("deferred", deferred_until=day), client_key=uuid4(), at=now())
        assert refused.value.field == "deferred_until"
        planning.cancel(sweep_id, "雨太大")
        with pytest.raises(Clash):
            record(stop.id, Sheet("not_home"), client_key=uuid4(), at=now())
        assert db.session.scalar(select(Step.id).where(Step.id == sweep_id)) is None
