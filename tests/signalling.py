"""A community where signals come in, and what it keeps of them, for tests of the desk and of the room."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu.actor import Actor, acting
from rongjiu.db import db, tenant_scope
from tenants.catalogue import queries as catalogue
from tenants.residents import service as residents
from tenants.signals import door_codes
from tenants.signals.models import Signal
from tests.desk_of import DOOR, ZHOU, Desk, a_desk

Made = Callable[[Callable[[], object]], Any]
PHONE = "13900001111"


@contextmanager
def at_the_desk(address: str = "10.0.0.1") -> Iterator[Desk]:
    """The clerk at work in a community of its own."""
    here = a_desk()
    with tenant_scope(here.tenant), acting(Actor(here.clerk.account.id, "assistance_clerk", "专干", address)):
        yield here


def row_of(signal_id: UUID) -> Signal:
    """The signal as it stands in the database."""
    db.session.expire_all()
    return db.session.scalars(select(Signal).where(Signal.id == signal_id)).one()


ROLES = ("secretary", "clerk", "worker", "grid", "live")


class Place:
    """A community at work with a family and codes on its doors, as plain values."""

    def __init__(self) -> None:
        here = a_desk()
        self.tenant, self.slug, self.yard = here.tenant, here.slug, here.yard
        self.tokens = {name: getattr(here, name).token for name in ROLES}
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            self.home = residents.register(here.yard, DOOR, ZHOU).household_id
            self.code = door_codes.make(here.yard, "3")
            self.department = catalogue.departments()[0]["id"]

    def url(self, path: str) -> str:
        """An address of the community."""
        return f"/c/{self.slug}/{path}"


def signals_of(made: Made, counter: Place) -> list[Any]:
    """The signals of a place as plain rows."""

    def rows() -> list[Any]:
        with tenant_scope(counter.tenant):
            return list(
                db.session.execute(
                    select(Signal.id, Signal.channel, Signal.number, Signal.courtyard_id, Signal.building, Signal.household_id,
                           Signal.call_back, Signal.state, Signal.became, Signal.answer, Signal.phone)
                    .order_by(Signal.number)
                )
            )  # fmt: skip

    return made(rows)  # type: ignore[no-any-return]
