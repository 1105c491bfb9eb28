"""A courtyard closes only when nobody is missed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from blueprints.cli.oversight import differences
from rongjiu.actor import acting
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Clash, Refused
from rongjiu.oversight.models import Indicator, Step
from tenants.residents import service as register
from tenants.residents.models import Person
from tenants.residents.service import Door, NewPerson
from tenants.reviews.queries import waiting_for
from tenants.sweeps import closing, jobs, planning
from tenants.sweeps.closing import StillOpen
from tenants.sweeps.entitled.service import move
from tenants.sweeps.models import Entitled, StopPerson, StopPlace, StopTry, Sweep, SweepCertificate
from tenants.sweeps.service import Seen, Sheet, record
from tests.asked import statements
from tests.desk_of import DOOR, ZHOU, a_desk
from tests.sweeping import PAIR, a_night_and_two_days, a_sweep, all_seen, stops

pytestmark = pytest.mark.usefixtures("inside")


def test_a_swept_courtyard_closes_with_a_certificate_of_one_hundred_percent() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        for room in ("101", "102"):
            register.register(here.yard, Door("3", "1", room), PAIR)
        register.register_door(here.yard, Door("4", "1", "101"))
        sweep_id = a_sweep(here)
        one, two, empty = stops(sweep_id)
        record(one.id, Sheet("visited", all_seen(one.household_id)), client_key=uuid4(), at=now())
        record(empty.id, Sheet("vacant"), client_key=uuid4(), at=now())
        with pytest.raises(StillOpen) as still:
            closing.close(sweep_id, here.yard)
        assert [(each.kind, each.household_id) for each in still.value.blockers] == [("open", str(two.household_id))]
        record(two.id, Sheet("refused"), client_key=uuid4(), at=now())
        closing.close(sweep_id, here.yard)
        content = db.session.scalars(select(SweepCertificate.content)).one()
        assert (content["percent"], content["doors"], content["covered"]) == (100, 3, 3)
        assert content["buildings"] == {"3": {"refused": 1, "visited": 1}, "4": {"vacant": 1}}
        assert content["people"] == {"refused": 2, "seen": 2}
        assert [each.differences for each in closing.verify()] == [()]
        assert db.session.scalar(select(Sweep.state)) == "closed", "the last courtyard ends the sweep"
        assert db.session.scalar(select(Step.id).where(Step.id == sweep_id)) is None
        with pytest.raises(Clash):
            record(one.id, Sheet("visited"), client_key=uuid4(), at=now())
        with pytest.raises(Clash):
            closing.close(sweep_id, here.yard)


def test_a_household_registered_meanwhile_is_a_forgotten_door() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = register.register(here.yard, DOOR, ZHOU)
        sweep_id = a_sweep(here)
        (stop,) = stops(sweep_id)
        record(stop.id, Sheet("visited", all_seen(home.household_id)), client_key=uuid4(), at=now())
        forgotten = register.register(here.yard, Door("8", "1", "1"), PAIR).household_id
        late = register.add_person(home.household_id, NewPerson("后来登记的"))
        with pytest.raises(StillOpen) as still:
            closing.close(sweep_id, here.yard)
        assert {(each.kind, each.household_id, each.person_id) for each in still.value.blockers} == {
            ("forgotten", str(forgotten), ""), ("person", str(home.household_id), str(late)),
        }  # fmt: skip
        assert planning.sync_stops(sweep_id) == 1
        assert planning.sync_stops(sweep_id) == 0


def test_a_door_that_nobody_opens_is_counted_apart_and_first_next_time() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        register.register(here.yard, Door("1", "1", "1"), PAIR)
        last = register.register(here.yard, Door("9", "1", "1"), PAIR).household_id
        sweep_id = a_sweep(here)
        met, vain = stops(sweep_id)
        record(met.id, Sheet("visited", all_seen(met.household_id)), client_key=uuid4(), at=now())
        for n, moment in enumerate(a_night_and_two_days()):
            with pytest.raises(Refused):
                closing.give_up(vain.id)
            done = record(vain.id, Sheet("not_home"), client_key=uuid4(), at=moment)
            assert (done.state, done.tries, done.may_end) == ("not_home", n + 1, n == 2)
        closing.give_up(vain.id)
        closing.close(sweep_id, here.yard)
        content = db.session.scalars(select(SweepCertificate.content)).one()
        assert (content["doors"], content["covered"], content["percent"]) == (2, 1, 50)
        assert content["people"] == {"seen": 2, "unreached": 2}
        again = a_sweep(here, "winter")
        assert [(each.household_id == last, each.first) for each in stops(again)] == [(False, False), (True, True)]


def test_somebody_met_after_all_takes_a_door_from_the_unreached() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        register.register(here.yard, DOOR, PAIR)
        sweep_id = a_sweep(here)
        (stop,) = stops(sweep_id)
        for moment in a_night_and_two_days():
            record(stop.id, Sheet("not_home"), client_key=uuid4(), at=moment)
        closing.give_up(stop.id)
        met = record(stop.id, Sheet("visited", all_seen(stop.household_id)), client_key=uuid4(), at=now())
        assert (met.state, met.kept) == ("visited", False)
        assert set(db.session.scalars(select(StopPerson.result))) == {"seen"}


def test_who_is_on_the_list_already_is_asked_once_for_a_whole_family() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = register.register(here.yard, DOOR, ZHOU)
        sweep_id = a_sweep(here)
        (stop,) = stops(sweep_id)
        leaks = tuple(Seen(each, "seen", possible_leak=True, leak_reason="did_not_apply") for each in home.person_ids)
        with statements() as seen:
            record(stop.id, Sheet("visited", leaks), client_key=uuid4(), at=now())
        assert len(leaks) > 1
        assert sum("FROM entitled" in each for each in seen) == 1
        assert set(db.session.scalars(select(Entitled.person_id))) == set(home.person_ids)


def test_what_became_of_the_entitled_is_dated_and_counted_once() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = register.register(here.yard, DOOR, ZHOU)
        sweep_id = a_sweep(here)
        (stop,) = stops(sweep_id)
        seen = all_seen(home.household_id)
        leak = Seen(home.person_ids[0], "seen", possible_leak=True, leak_reason="did_not_apply")
        record(stop.id, Sheet("visited", (leak, *seen[1:])), client_key=uuid4(), at=now())
        row = db.session.scalars(select(Entitled.id)).one()
        for wrong, field in ((("found", {}), "policy"), (("not_entitled", {}), "reason")):
            with pytest.raises(Refused) as refused:
                move(row, wrong[0], **wrong[1])
            assert refused.value.field == field
        with pytest.raises(Clash):
            move(row, "granted")
        move(row, "found", policy="dibao")
        move(row, "applied")
        move(row, "refused", reason="收入超线")
        move(row, "applied")
        move(row, "granted")
        kept = db.session.scalars(select(Entitled)).one()
        assert (kept.found_on, kept.applied_on, kept.refused_on, kept.granted_on) == (today(),) * 4
        names = ("entitled_found", "entitled_applied")
        found = db.session.execute(select(Indicator.name, Indicator.value).where(Indicator.name.in_(names)))
        assert {each.name: each.value for each in found} == dict.fromkeys(names, 1)
        assert differences() == {}, "what the street sees is what the rows say"


def test_the_place_of_a_try_is_sealed_and_removed_after_its_days() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        register.register(here.yard, DOOR, ZHOU)
        sweep_id = a_sweep(here)
        (stop,) = stops(sweep_id)
        old = now() - timedelta(days=31)
        record(stop.id, Sheet("not_home", place="34.2,108.9,20"), client_key=uuid4(), at=old)
        record(stop.id, Sheet("not_home", place="34.2,108.9,20"), client_key=uuid4(), at=now())
        raw = db.session.execute(text("SELECT place FROM stop_place")).scalars().all()
        assert len(raw) == 2 and b"34.2" not in bytes(raw[0])
        jobs.remove_places({})
        assert [each.date() for each in db.session.scalars(select(StopPlace.at))] == [now().date()]
        assert not [each for each in db.session.scalars(select(StopTry.sheet)) if "34.2" in each], "nowhere else kept"


def test_a_courtyard_without_a_door_proves_nothing_and_is_left_out_with_a_reason() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        register.register(here.yard, DOOR, PAIR)
        planned = planning.plan("flood", "防汛", today(), today(), courtyards=[here.yard, here.other_yard], left_out={})
        planning.start(planned.id)
        with pytest.raises(Refused, match="没有可证明的"):
            closing.close(planned.id, here.other_yard)
        with pytest.raises(Clash):
            planning.leave_out(planned.id, here.yard, "太远")
        with pytest.raises(Refused) as refused:
            planning.leave_out(planned.id, here.other_yard, " ")
        assert refused.value.field == "reason"
        planning.leave_out(planned.id, here.other_yard, "整院拆迁")
        (stop,) = stops(planned.id)
        record(stop.id, Sheet("refused"), client_key=uuid4(), at=now())
        closing.close(planned.id, here.yard)
        assert db.session.scalar(select(Sweep.state)) == "closed"


def test_people_who_have_gone_do_not_keep_a_door_open() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = register.register(here.yard, DOOR, PAIR)
        sweep_id = a_sweep(here)
        (stop,) = stops(sweep_id)
        people = (Seen(home.person_ids[0], "died"), Seen(home.person_ids[1], "hospital"))
        assert record(stop.id, Sheet("visited", people), client_key=uuid4(), at=now()).state == "visited"
        assert db.session.scalar(select(Person.status).where(Person.id == home.person_ids[0])) == "here"
        assert waiting_for([home.person_ids[0]]) == {home.person_ids[0]: ["status"]}, "a death waits for the secretary"
        closing.close(sweep_id, here.yard)
