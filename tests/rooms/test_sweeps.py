"""At the door: a sheet is written once, nothing is lost, nobody is missed."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from rongjiu.actor import acting
from rongjiu.clock import ZONE, now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.oversight.models import Step
from tenants.finding.models import HomeVisit
from tenants.residents import changing, contacts
from tenants.residents import service as register
from tenants.residents.models import Household, Person, RegisterChange
from tenants.residents.service import Door, NewPerson
from tenants.reviews import merging
from tenants.signals.models import Signal
from tenants.sweeps import closing, lists, planning, queries
from tenants.sweeps.models import Entitled, StopPerson, StopTry, SweepStop
from tenants.sweeps.service import Seen, Sheet, new_door, record
from tenants.sweeps.sheets import Rings
from tests.desk_of import DOOR, ZHOU, Desk, a_desk

pytestmark = pytest.mark.usefixtures("inside")
PAIR = (NewPerson("甲某", "male", "02", age=70), NewPerson("乙某", "female", "10", age=68))


def a_sweep(here: Desk, purpose: str = "missed_aid") -> UUID:
    """A running sweep of the first courtyard of a desk."""
    planned = planning.plan(
        purpose, "八月摸排", today(), today() + timedelta(days=10), courtyards=[here.yard],
        left_out={here.other_yard: "商业楼，没有住户"},
    )  # fmt: skip
    planning.start(planned.id)
    return planned.id


def stops(sweep_id: UUID) -> list[SweepStop]:
    db.session.expire_all()
    return list(db.session.scalars(select(SweepStop).where(SweepStop.sweep_id == sweep_id).order_by(SweepStop.seq)))


def all_seen(household_id: UUID, how: str = "seen") -> tuple[Seen, ...]:
    ids = db.session.scalars(select(Person.id).where(Person.household_id == household_id).order_by(Person.seq))
    return tuple(Seen(each, how) for each in ids)


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def at(days: int, hour: int) -> datetime:
    """A past moment on the wall, on a working day unless days say otherwise."""
    return datetime(2026, 8, 3, hour, tzinfo=ZONE) + timedelta(days=days)


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


def test_a_visit_answers_for_each_person_and_changes_the_register_with_its_origin() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = register.register(here.yard, DOOR, ZHOU)
        sweep_id = a_sweep(here)
        (stop,) = stops(sweep_id)
        zhou, ma, son, girl = home.person_ids
        sheet = Sheet(
            "visited",
            people=(Seen(zhou, "seen", groups=("severely-disabled",), possible_leak=True, leak_reason="did_not_know",
                         hardships=("illness",)),
                    Seen(ma, "told"), Seen(son, "moved"), Seen(girl, "away")),
            new_people=(NewPerson("新来的", "female", "38", age=30),), note="老人说没有人告诉过他", urgent=True,
            safety_risks=("gas",), wish="想要一张护理床",
        )  # fmt: skip
        key = uuid4()
        done = record(stop.id, sheet, client_key=key, at=now(), courtyards=[here.yard])
        assert (done.state, done.pending, done.kept, len(done.signals)) == ("visited", 0, False, 2)
        db.session.expire_all()
        results = {
            row.person_id: row.result for row in db.session.execute(select(StopPerson.person_id, StopPerson.result))
        }
        assert [results[each] for each in home.person_ids] == ["seen", "told", "moved", "away"]
        assert len(results) == 5
        assert db.session.scalar(select(Person.status).where(Person.id == son)) == "moved"
        change = db.session.scalars(select(RegisterChange).where(RegisterChange.person_id == zhou)).one()
        assert (change.name, change.source, change.source_id) == ("groups", "sweep", sweep_id)
        need, wish = db.session.scalars(select(Signal).order_by(Signal.number))
        assert (need.channel, need.kind, need.urgency, wish.kind) == ("sweep", "need", "critical", "wish")
        assert "疑似漏保漏救 1 人（不知道有政策）" in need.words and "疾病" in need.words and "燃气" in need.words
        listed = db.session.scalars(select(Entitled)).one()
        assert (listed.person_id, listed.state, listed.signal_id) == (zhou, "possible", need.id)
        before = [count(each) for each in (Person, Signal, Entitled, StopTry, StopPerson, RegisterChange)]
        again = record(stop.id, sheet, client_key=key, at=now(), courtyards=[here.yard])
        assert again.repeat and (again.state, again.signals) == (done.state, done.signals)
        assert [count(each) for each in (Person, Signal, Entitled, StopTry, StopPerson, RegisterChange)] == before
        with pytest.raises(Clash):
            record(stop.id, Sheet("not_home"), client_key=key, at=now())


def test_what_is_not_urgent_goes_to_the_home_visit_list_and_only_there() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        homes = [register.register(here.yard, Door("3", "1", str(room)), PAIR) for room in (1, 2, 3, 4)]
        a_sweep_id = a_sweep(here)
        leak, ill, calm, hurry = (
            Seen(homes[0].person_ids[0], "seen", possible_leak=True, leak_reason="did_not_know", hardships=("illness",)),
            Seen(homes[1].person_ids[0], "seen", hardships=("unemployment",)),
            Seen(homes[2].person_ids[0], "seen"), Seen(homes[3].person_ids[0], "seen", possible_leak=True),
        )  # fmt: skip
        done = []
        for stop, seen in zip(stops(a_sweep_id), (leak, ill, calm, hurry), strict=True):
            sheet = Sheet("visited", (seen, *all_seen(stop.household_id)[1:]), urgent=seen is hurry)
            done.append(record(stop.id, sheet, client_key=uuid4(), at=now()))
        assert [(each.listed, len(each.signals)) for each in done] == [(True, 0), (True, 0), (False, 0), (False, 1)]
        rows = db.session.scalars(select(HomeVisit).order_by(HomeVisit.points.desc())).all()
        assert [(row.household_id, row.reasons, row.source, row.source_id) for row in rows] == [
            (homes[0].household_id, ["possible_leak", "did_not_know", "illness"], "sweep", done[0].stop_id),
            (homes[1].household_id, ["unemployment"], "sweep", done[1].stop_id),
        ]
        signal = db.session.scalars(select(Signal)).one()
        assert (signal.urgency, signal.household_id) == ("critical", homes[3].household_id)
        assert {each.person_id for each in db.session.scalars(select(Entitled))} == {
            homes[0].person_ids[0], homes[3].person_ids[0],
        }  # fmt: skip


def test_whom_to_ring_and_the_taught_button_go_to_the_register_once() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = register.register(here.yard, DOOR, ZHOU)
        a_sweep_id = a_sweep(here)
        (stop,) = stops(a_sweep_id)
        old, rest = home.person_ids[0], all_seen(home.household_id)[1:]
        bad = Seen(old, "seen", contact=Rings("family", "女儿", "12"))
        with pytest.raises(Refused) as refused:
            record(stop.id, Sheet("visited", (*rest[:1], bad)), client_key=uuid4(), at=now())
        assert refused.value.field == "people-1-contact_phone"
        told = Seen(old, "seen", contact=Rings("family", "女儿", "13900001111"), one_touch=True)
        unasked = Seen(rest[0].person_id, "unasked")
        for people in ((told, unasked, *rest[1:]), (told, *rest)):
            record(stop.id, Sheet("visited", people), client_key=uuid4(), at=now())
        (contact,) = contacts.of(person_id=old)
        assert (contact.kind, contact.name, contact.phone) == ("family", "女儿", "13900001111")
        assert [(row.taught_on, row.works) for row in contacts.tries(person_id=old)] == [(today(), None)] * 2


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
        merging.undo(second)
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
        assert count(Signal) == 0
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


def test_a_field_changed_since_the_bundle_was_read_is_left_alone() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = register.register(here.yard, DOOR, ZHOU)
        zhou = home.person_ids[0]
        a_sweep(here)
        (door,) = queries.bundle([here.yard])
        changing.change_person(zhou, {"groups": ["dibao"]})
        people = (Seen(zhou, "seen", groups=("severely-disabled",)), *all_seen(home.household_id)[1:])
        done = record(door.stop_id, Sheet("visited", people, base=door.base), client_key=uuid4(), at=now())
        assert done.conflicts == ((str(zhou), "groups"),) and done.state == "visited"
        assert db.session.scalar(select(Person.groups).where(Person.id == zhou)) == ["dibao"]


def test_a_family_that_moved_and_a_vacant_flat_change_the_register() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        gone = register.register(here.yard, Door("1", "1", "1"), PAIR).household_id
        empty, fresh = register.register_door(here.yard, Door("1", "1", "2"))
        assert fresh
        sweep_id = a_sweep(here)
        first, second = stops(sweep_id)
        assert record(first.id, Sheet("moved"), client_key=uuid4(), at=now()).state == "moved"
        assert record(second.id, Sheet("vacant"), client_key=uuid4(), at=now()).state == "vacant"
        db.session.expire_all()
        assert db.session.scalar(select(Household.left_on).where(Household.id == gone)) == today()
        assert set(db.session.scalars(select(Person.status).where(Person.household_id == gone))) == {"moved"}
        assert db.session.scalar(select(Household.occupancy).where(Household.id == empty)) == "vacant"


def test_a_new_door_is_registered_once_with_its_stop() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        known = register.register(here.yard, DOOR, ZHOU).household_id
        sweep_id = a_sweep(here)
        key, sheet = uuid4(), Sheet("visited", new_people=PAIR, possible_leak=True)
        words = {"client_key": key, "at": now(), "courtyards": [here.yard]}
        made = new_door(sweep_id, here.yard, Door("9", "1", "101"), sheet, **words)
        assert made.state == "visited" and made.listed and not made.signals
        homes = count(Household)
        again = new_door(sweep_id, here.yard, Door("9", "1", "101"), sheet, **words)
        assert again.repeat and again.stop_id == made.stop_id and count(Household) == homes
        stop = next(each for each in stops(sweep_id) if each.id == made.stop_id)
        assert stop.at_door and stop.building == "9"
        same = new_door(
            sweep_id, here.yard, DOOR, Sheet("visited", new_people=(NewPerson("亲戚"),)), client_key=uuid4(), at=now()
        )
        assert same.household_id == known and same.state == "deferred" and same.pending == 4
        with pytest.raises(Absent):
            new_door(sweep_id, here.other_yard, DOOR, sheet, client_key=uuid4(), at=now(), courtyards=[here.yard])
        with pytest.raises(Refused) as refused:
            new_door(sweep_id, here.yard, Door("9"), sheet, client_key=uuid4(), at=now())
        assert refused.value.field == "room"


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
