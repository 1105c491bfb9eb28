"""Rows for tests, in the words of the house. Each answers what it made; nothing is committed."""

import itertools
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import case, update

from rongjiu.clock import now
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.identity import logins
from rongjiu.identity.models import Account
from rongjiu.ids import uuid7
from rongjiu.library import queries as library
from rongjiu.library.service import publish_base
from rongjiu.marketplace.admissions import rules as admissions
from rongjiu.marketplace.models import Admission, Provider, ProviderService, ServiceArea
from rongjiu.marketplace.service import publish
from rongjiu.tenancy.models import Community, District, Membership, Street
from tenants.catalogue.models import Parameter
from tenants.founding import cloning

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Staff:
    """A person with one role, and the cookie token of a login with second factor."""

    account: Account
    membership: Membership
    token: str


def number() -> int:
    """A number not given before in this run."""
    return next(_numbers)


def a_district() -> District:
    """A district."""
    row = District(id=uuid7(), slug=f"district-{number()}", name="测试区")
    db.session.add(row)
    db.session.flush()
    return row


def a_street(district: District | None = None) -> Street:
    """A street of a district."""
    row = Street(id=uuid7(), district_id=(district or a_district()).id, slug=f"street-{number()}", name="测试街道")
    db.session.add(row)
    db.session.flush()
    return row


def a_community(street: Street | None = None, *, state: str = "live") -> Community:
    """A live community without a model."""
    n = number()
    row = Community(
        id=uuid7(), slug=f"community-{n}", name=f"测试{n}社区", state=state, mark="CS", created_at=now(),
        street_id=(street or a_street()).id, phone="029-88880000",
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def tenant(community: Community) -> Tenant:
    """What `tenant_scope` takes."""
    return Tenant(community.tenant_id, community.id)


def a_person_with_role(
    role: str, kind: str, scope_id: UUID | None, *, post: str = "", courtyards: tuple[str, ...] = ()
) -> Staff:
    """An account with one membership, logged in with second factor."""
    n = number()
    account = Account(
        id=uuid7(),
        name=f"测试员{n}",
        password_hash="-",
        created_at=now(),
        totp_confirmed_at=now(),
        phone_index=str(n).encode(),
    )
    db.session.add(account)
    db.session.flush()
    row = Membership(
        id=uuid7(), account_id=account.id, scope_kind=kind, scope_id=scope_id, role=role, post=post or role,
        courtyards=list(courtyards), starts_at=now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    token = logins.start_session(account.id, row.id, role, address="127.0.0.1", agent="test", second_factor=True)
    return Staff(account, row, token)


def a_modelled_community(street: Street | None = None, *, state: str = "live", confirmed: bool = True) -> Community:
    """A community cloned from the Huangyan pack; `confirmed` settles every parameter under review as a value, or as
    本地未定 where the pack has none, so that screening is on."""
    community = a_community(street, state=state)
    row = publish_base()
    pack = library.find(f"{row.slug}@{row.version}")
    community.cloned_from = pack.ref
    here = tenant(community)
    cloning.clone(pack, here)
    if confirmed:
        with tenant_scope(here):
            kind = case((Parameter.value.is_(None), "not_set"), else_="value")
            db.session.execute(
                update(Parameter).where(Parameter.must_review).values(confirmed_as=kind, confirmed_at=now())
            )
    return db.session.get_one(Community, community.id)


def a_provider(
    street: Street, *, state: str = "active", slug: str = "", name: str = "", demo: bool = False, **words: object
) -> Provider:
    """A provider of a street without services; active unless told otherwise."""
    n = number()
    row = Provider(
        id=uuid7(), slug=slug or f"provider-{n}", name=name or f"测试服务方{n}", group="company", kind="barber",
        street_id=street.id, state=state, created_at=now(), verified_at=now() if state == "active" else None, demo=demo,
        phone="029-88881111", **words,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def a_service(
    provider: Provider, *streets: Street, service_type: str = "home-haircut", places: int = 4, title: str = "上门理发"
) -> ProviderService:
    """A free service at home in these streets, listed when its provider is active."""
    row = ProviderService(
        id=uuid7(), provider_id=provider.id, service_type=service_type, title=title, price_class="free",
        delivery_mode="at_home", schedule={}, places_a_month=places,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    db.session.add_all([ServiceArea(id=uuid7(), service_id=row.id, street_id=street.id) for street in streets])
    db.session.flush()
    publish(provider.id)
    return row


def an_admission(
    provider: Provider, community: Community, *, limit: int | None = None, state: str = "active", **words: Any
) -> Admission:
    """A community lets a provider in."""
    row = Admission(
        id=uuid7(), provider_id=provider.id, community_id=community.id, state=state, monthly_limit=limit,
        changed_at=now(), due_at=now() if state in admissions.LIVE else None, **words,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row
