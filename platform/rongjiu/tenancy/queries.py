"""Who is asking, and which place an address leads to: one query each, on platform tables."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, Row, and_, func, or_, select
from sqlalchemy.orm import aliased

from rongjiu.clock import now
from rongjiu.crypto import token_hash
from rongjiu.db import Tenant, db
from rongjiu.identity.models import Account, LoginSession
from rongjiu.marketplace.models import Provider
from rongjiu.notify.models import Message
from rongjiu.prepared import Prepared, given
from rongjiu.tenancy.models import Community, District, Membership, Street


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody works or what a page is about: a community, street, district, provider or the platform."""

    kind: str
    id: UUID | None
    slug: str
    name: str
    demo: bool = False
    tenant: Tenant | None = None
    state: str = "live"
    mark: str = ""
    street_id: UUID | None = None
    footer: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person logged in, at the place where they work now."""

    account_id: UUID
    name: str
    session_id: UUID
    membership_id: UUID | None
    role: str | None
    post: str
    courtyards: tuple[str, ...]
    place: Place | None
    second_factor: bool
    totp_set: bool
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    persona: str | None
    unread: int = 0
    """Messages of the inbox not read yet."""


PLATFORM_PLACE = Place(kind="platform", id=None, slug="", name="平台运营")
_COMMUNITY = (
    Community.id.label("c_id"), Community.tenant_id, Community.slug.label("c_slug"), Community.name.label("c_name"),
    Community.demo.label("c_demo"), Community.state.label("c_state"), Community.mark, Community.street_id,
    Community.title, Community.cloned_from, Community.host, Community.phone.label("c_phone"), Community.icp, Community.police_record, Community.privacy_note,
)  # fmt: skip


def _visitor_query() -> Any:
    a, m, s, d, p = Account, aliased(Membership), aliased(Street), aliased(District), aliased(Provider)
    moment = given("moment", DateTime(timezone=True))
    mine = (Message.account_id == a.id, Message.read_at.is_(None))
    unread = select(func.count()).select_from(Message).where(*mine).correlate(a).scalar_subquery()
    stands = or_(m.ends_at.is_(None), m.ends_at > moment)
    return (
        select(
            a.id.label("account_id"), a.name, a.persona, a.totp_confirmed_at, unread.label("unread"),
            LoginSession.id.label("session_id"), LoginSession.created_at, LoginSession.last_seen_at,
            LoginSession.expires_at, LoginSession.second_factor_at,
            m.id.label("membership_id"), m.role, m.post, m.courtyards, m.scope_kind,
            *_COMMUNITY,
            s.id.label("s_id"), s.slug.label("s_slug"), s.name.label("s_name"), s.demo.label("s_demo"),
            d.id.label("d_id"), d.slug.label("d_slug"), d.name.label("d_name"), d.demo.label("d_demo"),
            p.id.label("p_id"), p.slug.label("p_slug"), p.name.label("p_name"), p.demo.label("p_demo"),
        )
        .select_from(LoginSession)
        .join(a, a.id == LoginSession.account_id)
        .outerjoin(m, and_(m.id == LoginSession.membership_id, m.account_id == a.id, stands))
        .outerjoin(Community, and_(m.scope_kind == "community", Community.id == m.scope_id))
        .outerjoin(s, and_(m.scope_kind == "street", s.id == m.scope_id))
        .outerjoin(d, and_(m.scope_kind == "district", d.id == m.scope_id))
        .outerjoin(p, and_(m.scope_kind == "provider", p.id == m.scope_id))
        .where(
            LoginSession.token_hash == given("token", LargeBinary),
            LoginSession.ended_at.is_(None),
            a.disabled_at.is_(None),
        )
    )  # fmt: skip


_VISITOR = Prepared(_visitor_query())
"""Built once: every request asks it, and building it costs more than running it."""


def visitor(token: str) -> Visitor | None:
    """The person behind a login cookie with account, membership and place in one query; None when it is dead."""
    moment = now()
    found = _VISITOR.rows(token=token_hash(token), moment=moment)
    if not found or found[0].expires_at <= moment:
        return None
    (row,) = found
    return Visitor(
        account_id=row.account_id, name=row.name, session_id=row.session_id, membership_id=row.membership_id,
        role=row.role, post=row.post or "", courtyards=tuple(row.courtyards or ()), place=_place(row),
        second_factor=row.second_factor_at is not None, totp_set=row.totp_confirmed_at is not None,
        created_at=row.created_at, last_seen_at=row.last_seen_at, expires_at=row.expires_at, persona=row.persona,
        unread=row.unread,
    )  # fmt: skip


def community(slug: str) -> Place | None:
    """The community of an address."""
    row = db.session.execute(select(*_COMMUNITY).where(Community.slug == slug)).one_or_none()
    return _community(row) if row else None


def telephone(community_id: UUID) -> str:
    """The telephone of a community, '' when there is none."""
    return db.session.scalar(select(Community.phone).where(Community.id == community_id)) or ""


def provider(provider_id: UUID) -> Place | None:
    """The place of an active provider, for whoever holds a link to it; None when it is not active."""
    p = Provider
    row = db.session.execute(
        select(p.id, p.slug, p.name, p.demo).where(p.id == provider_id, p.state == "active")
    ).one_or_none()
    return Place("provider", row.id, row.slug, row.name, demo=row.demo) if row else None


@dataclass(frozen=True, slots=True)
class Post:
    """One standing membership with the name and slug of its place."""

    id: UUID
    role: str
    title: str
    kind: str
    slug: str
    name: str
    state: str = "live"
    demo: bool = False


def posts(account_id: UUID) -> list[Post]:
    """Where an account may work now, oldest membership first."""
    moment = now()
    places = (Community, Street, District, Provider)
    query = select(
        Membership.id, Membership.role, Membership.post, Membership.scope_kind, Community.state,
        *(table.slug.label(f"{table.__tablename__}_slug") for table in places),
        *(table.name.label(f"{table.__tablename__}_name") for table in places),
        *(table.demo.label(f"{table.__tablename__}_demo") for table in places),
    )  # fmt: skip
    query = query.select_from(Membership)
    for table in places:
        query = query.outerjoin(
            table, and_(Membership.scope_kind == table.__tablename__, table.id == Membership.scope_id)
        )
    rows = db.session.execute(
        query.where(Membership.account_id == account_id, or_(Membership.ends_at.is_(None), Membership.ends_at > moment))
        .order_by(Membership.starts_at, Membership.id)
    )  # fmt: skip
    return [_post(row) for row in rows]


def _post(row: Row[*tuple[Any, ...]]) -> Post:
    kind = row.scope_kind
    if kind == "platform":
        return Post(row.id, row.role, row.post, kind, "", PLATFORM_PLACE.name)
    get = row._mapping
    slug, name, demo = get[f"{kind}_slug"], get[f"{kind}_name"], get[f"{kind}_demo"]
    return Post(row.id, row.role, row.post, kind, slug or "", name or "", row.state or "live", bool(demo))


def place_name(kind: str, place_id: UUID | None) -> tuple[str, bool]:
    """Name of a place and whether it is a sample; the platform's own name for the platform."""
    tables: dict[str, type[Community] | type[Street] | type[District] | type[Provider]] = {
        "community": Community, "street": Street, "district": District, "provider": Provider,
    }  # fmt: skip
    table = tables.get(kind)
    row = (
        db.session.execute(select(table.name, table.demo).where(table.id == place_id)).one_or_none() if table else None
    )
    return (row.name, row.demo) if row else (PLATFORM_PLACE.name, False)


def _place(row: object) -> Place | None:
    get = row.__getattribute__
    if get("c_id"):
        return _community(row)
    for kind, letter in (("street", "s"), ("district", "d"), ("provider", "p")):
        if get(f"{letter}_id"):
            return Place(
                kind, get(f"{letter}_id"), get(f"{letter}_slug"), get(f"{letter}_name"), demo=get(f"{letter}_demo")
            )
    return PLATFORM_PLACE if get("scope_kind") == "platform" else None


def _community(row: object) -> Place:
    get = row.__getattribute__
    return Place(
        kind="community", id=get("c_id"), slug=get("c_slug"), name=get("c_name"), demo=get("c_demo"),
        tenant=Tenant(get("tenant_id"), get("c_id")), state=get("c_state"), mark=get("mark"), street_id=get("street_id"),
        footer={
            "title": get("title"), "cloned_from": get("cloned_from"), "host": get("host"), "phone": get("c_phone"), "icp": get("icp"),
            "police_record": get("police_record"), "privacy_note": get("privacy_note"),
        },
    )  # fmt: skip


def holds(account_id: UUID, scope: str, slug: str | None, roles: tuple[str, ...]) -> bool:
    """Does an account hold one of the roles at the place of an address (any such place when slug is None)?"""
    tables = {"community": (Community,), "street": (Street, District), "provider": (Provider,)}.get(scope, ())
    for table in tables:
        query = (
            select(Membership.id)
            .join(table, table.id == Membership.scope_id)
            .where(
                Membership.account_id == account_id,
                Membership.scope_kind == table.__tablename__,
                Membership.role.in_(roles),
                or_(Membership.ends_at.is_(None), Membership.ends_at > now()),
            )
        )
        if slug is not None:
            query = query.where(table.slug == slug)
        if db.session.scalar(query.limit(1)):
            return True
    return False
