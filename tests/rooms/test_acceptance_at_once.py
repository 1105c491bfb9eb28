"""Two people at the same moment on one file: one of them wins, nothing is doubled, nobody deadlocks."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.outbox import Outbox
from tenants.acceptance import answering, chasing, receiving, service, steps
from tenants.acceptance.models import DeskEvent, DeskFile
from tenants.referrals.models import ReferralTask
from tests import deskwork
from tests.rooms.test_referrals_at_once import at_once


@pytest.fixture
def sent(app: Flask) -> Iterator[deskwork.Sent]:
    """A family with two policies: disability-care lies at the desk, dibao is not sent. Committed."""
    with app.app_context():
        found = deskwork.a_street_at_work(phone=f"137{deskwork.factories.number():08d}")
        db.session.commit()
    yield found
    with app.app_context():
        db.session.remove()


def count(app: Flask, sent: deskwork.Sent, query: object) -> int:
    with app.app_context(), tenant_scope(sent.family.tenant):
        return int(db.session.scalar(query) or 0)  # type: ignore[call-overload]


def test_two_presses_make_one_file(app: Flask, sent: deskwork.Sent) -> None:
    def press() -> object:
        return deskwork.send(sent.family, "dibao", ())

    answers = at_once(app, sent.family, press, press, press)
    assert sorted(map(bool, answers)) == [False, True, True]
    query = select(func.count()).select_from(DeskFile).where(DeskFile.policy_slug == "dibao")
    assert count(app, sent, query) == 1


def test_the_desk_answers_while_the_community_takes_back(app: Flask, sent: deskwork.Sent) -> None:
    task = sent.task
    assert task is not None
    answers = at_once(
        app, sent.family, lambda: answering.accept(task, today()),
        lambda: answering.accept(task, today()),
        lambda: service.withdraw(sent.family.case_id, task, "家里不申请了"),
    )  # fmt: skip
    assert answers.count("") in (1, 2)
    with app.app_context(), tenant_scope(sent.family.tenant):
        state = db.session.scalars(select(ReferralTask.state).where(ReferralTask.id == task)).one()
        verbs = list(db.session.scalars(select(DeskEvent.verb).where(DeskEvent.task_id == task)))
    assert verbs.count("accept") <= 1
    assert (state == "cancelled") == ("withdraw" in verbs)


def test_readers_and_writers_never_deadlock(app: Flask, sent: deskwork.Sent) -> None:
    task = sent.task
    assert task is not None

    def read() -> object:
        return receiving.note_opening(receiving.opened(sent.family.street_id, task), "一门受理")

    answers = at_once(app, sent.family, read, lambda: answering.accept(task, today()), read, read)
    assert answers == [""] * 4
    assert count(app, sent, select(func.count()).select_from(DeskEvent).where(DeskEvent.verb == "opened")) == 3


def test_a_bell_that_rings_twice_chases_once(app: Flask, sent: deskwork.Sent) -> None:
    task = sent.task
    assert task is not None
    with app.app_context(), tenant_scope(sent.family.tenant):
        wait = steps.mark(steps.held(task))
        db.session.rollback()

    def ring() -> object:
        return chasing.chase(UUID(str(task)), wait, 1)

    assert at_once(app, sent.family, ring, ring) == ["", ""]
    assert count(app, sent, select(func.count()).select_from(DeskEvent).where(DeskEvent.verb == "chase")) == 1
    assert count(app, sent, select(func.count()).select_from(Outbox).where(Outbox.kind == "acceptance.tell")) == 1
