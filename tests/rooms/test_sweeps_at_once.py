"""Two phones at one door in the same moment, on committed rows: written once, nothing doubled, nobody deadlocks."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from rongjiu.actor import acting
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from tenants.finding.models import HomeVisit
from tenants.residents import service as register
from tenants.residents.models import Household, Person
from tenants.residents.service import Door, NewPerson
from tenants.signals.models import Signal
from tenants.sweeps import closing
from tenants.sweeps.models import StopTry, SweepCertificate, SweepStop
from tenants.sweeps.service import Recorded, Sheet, new_door, record
from tests.desk_of import DOOR, Desk, a_desk
from tests.sweeping import PAIR, a_sweep, all_seen

World = tuple[Desk, Any, Any, Any]


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with app.app_context():
        here = a_desk()
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            home = register.register(here.yard, DOOR, PAIR).household_id
            sweep_id = a_sweep(here)
            stop_id = db.session.scalars(select(SweepStop.id)).one()
        db.session.commit()
        yield here, sweep_id, stop_id, home
        db.session.remove()


def at_once(app: Flask, here: Desk, *works: Callable[[], Any]) -> list[Any]:
    """Do all in transactions of their own, started together: what each answered, or the refusal."""
    start = Barrier(len(works))
    actor = here.as_clerk()

    def one(work: Callable[[], Any]) -> Any:
        with app.app_context():
            try:
                with tenant_scope(here.tenant), acting(actor):
                    start.wait(10)
                    answer = work()
                db.session.commit()
                return answer
            except Refused as refused:
                db.session.rollback()
                return refused
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def counted(app: Flask, here: Desk, *models: Any) -> list[int]:
    with app.app_context(), tenant_scope(here.tenant):
        return [db.session.scalar(select(func.count()).select_from(each)) or 0 for each in models]


def test_the_same_sheet_from_two_phones_is_one(app: Flask, world: World) -> None:
    here, _sweep, stop_id, home = world
    with app.app_context(), tenant_scope(here.tenant):
        people = all_seen(home)
    sheet, key, moment = Sheet("visited", people, urgent=True, wish="想修灯"), uuid4(), now()
    answers = at_once(app, here, *[lambda: record(stop_id, sheet, client_key=key, at=moment)] * 4)
    assert all(isinstance(each, Recorded) for each in answers)
    assert sorted(each.repeat for each in answers) == [False, True, True, True]
    assert counted(app, here, StopTry, Signal) == [1, 2]


def test_two_sheets_for_one_door_lose_nothing(app: Flask, world: World) -> None:
    here, _sweep, stop_id, home = world
    with app.app_context(), tenant_scope(here.tenant):
        people = all_seen(home)
    answers = at_once(
        app, here, lambda: record(stop_id, Sheet("visited", people), client_key=uuid4(), at=now()),
        lambda: record(stop_id, Sheet("refused"), client_key=uuid4(), at=now()),
    )  # fmt: skip
    assert sorted(each.kept for each in answers) == [False, True]
    assert answers[0].state == answers[1].state
    assert counted(app, here, StopTry) == [2]


def test_a_new_door_sent_twice_at_once_is_one_household(app: Flask, world: World) -> None:
    here, sweep_id, _stop, _home = world
    sheet, key, door = (
        Sheet("visited", new_people=(NewPerson("丙某"),), possible_leak=True),
        uuid4(),
        Door("9", "1", "1"),
    )
    moment = now()
    answers = at_once(
        app, here, *[lambda: new_door(sweep_id, here.yard, door, sheet, client_key=key, at=moment)] * 3
    )  # fmt: skip
    assert sorted(each.repeat for each in answers) == [False, True, True]
    assert counted(app, here, Household, Person, HomeVisit) == [2, 3, 1]


def test_closing_and_writing_go_one_after_the_other(app: Flask, world: World) -> None:
    here, sweep_id, stop_id, _home = world
    at_once(
        app, here, lambda: record(stop_id, Sheet("refused"), client_key=uuid4(), at=now()),
        lambda: closing.close(sweep_id, here.yard),
    )  # fmt: skip
    signed = counted(app, here, SweepCertificate)[0]
    with app.app_context(), tenant_scope(here.tenant):
        proofs = closing.verify()
        assert len(proofs) == signed and all(not each.differences for each in proofs)
