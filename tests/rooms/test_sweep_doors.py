"""Whatever happens at the doors of a courtyard, tried at random against a model: nobody is missed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
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
from sqlalchemy import select, text

from rongjiu.actor import acting
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from tenants.residents import service as register
from tenants.residents.service import Door
from tenants.sweeps import closing, planning, rules
from tenants.sweeps.closing import StillOpen
from tenants.sweeps.models import SweepCertificate, SweepStop
from tenants.sweeps.service import Sheet, record
from tests.desk_of import Desk, a_desk
from tests.sweeping import PAIR, a_night_and_two_days, a_sweep, all_seen, stops

pytestmark = pytest.mark.usefixtures("inside")


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
