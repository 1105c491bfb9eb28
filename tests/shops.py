"""A shop on its way from a draft to a listing."""

from uuid import UUID

from rongjiu import codes
from rongjiu.ids import uuid7
from rongjiu.marketplace import listings, offers, requirements, vetting
from rongjiu.tenancy.models import Community, Street
from rongjiu.tenancy.queries import Place
from tests import factories

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 64


def credit_code() -> str:
    head = f"92610103MA6{factories.number():06d}"
    return head + codes.credit_check(head)


def street_place(street: Street) -> Place:
    return Place("street", street.id, street.slug, street.name)


def community_place(community: Community) -> Place:
    return Place(
        "community", community.id, community.slug, community.name, tenant=factories.tenant(community),
        street_id=community.street_id,
    )  # fmt: skip


def a_shop(street: Street, **words: object) -> listings.Shop:
    given = {
        "name": "雁发理发店", "group": "company", "kind": "barber", "uscc": credit_code(), "phone": "029-88887777",
        "contact": "店主", "address": "雁塔路", "intro": "", "street_id": street.id,
    }  # fmt: skip
    return listings.Shop(**{**given, **words})  # type: ignore[arg-type]


def an_offer(*streets: Street, **words: object) -> offers.Offer:
    given = {
        "service_type": "home-haircut", "title": "上门理发", "price_class": "free", "delivery_mode": "at_home",
        "places_a_month": 8, "streets": tuple(street.id for street in streets),
        "schedule": {"days": ["MO"], "part": "afternoon"},
    }  # fmt: skip
    return offers.Offer(**{**given, **words})  # type: ignore[arg-type]


def an_owner() -> UUID:
    return factories.a_person_with_role("provider_owner", "provider", uuid7()).account.id


def applied(street: Street, invited_by: str = "") -> UUID:
    made = listings.begin(an_owner(), invited_by=invited_by)
    listings.save_shop(made, a_shop(street))
    listings.add_paper(made, "licence", JPEG, "a.jpg", None)
    offers.save_service(made, an_offer(street))
    vetting.hand_in(made)
    vetting.sign(made, requirements.TERMS)
    return made
