"""Letting a provider in or out in the same moment in which others act on it, on committed rows: every step is a drawn one,
nothing is sent that nobody may open, nobody deadlocks."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from rongjiu import audit
from rongjiu.clock import now, today
from rongjiu.db import Scope, db, scoped, tenant_scope
from rongjiu.marketplace import capacity, terms, vetting
from rongjiu.marketplace.admissions import calendar, rules, service, steps
from rongjiu.marketplace.models import Provider
from rongjiu.marketplace.service import publish
from rongjiu.outbox import PlatformOutbox
from rongjiu.oversight.models import Step
from rongjiu.tenancy.queries import Place
from tenants.referrals import ending, queries
from tenants.referrals import service as referrals
from tests import admitting, casework
from tests.rooms.test_referrals_at_once import at_once


class Here:
    """A community, a family, a provider; plain values."""

    def __init__(self, *, admitted: bool = True) -> None:
        self.family = casework.a_family()
        self.helper = casework.a_helper(self.family, "catheter-change", places=9, admitted=admitted)
        with tenant_scope(self.family.tenant):
            self.consent = casework.a_consent(self.family, self.helper)
        family = self.family
        self.place = Place(
            kind="community", id=family.community_id, name="测试社区", slug=family.slug, state="live",
            tenant=family.tenant, street_id=family.street_id,
        )  # fmt: skip
        self.world = admitting.World(family.tenant, self.place, family.street_id, self.helper.id, self.helper.service)

    def offer(self) -> None:
        referrals.offer(self.family.need, [self.helper.service], self.consent, self.family.old_man)

    def suspend(self) -> None:
        service.suspend(self.helper.id, self.place, "两次没到")

    def admit(self, **days: Any) -> None:
        service.admit(self.helper.id, self.place, None, **days)

    def ask(self) -> None:
        service.ask(self.helper.id, self.family.community_id)

    def limit(self) -> None:
        terms.limit(self.helper.id, self.family.community_id, ("MO",), ())

    def leave(self) -> None:
        service.step_out(self.helper.id, self.family.community_id)


@pytest.fixture
def open_worlds(app: Flask) -> Iterator[Callable[..., Here]]:
    made: list[Here] = []

    def make(**words: Any) -> Here:
        with app.app_context():
            made.append(Here(**words))
            db.session.commit()
        return made[-1]

    yield make
    with app.app_context():
        for here in made:
            db.session.execute(update(Provider).where(Provider.id == here.helper.id).values(state="withdrawn"))
            publish(here.helper.id)
        # What it asked to be done in the background is nobody's business in the tests that follow.
        db.session.execute(update(PlatformOutbox).where(PlatformOutbox.done_at.is_(None)).values(done_at=now()))
        db.session.commit()
        db.session.remove()


def _met(meet: Barrier, work: Callable[..., Any]) -> Callable[..., Any]:
    """The work, begun only when the other side has come as far as it can: here too, or to a lock."""

    def wait(*args: Any, **words: Any) -> Any:
        with suppress(BrokenBarrierError):
            meet.wait(0.3)
        return work(*args, **words)

    return wait


def _met_once(meet: Barrier, work: Callable[..., Any], verb: str) -> Callable[..., Any]:
    """`_met` for one verb of the audit."""
    held = _met(meet, work)
    return lambda *args, **words: (held if args[0] == verb else work)(*args, **words)


def test_an_offer_in_the_moment_of_a_stop_is_refused_or_taken_back(
    app: Flask, open_worlds: Callable[..., Here]
) -> None:
    here = open_worlds()
    said = at_once(app, here.family, here.offer, here.suspend)
    assert said[1] == ""
    with app.app_context(), tenant_scope(here.family.tenant):
        ending.not_let_in(here.helper.id)
        assert not {row.task_state for row in queries.slips(here.family.case_id)} & {"requested", "accepted"}, said
        db.session.rollback()


@pytest.mark.parametrize("act", ["suspend", "limit"])
def test_what_the_desk_does_and_an_offer_take_their_locks_in_one_order(
    app: Flask, open_worlds: Callable[..., Here], monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    """Each is held where it has its first lock until the other has come as far as it can."""
    here, meet = open_worlds(), Barrier(2)

    monkeypatch.setattr(capacity, "admitted", _met(meet, capacity.admitted))
    monkeypatch.setattr(steps, "move", _met(meet, steps.move))
    monkeypatch.setattr(audit, "record", _met_once(meet, audit.record, "admission.limit"))
    assert at_once(app, here.family, here.offer, getattr(here, act))[1] == ""


def test_a_provider_that_leaves_the_market_while_the_desk_answers_it(
    app: Flask, open_worlds: Callable[..., Here], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds its own row and goes into the community; the desk holds the community's rows and writes of the provider."""
    here, meet = open_worlds(admitted=False), Barrier(2)
    with app.app_context():
        here.ask()
        db.session.commit()

    def leave() -> None:
        with scoped(Scope(provider_id=here.helper.id)):
            vetting.withdraw(here.helper.id)

    monkeypatch.setattr(service, "step_out", _met(meet, service.step_out))
    monkeypatch.setattr(steps, "_note", _met(meet, steps._note))
    said = at_once(app, here.family, leave, lambda: service.review(here.helper.id, here.place))
    assert said == ["", ""]
    with app.app_context(), tenant_scope(here.family.tenant):
        assert admitting.way(here.world) == ["applied", "under_review", "withdrawn"]
        db.session.rollback()


def test_whatever_is_pressed_at_once_each_step_is_a_drawn_one(app: Flask, open_worlds: Callable[..., Here]) -> None:
    here = open_worlds(admitted=False)
    for works in (
        (here.ask, here.ask, here.admit, here.leave),
        (here.ask, here.admit, here.admit, lambda: here.admit(ends_on=today() + timedelta(days=9))),
        (here.suspend, here.suspend, here.admit, here.leave, calendar.nightly),
        (here.ask, lambda: service.deny(here.helper.id, here.place, "已有三家"), here.admit, here.leave),
    ):
        at_once(app, here.family, *works)
        with app.app_context(), tenant_scope(here.family.tenant):
            admitting.way(here.world)
            row = admitting.row_of(here.world)
            held = db.session.scalar(select(Step.due_at).where(Step.id == row.id))
            assert (row.due_at is not None, held is not None) == (row.state in rules.LIVE,) * 2
            assert held == row.due_at
            db.session.rollback()
