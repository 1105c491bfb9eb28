"""The services that a provider offers: kept, stopped, and with places again after it had said that there are none."""

from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, func, select

from rongjiu import audit
from rongjiu.clock import now, today
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import capacity, offering, restricted, rules, vetting
from rongjiu.marketplace.listings import editable, published
from rongjiu.marketplace.models import WHOLE_MONTH, Capacity, ProviderService, ServiceArea
from rongjiu.tenancy.models import Street

MAX_PLACES = 9999


@dataclass(frozen=True, slots=True)
class Offer:
    """One service, as typed; `schedule` = {days: [MO…], part: morning…}."""

    service_type: str
    title: str
    price_class: str
    delivery_mode: str
    places_a_month: int
    streets: tuple[UUID, ...]
    price: Decimal | None = None
    usual_price: Decimal | None = None
    schedule: dict[str, object] = field(default_factory=dict)
    terms: rules.Terms = field(default_factory=rules.Terms)
    location_id: UUID | None = None


def save_service(provider_id: UUID, offer: Offer, service_id: UUID | None = None) -> UUID:
    """Keep one service and the streets it serves; raises Refused at the field. Places promised already stay."""
    provider = editable(provider_id)
    _check(offer)
    offering.check(provider, offer.title, offer.terms, offer.location_id)
    restricted.check(provider, offer.service_type, offer.title, offer.terms.description)
    row = _service(provider_id, offer, service_id)
    row.title, row.price_class, row.delivery_mode = offer.title, offer.price_class, offer.delivery_mode
    row.price = None if offer.price_class == "free" else offer.price
    row.usual_price, row.schedule, row.places_a_month = offer.usual_price, offer.schedule, offer.places_a_month
    row.terms, row.location_id, row.modified_at = rules.stored(offer.terms), offer.location_id, now()
    row.state = "active"
    db.session.flush()
    db.session.execute(delete(ServiceArea).where(ServiceArea.service_id == row.id))
    db.session.add_all([ServiceArea(id=uuid7(), service_id=row.id, street_id=street) for street in offer.streets])
    capacity.resize(row.id, offer.places_a_month)
    audit.record("provider.service", "provider_service", row.id)
    published(provider)
    if provider.state == "approved":
        vetting.begin(provider_id)
    return row.id


def stop_service(provider_id: UUID, service_id: UUID) -> None:
    """Offer a service no longer; what was promised stays promised. Raises Absent for another provider's."""
    provider = editable(provider_id)
    row = db.session.scalar(
        select(ProviderService).where(ProviderService.id == service_id, ProviderService.provider_id == provider_id)
    )
    if row is None:
        raise Absent("没有这项服务。")
    row.state, row.modified_at = "stopped", now()
    audit.record("provider.service.stop", "provider_service", service_id)
    published(provider)


def places_again(provider_id: UUID, service_id: UUID) -> int:
    """The provider confirms that there are places again after it had said that there are none; answers how many a month.
    Twice changes nothing. Raises Absent for another provider's."""
    row = db.session.scalar(
        select(ProviderService).where(
            ProviderService.id == service_id, ProviderService.provider_id == provider_id, ProviderService.state == "active"
        )
    )  # fmt: skip
    if row is None:
        raise Absent("没有这项服务。")
    capacity.resize(row.id, row.places_a_month)
    audit.record("provider.service.places", "provider_service", service_id, places=row.places_a_month)
    return row.places_a_month


def closed(service_id: UUID) -> str | None:
    """The title of an active service whose provider said that it has no more places, and has not said that there are some
    again; None for every other."""
    found = select(ProviderService.title).join(Capacity, Capacity.service_id == ProviderService.id).where(
        ProviderService.id == service_id, ProviderService.state == "active", Capacity.slot_id == WHOLE_MONTH,
        Capacity.period == rules.month(today()), Capacity.maximum < ProviderService.places_a_month,
    )  # fmt: skip
    return db.session.scalar(found)


def _check(offer: Offer) -> None:
    if not offer.title:
        raise Refused("请写服务名称。", field="title")
    if offer.price_class not in rules.PRICE_CLASSES:
        raise Refused("请选收费方式。", field="price_class")
    if offer.delivery_mode not in rules.DELIVERY_MODES:
        raise Refused("请选在哪里服务。", field="delivery_mode")
    if offer.price is not None and offer.price < 0:
        raise Refused("价格不能是负数。", field="price")
    if offer.price is not None and offer.usual_price is not None and offer.usual_price < offer.price:
        raise Refused("平时价比现在的价格还低。请核对两个价格。", field="usual_price")
    if not 0 <= offer.places_a_month <= MAX_PLACES:
        raise Refused("每月名额写 0 到 9999 之间的整数。", field="places")
    if not offer.streets:
        raise Refused("请至少选一个服务的街道。", field="streets")
    known = db.session.scalar(select(func.count()).select_from(Street).where(Street.id.in_(offer.streets)))
    if known != len(set(offer.streets)):
        raise Refused("请重新选服务的街道。", field="streets")


def _service(provider_id: UUID, offer: Offer, service_id: UUID | None) -> ProviderService:
    same = db.session.scalar(
        select(ProviderService).where(
            ProviderService.provider_id == provider_id, ProviderService.service_type == offer.service_type
        )
    )
    if service_id is None:
        if same is not None and same.state == "active":
            raise Refused("这项服务已经登记过,请点开它修改。", field="service_type")
        if same is not None:
            return same
        row = ProviderService(id=uuid7(), provider_id=provider_id, service_type=offer.service_type)
        db.session.add(row)
        return row
    found = db.session.scalar(
        select(ProviderService).where(ProviderService.id == service_id, ProviderService.provider_id == provider_id)
    )
    if found is None:
        raise Absent("没有这项服务。")
    if same is not None and same.id != service_id:
        raise Refused("这项服务已经登记过,请点开它修改。", field="service_type")
    found.service_type = offer.service_type
    return found
