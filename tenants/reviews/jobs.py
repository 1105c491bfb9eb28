"""What the worker does here: the search for duplicates, and what other communities may be told."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu.db import db
from rongjiu.nightly import chore
from rongjiu.outbox import effect
from rongjiu.tenancy import known
from tenants.residents.models import Person
from tenants.reviews import service


@effect("reviews.search")
def search(payload: dict[str, Any]) -> None:
    """One step of a search of the whole register; it asks for the next one itself."""
    service.search_step(UUID(payload["run"]), int(payload["step"]))


@chore("register.known")
def renew_known() -> None:
    """What the platform may answer of this community is what its register holds."""
    known.renew(db.session.scalars(select(Person.id_number).where(Person.id_number.is_not(None))))
