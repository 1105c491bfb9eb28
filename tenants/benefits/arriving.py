"""What others say that a family receives: a department that granted it, somebody at the door during a sweep."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import select

from rongjiu.db import db
from tenants.benefits import queries, rules
from tenants.benefits.rules import WHOLE, Held
from tenants.benefits.service import Noted, carry_on, note
from tenants.catalogue.models import Policy
from tenants.residents.models import Person


def granted(
    household_id: UUID, policy: str, people: Collection[UUID], since: date, until: date | None, task_id: UUID
) -> None:
    """A department granted a policy to these people of a household: it is received from then on. Who waited in line for
    it waits no longer; an entry that says so already is carried on to the later end, and checked by it where it was only told; who has left the household, and a policy that is gone, are passed over."""
    scope = db.session.scalar(select(Policy.scope).where(Policy.slug == policy))
    living = select(Person.id).where(
        Person.id.in_(people), Person.household_id == household_id, Person.status == "here"
    )
    whose: list[UUID | None] = [None] if scope == WHOLE else []
    if scope and scope != WHOLE:
        whose += sorted(db.session.scalars(living))
    for person_id in whose:
        one = Held(policy, str(person_id) if person_id else WHOLE, since, until)
        same = [(entry, each) for entry, each in queries.entries(household_id) if rules.overlaps(one, each)]
        if not same:
            note(household_id, Noted(policy, person_id, since, until), task_id=task_id, source="acceptance")
            continue
        entry, _last = max(same, key=lambda pair: pair[1].until or date.max)
        carry_on(entry, since, until)


def told(household_id: UUID, said: Iterable[tuple[UUID, str]], day: date, *, demo: bool = False) -> None:
    """Somebody said at the door on that day that these people receive these policies, as (person, policy): each is noted
    from that day on, without an end, for a clerk to check its dates.

    A place in line for it stays beside it until the clerk has checked. What is received from that day on already, who does not live there, and a policy that is gone are passed over.
    """
    pairs = list(dict.fromkeys(said))
    if not pairs:
        return
    scopes = db.session.execute(
        select(Policy.slug, Policy.scope).where(Policy.slug.in_({slug for _who, slug in pairs}))
    )
    scope = {row.slug: row.scope for row in scopes}
    living = select(Person.id).where(Person.household_id == household_id, Person.status == "here")
    here = set(db.session.scalars(living))
    stands = [each for _entry, each in queries.entries(household_id) if not each.waiting]
    for person_id, slug in pairs:
        whole = scope.get(slug) == WHOLE
        one = Held(slug, WHOLE if whole else str(person_id), day)
        if slug in scope and person_id in here and not any(rules.overlaps(one, each) for each in stands):
            stands.append(one)
            note(household_id, Noted(slug, None if whole else person_id, day), source="sweep", demo=demo)
