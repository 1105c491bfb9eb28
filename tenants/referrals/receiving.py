"""What a receiver sees of a referral: f(consent, service, state), computed at every reading, under the database role
that can see one household's chosen persons and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from rongjiu import audit, masks
from rongjiu.clock import now, today
from rongjiu.db import Scope, Tenant, db, scoped, tenant_scope
from rongjiu.errors import Absent
from rongjiu.links import DEAD
from rongjiu.marketplace.admissions.queries import in_force
from rongjiu.marketplace.models import Admission, Provider, ProviderService
from rongjiu.marketplace.papers import may_meet_children
from rongjiu.tenancy.models import Community
from tenants.catalogue.models import ServiceType
from tenants.consents.models import Consent
from tenants.referrals import rules
from tenants.referrals.matching.rules import AT_HOME
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.residents.models import Courtyard, Household, Person
from tenants.residents.rules import age, speaks_for_self


@dataclass(frozen=True, slots=True)
class Item:
    """One offer of a job as its receiver sees it."""

    task_id: UUID
    state: str
    title: str
    service_type: str
    price_class: str
    at_home: bool
    rrule: str
    due_at: datetime | None
    slot_at: datetime | None
    proposed_at: datetime | None = None
    booked: bool = False
    """Whether the time is that of a slot, which only the community changes."""
    held: str = ""
    """Why it is paused (code of rules.REASONS)."""
    missing: tuple[str, ...] = ()
    """The papers it waits for."""


@dataclass(frozen=True, slots=True)
class Job:
    """All that a receiver may see now; fields that are not permitted are empty."""

    provider_id: UUID
    provider: str
    community: str
    community_slug: str
    community_phone: str
    tenant: Tenant
    items: list[Item]
    wish: str
    urgency: str
    addressed: str = ""
    age_band: str = ""
    courtyard: str = ""
    name: str = ""
    age: int | None = None
    door: str = ""
    phone: str = ""
    guardian_phone: str = ""
    care_need: str = ""
    shown: frozenset[str] = field(default_factory=frozenset)

    @property
    def state(self) -> str:
        """The state of the batch: that of its first offer."""
        return self.items[0].state

    @property
    def task_ids(self) -> list[UUID]:
        """The offers on which somebody still acts."""
        return [item.task_id for item in self.items]


def job(tenant: Tenant, provider_id: UUID, task_ids: Sequence[UUID]) -> Job:
    """One sending as its receiver may see it now.

    Raises Absent with the dead-link answer when nothing is left to act on: answered no, ended, withdrawn, suspended.
    """
    with tenant_scope(tenant):
        keys = _keys(provider_id, task_ids)
    if not keys or not _standing(provider_id, tenant.uid, keys[0].state):
        raise Absent(DEAD)
    head = keys[0]
    persons = tuple({person for row in keys for person in (row.person_id, row.given_by_id) if person})
    scope = Scope(
        tenant=tenant, role="app_receiver", provider_id=provider_id, task_id=head.id, household_id=head.household_id,
        person_ids=persons,
    )  # fmt: skip
    with scoped(scope):
        found = _read(head)
    services = _services([row.service_id for row in keys])
    items = [_item(row, services[row.service_id]) for row in keys]
    community = db.session.execute(
        select(Community.name, Community.slug, Community.phone).where(Community.id == tenant.uid)
    ).one()
    shown = rules.may_see(head.state, found["consent_live"], found["fields"], any(item.at_home for item in items))
    if not shown or _hidden_child(found["person"], provider_id):
        raise Absent(DEAD)
    return Job(
        provider_id=provider_id, provider=services[head.service_id].provider, community=community.name,
        community_slug=community.slug, community_phone=community.phone, tenant=tenant, items=items,
        wish=found["wish"], urgency=found["urgency"], shown=shown, **_permitted(found, shown),
    )  # fmt: skip


def opened(view: Job) -> None:
    """Write down that a receiver has opened a household's data: who, which offers, which fields."""
    with tenant_scope(view.tenant):
        for task_id in view.task_ids:
            fields = sorted(view.shown)
            audit.record("receiver.open", "referral_task", task_id, provider_id=view.provider_id, fields=fields)


def _keys(provider_id: UUID, task_ids: Sequence[UUID]) -> list[Row[Any]]:
    """Ids of the live offers of a sending, read as the sender's community; no person is read here."""
    query = (
        select(
            ReferralTask.id, ReferralTask.state, ReferralTask.household_id, ReferralTask.person_id,
            ReferralTask.service_id, ReferralTask.service_type, ReferralTask.due_at, ReferralTask.slot_at, ReferralTask.slot_id,
            ReferralTask.consent_id, ReferralTask.request_id, ReferralTask.terms, ReferralTask.proposed_at, Consent.given_by_id,
            ReferralTask.reason_code, ReferralTask.missing,
            ServiceType.content["schedule"]["rrule"].astext.label("rrule"),
        )
        .join(Consent, Consent.id == ReferralTask.consent_id)
        .outerjoin(ServiceType, ServiceType.slug == ReferralTask.service_type)
        .where(
            ReferralTask.id.in_(task_ids), ReferralTask.provider_id == provider_id,
            ReferralTask.state.in_(rules.LIVE - {"draft"}),
        )
        .order_by(ReferralTask.id)
    )  # fmt: skip
    rows: list[Any] = [*db.session.execute(query)]
    open_now = [
        row for row in rows if row.state != "requested" or row.proposed_at or row.due_at is None or row.due_at > now()
    ]
    # One batch has one state; after a part of it ended, the others go on together.
    return [row for row in open_now if row.state == open_now[0].state]


def _standing(provider_id: UUID, community_id: UUID, state: str) -> bool:
    """Is the provider active and still admitted here? A suspended one sees nothing at the next request; one to whom this
    community sends no more, or that came out of it, does the jobs that it has taken to their end."""
    query = select(Provider.state, Admission.id.label("admission"), in_force().label("now")).outerjoin(
        Admission, (Admission.provider_id == Provider.id) & (Admission.community_id == community_id)
    )
    row = db.session.execute(query.where(Provider.id == provider_id)).one_or_none()
    here = row is not None and (row.now or row.admission is not None and state != "requested")
    return here and row is not None and row.state == "active"


def _hidden_child(person: Any, provider_id: UUID) -> bool:
    """A child is not shown to a volunteer whose vetting for children is missing or has ended."""
    years = age(person.birth_date, person.age_said, person.age_on, today())
    return not speaks_for_self(years) and not may_meet_children(provider_id)


def _read(head: Any) -> dict[str, Any]:
    """As app_receiver: consent, person, door; only what the policies of that role let through."""
    consent = db.session.execute(
        select(Consent.fields, Consent.given_by_id, Consent.ends_at, Consent.withdrawn_at).where(
            Consent.id == head.consent_id
        )
    ).one_or_none()
    request = db.session.execute(
        select(ReferralRequest.wish, ReferralRequest.urgency).where(ReferralRequest.id == head.request_id)
    ).one()
    person = db.session.execute(
        select(
            Person.name, Person.gender, Person.birth_date, Person.age_said, Person.age_on, Person.phone,
            Person.condition,
        ).where(Person.id == head.person_id)
    ).one()  # fmt: skip
    home = db.session.execute(
        select(Household.building, Household.unit, Household.room, Courtyard.name)
        .join(Courtyard, Courtyard.id == Household.courtyard_id)
        .where(Household.id == head.household_id)
    ).one()
    live = consent is not None and consent.withdrawn_at is None
    live = live and consent is not None and (consent.ends_at is None or consent.ends_at > now())
    guardian = None
    if consent is not None and consent.given_by_id != head.person_id:
        guardian = db.session.scalar(select(Person.phone).where(Person.id == consent.given_by_id))
    return {
        "consent_live": live, "fields": list(consent.fields) if consent else [], "wish": request.wish,
        "urgency": request.urgency, "person": person, "home": home, "guardian": guardian,
    }  # fmt: skip


def _permitted(found: dict[str, Any], shown: frozenset[str]) -> dict[str, Any]:
    """The fields of a Job from what was read, each only when it may be shown."""
    person, home = found["person"], found["home"]
    years = age(person.birth_date, person.age_said, person.age_on, today())
    values: dict[str, Any] = {
        "addressed": masks.addressed(person.name, person.gender or None),
        "age_band": masks.age_band(years) if years is not None else "",
        "courtyard": home.name,
        "name": person.name,
        "age": years,
        "address": " ".join(part for part in (home.building, home.unit, home.room) if part),
        "phone": person.phone or "",
        "phone_of_guardian": found["guardian"] or "",
        "care_need": person.condition or "",
    }
    words = {"address": "door", "phone_of_guardian": "guardian_phone"}
    return {words.get(name, name): value for name, value in values.items() if name in shown}


def _services(ids: Sequence[UUID]) -> dict[UUID, Any]:
    rows = db.session.execute(
        select(
            ProviderService.id, ProviderService.title, ProviderService.price_class, ProviderService.delivery_mode,
            Provider.name.label("provider"),
        )
        .join(Provider, Provider.id == ProviderService.provider_id)
        .where(ProviderService.id.in_(ids))
    )  # fmt: skip
    return {row.id: row for row in rows}


def _item(row: Any, service: Any) -> Item:
    """An offer on the terms on which it was sent; those sent before terms were kept stand on the service."""
    mode = row.terms.get("delivery_mode", service.delivery_mode)
    return Item(
        task_id=row.id, state=row.state, title=row.terms.get("title", service.title), service_type=row.service_type,
        price_class=row.terms.get("price_class", service.price_class), at_home=mode in AT_HOME, rrule=row.rrule or "",
        due_at=row.due_at, slot_at=row.slot_at, proposed_at=row.proposed_at, booked=row.slot_id is not None,
        held=row.reason_code if row.state == "on-hold" else "", missing=tuple(row.missing) if row.state == "on-hold" else (),
    )  # fmt: skip
