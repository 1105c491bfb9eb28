"""A wish is a referral slip: the database holds it apart from cases and people, and its table refuses what it does not draw."""

from itertools import product
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from rongjiu.actor import acting
from rongjiu.clock import now
from rongjiu.db import as_role, db, tenant_scope
from rongjiu.errors import Absent, Clash
from rongjiu.ids import uuid7
from tenants.referrals import ending, moves, rules
from tenants.referrals.models import ReferralRequest, ReferralTask, TaskEvent
from tenants.wishes import moves as wish_moves
from tenants.wishes import rules as wish_rules
from tenants.wishes import service
from tenants.wishes.models import STATES, Wish
from tests import casework
from tests.desk_of import Desk, a_desk
from tests.rooms.test_wishes import a_volunteer, hung

ACTORS = ("desk", "claimer", "resident", "system")
ILLEGAL = [pair for pair in product(("", *STATES), STATES, ACTORS) if not wish_rules.may(*pair)]


@pytest.fixture
def here(inside: None) -> Desk:
    return a_desk()


def a_slip(**words: Any) -> ReferralRequest:
    plain: dict[str, Any] = {"kind": "wish", "state": "draft", "reason_code": "", "urgency": "ordinary", "wish": ""}
    return ReferralRequest(id=uuid7(), made_at=now(), **plain | words)


def a_claim(slip: UUID, **words: Any) -> ReferralTask:
    plain: dict[str, Any] = {"service_type": "", "state": "draft", "reason_code": "", "rank": 1}
    return ReferralTask(id=uuid7(), request_id=slip, **plain | words)


def refused(row: object, rule: str) -> None:
    point = db.session.begin_nested()
    db.session.add(row)
    with pytest.raises(IntegrityError, match=rule):
        db.session.flush()
    point.rollback()


def test_the_database_refuses_a_wish_with_a_person_and_another_slip_without_a_case(inside: None) -> None:
    family = casework.a_family()
    with tenant_scope(family.tenant):
        for words in (
            {"person_id": family.old_man}, {"case_id": family.case_id}, {"need_id": family.need}, {"seq": 1},
            {"kind": "provider"}, {"kind": "department", "case_id": family.case_id, "seq": 1},
            {"kind": "volunteer", "need_id": family.need, "seq": 1},
            {"kind": "provider", "case_id": family.case_id, "need_id": family.need},
        ):  # fmt: skip
            refused(a_slip(**words), "ck_referral_request_wish")


def test_the_database_refuses_a_claim_that_carries_anybody_or_hangs_in_a_case(inside: None) -> None:
    family = casework.a_family()
    helper = casework.a_helper(family)
    with tenant_scope(family.tenant):
        consent = casework.a_consent(family, helper)
        slip = a_slip()
        db.session.add(slip)
        db.session.flush()
        for words in (
            {"provider_id": helper.id}, {"service_id": helper.service}, {"household_id": family.household_id},
            {"person_id": family.old_man}, {"consent_id": consent},
        ):  # fmt: skip
            refused(a_claim(slip.id, **words), "ck_referral_task_nobody")
        refused(a_claim(slip.id, case_id=family.case_id, person_id=family.old_man), "fk_referral_task_stands")
        db.session.add(a_claim(slip.id, state="cancelled"))
        db.session.add(a_claim(slip.id, state="accepted"))
        db.session.flush()
        refused(a_claim(slip.id, rank=3), "uq_referral_task_claim")


def test_the_database_refuses_a_wish_without_a_slip(here: Desk) -> None:
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        row = Wish(
            id=uuid7(), number="X-1", words="想要一本书", public_text="", state="submitted", reason="", claimer_kind="",
            claimer="", claims=0, submitted_at=now(), thanks="",
        )  # fmt: skip
        refused(row, "fk_wish_tenant_id_id")


def test_each_pair_that_the_table_of_wishes_does_not_draw_is_refused_and_leaves_no_trace(here: Desk) -> None:
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        for source, target, actor in ILLEGAL:
            row = Wish(id=uuid7(), number="X", words="x", state=source, claims=0, submitted_at=now())
            with pytest.raises(Clash):
                wish_moves.move(row, target, actor, thanks="x")
            assert (row.state, row.thanks) == (source, None)
        assert db.session.scalar(select(func.count()).select_from(ReferralRequest)) == 0
        assert not db.session.new
    assert len(ILLEGAL) == 9 * 8 * 4 - sum(len(step.actors) for step in wish_rules.MOVES)


def test_a_claim_is_requested_and_accepted_in_one_step_and_each_hop_is_written(here: Desk) -> None:
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        wish = hung(here)
        service.claim(wish, a_volunteer(here))
        e = TaskEvent
        found = db.session.execute(select(e.state_from, e.state_to, e.actor).order_by(e.at, e.id))
        assert [tuple(row) for row in found] == [
            ("", "draft", "receiver"), ("draft", "requested", "receiver"), ("requested", "accepted", "receiver")
        ]  # fmt: skip
        task, slip = db.session.scalars(select(ReferralTask)).one(), db.session.scalars(select(ReferralRequest)).one()
        assert (slip.id, slip.kind, slip.state, slip.case_id, slip.person_id) == (wish, "wish", "active", None, None)
        assert (task.request_id, task.rank, task.offered_at, task.answered_at) == (wish, 1, None, None)
        assert task.due_at == db.session.scalars(select(Wish.due_at)).one()


def test_an_act_of_cases_does_not_reach_a_wish_or_a_claim(here: Desk) -> None:
    """A clerk who forges an address with the id of a wish: nothing is there."""
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        wish = hung(here)
        service.claim(wish, a_volunteer(here))
        task = db.session.scalars(select(ReferralTask.id)).one()
        assert moves.lock(ReferralTask.id == task) == []
        for act in (lambda: ending.revoke(wish, "other"), lambda: ending.mistaken(wish)):
            with pytest.raises(Absent):
                act()
        assert db.session.scalars(select(ReferralTask.state)).one() == "accepted"


def test_neither_receivers_nor_the_street_nor_the_public_read_a_claim_or_its_slip(here: Desk) -> None:
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        wish = hung(here)
        service.claim(wish, a_volunteer(here))
        task = db.session.scalars(select(ReferralTask.id)).one()
    for table in ("referral_request", "referral_task"):
        rights = text("SELECT has_any_column_privilege('app_public', :name, 'SELECT')")
        assert db.session.scalar(rights, {"name": table}) is False
    with tenant_scope(here.tenant), as_role("app_receiver", task_id=task, provider_id=uuid7(), person_ids=(uuid7(),)):
        assert db.session.execute(text("SELECT id FROM referral_task")).all() == []
        assert db.session.execute(text("SELECT id FROM referral_request")).all() == []


def test_a_slip_of_another_kind_may_not_what_a_wish_may(inside: None) -> None:
    row = ReferralTask(id=uuid7(), state="", reason_code="")
    with pytest.raises(Clash):
        moves.move(row, "draft", "receiver")
    assert rules.request_move("active", "awaiting_confirmation", "receiver") is None
