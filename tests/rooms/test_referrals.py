"""Offers: on a consent only, one place each, answered in time or back to matching, nothing personal outside."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace.capacity import Full
from rongjiu.marketplace.models import Admission, Capacity
from rongjiu.outbox import Outbox
from rongjiu.oversight.models import Step
from tenants.consents import service as consents
from tenants.referrals import answering, confirming, jobs, queries, service
from tenants.referrals.matching import service as matching
from tenants.referrals.models import MatchRun, ReferralRequest, ReferralTask, TaskEvent
from tenants.referrals.returning import silence
from tests import casework
from tests.casework import count, reserved, states


@pytest.fixture
def helper(family: casework.Family) -> casework.Helper:
    return casework.a_helper(family, "catheter-change", "home-checkup", places=2)


def test_matching_asks_without_personal_data_and_says_why_not(family: casework.Family, helper: casework.Helper) -> None:
    casework.a_helper(family, "home-checkup", name="乙院", slug="yi")
    casework.a_helper(family, "free-clinic", name="丙院", slug="bing", mode="on_site")
    casework.a_helper(family, "home-checkup", name="丁院", slug="ding", admitted=False)
    casework.a_helper(family, "catheter-change", name="戊院", slug="wu", places=0)
    with tenant_scope(family.tenant):
        run = matching.match(family.need)
        assert [row["provider_id"] for row in run.candidates][0] == str(helper.id)
        assert [row["slug"] for row in run.candidates[1:]] == ["yi"]
        assert {(row["provider"], row["reason"]) for row in run.excluded} == {
            ("丙院", "on_site"), ("丁院", "not_admitted"), ("戊院", "no_capacity"),
        }  # fmt: skip
        frozen = db.session.scalars(select(MatchRun).where(MatchRun.id == run.id)).one()
        assert casework.NAME not in str(frozen.candidates) + str(frozen.excluded)
        matching.log_contact(family.need, helper.id, "电话沟通:可以上门")
        assert [row.note for row in queries.contacts(family.need)] == ["电话沟通:可以上门"]


def test_an_offer_takes_its_place_its_inbox_row_and_its_next_step(
    family: casework.Family, helper: casework.Helper
) -> None:
    with tenant_scope(family.tenant):
        matching.make_plan(family.case_id, {family.need: "小病小痛不用跑医院"})
        ids, _ = casework.two_offers(family, helper)
        assert states(family) == [("active", "requested")] * 2
        assert reserved(helper) == 2
        assert count("offers_sent") == 2
        steps = db.session.execute(select(Step.actor, Step.verb, Step.due_at).where(Step.id.in_(ids))).all()
        assert {row.verb for row in steps} == {"答复派单"}
        assert all(row.due_at > now() for row in steps)
        kinds = set(db.session.scalars(select(Outbox.kind)))
        assert {"referrals.tell_provider", "referrals.remind", "referrals.expire"} <= kinds
        trail = db.session.execute(
            select(TaskEvent.state_from, TaskEvent.state_to).where(TaskEvent.task_id == ids[0]).order_by(TaskEvent.id)
        ).all()
        assert [tuple(row) for row in trail] == [("", "draft"), ("draft", "requested")]


def test_no_offer_without_a_consent_that_covers_receiver_and_person(
    family: casework.Family, helper: casework.Helper
) -> None:
    other = casework.a_helper(family)
    with tenant_scope(family.tenant):
        wrong_receiver = casework.a_consent(family, other)
        wrong_person = casework.a_consent(family, helper, person=family.son)
        withdrawn = casework.a_consent(family, helper)
        consents.withdraw(withdrawn, "")
        for consent_id in (None, wrong_receiver, wrong_person, withdrawn, uuid7()):
            with pytest.raises(Refused) as refused:
                service.offer(family.need, [helper.service], consent_id, family.old_man)
            assert refused.value.field == "consent_id"
        assert db.session.scalar(select(func.count()).select_from(ReferralTask)) == 0


def test_the_database_refuses_an_offer_without_consent(family: casework.Family, helper: casework.Helper) -> None:
    with tenant_scope(family.tenant):
        casework.two_offers(family, helper)
        with pytest.raises(IntegrityError, match="ck_referral_task_consent"), db.session.begin_nested():
            db.session.execute(text("UPDATE referral_task SET consent_id = NULL"))
        with pytest.raises(IntegrityError, match="ck_referral_task_consent"), db.session.begin_nested():
            db.session.execute(
                text(
                    "INSERT INTO referral_task (tenant_id, id, request_id, case_id, provider_id, service_type, state,"
                    " reason_code, rank, demo) SELECT tenant_id, gen_random_uuid(), request_id, case_id, provider_id,"
                    " service_type, 'requested', '', 2, false FROM referral_task LIMIT 1"
                )
            )


def test_the_last_place_goes_once_and_the_other_keeps_a_draft(family: casework.Family) -> None:
    helper = casework.a_helper(family, "catheter-change", places=1)
    with tenant_scope(family.tenant):
        consent_id = casework.a_consent(family, helper)
        service.offer(family.need, [helper.service], consent_id, family.old_man)
    other = casework.a_family()
    with db.session.no_autoflush:
        db.session.add(
            Admission(
                id=uuid7(), provider_id=helper.id, community_id=other.community_id, state="active", changed_at=now()
            )
        )
    with tenant_scope(other.tenant):
        consent_id = casework.a_consent(other, helper)
        with pytest.raises(Full) as full:
            service.offer(other.need, [helper.service], consent_id, other.old_man, "下午方便")
        assert full.value.next_free is not None
        assert states(other) == [("draft", "draft")]
        told = select(func.count()).select_from(Outbox).where(Outbox.kind != "handover.tell")
        assert db.session.scalar(told) == 0
        assert db.session.scalar(select(ReferralRequest.wish)) == "下午方便"
    with tenant_scope(family.tenant):
        answering.decline([row.task_id for row in queries.slips(family.case_id)], helper.id, "out-of-area")
    with tenant_scope(other.tenant):
        service.offer(other.need, [helper.service], consent_id, other.old_man, "下午方便")
        assert states(other) == [("active", "requested")], "the draft is taken up, not doubled"


def test_the_same_service_is_not_sent_twice(family: casework.Family, helper: casework.Helper) -> None:
    with tenant_scope(family.tenant):
        _, consent_id = casework.two_offers(family, helper)
        with pytest.raises(Clash):
            service.offer(family.need, [helper.service], consent_id, family.old_man)
        assert reserved(helper) == 2


def test_silence_gives_the_place_back_and_looks_for_the_next(family: casework.Family, helper: casework.Helper) -> None:
    casework.a_helper(family, "catheter-change", slug="next-one")
    with tenant_scope(family.tenant):
        ids, _ = casework.two_offers(family, helper)
        assert not silence.expire(ids[0]), "too early"
        with time_machine.travel(now() + timedelta(days=30)):
            with pytest.raises(Clash):
                answering.accept(ids, helper.id, now() + timedelta(hours=3))
            for task_id in ids:
                jobs.expire({"task": str(task_id)})
            assert not silence.expire(ids[0]), "once"
            assert [row.task_state for row in queries.slips(family.case_id)] == ["cancelled"] * 2
            assert {row.reason_code for row in queries.slips(family.case_id)} == {"no-response"}
            assert reserved(helper) == 0
            by_type = {row.service_type: row.request_state for row in queries.slips(family.case_id)}
            assert by_type == {"catheter-change": "active", "home-checkup": "on-hold"}
            assert count("gaps_open") == 1
            run = queries.last_match(family.need)
            assert run is not None
            steps = {row.verb for row in db.session.execute(select(Step.verb))}
            assert {"改约下一家", "补服务缺口"} <= steps
            assert queries.silences([helper.id], now() - timedelta(days=90)) == {helper.id: 2}


def test_a_decline_needs_a_code_and_has_a_consequence(family: casework.Family, helper: casework.Helper) -> None:
    with tenant_scope(family.tenant):
        ids, _ = casework.two_offers(family, helper)
        for reason, words, field in (("", "", "reason"), ("no-response", "", "reason"), ("other", " ", "text")):
            with pytest.raises(Refused) as refused:
                answering.decline(ids, helper.id, reason, words)
            assert refused.value.field == field
        answering.decline(ids, helper.id, "no-capacity")
        month = today().replace(day=1)
        left = db.session.scalars(
            select(Capacity.maximum - Capacity.used - Capacity.reserved).where(
                Capacity.service_id == helper.service, Capacity.period == month
            )
        ).one()
        assert left == 0, "the month is closed until the provider says otherwise"
        assert count("offers_declined") == 2
        assert states(family) == [("active", "rejected")] * 2
        assert set(db.session.scalars(select(Step.verb).where(Step.object_kind == "referral_request"))) == {
            "改约下一家"
        }
        assert casework.ring("referrals.look_again") == 2
        assert states(family) == [("on-hold", "rejected")] * 2, "nobody else is left: a gap the street sees"
        fresh = casework.a_helper(family, "catheter-change")
        consent_id = casework.a_consent(family, fresh)
        service.offer(family.need, [fresh.service], consent_id, family.old_man)
        assert count("gaps_open") == 1
        ranks = db.session.scalars(select(ReferralTask.rank).order_by(ReferralTask.id)).all()
        assert ranks == [1, 1, 2], "a re-offer is a new task on the same slip"


def test_hold_and_cancel_and_error(family: casework.Family, helper: casework.Helper) -> None:
    with tenant_scope(family.tenant):
        ids, _ = casework.two_offers(family, helper)
        with pytest.raises(Clash):
            answering.hold(ids, helper.id, "missing-documents", now() + timedelta(days=3), ["病历"])
        answering.accept(ids, helper.id, now() + timedelta(hours=3))
        with pytest.raises(Refused):
            answering.hold(ids, helper.id, "missing-documents", now() + timedelta(days=90))
        answering.hold(ids, helper.id, "missing-documents", now() + timedelta(days=3), ["病历"])
        assert states(family) == [("active", "on-hold")] * 2
        answering.cancel(ids[0], "no-longer-needed")
        answering.correct(ids[1])
        assert [row.task_state for row in queries.slips(family.case_id)] == ["cancelled", "entered-in-error"]
        assert reserved(helper) == 0


def test_the_family_confirms_or_disputes_and_silence_is_no_yes(
    family: casework.Family, helper: casework.Helper, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tenant_scope(family.tenant):
        casework.two_offers(family, helper)
        request = db.session.scalars(select(ReferralRequest).order_by(ReferralRequest.seq)).first()
        assert request is not None
        confirming.ask_family(request.id)
        assert confirming.call_back(request.id)
        assert request.state == "awaiting_confirmation"
        assert db.session.scalars(select(Step.verb).where(Step.id == request.id)).one() == "电话回访"
        for wrong in ({}, {family.need: confirming.Answer("yes")}, {family.need: confirming.Answer("solved", 9)}):
            with pytest.raises(Refused):
                confirming.confirm(family.case_id, wrong)
        with pytest.raises(Absent):
            confirming.confirm(family.case_id, {family.girl_need: confirming.Answer("solved")})
        told = []
        monkeypatch.setattr(confirming.telling, "staff", lambda roles, text, **_words: told.append((roles, text)))
        confirming.confirm(family.case_id, {family.need: confirming.Answer("not_solved")})
        assert request.state == "active"
        assert told == [(("assistance_clerk", "secretary"), confirming.DISPUTED)]
        confirming.ask_family(request.id)
        confirming.confirm(family.case_id, {family.need: confirming.Answer("solved", 5)}, by="call_back")
        assert request.state == "completed"
        assert (count("confirmed_done"), count("needs_solved")) == (1, 1)
        assert not confirming.call_back(request.id)


def test_a_refused_question_ends_as_a_slip_without_a_task(family: casework.Family) -> None:
    with tenant_scope(family.tenant):
        fact = jobs.ScreeningConfirmed(
            tenant_id=family.tenant.id, case_id=family.case_id, track="zhu", need_id=family.need,
            refused_policy="dibao", refused_department="mzj",
        )  # fmt: skip
        jobs.write_refusal(fact)
        (row,) = queries.slips(family.case_id)
        assert (row.kind, row.request_state, row.request_reason, row.task_id) == (
            "department", "revoked", "not-eligible", None,
        )  # fmt: skip
