"""The clocks of the express lane: hours through night, weekend and holiday; each bell once, whatever dies."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from rongjiu import outbox
from rongjiu.actor import acting
from rongjiu.db import db, tenant_scope
from rongjiu.outbox import Outbox
from tenants.catalogue.models import Timer
from tenants.catalogue.queries import forget_timers
from tenants.express import clocks, service
from tests.desk_of import Desk
from tests.emergencies import SATURDAY, SPRING, a_desk_that_can_be_rung, count, due, one, rung


@pytest.fixture
def here(inside: None) -> Iterator[Desk]:
    """A community at work whose staff and street can be rung; entered as the clerk."""
    found = a_desk_that_can_be_rung()
    with tenant_scope(found.tenant), acting(found.as_clerk()):
        yield found


@pytest.mark.parametrize("start", [SPRING, SATURDAY])
def test_its_clocks_run_in_hours_through_night_weekend_and_holiday(here: Desk, start: datetime) -> None:
    with time_machine.travel(start, tick=False):
        alarm = one(service.flag("counter", courtyard_id=here.yard))
        assert [row[0] for row in due("emergency.ring")] == [start + timedelta(minutes=30)]
        assert due("emergency.late", "helper")[0][0] == start + timedelta(hours=12)
        assert due("emergency.late", "aid")[0][0] == start + timedelta(hours=24)
    with time_machine.travel(start + timedelta(minutes=30), tick=False):
        assert clocks.ring(alarm.id, 1)
        assert rung(clocks.UNOWNED) == {0, 7}
        assert due("emergency.ring")[1][0] == start + timedelta(hours=1)
    with time_machine.travel(start + timedelta(hours=1), tick=False):
        assert clocks.ring(alarm.id, 2)
        assert count(clocks.UNOWNED) == 4
    with time_machine.travel(start + timedelta(hours=12), tick=False):
        assert clocks.late(alarm.id, "helper")
        assert rung(clocks.LATE["helper"]) == {0, 1, 7, 8}
        assert clocks.late(alarm.id, "aid")
        assert rung(clocks.LATE["aid"]) == {0, 1, 7, 8}


def test_a_bell_that_is_carried_out_twice_rings_once(here: Desk) -> None:
    alarm = service.flag("counter")
    assert clocks.ring(alarm, 1)
    assert not clocks.ring(alarm, 1)
    assert not clocks.ring(alarm, 3)
    assert (count(clocks.UNOWNED), one(alarm).rings, len(due("emergency.ring"))) == (2, 1, 2)
    clocks.late(alarm, "helper")
    clocks.late(alarm, "helper")
    assert count(clocks.LATE["helper"]) == 4


def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_next_does_it_once(
    here: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarm = service.flag("counter")
    row_id = db.session.scalars(select(Outbox.id).where(Outbox.kind == "emergency.ring")).one()
    db.session.commit()

    def killed(*_args: object, **_words: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(clocks.audit, "record", killed)
        with db.session.begin_nested() as nested:
            with pytest.raises(KeyboardInterrupt):
                clocks.ring(alarm, 1)
            nested.rollback()
    assert (one(alarm).rings, count(clocks.UNOWNED)) == (0, 0)
    for _again in range(2):
        outbox.perform(here.tenant.id, str(here.tenant.uid), str(row_id))
    with tenant_scope(here.tenant):
        assert (one(alarm).rings, count(clocks.UNOWNED)) == (1, 2)


def test_the_times_may_be_set_and_a_change_leaves_a_running_clock(here: Desk) -> None:
    with time_machine.travel(SPRING, tick=False):
        first = one(service.flag("counter"))
        assert first.owner_due - SPRING == timedelta(minutes=30)
        before = db.session.scalars(select(Timer.content).where(Timer.slug == "critical-owner")).one()
        changed = update(Timer).where(Timer.slug == "critical-owner").values(content={**before, "value": 0.25})
        db.session.execute(changed)
        forget_timers()
        assert one(service.flag("counter")).owner_due - SPRING == timedelta(minutes=15)
        assert one(first.id).owner_due - SPRING == timedelta(minutes=30)
