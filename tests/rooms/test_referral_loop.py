"""Silence, late failure and several offers at once: the work comes back by itself and the next one is asked."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from rongjiu import files, outbox
from rongjiu.actor import Actor, acting
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.identity.models import Account
from rongjiu.ids import uuid7
from rongjiu.marketplace.models import Provider, ProviderPaper
from rongjiu.notify.models import Message
from rongjiu.outbox import Outbox
from rongjiu.oversight.models import Step
from tenants.cases.service import event
from tenants.casework import checks
from tenants.casework.models import ReferralCheck
from tenants.consents import service as consents
from tenants.referrals import answering, queries, receiving, service
from tenants.referrals.matching import service as matching
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.referrals.returning import conditions, silence, tries
from tests import casework, factories


def sent(family: casework.Family, helper: casework.Helper, **words: Any) -> UUID:
    consent = casework.a_consent(family, helper)
    (task,) = service.offer(family.need, [helper.service], consent, family.old_man, **words)
    return task.id


def states(family: casework.Family) -> list[str]:
    return [row.task_state for row in queries.slips(family.case_id)]


def volunteers(family: casework.Family, number: int) -> list[casework.Helper]:
    helpers = [casework.a_helper(family) for _ in range(number)]
    ids = [each.id for each in helpers]
    db.session.execute(update(Provider).where(Provider.id.in_(ids)).values(group="volunteer_team"))
    return helpers


def test_after_silence_the_next_whom_the_family_agreed_to_is_asked_by_itself(family: casework.Family) -> None:
    first, second = casework.a_helper(family), casework.a_helper(family)
    with tenant_scope(family.tenant):
        task = sent(family, first)
        casework.a_consent(family, second)
        with time_machine.travel(now() + timedelta(days=12), tick=False):
            assert silence.expire(task)
            assert states(family) == ["cancelled", "requested"]
            row = db.session.scalars(select(ReferralTask).where(ReferralTask.state == "requested")).one()
            assert (row.provider_id, row.rank) == (second.id, 2)
            assert row.due_at is not None
            assert row.due_at > now()
            assert not silence.expire(task), "twice changes nothing"


def test_after_silence_without_another_consent_the_clerk_is_asked(family: casework.Family) -> None:
    first, _second = casework.a_helper(family), casework.a_helper(family)
    with tenant_scope(family.tenant):
        task = sent(family, first)
        with time_machine.travel(now() + timedelta(days=12), tick=False):
            assert silence.expire(task)
            assert states(family) == ["cancelled"]
            assert "改约下一家" in db.session.scalars(select(Step.verb)).all()


def test_the_first_of_several_volunteers_ends_the_others(family: casework.Family) -> None:
    one, two, three = volunteers(family, 3)
    with tenant_scope(family.tenant):
        ids = [sent(family, each) for each in (one, two, three)]
        assert db.session.scalars(select(ReferralRequest.kind)).all() == ["volunteer"]
        assert states(family) == ["requested"] * 3
        with pytest.raises(Clash):
            sent(family, one)
        answering.decline([ids[0]], one.id, "out-of-area")
        assert states(family) == ["rejected", "requested", "requested"], "others still think about it"
        answering.accept([ids[1]], two.id, now() + timedelta(hours=3))
        assert states(family) == ["rejected", "accepted", "cancelled"]
        with pytest.raises(Clash):
            answering.accept([ids[2]], three.id, now() + timedelta(hours=3))
        with pytest.raises(Clash):
            sent(family, three)
        assert db.session.scalar(select(Step.id).where(Step.id == ids[2])) is None


def test_a_provider_is_asked_alone(family: casework.Family) -> None:
    one, two = casework.a_helper(family), casework.a_helper(family)
    with tenant_scope(family.tenant):
        sent(family, one)
        with pytest.raises(Clash):
            sent(family, two)


def test_a_job_that_stands_still_is_told_to_secretary_street_and_district_and_never_returned(
    family: casework.Family,
) -> None:
    helper = casework.a_helper(family)
    people = [
        factories.a_person_with_role(role, kind, scope)
        for role, kind, scope in (
            ("secretary", "community", family.community_id),
            ("street_overseer", "street", family.street_id),
        )
    ]
    for n, each in enumerate(people):
        row = db.session.get_one(Account, each.account.id)
        row.phone = f"1370000000{n}"
    db.session.flush()
    with tenant_scope(family.tenant):
        task = sent(family, helper)
        answering.accept([task], helper.id, now() + timedelta(hours=3))
        bells = db.session.execute(
            select(Outbox.kind, Outbox.payload, Outbox.run_after)
            .where(Outbox.kind.in_(("referrals.late", "referrals.remind_job")))
            .order_by(Outbox.run_after)
        ).all()
        assert [row.kind for row in bells] == ["referrals.remind_job", *["referrals.late"] * 3]
        for bell in bells:
            with time_machine.travel(bell.run_after + timedelta(minutes=1), tick=False):
                outbox._effects[bell.kind](bell.payload)
        assert states(family) == ["accepted"]
        assert db.session.scalars(select(Step.level).where(Step.id == task)).one() == 3
        told = db.session.scalars(select(Message.address).where(Message.purpose == "referral_late")).all()
        assert sorted(told) == ["13700000000", "13700000001"]
        assert any("时间过半" in each for each in db.session.scalars(select(Message.text)))
        answering.reschedule([task], helper.id, now() + timedelta(days=2))
        assert db.session.scalars(select(Step.level).where(Step.id == task)).one() == 0
        outbox._effects["referrals.late"](bells[1].payload)
        assert db.session.scalars(select(Step.level).where(Step.id == task)).one() == 0, "an old bell rings nobody"


def test_failing_after_acceptance_rings_and_is_due_within_the_hour(family: casework.Family) -> None:
    helper, _other = casework.a_helper(family), casework.a_helper(family)
    with tenant_scope(family.tenant):
        task = sent(family, helper)
        answering.accept([task], helper.id, now() + timedelta(hours=3))
        answering.fail([task], helper.id, "lack-of-resources")
        step = db.session.execute(select(Step.verb, Step.due_at).where(Step.object_kind == "referral_request")).one()
        assert step.verb == "接单后未能完成,马上改约"
        assert step.due_at <= now() + timedelta(hours=1, minutes=1)
        assert db.session.scalars(select(Outbox.kind).where(Outbox.kind == "referrals.failed")).all()


def test_the_last_ending_says_who_may_go_on(family: casework.Family) -> None:
    helpers = [casework.a_helper(family) for _ in range(3)]
    with tenant_scope(family.tenant), acting(Actor(None, "assistance_clerk", "救助专干")):
        task = sent(family, helpers[0])
        answering.accept([task], helpers[0].id, now() + timedelta(hours=3))
        for hours in (0, 1, 25):
            with time_machine.travel(now() + timedelta(hours=hours), tick=False):
                tries.note([task], helpers[0].id)
        answering.fail([task], helpers[0].id, "could-not-contact")
        with pytest.raises(Refused, match="先上门看望"):
            sent(family, helpers[1])
        event(family.case_id, "visited")
        answering.decline([sent(family, helpers[1])], helpers[1].id, "unsafe")
        with pytest.raises(Refused, match="社区书记"):
            sent(family, helpers[2])
        with acting(Actor(None, "secretary", "社区书记")):
            sent(family, helpers[2])


@pytest.mark.parametrize(
    ("reason", "words", "kind"),
    [("out-of-area", "", "area"), ("not-eligible", "只做 60 岁以下", "rule"), ("other", "换了工作", "words")],
)
def test_a_reason_leaves_something_to_look_at(family: casework.Family, reason: str, words: str, kind: str) -> None:
    helper = casework.a_helper(family)
    with tenant_scope(family.tenant):
        task = sent(family, helper)
        if reason == conditions.REASON:
            for wrong in ("", "mood"):
                with pytest.raises(Refused) as refused:
                    answering.decline([task], helper.id, reason, words, wrong)
                assert refused.value.field == "condition"
        answering.decline([task], helper.id, reason, words, "age")
        assert conditions.of([task]) == ({task: "age"} if reason == conditions.REASON else {})
        ((row,), _total) = checks.listed()
        assert (row.kind, row.words or "") == (kind, words)
        assert db.session.scalars(select(Step.due_at).where(Step.id == row.id)).one() == row.due_at
        with pytest.raises(Refused):
            checks.done(row.id, "")
        checks.done(row.id, "已请服务方改服务说明")
        checks.done(row.id, "再来一次")
        assert not checks.listed()[0]
        assert [each.note for each in checks.listed(state="")[0]] == ["已请服务方改服务说明"]
        assert db.session.scalar(select(Step.id).where(Step.id == row.id)) is None


def test_three_silences_bring_the_admission_before_the_secretary_once(family: casework.Family) -> None:
    helper = casework.a_helper(family, places=9)
    with tenant_scope(family.tenant):
        for n in range(4):
            with time_machine.travel(now() + timedelta(days=40 * 0 + n * 12), tick=False):
                task = sent(family, helper)
            with time_machine.travel(now() + timedelta(days=n * 12 + 11), tick=False):
                assert silence.expire(task)
                found = db.session.scalars(select(ReferralCheck.kind)).all()
                assert found == (["silence"] if n >= 2 else []), n


def test_the_database_ties_an_offer_to_person_case_receiver_and_a_standing_consent(family: casework.Family) -> None:
    helper, other = casework.a_helper(family), casework.a_helper(family)
    with tenant_scope(family.tenant):
        task = sent(family, helper)
        wrong = [casework.a_consent(family, other), casework.a_consent(family, helper, person=family.son)]
        for consent in wrong:
            with pytest.raises(IntegrityError, match="fk_referral_task_covered"), db.session.begin_nested():
                db.session.execute(update(ReferralTask).where(ReferralTask.id == task).values(consent_id=consent))
        db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        with pytest.raises(IntegrityError, match="fk_referral_task_standing"), db.session.begin_nested():
            db.session.execute(text("UPDATE consent SET withdrawn_at = now()"))
        db.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        consents.withdraw(
            db.session.scalars(select(ReferralTask.consent_id).where(ReferralTask.id == task)).one() or task, ""
        )
        db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        assert states(family) == ["cancelled"]
        assert matching.match(family.need) is not None


def test_a_child_is_hidden_from_volunteers_who_are_not_vetted(family: casework.Family) -> None:
    helper = casework.a_helper(family, "arts-class")
    db.session.execute(update(Provider).where(Provider.id == helper.id).values(group="individual"))
    with tenant_scope(family.tenant):
        consent = consents.give(
            family.case_id, family.girl, family.son, "share_with_provider", provider_id=helper.id, fields=("name",),
            guardian=True, how="paper",
        )  # fmt: skip
        with pytest.raises(Refused, match="儿童服务审查"):
            service.offer(family.girl_need, [helper.service], consent.id, family.girl)
        with pytest.raises(Refused) as refused:
            consents.give(family.case_id, family.girl, family.son, "publish_story", guardian=True, how="paper")
        assert refused.value.field == "person_id"
    file_id = files.save(b"%PDF-1.4 x", "a.pdf", owner_kind="provider", owner_id=helper.id)
    paper = ProviderPaper(id=uuid7(), provider_id=helper.id, kind="child_check", ends_on=today(), file_id=file_id)
    db.session.add(paper)
    db.session.flush()
    with tenant_scope(family.tenant):
        (task,) = service.offer(family.girl_need, [helper.service], consent.id, family.girl)
        ids = [task.id]
    assert receiving.job(family.tenant, helper.id, ids).courtyard == "雁北新村"
    db.session.execute(update(ProviderPaper).values(ends_on=today() - timedelta(days=1)))
    with pytest.raises(Absent):
        receiving.job(family.tenant, helper.id, ids)
