"""The pool of a street: who has spoken to which shop, searched before anybody walks there again."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from rongjiu import codes
from rongjiu.clock import today
from rongjiu.crypto import PLATFORM, blind
from rongjiu.db import db, telling
from rongjiu.ids import uuid7
from rongjiu.marketplace.models import Provider
from rongjiu.neighbours.models import StreetProspect
from rongjiu.tenancy.models import Community

MOST = 10


@dataclass(frozen=True, slots=True)
class Spoken:
    """Another community of the street has spoken to this shop; `why` = uscc | place | name, the surest first."""

    name: str
    community: str
    state: str
    spoken_on: date | None
    why: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A provider of the street that stands in the marketplace already."""

    id: UUID
    name: str
    state: str


def folded(name: str) -> str:
    """A name as names are compared: without blanks and signs, narrow, lower case."""
    return "".join(sign for sign in codes.plain(name).lower() if sign.isalnum())


def place_of(address: str) -> bytes | None:
    """The keyed hash of an address, None when it is empty or too short to tell one shop from the next."""
    text = folded(address)
    return blind(text, PLATFORM, "shop-place") if len(text) >= 4 else None


def spoken(street_id: UUID, community_id: UUID, *, name: str, uscc: str = "", address: str = "") -> list[Spoken]:
    """Other communities of the street that have spoken to this shop: by code, by address, by name."""
    p, place, key = StreetProspect, place_of(address), folded(name)
    same = [p.folded == key] if key else []
    if uscc:
        same.append(p.uscc == uscc)
    if place:
        same.append(p.place == place)
    if not same:
        return []
    query = (
        select(p.name, p.uscc, p.place, p.state, p.spoken_on, Community.name.label("community"))
        .join(Community, Community.id == p.community_id)
        .where(p.street_id == street_id, p.community_id != community_id, or_(*same))
        .order_by(p.spoken_on.desc().nulls_last(), p.id)
        .limit(MOST)
    )
    with telling(pool_street=street_id):
        rows = db.session.execute(query).all()
    found = []
    for row in rows:
        why = "uscc" if uscc and row.uscc == uscc else "place" if place and row.place == place else "name"
        found.append(Spoken(row.name, row.community, row.state, row.spoken_on, why))
    return sorted(found, key=lambda one: ("uscc", "place", "name").index(one.why))


def listed(street_id: UUID, *, name: str, uscc: str = "") -> list[Listed]:
    """Providers of the street with this code, or this very name, whatever state but draft they are in."""
    same = [Provider.name == name.strip()]
    if uscc:
        same.append(Provider.uscc == uscc)
    rows = db.session.execute(
        select(Provider.id, Provider.name, Provider.state)
        .where(Provider.street_id == street_id, Provider.state != "draft", or_(*same))
        .order_by(Provider.name)
        .limit(MOST)
    )
    return [Listed(row.id, row.name, row.state) for row in rows]


def put(
    street_id: UUID, community_id: UUID, prospect_id: UUID, *, name: str, uscc: str, address: str, state: str
) -> None:
    """Say where a community stands with a shop. Never called for a private person."""
    words = {
        "name": name, "folded": folded(name), "uscc": uscc, "place": place_of(address), "state": state,
        "spoken_on": None if state == "prospect" else today(),
    }  # fmt: skip
    row = insert(StreetProspect).values(
        id=uuid7(), street_id=street_id, community_id=community_id, prospect_id=prospect_id, **words
    )
    with telling(community_id=community_id):
        db.session.execute(row.on_conflict_do_update(index_elements=["community_id", "prospect_id"], set_=words))


def take(community_id: UUID, prospect_ids: list[UUID]) -> None:
    """Take shops out again whose import was undone."""
    mine = StreetProspect.community_id == community_id
    with telling(community_id=community_id):
        db.session.execute(delete(StreetProspect).where(mine, StreetProspect.prospect_id.in_(prospect_ids)))
