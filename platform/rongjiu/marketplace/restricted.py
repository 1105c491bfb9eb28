"""Services that hardly anybody may know of (hospice care): they stand in no list that is open to all, are offered only to
communities that let their provider in, and only named posts read that somebody was referred to one."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Boolean, ColumnElement, and_, bindparam, case, literal

from rongjiu.actor import current_actor
from rongjiu.errors import Refused
from rongjiu.marketplace.models import Listing, Provider
from rongjiu.marketplace.words import N_

CODES = frozenset({"hospice"})
"""Kinds of service that are restricted (the model's own item; requirement: hospice records most restricted)."""
KINDS = frozenset({"nursing_hospital", "hospital", "tcm_hospital", "community_health_centre"})
"""Kinds of provider that may offer one: those with a medical licence (requirements.NEEDS)."""
WORDS = ("临终", "安宁疗护", "安宁护理", "舒缓疗护", "hospice")
"""Words by which such a service shows under any other kind."""
KNOW = frozenset({
    "assistance_clerk", "street_vetting", "provider_owner", "provider", "resident", "family_carer", "system",
})  # fmt: skip
"""Posts that may know: who refers, who vets, the provider's responsible people, the family by its own links, jobs of the
house. Whoever is not named here reads HIDDEN in its place, so does anybody without a log-in or such a link."""
HIDDEN = N_("受限服务")

T = TypeVar("T")


def may_know(role: str) -> bool:
    """May a post know of restricted services?"""
    return role in KNOW


def knows() -> bool:
    """May whoever acts now?"""
    return may_know(current_actor().role)


_KNOWS = bindparam("knows_restricted", callable_=knows, type_=Boolean())
"""Asked for when a statement runs, so that queries can be built once."""


def title_of(kind: Any, title: Any) -> ColumnElement[str]:
    """Expression: the title of a service of a kind, or HIDDEN for whoever may not know of it."""
    return case((and_(kind.in_(CODES), _KNOWS.is_(False)), literal(HIDDEN)), else_=title)


def coded(kind: str) -> str:
    """A kind of service as the audit keeps it: nothing of a restricted one, for the audit is read by many."""
    return "" if kind in CODES else kind


def visible(rows: Iterable[T], kind: str = "service_type") -> list[T]:
    """Rows (objects or mappings) without those of restricted kinds, unless whoever acts may know."""
    if knows():
        return list(rows)
    return [row for row in rows if (row[kind] if isinstance(row, dict) else getattr(row, kind)) not in CODES]


def shown_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """What a kind has said of itself, without whether it gives restricted care, unless whoever acts may know."""
    return {code: value for code, value in details.items() if code not in CODES or knows()}


def open_to(admission: ColumnElement[str]) -> ColumnElement[bool]:
    """Expression over listings: not restricted, or the community asked about has let the provider in."""
    return Listing.service_type.not_in(CODES) | (admission == "active")


def in_public() -> ColumnElement[bool]:
    """Expression over listings: not restricted."""
    return Listing.service_type.not_in(CODES)


def check(provider: Provider, service_type: str, *texts: str) -> None:
    """Raises Refused at `service_type` when what is offered belongs under a restricted kind and does not stand there, or
    a provider without a medical licence offers one."""
    if service_type in CODES:
        if provider.kind not in KINDS:
            raise Refused("临终关怀只能由有医疗机构执业许可证的医院、护理医院提供。", field="service_type")
        return
    low = " ".join(texts).lower()
    if any(word in low for word in WORDS):
        raise Refused(
            "这是临终关怀类的服务,请在“能帮什么”里选“临终关怀”:它不公开,只通过转介看得到。", field="service_type"
        )
