"""A family that nobody reaches: so many calls, then the door, then unknown by the worker; silence is never a yes."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from blueprints.cli.recount import COUNTS
from rongjiu.clock import ZONE
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from rongjiu.oversight.models import Step
from tenants.accompaniment import work
from tenants.accompaniment.models import Visit
from tenants.accompaniment.service import finish_visit
from tenants.needs.models import Need
from tenants.outcomes import jobs, reaching
from tenants.outcomes.models import NeedOutcome
from tenants.referrals import answering, confirming
from tenants.referrals import service as referrals
from tenants.referrals.models import ReferralRequest
from tests import casework

MONDAY = datetime(2026, 9, 7, 10, 0, tzinfo=ZONE)
assert jobs.reaching is reaching, "the room listens"


class Asked:
    """A family whose job is claimed as done, and whose time to speak has run out."""

    def __init__(self, clock: time_machine.Traveller) -> None:
        self.clock, self.family = clock, casework.a_family()
        helper = casework.a_helper(self.family, "job-registration")
        with tenant_scope(self.family.tenant):
            consent = casework.a_consent(self.family, helper)
            (task,) = referrals.offer(self.family.need, [helper.service], consent, self.family.old_man, "")
            answering.accept([task.id], helper.id, MONDAY + timedelta(hours=3))
            work.finish([task.id], helper.id, [task.id])
            self.slip = db.session.scalars(select(ReferralRequest.id)).one()

    def state(self) -> tuple[str, str]:
        query = select(ReferralRequest.state, ReferralRequest.reason_code).where(ReferralRequest.id == self.slip)
        row = db.session.execute(query).one()
        return row.state, row.reason_code

    def step(self) -> tuple[str, str, datetime] | None:
        query = select(Step.actor_role, Step.verb, Step.due_at).where(Step.id == self.slip)
        row = db.session.execute(query).one_or_none()
        return (row.actor_role, row.verb, row.due_at) if row else None

    def rung(self, times: int) -> None:
        for _turn in range(times):
            self.clock.shift(timedelta(hours=1))
            assert reaching.note_call(self.family.case_id)

    def visit(self) -> Visit:
        return db.session.scalars(select(Visit).where(Visit.kind == "worker", Visit.state == "planned")).one()

    def result(self) -> tuple[str, str]:
        row = db.session.execute(select(Need.result, Need.result_by).where(Need.id == self.family.need)).one()
        return row.result, row.result_by


@pytest.fixture
def asked(inside: None) -> Iterator[Asked]:
    with time_machine.travel(MONDAY, tick=False) as clock:
        made = Asked(clock)
        with tenant_scope(made.family.tenant):
            yield made


def confirmed() -> tuple[int, int]:
    """As counted at each step, and counted anew."""
    return casework.count("confirmed_done"), db.session.scalar(COUNTS["confirmed_done"]()) or 0


def test_a_call_is_not_noted_while_the_family_has_time(asked: Asked) -> None:
    with pytest.raises(Refused) as refused:
        reaching.note_call(asked.family.case_id)
    assert refused.value.status == 409
    assert reaching.standing(asked.family.case_id) is None


def test_each_call_is_noted_once_and_the_last_sends_somebody_to_the_door(asked: Asked) -> None:
    case = asked.family.case_id
    assert confirming.call_back(asked.slip)
    asked.rung(1)
    assert not reaching.note_call(case), "pressed twice, counted once"
    first = asked.step()
    assert first == ("community_worker", "电话回访", datetime(2026, 9, 9, 18, 0, tzinfo=ZONE))
    assert not confirming.call_back(asked.slip), "a timer that runs twice loses no try"
    asked.rung(1)
    with pytest.raises(Refused):
        reaching.nobody_met(case)
    asked.rung(1)
    found = reaching.standing(case)
    assert found is not None
    assert (len(found.tries), found.wanted, found.visit_state) == (3, 3, "planned")
    at_door = asked.visit()
    role, verb, until = asked.step() or ("", "", MONDAY)
    assert (role, verb) == ("community_worker", "上门问问帮得怎么样")
    assert until >= at_door.planned_at
    assert db.session.scalars(select(Step.actor_role).where(Step.id == at_door.id)).one() == "grid_worker"
    with pytest.raises(Refused):
        reaching.note_call(case)
    assert asked.result() == ("", "")


@pytest.mark.parametrize("state", ["missed", "refused"])
def test_a_visit_that_meets_nobody_ends_as_unknown_by_the_worker(asked: Asked, state: str) -> None:
    confirming.call_back(asked.slip)
    asked.rung(3)
    finish_visit(asked.visit().id, state)
    assert asked.state() == ("completed", "family_unreached")
    assert asked.result() == ("unknown", "worker")
    assert db.session.execute(select(NeedOutcome.by, NeedOutcome.source)).one() == ("worker", "visit")
    assert asked.step() is None
    assert confirmed() == (0, 0), "closed is not solved"


def test_who_was_met_is_asked_and_may_still_be_unable_to_say(asked: Asked) -> None:
    confirming.call_back(asked.slip)
    asked.rung(3)
    finish_visit(asked.visit().id)
    assert asked.state()[0] == "awaiting_confirmation"
    assert (asked.step() or ("", ""))[:2] == ("community_worker", "记下家属的答复")
    reaching.nobody_met(asked.family.case_id)
    assert (asked.state()[0], asked.result()) == ("completed", ("unknown", "worker"))


@pytest.mark.parametrize(("answer", "rate"), [("solved", (1, 1)), ("not_solved", (0, 0))])
def test_a_word_that_comes_after_all_counts_and_reaches_the_holder(
    asked: Asked, answer: str, rate: tuple[int, int]
) -> None:
    confirming.call_back(asked.slip)
    asked.rung(3)
    reaching.nobody_met(asked.family.case_id)
    db.session.execute(Step.__table__.delete().where(Step.id == asked.family.case_id))
    confirming.confirm(asked.family.case_id, {asked.family.need: confirming.Answer(answer)})
    assert (asked.result(), confirmed()) == ((answer, "resident"), rate)
    holder = db.session.scalar(select(Step.verb).where(Step.id == asked.family.case_id))
    assert holder == (None if answer == "solved" else "看这项需求怎么接着帮")


def test_after_not_solved_the_calls_begin_anew(asked: Asked) -> None:
    confirming.call_back(asked.slip)
    asked.rung(2)
    asked.clock.shift(timedelta(hours=1))
    confirming.confirm(asked.family.case_id, {asked.family.need: confirming.Answer("not_solved")})
    confirming.ask_family(asked.slip)
    confirming.call_back(asked.slip)
    asked.rung(1)
    found = reaching.standing(asked.family.case_id)
    assert found is not None
    assert (len(found.tries), found.visit) == (1, None)
