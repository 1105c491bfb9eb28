"""The near-miss queue: nearest first, then hardest; 助 for the need behind it; another day with a reason."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import inspect, select, update

from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.library.packfiles import read_pack
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.residents.models import Courtyard
from tenants.screening import service
from tenants.screening.following.queries import near_misses
from tenants.screening.following.service import look_again
from tenants.screening.models import Determination, NearMiss, Screening
from tenants.screening.relevance import help_for
from tests import factories, families
from tests.families import Family


@pytest.fixture
def family(inside: None) -> Iterator[Family]:
    here = factories.tenant(factories.a_modelled_community())
    with tenant_scope(here):
        found = families.zhou()
        service.confirm(found.case_id, service.take(found.case_id, date(2022, 8, 10)).id, "专干")
        yield found


def near() -> NearMiss:
    return db.session.scalars(select(NearMiss).where(NearMiss.looked_at.is_(None))).one()


def _columns(row: Any) -> dict[str, Any]:
    """What a row says, without whose it is."""
    own = {"tenant_id", "id", "case_id" if isinstance(row, Screening) else "screening_id"}
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs if column.key not in own}


def test_confirming_notes_how_far_it_is(family: Family) -> None:
    assert near().distance_pct == Decimal("3.60")


def test_the_nearest_comes_first_then_the_hardest_or_as_one_chooses(family: Family) -> None:
    first = near()
    other = cases.open_case(db.session.scalars(select(Courtyard.id).limit(1)).one())
    taken = db.session.get_one(Screening, (first.tenant_id, first.screening_id))
    copy = Screening(id=uuid7(), **_columns(taken), case_id=other.id)
    db.session.add(copy)
    db.session.flush()
    trace = db.session.scalars(
        select(Determination).where(Determination.screening_id == taken.id, Determination.verdict == "near_miss")
    ).first()
    db.session.add(Determination(id=uuid7(), **_columns(trace), screening_id=copy.id))
    db.session.add(
        NearMiss(
            id=uuid7(),
            case_id=other.id,
            screening_id=copy.id,
            policy_slug=first.policy_slug,
            look_again_on=first.look_again_on + timedelta(days=9),
            looked_at=None,
            distance_pct=Decimal("1.20"),
        )
    )
    db.session.flush()
    mine, theirs = family.number, other.number

    def order(sort: str) -> list[str]:
        return [row["number"] for row in near_misses(sort=sort)[0]]

    def weigh(case_id: UUID, points: int) -> None:
        db.session.execute(update(CaseFile).where(CaseFile.id == case_id).values(weight=points))

    weigh(family.case_id, 50)
    assert order("distance") == [theirs, mine]
    assert order("weight") == [mine, theirs]
    assert order("day") == [mine, theirs]
    first.distance_pct = Decimal("1.20")
    db.session.flush()
    assert order("distance") == [mine, theirs]
    weigh(other.id, 60)
    assert order("distance") == [theirs, mine]


def test_every_policy_has_help_behind_it_that_is_on_the_list_of_needs() -> None:
    pack = read_pack()
    items = {row["id"] for row in pack["needs"]["items"]}
    for row in pack["policies"]["policies"]:
        found = help_for(row["id"], row["help_class"])
        assert found
        assert set(found) <= items


def test_another_day_needs_a_reason_and_lies_within_a_year(family: Family) -> None:
    row, day = near(), today() + timedelta(days=40)
    for wrong, reason, field in (
        (today(), "等新标准", "day"),
        (today() + timedelta(days=400), "等新标准", "day"),
        (day, "", "reason"),
    ):
        with pytest.raises(Refused) as refused:
            look_again(row.id, wrong, reason)
        assert refused.value.field == field
    look_again(row.id, day, "街道说下月调标准")
    assert (near().look_again_on, near().reason) == (day, "街道说下月调标准")
    with pytest.raises(Absent):
        look_again(UUID(int=1), day, "街道说下月调标准")
