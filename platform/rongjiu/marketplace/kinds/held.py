"""One row of what a provider keeps beside its services, locked for whoever changes it."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from rongjiu.db import db
from rongjiu.errors import Absent
from rongjiu.marketplace.kinds.models import CareStaff, JobOpening

Kept = TypeVar("Kept", CareStaff, JobOpening)


def held(kind: type[Kept], provider_id: UUID, row_id: UUID, missing: str) -> Kept:
    """The provider's row of that id; raises Absent in the words `missing` (a msgid) for any other, also another's."""
    row = db.session.scalar(select(kind).where(kind.id == row_id, kind.provider_id == provider_id).with_for_update())
    if row is None:
        raise Absent(missing)
    return row
