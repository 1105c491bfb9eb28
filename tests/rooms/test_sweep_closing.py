"""A courtyard closes only when nobody is missed; its certificate is proved from the rows."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, text, update

from blueprints.cli.oversight import differences
from rongjiu.actor import acting
from rongjiu.clock import ZONE, now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Clash, Refused
from rongjiu.oversight.models import Indicator, Step
from tenants.residents import service as register
from tenants.residents.models import Person
from tenants.residents.service import Door, NewPerson
from tenants.reviews.queries import waiting_for
from tenants.sweeps import closing, following, jobs, planning, rules
from tenants.sweeps.closing import StillOpen
from tenants.sweeps.models import Entitled, StopPerson, StopPlace, StopTry, Sweep, SweepCertificate, SweepStop
from tenants.sweeps.service import Seen, Sheet, record
from tests.desk_of import DOOR, ZHOU, Desk, a_desk
from tests.rooms.test_sweeps import PAIR, a_sweep, all_seen, stops

pytestmark = pytest.mark.usefixtures("inside")


def a_night_and_two_days() -> list[datetime]:
    """Three tries in vain that suffice: two working days and an evening, all in the past."""
    monday = today() - timedelta(days=today().weekday() + 7)
    return [
        datetime(each.year, each.month, each.day, hour, tzinfo=ZONE)
        for each, hour in ((monday, 10), (monday + timedelta(days=1), 10), (monday + timedelta(days=1), 19))
    ]


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


@pytest.mark.parametrize(
    ("tamper", "names"),
    [
        ("UPDATE sweep_stop SET state = 'unreached' WHERE id = :stop", "door {stop}: changed"),
        ("UPDATE stop_person SET result = 'told' WHERE stop_id = :stop", "door {stop}: changed"),
        ("DELETE FROM stop_person WHERE stop_id = :stop", "door {stop}: changed"),
        ("UPDATE sweep_stop SET building = '9' WHERE id = :stop", "building 9: added"),
        ("UPDATE sweep_stop SET courtyard_id = :other WHERE id = :stop", "door {stop}: missing"),
    ],
)
def test_a_row_changed_behind_a_certificate_is_named(tamper: str, names: str) -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = register.register(here.yard, DOOR, ZHOU).household_id
        sweep_id = a_sweep(here)
        (stop,) = stops(sweep_id)
        record(stop.id, Sheet("visited", all_seen(home)), client_key=uuid4(), at=now())
        closing.close(sweep_id, here.yard)
        words = {"stop": stop.id, "other": here.other_yard}
        db.session.execute(text(tamper), {key: value for key, value in words.items() if f":{key}" in tamper})
        (proof,) = closing.verify()
        assert names.format(stop=stop.id) in proof.differences


def test_a_certificate_stands_when_two_entries_of_the_register_become_one() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = register.register(here.yard, DOOR, PAIR)
        twin, _fresh = register.register_door(here.other_yard, Door("1", "1", "1"))
        kept = register.add_person(twin, NewPerson("甲某某"))
        sweep_id = a_sweep(here)
        (stop,) = stops(sweep_id)
        record(stop.id, Sheet("visited", all_seen(home.household_id)), client_key=uuid4(), at=now())
        closing.close(sweep_id, here.yard)
        words = {"keep": kept, "drop": home.person_ids[0], "twin": twin, "home": home.household_id}
        db.session.execute(text("UPDATE stop_person SET person_id = :keep WHERE person_id = :drop"), words)
        db.session.execute(text("UPDATE sweep_stop SET household_id = :twin WHERE household_id = :home"), words)
        assert [each.differences for each in closing.verify()] == [()]


def test_a_certificate_written_anew_has_no_signature() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        register.register(here.yard, DOOR, ZHOU)
        sweep_id = a_sweep(here)
        (stop,) = stops(sweep_id)
        record(stop.id, Sheet("refused"), client_key=uuid4(), at=now())
        closing.close(sweep_id, here.yard)
        row = db.session.scalars(select(SweepCertificate)).one()
        db.session.execute(text("SAVEPOINT forged"))
        forged = {**row.content, "head": {**row.content["head"], "signed_by": "别人"}}
        kept, proof = row.content, closing._proof  # the app may not rewrite a certificate, so the row is given by hand
        fake = type("Row", (), {
            "sweep_id": sweep_id, "courtyard_id": here.yard, "content": forged, "digest": row.digest,
            "signature": row.signature, "number": kept["head"]["sweep"], "slug": "yard-0",
        })  # fmt: skip
        assert proof(fake).differences == ("signature: does not fit",)


def test_a_closed_courtyard_without_a_certificate_is_named() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        register.register(here.yard, DOOR, ZHOU)
        a_sweep(here)
        db.session.execute(text("UPDATE sweep_courtyard SET state = 'closed' WHERE in_scope"))
        assert [each.differences for each in closing.verify()] == [("certificate: missing",)]


def test_the_command_answers_one_and_names_the_door(app: Flask) -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        register.register(here.yard, DOOR, ZHOU)
        sweep_id = a_sweep(here)
        (stop,) = stops(sweep_id)
        record(stop.id, Sheet("moved"), client_key=uuid4(), at=now())
        closing.close(sweep_id, here.yard)
        number, stop_id = db.session.scalars(select(Sweep.number)).one(), stop.id
    run = app.test_cli_runner().invoke
    whole = run(args=["sweeps", "verify", "--community", here.slug, number])
    assert whole.exit_code == 0 and "holds, 1 of 1 doors covered" in whole.output
    with tenant_scope(here.tenant):
        db.session.execute(update(SweepStop).where(SweepStop.id == stop_id).values(state="vacant"))
    broken = run(args=["sweeps", "verify"])
    assert broken.exit_code == 1 and f"door {stop_id}: changed" in broken.output
    assert run(args=["sweeps", "verify", "CS-S-1999-000001"]).exit_code == 1


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
                following.move(row, wrong[0], **wrong[1])
            assert refused.value.field == field
        with pytest.raises(Clash):
            following.move(row, "granted")
        following.move(row, "found", policy="dibao")
        following.move(row, "applied")
        following.move(row, "refused", reason="收入超线")
        following.move(row, "applied")
        following.move(row, "granted")
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


class Doors(RuleBasedStateMachine):
    """A small courtyard against a model: a dictionary of doors with what was last known of each."""

    desk: Desk
    closings = 0

    def __init__(self) -> None:
        super().__init__()
        self.point = db.session.begin_nested()
        self.scope = tenant_scope(self.desk.tenant)
        self.scope.__enter__()
        self.sheets: list[tuple[UUID, Sheet, UUID, datetime]] = []
        self.model: dict[UUID, str] = {}
        self.closed = False
        self.rooms = 0

    @initialize(doors=st.integers(1, 3))
    def begin(self, doors: int) -> None:
        for _n in range(doors):
            self._register()
        self.sweep = a_sweep(self.desk)
        self.model = {each.id: "planned" for each in stops(self.sweep)}

    def _register(self) -> None:
        self.rooms += 1
        register.register(self.desk.yard, Door("1", "1", str(self.rooms)), PAIR)

    @precondition(lambda self: not self.closed)
    @rule(pick=st.integers(0, 9), result=st.sampled_from(rules.RESULTS), whole=st.booleans(), n=st.integers(0, 2))
    def write(self, pick: int, result: str, whole: bool, n: int) -> None:
        stop = sorted(self.model)[pick % len(self.model)]
        home = db.session.scalar(select(SweepStop.household_id).where(SweepStop.id == stop))
        people = all_seen(home)
        sheet = Sheet(result, people if whole else people[:1]) if result == "visited" else Sheet(result)
        moment, key = a_night_and_two_days()[n], uuid4()
        got = record(stop, sheet, client_key=key, at=moment)
        self.sheets.append((stop, sheet, key, moment))
        if not got.kept:
            self.model[stop] = got.state
        else:
            assert got.state == self.model[stop]
        assert got.state != "visited" or got.pending == 0

    @precondition(lambda self: self.sheets)
    @rule(pick=st.integers(0, 99))
    def send_again(self, pick: int) -> None:
        stop, sheet, key, moment = self.sheets[pick % len(self.sheets)]
        before = fingerprint()
        assert record(stop, sheet, client_key=key, at=moment).repeat
        assert fingerprint() == before

    @precondition(lambda self: not self.closed)
    @rule(pick=st.integers(0, 9))
    def give_up(self, pick: int) -> None:
        stop = sorted(self.model)[pick % len(self.model)]
        tries = {each[3] for each in self.sheets if each[0] == stop and each[1].result == "not_home"}
        try:
            closing.give_up(stop)
        except Refused:
            assert not rules.is_open(self.model[stop]) or len(tries) < 3
        else:
            assert len(tries) == 3
            self.model[stop] = "unreached"

    @precondition(lambda self: not self.closed)
    @rule()
    def a_family_comes(self) -> None:
        if self.rooms < 5:
            self._register()

    @precondition(lambda self: not self.closed)
    @rule()
    def list_is_opened(self) -> None:
        planning.sync_stops(self.sweep)
        for each in stops(self.sweep):
            self.model.setdefault(each.id, "planned")

    @precondition(lambda self: not self.closed)
    @rule()
    def close(self) -> None:
        done = all(state in rules.FINAL for state in self.model.values()) and len(self.model) == self.rooms
        try:
            closing.close(self.sweep, self.desk.yard)
        except StillOpen as still:
            assert not done and still.blockers
        else:
            assert done
            self.closed = True
            type(self).closings += 1

    @invariant()
    def rows_say_what_the_model_says(self) -> None:
        if self.model:
            assert {each.id: each.state for each in stops(self.sweep) if each.id in self.model} == self.model
        if self.closed:
            content = db.session.scalars(select(SweepCertificate.content)).one()
            covered = sum(state in ("visited", "refused", "moved", "vacant") for state in self.model.values())
            assert (content["covered"], content["doors"]) == (covered, len(self.model))
            assert [each.differences for each in closing.verify()] == [()]

    def teardown(self) -> None:
        self.scope.__exit__(None, None, None)
        self.point.rollback()


def fingerprint() -> list[Any]:
    tables = ("sweep_stop", "stop_try", "stop_person", "person", "household", "signal", "entitled", "audit")
    return [
        db.session.scalar(text(f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {each} t"))
        for each in tables
    ]


@pytest.fixture
def small_world() -> Iterator[type[Doors]]:
    desk = a_desk()
    db.session.flush()
    with acting(desk.as_clerk()):
        yield type("SmallWorld", (Doors,), {"desk": desk})


def test_whatever_happens_at_the_doors_nobody_is_missed(small_world: type[Doors]) -> None:
    quiet = settings(
        max_examples=25, stateful_step_count=14, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(small_world, settings=quiet)
    assert small_world.closings > 0, "some courses of events must lead to a certificate"


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
