"""Groups that follow by rule from age, household and care: kept with each person and checked again by itself."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from rongjiu import facts
from rongjiu.clock import today
from rongjiu.db import current_tenant, db
from tenants.residents import rules
from tenants.residents.facts import LabelsMoved
from tenants.residents.models import Carer, Household, Person


def recheck(household_ids: Collection[UUID] | None = None) -> int:
    """Derive the labels of these households anew, of the whole community when none are given; answers how many
    people got others. Who is no longer here has none. Cases are weighed anew by whoever listens."""
    db.session.flush()
    homes: dict[UUID, list[Any]] = defaultdict(list)
    for row in db.session.execute(_people(household_ids)):
        homes[row.household_id].append(row)
    caring = _carers(household_ids)
    moved = 0
    for household_id, rows in homes.items():
        changed = {row.id: now for row, now in _derived(rows, caring) if sorted(row.labels or ()) != now}
        for person_id, slugs in changed.items():
            db.session.execute(
                update(Person).where(Person.id == person_id).values(labels=slugs),
                execution_options={"synchronize_session": "fetch"},
            )
        if changed:
            moved += len(changed)
            facts.send(LabelsMoved(tenant_id=current_tenant().id, object_id=household_id))
    return moved


def _people(household_ids: Collection[UUID] | None) -> Any:
    query = select(
        Person.id, Person.household_id, Person.status, Person.birth_date, Person.age_said, Person.age_on,
        Person.groups, Person.labels, Household.occupancy,
    ).join(Household, Household.id == Person.household_id)  # fmt: skip
    return query if household_ids is None else query.where(Person.household_id.in_(household_ids))


def _carers(household_ids: Collection[UUID] | None) -> set[UUID]:
    """Who cares for somebody who is still here."""
    query = select(Carer.carer_id).join(Person, Person.id == Carer.person_id).where(Person.status == "here")
    if household_ids is not None:
        query = query.where(Person.household_id.in_(household_ids))
    return set(db.session.scalars(query))


def _derived(rows: list[Any], caring: set[UUID]) -> list[tuple[Any, list[str]]]:
    day = today()
    here = {
        row.id: rules.Present(
            rules.age(row.birth_date, row.age_said, row.age_on, day), frozenset(row.groups), row.id in caring
        )
        for row in rows if row.status == "here"
    }  # fmt: skip
    return [
        (
            row,
            rules.labels(
                here[row.id], [each for key, each in here.items() if key != row.id],
                lived_in=row.occupancy == "lived_in",
            ) if row.id in here else [],
        )
        for row in rows
    ]  # fmt: skip
