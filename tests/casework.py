"""Families, cases and helpers for tests of casework: the shape of 周某's case in the story of the README."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from rongjiu import crypto, outbox
from rongjiu.clock import now, today
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.marketplace.models import Capacity, Provider, ProviderService
from rongjiu.marketplace.service import publish
from rongjiu.outbox import Outbox
from rongjiu.oversight.models import Indicator
from rongjiu.tenancy.models import Community
from tenants.cases import service as cases
from tenants.consents import service as consents
from tenants.needs import service as needs
from tenants.referrals import queries
from tenants.referrals import service as referrals
from tenants.residents.models import Courtyard, Household, Person
from tests import factories

NAME, PHONE = "周测试", "13800001234"
"""The planted name and telephone of the old man; neither may ever stand in an inbox or a message."""


@dataclass(frozen=True)
class Family:
    """Plain ids of a modelled community with one family and its case."""

    tenant: Tenant
    community_id: UUID
    slug: str
    street_id: UUID
    case_id: UUID
    number: str
    household_id: UUID
    old_man: UUID
    son: UUID
    girl: UUID
    need: UUID
    """w1: home-medical."""
    girl_need: UUID
    """w2: child-learning."""


@dataclass(frozen=True)
class Helper:
    """Plain ids of a provider admitted by a community."""

    id: UUID
    service: UUID
    second: UUID | None
    phone: str


def a_family(community: Community | None = None) -> Family:
    """A modelled community with a family of three, its case and two needs."""
    community = community or factories.a_modelled_community()
    tenant = factories.tenant(community)
    street_id = community.street_id
    assert street_id is not None
    slug, community_id = community.slug, community.id
    with tenant_scope(tenant):
        yard = Courtyard(id=uuid7(), slug="hy-03", seq=3, name="雁北新村", grid="hy-g03")
        db.session.add(yard)
        db.session.flush()
        home = Household(id=uuid7(), courtyard_id=yard.id, building="7楼", unit="2单元", room="301房", created_at=now())
        db.session.add(home)
        db.session.flush()
        old = _person(home.id, 1, NAME, 84, "male", PHONE, ["severely-disabled", "disabled-elderly"])
        old.condition = "长期卧床"
        son = _person(home.id, 2, "周子测试", 52, "male", "13800005678", ["family-carers"])
        girl = _person(home.id, 3, "周孙测试", 11, "female", None, [])
        case = cases.open_case(yard.id)
        cases.attach_household(case.id, home.id)
        first = needs.add(case.id, "对接医疗资源", is_wish=True, item_slug="home-medical", person_id=old.id)
        second = needs.add(case.id, "孙女的艺术学习", item_slug="child-learning", person_id=girl.id)
        found = (case.id, case.number, home.id, old.id, son.id, girl.id, first.id, second.id)
    case_id, number, home_id, old_id, son_id, girl_id, need, girl_need = found
    return Family(
        tenant, community_id, slug, street_id, case_id, number, home_id, old_id, son_id, girl_id, need, girl_need
    )  # fmt: skip


def _person(home: UUID, seq: int, name: str, age: int, gender: str, phone: str | None, groups: list[str]) -> Person:
    row = Person(
        id=uuid7(), household_id=home, seq=seq, name=name, gender=gender, age_said=age, age_on=today(), phone=phone,
        phone_index=phone.encode() if phone else None, groups=groups,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def a_helper(
    family: Family, *types: str, name: str = "", slug: str = "", places: int = 4, mode: str = "home_visit",
    price_class: str = "free", admitted: bool = True,
) -> Helper:  # fmt: skip
    """A provider of the family's street with these services, admitted by the community."""
    n = factories.number()
    phone = f"139{n:08d}"
    provider = Provider(
        id=uuid7(), slug=slug or f"helper-{n}", name=name or f"测试机构{n}", group="social_org", kind="hospital",
        street_id=family.street_id, state="active", created_at=now(), verified_at=now(), phone=phone,
        phone_index=crypto.blind(phone, crypto.PLATFORM, "phone"),
    )  # fmt: skip
    db.session.add(provider)
    db.session.flush()
    ids = []
    street = db.session.get_one(factories.Street, family.street_id)
    for kind in types or ("catheter-change",):
        row = factories.a_service(provider, street, service_type=kind, places=places, title=f"服务 {kind}")
        db.session.execute(
            update(ProviderService)
            .where(ProviderService.id == row.id)
            .values(delivery_mode=mode, price_class=price_class)
        )
        ids.append(row.id)
    publish(provider.id)
    if admitted:
        community = db.session.get_one(Community, family.community_id)
        factories.an_admission(provider, community)
    return Helper(provider.id, ids[0], ids[1] if len(ids) > 1 else None, phone)


def a_consent(
    family: Family, helper: Helper, *fields: str, person: UUID | None = None, until: datetime | None = None
) -> UUID:
    """A live consent of the old man (or another adult) for a helper; within the community's scope."""
    who = person or family.old_man
    row = consents.give(
        family.case_id, who, who, "share_with_provider", provider_id=helper.id,
        fields=fields or ("name", "address", "phone", "care_need"), how="paper",
        ends_at=until,
    )  # fmt: skip
    return row.id


def two_offers(family: Family, helper: Helper) -> tuple[list[UUID], UUID]:
    """Two offers of one sending, and the consent on which they stand; within the community's scope."""
    consent_id = a_consent(family, helper)
    assert helper.second is not None
    tasks = referrals.offer(family.need, [helper.service, helper.second], consent_id, family.old_man, "请轻声")
    return [task.id for task in tasks], consent_id


def ring(*kinds: str) -> int:
    """Carry out what waits in the outbox of the community in force of these kinds, as the worker does a moment later."""
    db.session.flush()
    waits = select(Outbox.id, Outbox.kind, Outbox.payload).where(
        Outbox.kind.in_(kinds), Outbox.done_at.is_(None), Outbox.run_after <= now()
    )
    rows = db.session.execute(waits.order_by(Outbox.run_after, Outbox.id)).all()
    for row in rows:
        outbox._effects[row.kind](row.payload)
        db.session.execute(update(Outbox).where(Outbox.id == row.id).values(done_at=now()))
    return len(rows)


def states(family: Family) -> list[tuple[str, str]]:
    """How each slip of the case and its newest offer stand."""
    return [(row.request_state, row.task_state) for row in queries.slips(family.case_id)]


def count(name: str) -> int:
    """A number of the community in force, as the street reads it."""
    return db.session.scalar(select(Indicator.value).where(Indicator.name == name)) or 0


def reserved(helper: Helper) -> int:
    """Places of both services of a helper that are held this month."""
    query = select(func.coalesce(func.sum(Capacity.reserved), 0)).where(
        Capacity.service_id.in_((helper.service, helper.second)), Capacity.period == today().replace(day=1)
    )
    return int(db.session.scalar(query) or 0)
