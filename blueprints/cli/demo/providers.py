"""The 43 sample providers with their services, open to both streets, admitted by 黄雁社区."""

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from blueprints.cli.demo import admissions
from rongjiu.clock import now, today
from rongjiu.crypto import PLATFORM, blind
from rongjiu.db import db, telling
from rongjiu.ids import uuid7
from rongjiu.library import packfiles
from rongjiu.marketplace import requirements, signing, slot_plans
from rongjiu.marketplace.models import Provider, ProviderLocation, ProviderService, ServiceArea
from rongjiu.marketplace.service import publish

_PLACES = {"session": 30, "week": 20, "day": 60, "month": 8}
_DETAILS: dict[str, dict[str, Any]] = {
    "community_health_centre": {"clinic_days": "每周三上午", "booking": "请社区预约", "medical_licence": "示例-610103"},
    "law_firm": {"advice_slots": "每周四下午", "sealed_files": True},
    "academy": {"seats": 30, "no_sales": True},
    "rescue_centre": {"on_call": True, "response_minutes": 15},
    "nursing_hospital": {"beds": 60, "care_level": "二级护理", "medical_licence": "示例-610104", "hospice": True},
}
_SLOTS = {
    "community_health_centre": (2, time(9), time(11), 12), "law_firm": (3, time(15), time(16), 1),
    "academy": (5, time(10), time(11, 30), 30),
}  # fmt: skip
"""Sample slots: weekday (Monday = 0), from, to, places; six weeks of the first service."""
_FORMS = {"social_org": "social_service", "company": "enterprise", "volunteer_team": "team"}
_SHARED = ("yanqing-chc", "yanqing-hospital", "yankang-nursing", "yanmo-academy", "yanqi-delivery", "yancao-tcm")
"""Providers that serve the neighbouring street as well."""


def make(places: dict[tuple[str, str], UUID | None]) -> dict[str, UUID]:
    """Make all providers and answer their ids by slug; places a month are samples."""
    types = {row["id"]: row for row in packfiles.read_pack()["services"]["services"]}
    own, neighbour = places["street", "zhangjiacun"], places["street", "baishulin"]
    ids: dict[str, UUID] = {}
    for number, row in enumerate(packfiles.read_demo("providers")["providers"], 1):
        provider = Provider(
            id=uuid7(), slug=row["id"], name=row["name_zh"], name_en=row["name_en"], group=row["group"], kind=row["type"],
            phone=f"198000000{number:02d}", phone_index=blind(f"198000000{number:02d}", PLATFORM, "phone"), contact="示例联系人", address="碑林区示例路", state="active", street_id=own,
            intro="示例服务方", demo=True, created_at=now(), verified_at=now(), confirmed_on=today(),
            legal_form=_FORMS.get(row["group"], ""), insurance_note="示例保险" if row["group"] == "volunteer_team" else "",
            insured_until=today() + timedelta(days=200) if row["group"] == "volunteer_team" else None,
            details=_DETAILS.get(row["type"], {}),
        )  # fmt: skip
        db.session.add(provider)
        db.session.flush()
        ids[row["id"]] = provider.id
        signing.sign(provider.id, requirements.terms(row["group"], row["type"]))
        place = ProviderLocation(
            id=uuid7(), provider_id=provider.id, name=row["name_zh"], address=f"示例路 {number} 号", city="西安市",
            province="陕西省", postal_code="710000", accessibility=["ramp", "seat"], note="示例地点",
        )  # fmt: skip
        with telling(provider_id=provider.id):
            db.session.add(place)
        for slug in row["service_ids"]:
            _service(provider.id, place.id, types[slug], [own, neighbour] if row["id"] in _SHARED else [own])
        publish(provider.id)
        if row["type"] in _SLOTS:
            _slots(provider.id, *_SLOTS[row["type"]])
    admissions.admitted(places["community", "huangyan"], ids.values())
    return ids


def _slots(provider_id: UUID, weekday: int, begins: time, ends: time, places: int) -> None:
    first = today() + timedelta(days=1 + (weekday - today().weekday() - 1) % 7)
    service = db.session.scalars(
        select(ProviderService.id).where(ProviderService.provider_id == provider_id).order_by(ProviderService.id)
    ).first()
    if service is not None:
        slot_plans.lay_out(provider_id, slot_plans.Plan(service, first, begins, ends, places, weeks=6))


def _service(provider_id: UUID, place_id: UUID, kind: dict[str, Any], streets: list[UUID | None]) -> None:
    unit = str(kind.get("capacity_unit") or "").rpartition("/")[2]
    row = ProviderService(
        id=uuid7(), provider_id=provider_id, service_type=kind["id"], title=kind["name_zh"],
        price_class=kind["price_class"], price=0 if kind["price_class"] == "free" else None,
        delivery_mode=kind["delivery_modes"][0], schedule={**kind["schedule"], "dtstart": str(date(2022, 8, 1))},
        places_a_month=_PLACES.get(unit, 8), location_id=place_id if kind["delivery_modes"][0] == "on_site" else None,
        terms={"description": "示例说明", "documents": ["身份证"]},
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    db.session.add_all(ServiceArea(id=uuid7(), service_id=row.id, street_id=street) for street in streets)
    db.session.flush()
