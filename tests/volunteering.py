"""A team of volunteers and their rounds, for tests: people who may be sent to the family of `casework`."""

from dataclasses import dataclass
from datetime import time, timedelta
from uuid import UUID

from rongjiu.actor import Actor, set_actor
from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.tenancy.models import Membership
from tenants.accompaniment import rounds
from tenants.volunteers import joining, rules, teams
from tenants.volunteers.models import Volunteer
from tests import factories
from tests.casework import Family
from tests.factories import Staff

ALL = {"secrecy": "a", "money": "b", "two": "b", "danger": "a", "photo": "b"}
"""The right answers."""


@dataclass(frozen=True)
class Team:
    """Plain ids."""

    id: UUID
    lead: Staff
    secretary: Staff
    one: UUID
    two: UUID


def a_team(family: Family, *, insured: bool = True) -> Team:
    """A team with lead, insurance and two volunteers who may go."""
    lead = factories.a_person_with_role("volunteer_lead", "community", family.community_id, post="小雁队长")
    secretary = factories.a_person_with_role("secretary", "community", family.community_id, post="社区书记")
    lead.account.phone, secretary.account.phone = "13900000001", "13900000002"
    db.session.flush()
    lead_id = lead.account.id
    with tenant_scope(family.tenant):
        until = today() + timedelta(days=400) if insured else None
        team = teams.open_team("小雁服务队", lead_id, "意外险 保单 1" if insured else "", until)
        found = [a_volunteer(family, team, secretary, called) for called in ("小雁", "大雁")]
    return Team(team, lead, secretary, *found)


def a_volunteer(family: Family, team: UUID, secretary: Staff, called: str, *, vetted: bool = True) -> UUID:
    """Somebody who signed up, was asked in, passed the quiz and was vetted; within the community's scope."""
    phone = f"138{factories.number():08d}"
    row = joining.sign_up(f"王{called}", called, phone, "no")
    person = factories.a_person_with_role("volunteer", "community", family.community_id)
    set_actor(Actor(secretary.account.id, "secretary", "社区书记"))
    joining.ask_in(row, team, lambda token: f"/{token}")
    db.session.get_one(Volunteer, (family.tenant.id, row)).account_id = person.account.id
    db.session.flush()
    joining.pledge(row, agreed=True)
    assert joining.take_quiz(row, ALL) == []
    if vetted:
        joining.vet(row, rules.CHECKS, children=True)
    return row


def a_round(
    family: Family, team: UUID | None, *, two: bool = False, rhythm: str = "weekly", holidays: str = "keep"
) -> UUID:  # fmt: skip
    """Something that repeats from tomorrow on at ten; within the community's scope."""
    said = rounds.Round(
        rhythm, today() + timedelta(days=1), time(10), holidays, ("chat", "health"), two, "不当着邻居说低保", "楼道灯坏了",
        team, True,
    )  # fmt: skip
    return rounds.begin(family.case_id, said).id


def token_of(volunteer_id: UUID, family: Family) -> str:
    """A login of a volunteer."""
    from sqlalchemy import select

    from rongjiu.identity import logins

    with tenant_scope(family.tenant):
        account = db.session.scalars(select(Volunteer.account_id).where(Volunteer.id == volunteer_id)).one()
    post = db.session.scalars(select(Membership.id).where(Membership.account_id == account)).one()
    return logins.start_session(account, post, "volunteer", address="127.0.0.1", agent="test", second_factor=True)
