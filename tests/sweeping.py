"""Sweeps for tests: a running one, its stops, a family of two who were all seen, tries that suffice."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select

from rongjiu.actor import acting
from rongjiu.clock import ZONE, today
from rongjiu.db import db, tenant_scope
from tenants.residents import service as register
from tenants.residents.models import Person
from tenants.residents.service import Door, NewPerson
from tenants.sweeps import planning
from tenants.sweeps.models import SweepStop
from tenants.sweeps.service import Seen
from tests.desk_of import Desk

Made = Callable[[Callable[[], object]], Any]
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
    """The stops of a sweep in their order."""
    db.session.expire_all()
    return list(db.session.scalars(select(SweepStop).where(SweepStop.sweep_id == sweep_id).order_by(SweepStop.seq)))


def all_seen(household_id: UUID, how: str = "seen") -> tuple[Seen, ...]:
    """Everybody of a household, answered for."""
    ids = db.session.scalars(select(Person.id).where(Person.household_id == household_id).order_by(Person.seq))
    return tuple(Seen(each, how) for each in ids)


def count_of(model: type) -> int:
    """How many rows there are."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def a_night_and_two_days() -> list[datetime]:
    """Three tries in vain that suffice: two working days and an evening, all in the past."""
    monday = today() - timedelta(days=today().weekday() + 7)
    return [
        datetime(each.year, each.month, each.day, hour, tzinfo=ZONE)
        for each, hour in ((monday, 10), (monday + timedelta(days=1), 10), (monday + timedelta(days=1), 19))
    ]


class Swept:
    """A running sweep of one courtyard with two doors, as plain values."""

    def __init__(self, here: Desk) -> None:
        self.here, self.desk, self.grid = here, f"/c/{here.slug}/desk/", f"/c/{here.slug}/grid/"
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            self.homes = [
                register.register(here.yard, Door("3", "1", each), PAIR).household_id for each in ("101", "102")
            ]
            planned = planning.plan(
                "missed_aid", "八月摸排", today(), today() + timedelta(days=9), courtyards=[here.yard],
                left_out={here.other_yard: "下一批再去"},
            )  # fmt: skip
            self.sweep = planned.id
            planning.start(planned.id)
            self.stops = list(db.session.scalars(select(SweepStop.id).order_by(SweepStop.seq)))
            self.people = [
                [str(each) for each in db.session.scalars(
                    select(Person.id).where(Person.household_id == home).order_by(Person.seq)
                )]
                for home in self.homes
            ]  # fmt: skip


def sheet(swept: Swept, n: int, **words: Any) -> dict[str, Any]:
    """A filled form of one door."""
    found: dict[str, Any] = {"result": "visited", "consent": "y", "client_key": str(uuid4())}
    for at, person in enumerate(swept.people[n]):
        found |= {f"people-{at}-person": person, f"people-{at}-how": "seen", f"people-{at}-before": ""}
    return found | words


def asked(made: Made, swept: Swept, query: Any) -> Any:
    """One value from the database of the sweep's community."""

    def run() -> Any:
        with tenant_scope(swept.here.tenant):
            return db.session.scalar(query)

    return made(run)
