"""Two who decide the same in the same moment, on committed rows: one does, the others are told, nobody deadlocks."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from rongjiu.actor import Actor, acting
from rongjiu.audit import Audit
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Clash, Refused
from tenants.fieldwork import service as field
from tenants.residents import service as register
from tenants.residents.models import Person, RegisterChange
from tenants.residents.service import Door, NewPerson
from tenants.reviews import merging, requests
from tests import fieldwork
from tests.desk_of import DOOR, Desk, a_desk
from tests.rooms.test_sweeps_at_once import at_once

World = tuple[Desk, UUID, UUID, UUID]


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with app.app_context():
        here = a_desk()
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            one = register.register(here.yard, DOOR, [NewPerson("周某", condition="高血压")]).person_ids[0]
            other = register.register(here.yard, Door("9", "1", "1"), [NewPerson("周某")]).person_ids[0]
            asked = requests.put(one, {"condition": "偏瘫"}, reason="医院证明上写的").request_id
        db.session.commit()
        assert asked is not None
        yield here, one, other, asked
        db.session.remove()


def _as_secretary(here: Desk, work: Callable[[], Any]) -> Callable[[], Any]:
    account = here.secretary.account.id

    def do() -> Any:
        with acting(Actor(account, "secretary", "社区书记")):
            return work()

    return do


def test_a_change_that_several_approve_happens_once(app: Flask, world: World) -> None:
    here, person, _other, asked = world
    answers = at_once(app, here, *[_as_secretary(here, lambda: requests.approve(asked))] * 4)
    assert sorted(type(each).__name__ for each in answers) == ["Clash"] * 3 + ["bool"]
    with app.app_context(), tenant_scope(here.tenant):
        once = select(func.count()).select_from(RegisterChange)
        assert (
            db.session.scalar(once.where(RegisterChange.person_id == person, RegisterChange.name == "condition")) == 1
        )
        verb = select(func.count()).select_from(Audit).where(Audit.verb == "request.approve")
        assert db.session.scalar(verb) == 1


def test_a_merge_against_an_approval_of_either_entry_ends_and_loses_nothing(app: Flask, world: World) -> None:
    here, one, other, asked = world
    approve = _as_secretary(here, lambda: requests.approve(asked))
    answers = at_once(
        app, here, approve, lambda: merging.merge_people(other, one, {"condition": "drop"}),
        lambda: merging.merge_people(one, other, {}),
    )  # fmt: skip
    merged = [each for each in answers[1:] if not isinstance(each, Refused)]
    assert len(merged) == 1, answers
    with app.app_context(), tenant_scope(here.tenant):
        living = db.session.scalars(select(Person).where(Person.status != "merged")).all()
        assert len(living) == 1
        approved = not isinstance(answers[0], Refused)
        assert living[0].condition == ("偏瘫" if approved else "高血压"), answers


def test_an_item_that_several_settle_is_entered_once(app: Flask, world: World) -> None:
    here, *_rest = world
    with app.app_context():
        with tenant_scope(here.tenant):
            item = fieldwork.an_item(here.yard)
        db.session.commit()
    answers = at_once(app, here, *[lambda: field.settle(item, ["all"])] * 4)
    assert sorted(isinstance(each, Clash) for each in answers) == [False, True, True, True]
