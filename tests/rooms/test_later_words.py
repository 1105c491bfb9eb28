"""Closed is not solved: what a family says later, or tells an audit, reaches who holds its case, and is never refused."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from rongjiu.actor import SYSTEM, Actor, set_actor
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.notify.models import Message
from rongjiu.oversight.models import Step
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.needs.models import Need
from tenants.outcomes import auditing, results, rules, service
from tenants.outcomes.models import AuditCheck
from tests import casework, factories

CLERK = "13700000001"


@pytest.fixture
def family(inside: None) -> Iterator[casework.Family]:
    made = casework.a_family()
    clerk = factories.a_person_with_role("assistance_clerk", "community", made.community_id, post="救助专干")
    clerk.account.phone = CLERK
    db.session.flush()
    with tenant_scope(made.tenant):
        said = {made.need: rules.Said("solved"), made.girl_need: rules.Said("solved")}
        results.say(made.case_id, said, by="resident", source="desk")
        service.look_later(made.case_id, today())
        yield made
    set_actor(SYSTEM)


def close(family: casework.Family) -> None:
    values = {"closed_at": now() - timedelta(days=40), "closed_reason": "done"}
    db.session.execute(update(CaseFile).where(CaseFile.id == family.case_id).values(values))
    db.session.execute(Step.__table__.delete().where(Step.id == family.case_id))


def step(case_id: UUID) -> str | None:
    return db.session.scalar(select(Step.verb).where(Step.id == case_id))


def is_open(family: casework.Family) -> bool:
    query = select(CaseFile.closed_at).where(CaseFile.id == family.case_id)
    return db.session.scalars(query).one() is None


def told() -> list[str]:
    return list(db.session.scalars(select(Message.address).where(Message.purpose == "referral_disputed")))


def test_help_that_did_not_last_reaches_the_holder_of_an_open_case(family: casework.Family) -> None:
    db.session.execute(Step.__table__.delete().where(Step.id == family.case_id))
    results.follow_up(family.case_id, 1, {family.need: rules.Said("solved")})
    assert (step(family.case_id), told()) == (None, [])
    results.follow_up(family.case_id, 2, {family.need: rules.Said("not_solved")})
    assert step(family.case_id) == "看这项需求怎么接着帮"
    assert told() == [CLERK]


@pytest.mark.parametrize("answer", ["solved", "not_solved"])
def test_an_audit_that_finds_a_need_not_solved_opens_the_case_again(family: casework.Family, answer: str) -> None:
    close(family)
    month = (today().replace(day=1) - timedelta(days=1)).replace(day=1)
    db.session.execute(
        update(CaseFile).where(CaseFile.id == family.case_id).values(closed_at=now().replace(day=1) - timedelta(days=3))
    )
    assert auditing.draw(month) == 1
    set_actor(Actor(uuid7(), "secretary", "书记"))
    check = db.session.scalars(select(AuditCheck.id)).one()
    auditing.check(check, {family.need: rules.Said(answer), family.girl_need: rules.Said("solved")})
    assert is_open(family) is (answer == "not_solved")
    assert step(family.case_id) == ("重新看这一户" if answer == "not_solved" else None)


def test_the_word_of_a_family_with_another_open_case_is_kept_and_goes_to_its_holder(family: casework.Family) -> None:
    close(family)
    other = cases.open_case(None)
    cases.attach_household(other.id, family.household_id)
    results.follow_up(family.case_id, 1, {family.need: rules.Said("not_solved")})
    assert db.session.scalars(select(Need.result).where(Need.id == family.need)).one() == "not_solved"
    assert not is_open(family)
    assert step(other.id) == "看这项需求怎么接着帮"
