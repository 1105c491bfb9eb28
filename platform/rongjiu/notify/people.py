"""Who stands behind an address, and by which ways they can be reached."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, Uuid, column, or_, select, table
from sqlalchemy.dialects.postgresql import insert

from rongjiu.clock import now
from rongjiu.crypto import PLATFORM, Sealed, blind
from rongjiu.db import db
from rongjiu.ids import uuid7
from rongjiu.notify import channels, rules
from rongjiu.notify.models import AddressHealth, Preference

# Accounts live in a room above this one, which tells people by this one: read here by name, never written.
_account: Any = table(
    "account",
    column("id", Uuid()),
    column("phone", Sealed("account", "phone", platform=True)),
    column("email", Sealed("account", "email", platform=True)),
    column("phone_index", LargeBinary()),
    column("email_index", LargeBinary()),
    column("disabled_at", DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody with an account: addresses by channel, and what they wish."""

    account_id: UUID
    addresses: dict[str, str]
    preference: Preference = field(default_factory=lambda: plain())


@dataclass(frozen=True, slots=True)
class Way:
    """A channel and the address on it."""

    name: str
    address: str


def plain() -> Preference:
    """What somebody wishes who never said."""
    return Preference(
        language="zh",
        quiet_from="21:00",
        quiet_to="08:00",
        digest=False,
        wished=[],
        wechat=None,
        wecom=None,
        dingtalk=None,
    )


def behind(address: str) -> Reached | None:
    """The account with this phone or e-mail, or None."""
    index = index_of(address)
    return _one(or_(_account.c.phone_index == index, _account.c.email_index == index))


def account(account_id: UUID) -> Reached | None:
    """An account by its id."""
    return _one(_account.c.id == account_id)


def _one(where: Any) -> Reached | None:
    known = select(_account.c.id, _account.c.phone, _account.c.email).where(where, _account.c.disabled_at.is_(None))
    row = db.session.execute(known).first()
    if row is None:
        return None
    wish = db.session.scalar(select(Preference).where(Preference.account_id == row.id)) or plain()
    ways = {"wechat": wish.wechat, "wecom": wish.wecom, "dingtalk": wish.dingtalk}
    found = {"sms": row.phone, **ways, "email": row.email}
    return Reached(row.id, {name: value for name, value in found.items() if value}, wish)


def index_of(address: str) -> bytes:
    """Keyed hash of an address, as accounts have it."""
    return blind(address, PLATFORM, "email" if "@" in address else "phone")


def given(address: str) -> Way:
    """The way that an address is by itself."""
    return Way("email" if "@" in address else "sms", address)


def way_to(address: str, person: Reached | None, used: Collection[str] = ()) -> Way:
    """The way to take; the address that was given when nothing better is left."""
    own = "email" if "@" in address else "sms"
    ways = {own: address, **(person.addresses if person else {})}
    wished = [*(person.preference.wished if person else ()), own]
    dead = {name for name, value in ways.items() if is_dead(name, value)}
    name = rules.way(ways, wished, channels.configured(), dead, used)
    return Way(name, ways[name]) if name else Way(own, address)


def another(address: str, account_id: UUID | None, used: Collection[str]) -> Way | None:
    """The next way to somebody whose address failed; None when none is left."""
    person = account(account_id) if account_id else None
    if person is None:
        return None
    ways = person.addresses
    dead = {name for name, value in ways.items() if is_dead(name, value)}
    name = rules.way(ways, person.preference.wished, channels.configured(), dead, used)
    return Way(name, ways[name]) if name and ways[name] != address else None


def is_dead(channel: str, address: str) -> bool:
    """Has this address bounced too often?"""
    query = select(AddressHealth.dead_at).where(AddressHealth.address_index == health_index(channel, address))
    return db.session.scalar(query) is not None


def health_index(channel: str, address: str) -> bytes:
    """Keyed hash under which the health of an address is kept."""
    return blind(address, PLATFORM, channel)


def bounced(channel: str, address: str) -> int:
    """Count a bounce; answers how many there were in a row."""
    moment = now()
    row = insert(AddressHealth).values(id=uuid7(), address_index=health_index(channel, address), bounces=1, at=moment)
    counted = row.on_conflict_do_update(
        index_elements=["address_index"], set_={"bounces": AddressHealth.bounces + 1, "at": moment}
    ).returning(AddressHealth.bounces)
    count = int(db.session.scalar(counted) or 0)
    if count >= rules.BOUNCES:
        _mark(channel, address, count, moment)
    return count


def well(channel: str, address: str) -> None:
    """The address took a message: the count begins anew."""
    query = select(AddressHealth.bounces).where(AddressHealth.address_index == health_index(channel, address))
    if db.session.scalar(query):
        _mark(channel, address, 0, None)


def _mark(channel: str, address: str, bounces: int, dead_at: datetime | None) -> None:
    row = db.session.scalars(
        select(AddressHealth).where(AddressHealth.address_index == health_index(channel, address))
    ).one()
    row.bounces, row.dead_at = bounces, dead_at
    db.session.flush()
