"""What tests of the express lane ask: whose telephone rang, which bells are set, what an emergency says."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from rongjiu.clock import ZONE
from rongjiu.db import db
from rongjiu.identity.models import Account
from rongjiu.notify.models import Message
from rongjiu.outbox import Outbox
from rongjiu.tenancy.models import Community
from tenants.express.models import Emergency
from tenants.residents import service as residents
from tests import factories
from tests.desk_of import DOOR, ZHOU, Desk, a_desk

SPRING = datetime(2026, 2, 16, 22, 40, tzinfo=ZONE)
"""The eve of the Spring Festival, at night: the desk is closed for more than a week."""
SATURDAY = datetime(2026, 6, 6, 23, 50, tzinfo=ZONE)


def a_desk_that_can_be_rung() -> Desk:
    """A community at work: secretary, clerk, grid worker, street and district have telephones."""
    found = a_desk()
    for n, staff in enumerate((found.secretary, found.clerk, found.grid)):
        db.session.execute(update(Account).where(Account.id == staff.account.id).values(phone=f"1390000000{n}"))
    community = db.session.scalars(select(Community).where(Community.tenant_id == found.tenant.id)).one()
    assert community.street_id
    street = db.session.get_one(factories.Street, community.street_id)
    for n, (role, kind, place) in enumerate(
        (("street_overseer", "street", street.id), ("district_overseer", "district", street.district_id)), 7
    ):
        staff = factories.a_person_with_role(role, kind, place)
        db.session.execute(update(Account).where(Account.id == staff.account.id).values(phone=f"1390000000{n}"))
    return found


def rung(text: str = "") -> set[int]:
    """Last digits of the telephones that were rung: 0 secretary, 1 clerk, 2 grid worker, 7 street, 8 district."""
    return {int(each.address[-1]) for each in told() if text in each.text}


def told() -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.purpose == "emergency")))


def count(text: str) -> int:
    return sum(text in each.text for each in told())


def due(kind: str, what: str = "") -> list[Any]:
    """Bells that are set: (run_after, payload)."""
    rows = db.session.execute(select(Outbox.run_after, Outbox.payload).where(Outbox.kind == kind))
    return sorted((row.run_after.astimezone(ZONE), row.payload) for row in rows if row.payload.get("what", "") == what)


def one(emergency_id: UUID) -> Emergency:
    return db.session.scalars(
        select(Emergency).where(Emergency.id == emergency_id).execution_options(populate_existing=True)
    ).one()


def home(here: Desk) -> UUID:
    return residents.register(here.yard, DOOR, ZHOU).household_id
