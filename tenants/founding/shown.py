"""What anyone may see of a community, and the same for one that does not exist yet: the four pillars and the lists."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from rongjiu import codes
from rongjiu.db import current_tenant, db
from rongjiu.library.packfiles import read_pack
from rongjiu.marketplace.admissions.queries import in_force
from rongjiu.marketplace.models import Admission, Listing
from rongjiu.oversight.models import Indicator
from rongjiu.tenancy import divisions
from rongjiu.tenancy.models import Community, Street
from tenants.catalogue import queries as catalogue
from tenants.founding import rules

Row = dict[str, Any]
FIGURES = ("signals_received", "cases_opened", "visits_done", "needs_solved")
"""Counts that a public page shows; under five they read 少于5 there."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One admitted service of one provider."""

    provider: str
    title: str
    price_class: str
    price: Decimal | None
    demo: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A community's public page."""

    name: str
    title: str
    street: str
    phone: str = ""
    address: str = ""
    desk_hours: str = ""
    privacy_note: str = ""
    departments: list[tuple[Row, list[Row]]] = field(default_factory=list)
    categories: list[tuple[Row, list[Row]]] = field(default_factory=list)
    services: list[tuple[Row, list[Offer]]] = field(default_factory=list)
    providers: int = 0
    figures: dict[str, int] = field(default_factory=dict)
    preview: bool = False

    @property
    def policies(self) -> int:
        """How many policies are listed."""
        return sum(len(rows) for _department, rows in self.departments)

    @property
    def needs(self) -> int:
        """How many needs are listed."""
        return sum(len(rows) for _category, rows in self.categories)


def community() -> Shown:
    """The public page of the community in force; every row of it is readable by `app_public`."""
    tenant = current_tenant()
    c = Community
    row = db.session.execute(
        select(c.name, c.title, c.phone, c.address, c.desk_hours, c.privacy_note, Street.name.label("street"))
        .outerjoin(Street, Street.id == c.street_id)
        .where(c.id == tenant.uid)
    ).one()
    offers = _offers()
    numbers = select(Indicator.name, Indicator.value).where(Indicator.name.in_(FIGURES))
    return Shown(
        name=row.name, title=row.title or rules.title_for(row.name), street=row.street or "", phone=row.phone,
        address=row.address, desk_hours=row.desk_hours, privacy_note=row.privacy_note,
        departments=_grouped(catalogue.departments(), catalogue.policies(), "department_id"),
        categories=_grouped(catalogue.need_categories(), catalogue.need_items(), "category_id"),
        services=[(each, offers.get(each["id"], [])) for each in catalogue.service_types()],
        providers=len({offer.provider for each in offers.values() for offer in each}),
        figures={each.name: each.value for each in db.session.execute(numbers)},
    )  # fmt: skip


def _offers() -> dict[str, list[Offer]]:
    rows = db.session.execute(
        select(
            Listing.service_type, Listing.public_name, Listing.title, Listing.price_class, Listing.price, Listing.demo
        )
        .join(Admission, Admission.provider_id == Listing.provider_id)
        .where(Admission.community_id == current_tenant().uid, in_force())
        .where(Listing.public_name.is_not(None))
        .order_by(Listing.provider_slug)
    )
    found: dict[str, list[Offer]] = {}
    for row in rows:
        offer = Offer(row.public_name or "", row.title, row.price_class, row.price, row.demo)
        found.setdefault(row.service_type, []).append(offer)
    return found


def _grouped(heads: list[Row], rows: Iterable[Row], key: str) -> list[tuple[Row, list[Row]]]:
    of: dict[str, list[Row]] = {}
    for row in rows:
        of.setdefault(row[key], []).append(row)
    return [(head, of[head["id"]]) for head in heads if head["id"] in of]


def preview(words: str) -> Shown | None:
    """How the page of a community of that name would look; nothing is kept. None when there is no name in the words."""
    text = codes.plain(words)[:30]
    found = divisions.search(text, 1) if len(text) > 1 else []
    if found:
        name, street = found[0].name, found[0].street_name
    elif text and not text.isascii():
        name, street = divisions.clean_name(text), ""
        name = name if name.endswith(("社区", "村")) else f"{name}社区"
    else:
        return None
    pack = read_pack()
    return Shown(
        name=name, title=rules.title_for(name), street=street,
        departments=_grouped(pack["departments"]["departments"], pack["policies"]["policies"], "department_id"),
        categories=_grouped(pack["needs"]["categories"], pack["needs"]["items"], "category_id"),
        services=[(each, []) for each in pack["services"]["services"]], preview=True,
    )  # fmt: skip


def desks() -> dict[str, Row]:
    """Where one applies, by code, as the pack names the windows."""
    return {row["id"]: row for row in read_pack()["policies"]["apply_at"]}


def live(words: str = "", limit: int = 60) -> list[Any]:
    """Live communities for the start page: slug, name, street, demo; by name."""
    query = (
        select(Community.slug, Community.name, Street.name.label("street"), Community.demo)
        .outerjoin(Street, Street.id == Community.street_id)
        .where(Community.state == "live")
        .order_by(Street.name, Community.name)
    )
    if words:
        query = query.where(Community.name.contains(codes.plain(words), autoescape=True))
    return list(db.session.execute(query.limit(limit)))
