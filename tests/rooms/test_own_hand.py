"""What the database itself refuses: terms signed, places kept or a listing claimed in somebody else's name."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import ProgrammingError

from rongjiu.clock import now
from rongjiu.db import Base, db, telling
from rongjiu.ids import uuid7
from rongjiu.marketplace import claims, offering
from rongjiu.marketplace.models import ProviderClaim, ProviderLocation, Signature
from rongjiu.marketplace.offering import Site
from tests import factories

pytestmark = pytest.mark.usefixtures("inside")
SITE = Site("总店", "雁塔路 1 号", "西安市", "陕西省", "710054", ("ramp",), "")


def _place(provider_id: UUID) -> Base:
    return ProviderLocation(
        id=uuid7(), provider_id=provider_id, name="总店", address="雁塔路 1 号", city="西安市", province="陕西省",
        postal_code="710054", accessibility=[], note="",
    )  # fmt: skip


def _signature(provider_id: UUID) -> Base:
    return Signature(id=uuid7(), provider_id=provider_id, terms="no_sales-1", account_id=None, signed_at=now())


@pytest.mark.parametrize("row", [_place, _signature])
def test_only_the_provider_itself_signs_and_keeps_places(row: Callable[[UUID], Base]) -> None:
    street = factories.a_street()
    mine, other = factories.a_provider(street), factories.a_provider(street)
    with pytest.raises(ProgrammingError, match="row-level security"), db.session.begin_nested():
        db.session.add(row(mine.id))
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        db.session.begin_nested(),
        telling(provider_id=other.id),
    ):
        db.session.add(row(mine.id))
    with telling(provider_id=mine.id):
        db.session.add(row(mine.id))


def test_nobody_else_changes_a_place() -> None:
    street = factories.a_street()
    mine, other = factories.a_provider(street), factories.a_provider(street)
    site = offering.save_site(mine.id, SITE)
    renamed = update(ProviderLocation).where(ProviderLocation.id == site).values(name="别人的店")
    with telling(provider_id=other.id):
        db.session.execute(renamed, execution_options={"synchronize_session": False})
    assert [row.name for row in offering.sites(mine.id)] == ["总店"]
    with telling(provider_id=mine.id):
        db.session.execute(renamed, execution_options={"synchronize_session": False})
    assert [row.name for row in offering.sites(mine.id)] == ["别人的店"]


def test_a_listing_is_claimed_for_oneself_and_decided_in_ones_own_name() -> None:
    provider = factories.a_provider(factories.a_street())
    asker, clerk = (factories.a_person_with_role("street_vetting", "street", provider.street_id) for _n in range(2))
    claim = ProviderClaim(
        id=uuid7(), provider_id=provider.id, account_id=asker.account.id, proof="法人", state="asked", asked_at=now(),
        due_at=now(), reason="",
    )  # fmt: skip
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        db.session.begin_nested(),
        telling(account_id=clerk.account.id),
    ):
        db.session.add(claim)
    claims.ask(provider.id, asker.account.id, "法人")
    decided = (
        update(ProviderClaim)
        .where(ProviderClaim.provider_id == provider.id)
        .values(state="refused", decided_by=clerk.account.id)
        .execution_options(synchronize_session=False)
    )
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        db.session.begin_nested(),
        telling(account_id=asker.account.id),
    ):
        db.session.execute(decided)
    with telling(account_id=clerk.account.id):
        db.session.execute(decided)
    assert db.session.scalar(select(ProviderClaim.state).where(ProviderClaim.provider_id == provider.id)) == "refused"
