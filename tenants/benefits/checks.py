"""What an entry must be to be kept: a policy of its subject, a period that can be, a ground, and no second entry for the
same days."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.errors import Refused
from tenants.benefits import queries, rules
from tenants.benefits.rules import WHOLE, Held
from tenants.catalogue.models import Policy
from tenants.residents.models import Person

SHORTEST = 4
"""Characters of a reason, and of the ground of a benefit noted by hand."""


def whose(household_id: UUID, policy: str, person_id: UUID | None) -> UUID | None:
    """The person of a personal policy, None for one of the household; refused when they do not fit."""
    scope = db.session.scalar(select(Policy.scope).where(Policy.slug == policy))
    if scope is None:
        raise Refused("请选一项政策。", field="policy")
    if scope == WHOLE:
        return None
    living = select(Person.id).where(
        Person.id == person_id, Person.household_id == household_id, Person.status == "here"
    )
    if person_id is None or db.session.scalar(living) is None:
        raise Refused("这项政策按人享受，请选是家里的谁。", field="person")
    return person_id


def period(since: date | None, until: date | None) -> None:
    """Refused naming `since` or `until` when the period cannot be."""
    if fault := rules.period_fault(since, until, today()):
        raise Refused(fault[1], field=fault[0])


def ground_words(text: str, *, needed: bool) -> str:
    """The ground as it is kept; refused when it is too long, or too short and `needed`."""
    words = text.strip()
    if len(words) > rules.GROUND_LONGEST:
        raise Refused("依据请写在 200 字以内。", field="ground")
    if needed and len(words) < SHORTEST:
        raise Refused("请写依据，例如低保证、批复的文号和日期，至少 4 个字。", field="ground")
    return words


def free(household_id: UUID, one: Held, source: str, but: UUID | None = None) -> None:
    """Refused when another entry says the same benefit for some of these days. What was told at a door may stand beside a
    place in line: the family's word is kept until a clerk has looked."""
    for other_id, other in queries.entries(household_id):
        in_line = other.waiting and not one.waiting
        if other_id != but and rules.overlaps(one, other) and not (in_line and source == "sweep"):
            if in_line:
                raise Refused("这项待遇正在轮候。轮到了，请打开轮候的那条点“轮到了”。", field="since")
            raise Refused("这段时间已经登记过同一项待遇。续办的，请改原来那条的到期日期。", field="since")
