"""Reads of wishes: the wall, the desk's list, what somebody has promised."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu.db import db, telling
from rongjiu.tenancy.models import Community
from tenants.wishes.models import STATES, Wish, WishClaim, WishEvent

_WALL: tuple[Any, ...] = (
    Wish.id, Wish.public_text, Wish.state, Wish.published_at, Wish.delivered_at, Wish.thanks, Wish.thanked_at,
)  # fmt: skip
_LIST: tuple[Any, ...] = (
    Wish.id, Wish.number, Wish.public_text, Wish.state, Wish.claimer, Wish.claimer_kind, Wish.claims, Wish.submitted_at,
    Wish.due_at, Wish.published_at, Wish.delivered_at,
)  # fmt: skip
ON_WALL = ("published", "claimed", "delivered", "thanked")


def wall(state: str = "", page: int = 1, size: int = 30) -> tuple[list[Any], int]:
    """What hangs on the wall of the community in force, those that wait for somebody first; public columns only."""
    shown = (state,) if state in ON_WALL else ON_WALL
    query = select(*_WALL).where(Wish.state.in_(shown))
    rows = db.session.execute(
        query.order_by(Wish.state != "published", Wish.published_at.desc(), Wish.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    ).all()
    total = db.session.scalar(select(func.count(Wish.id)).where(Wish.state.in_(shown))) or 0
    return list(rows), total


def page(state: str = "", number: int = 1, size: int = 50) -> tuple[list[Any], int]:
    """One page of the desk's list, the most pressing first, and how many there are."""
    where = [Wish.state == state] if state else []
    query = select(*_LIST).where(*where).order_by(Wish.due_at.asc().nulls_last(), Wish.submitted_at.desc())
    total = db.session.scalar(select(func.count(Wish.id)).where(*where)) or 0
    return list(db.session.execute(query.limit(size).offset((number - 1) * size)).all()), total


def counts() -> dict[str, int]:
    """How many wishes stand in each state."""
    found = dict(db.session.execute(select(Wish.state, func.count()).group_by(Wish.state)).all())
    return {state: found.get(state, 0) for state in STATES}


def one(wish_id: UUID) -> Wish | None:
    """One wish, for the desk."""
    return db.session.scalar(select(Wish).where(Wish.id == wish_id))


def of_signal(signal_id: UUID) -> UUID | None:
    """The wish that a signal became."""
    return db.session.scalar(select(Wish.id).where(Wish.signal_id == signal_id))


def events(wish_id: UUID) -> list[WishEvent]:
    """The steps of a wish, oldest first."""
    query = select(WishEvent).where(WishEvent.wish_id == wish_id).order_by(WishEvent.at, WishEvent.id)
    return list(db.session.scalars(query))


def promised(account_id: UUID, page: int = 1, size: int = 20) -> tuple[list[Any], int]:
    """What somebody has promised in all communities, the open ones first."""
    where = WishClaim.account_id == account_id
    query = (
        select(
            WishClaim.wish_id, WishClaim.number, WishClaim.public_text, WishClaim.state, WishClaim.thanks,
            WishClaim.claimed_at, WishClaim.due_at, Community.name, Community.slug,
        )
        .join(Community, Community.id == WishClaim.community_id)
        .where(where)
        .order_by(WishClaim.state != "claimed", WishClaim.claimed_at.desc())
        .limit(size)
        .offset((page - 1) * size)
    )  # fmt: skip
    with telling(account_id=account_id):
        return list(db.session.execute(query)), db.session.scalar(select(func.count(WishClaim.id)).where(where)) or 0


def where_promised(account_id: UUID, wish_id: UUID) -> Any:
    """The community of a wish that somebody has claimed: tenant_id, id; None when it is not theirs."""
    query = (
        select(Community.tenant_id, Community.id)
        .join(WishClaim, WishClaim.community_id == Community.id)
        .where(WishClaim.account_id == account_id, WishClaim.wish_id == wish_id)
        .limit(1)
    )
    with telling(account_id=account_id):
        return db.session.execute(query).one_or_none()


def walls(limit: int = 30) -> list[Any]:
    """Live communities, for links to their walls: slug, name."""
    query = select(Community.slug, Community.name).where(Community.state == "live").order_by(Community.slug)
    return list(db.session.execute(query.limit(limit)).all())
