"""Ringing the posts of a community and of the levels above it. No name, no place, no illness in a message."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from rongjiu.db import current_tenant, db
from rongjiu.identity.models import Account
from rongjiu.notify.service import tell
from rongjiu.oversight import desk
from rongjiu.tenancy.models import Community
from rongjiu.tenancy.staff import working


def staff(roles: Collection[str], text: str, *, purpose: str, key: str) -> None:
    """Everybody with one of these roles here; the same `key` rings each once."""
    ids = {each.account_id for each in working(current_tenant().uid, roles)}
    accounts(ids, text, purpose=purpose, key=key)


def accounts(ids: Collection[UUID], text: str, *, purpose: str, key: str) -> int:
    """These accounts, as far as they have a telephone; answers how many have."""
    rows = db.session.execute(
        select(Account.id, Account.phone).where(Account.id.in_(ids), Account.phone.is_not(None))
    ).all()
    for row in rows:
        tell(row.phone, text, purpose=purpose, key=f"{key}-{row.id}")
    return len(rows)


def above(roles: Collection[str], text: str, *, purpose: str, key: str) -> None:
    """The posts of the street and the district over this community."""
    street = db.session.scalar(select(Community.street_id).where(Community.tenant_id == current_tenant().id))
    if street is None:
        return
    for role in roles:
        for number, phone in enumerate(desk.phones(role, street)):
            tell(phone, text, purpose=purpose, key=f"{key}-{role}-{number}")
