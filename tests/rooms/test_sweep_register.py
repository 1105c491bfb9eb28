"""What a sheet changes beside its stop: the register, with its origin, the home-visit list, whom to ring."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from rongjiu.actor import acting
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from tenants.finding.models import HomeVisit
from tenants.residents import changing, contacts, dialling
from tenants.residents import service as register
from tenants.residents.models import Household, Person, RegisterChange
from tenants.residents.service import Door, NewPerson
from tenants.signals.models import Signal
from tenants.sweeps import queries
from tenants.sweeps.models import Entitled, StopPerson, StopTry
from tenants.sweeps.service import Seen, Sheet, new_door, record
from tenants.sweeps.sheets import Rings
from tests.desk_of import DOOR, ZHOU, a_desk
from tests.sweeping import PAIR, a_sweep, all_seen, count_of, stops

pytestmark = pytest.mark.usefixtures("inside")


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
        before = [count_of(each) for each in (Person, Signal, Entitled, StopTry, StopPerson, RegisterChange)]
        again = record(stop.id, sheet, client_key=key, at=now(), courtyards=[here.yard])
        assert again.repeat and (again.state, again.signals) == (done.state, done.signals)
        assert [count_of(each) for each in (Person, Signal, Entitled, StopTry, StopPerson, RegisterChange)] == before
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
        assert [(row.taught_on, row.works) for row in dialling.tries(person_id=old)] == [(today(), None)] * 2


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
        homes = count_of(Household)
        again = new_door(sweep_id, here.yard, Door("9", "1", "101"), sheet, **words)
        assert again.repeat and again.stop_id == made.stop_id and count_of(Household) == homes
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
