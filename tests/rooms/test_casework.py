"""A plan with steps and an approval; closing only when every need has an outcome or a reason; reopening reaches the holder."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, update

from rongjiu import nightly
from rongjiu.actor import Actor, acting
from rongjiu.clock import ZONE, now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Clash, Refused
from rongjiu.identity.models import Account
from rongjiu.notify.models import Message
from rongjiu.oversight.models import Indicator, Step
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.casework import closing, planning, queries
from tenants.casework.models import Closing, PlanStep
from tenants.catalogue import service as catalogue
from tenants.catalogue.models import Timer
from tenants.catalogue.queries import forget_timers
from tenants.needs import service as needs
from tenants.outcomes import auditing, rules
from tenants.outcomes.models import AuditCheck
from tenants.referrals import answering, confirming, service
from tenants.referrals.models import ReferralRequest
from tests import casework, factories


class Office:
    """A family with a clerk who holds its case and a secretary."""

    def __init__(self) -> None:
        self.family = casework.a_family()
        where = ("community", self.family.community_id)
        self.clerk = factories.a_person_with_role("assistance_clerk", *where, post="救助专干").account.id
        self.secretary = factories.a_person_with_role("secretary", *where, post="书记").account.id
        db.session.get_one(Account, self.clerk).phone = "13700000001"
        db.session.flush()

    def clerks(self) -> Actor:
        return Actor(self.clerk, "assistance_clerk", "救助专干")

    def secretarys(self) -> Actor:
        return Actor(self.secretary, "secretary", "书记")

    def settle(self, result: str = "solved") -> None:
        for need in (self.family.need, self.family.girl_need):
            needs.set_result(need, result)


@pytest.fixture
def office(inside: None) -> Iterator[Office]:
    made = Office()
    with tenant_scope(made.family.tenant), acting(made.clerks()):
        cases.assign(made.family.case_id, made.clerk)
        yield made


def step(object_id: UUID) -> tuple[str, str] | None:
    row = db.session.execute(select(Step.actor_role, Step.verb).where(Step.id == object_id)).one_or_none()
    return (row.actor_role, row.verb) if row else None


def a_plan(office: Office, **words: object) -> planning.Plan:
    usual = {
        "goals": {office.family.need: "不用跑医院"}, "companion": office.clerk, "review_on": today() + timedelta(days=60),
        "steps": {office.family.need: [planning.Line("请医生上门", "provider", "free"), planning.Line("", "", "")]},
    }  # fmt: skip
    return planning.make(office.family.case_id, **{**usual, **words})  # type: ignore[arg-type]


def test_a_plan_says_how_by_which_means_who_pays_and_who_walks_along(office: Office) -> None:
    plan = a_plan(office)
    assert (plan.state, plan.companion_post) == ("proposed", "救助专干")
    assert step(plan.id) == ("secretary", "审批帮扶计划")
    (row,) = queries.steps(office.family.case_id)
    assert (row.words, row.means, row.payer) == ("请医生上门", "provider", "free")
    with pytest.raises(Refused):
        planning.decide(office.family.case_id, approve=True)
    with acting(office.secretarys()):
        with pytest.raises(Refused) as refused:
            planning.decide(office.family.case_id, approve=False)
        assert refused.value.field == "note"
        assert planning.decide(office.family.case_id, approve=True) is False
        with pytest.raises(Clash):
            planning.decide(office.family.case_id, approve=True)
    assert step(plan.id) == ("assistance_clerk", "复盘帮扶计划")
    planning.step_done(office.family.case_id, row.id)
    planning.review(office.family.case_id, today() + timedelta(days=90))
    a_plan(office, steps={office.family.need: [planning.Line("买护理垫", "community", "donation")]})
    assert [(each.seq, each.done_at is None) for each in queries.steps(office.family.case_id)] == [
        (1, False),
        (2, True),
    ]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"goals": {}}, "goals"), ({"companion": None}, "companion"), ({"review_on": None}, "review_on"),
        ({"review_on": "far"}, "review_on"), ({"steps": "bad"}, "steps"),
    ],
)  # fmt: skip
def test_an_incomplete_plan_names_its_field(office: Office, words: dict[str, object], field: str) -> None:
    if words == {"review_on": "far"}:
        words = {"review_on": today() + timedelta(days=400)}
    if words == {"steps": "bad"}:
        words = {"steps": {office.family.need: [planning.Line("x", "magic", "free")]}}
    with pytest.raises(Refused) as refused:
        a_plan(office, **words)
    assert refused.value.field == field


def test_a_single_secretary_approves_the_own_plan_and_it_is_marked(office: Office) -> None:
    with acting(office.secretarys()):
        a_plan(office)
        assert planning.decide(office.family.case_id, approve=True) is True
    row = queries.plan(office.family.case_id)
    assert row is not None
    assert row.alone
    factories.a_person_with_role("secretary", "community", office.family.community_id)
    with acting(office.secretarys()):
        a_plan(office)
        with pytest.raises(Refused):
            planning.decide(office.family.case_id, approve=True)


def test_a_case_closes_only_with_an_outcome_or_a_reason_for_every_need(office: Office) -> None:
    case = office.family.case_id
    with pytest.raises(Refused, match="没有结果"):
        closing.propose(case, "done", {})
    needs.set_result(office.family.need, "solved")
    assert closing.propose(case, "done", {office.family.girl_need: "moved_away"}) is False
    row = closing.last(case)
    assert row is not None
    assert step(row.id) == ("secretary", "审批办结")
    with pytest.raises(Clash):
        closing.propose(case, "done", {})
    with pytest.raises(Refused):
        closing.decide(case, approve=True)
    with acting(office.secretarys()):
        closing.decide(case, approve=True)
    file = db.session.get_one(CaseFile, (office.family.tenant.id, case), populate_existing=True)
    assert (file.state, file.closed_reason, file.closed_at is None) == ("closed", "done", False)
    assert step(row.id) is None
    assert db.session.scalars(select(Indicator.value).where(Indicator.name == "cases_closed")).one() == 1
    with pytest.raises(Clash):
        closing.propose(case, "done", {})


def test_a_live_offer_or_a_waiting_slip_holds_a_case_open(office: Office) -> None:
    helper = casework.a_helper(office.family)
    consent = casework.a_consent(office.family, helper)
    (task,) = service.offer(office.family.need, [helper.service], consent, office.family.old_man)
    office.settle()
    with pytest.raises(Refused, match="派单没有办完"):
        closing.propose(office.family.case_id, "done", {})
    answering.cancel(task.id, "no-longer-needed")
    with pytest.raises(Refused, match="转介单"):
        closing.propose(office.family.case_id, "done", {})
    db.session.execute(update(ReferralRequest).values(state="revoked"))
    closing.propose(office.family.case_id, "done", {})
    needs.add(office.family.case_id, "又有一件事")
    with acting(office.secretarys()), pytest.raises(Refused, match="没有结果"):
        closing.decide(office.family.case_id, approve=True)


def test_sent_back_taken_back_and_closed_at_once_where_the_model_asks_nobody(office: Office) -> None:
    case = office.family.case_id
    office.settle()
    closing.propose(case, "done", {})
    with acting(office.secretarys()):
        closing.decide(case, approve=False, note="还没回访")
    assert step(case) == ("assistance_clerk", "处理退回的办结")
    closing.propose(case, "done", {})
    closing.take_back(case)
    db.session.execute(Timer.__table__.delete().where(Timer.slug == "closure-approval"))
    forget_timers()
    assert a_plan(office).state == "approved"
    assert closing.propose(case, "given_up", {}) is True
    assert set(db.session.scalars(select(Closing.state))) == {"sent_back", "taken_back", "approved"}


def closed(office: Office) -> None:
    office.settle()
    closing.propose(office.family.case_id, "done", {})
    with acting(office.secretarys()):
        closing.decide(office.family.case_id, approve=True)


def test_reopening_reaches_the_holder_and_a_closed_case_sends_nothing(office: Office) -> None:
    closed(office)
    helper = casework.a_helper(office.family)
    consent = casework.a_consent(office.family, helper)
    with pytest.raises(Refused, match="已办结"):
        service.offer(office.family.need, [helper.service], consent, office.family.old_man)
    closing.reopen(office.family.case_id)
    closing.reopen(office.family.case_id)
    assert step(office.family.case_id) == ("assistance_clerk", "重新看这一户")
    told = db.session.scalars(select(Message.address).where(Message.purpose == "case_reopened")).all()
    assert told == ["13700000001"]
    assert db.session.scalars(select(Indicator.value).where(Indicator.name == "cases_closed")).one() == 0
    assert db.session.scalars(select(CaseFile.state)).one() == "reopened"
    service.offer(office.family.need, [helper.service], consent, office.family.old_man)


def test_the_family_saying_not_solved_opens_a_closed_case(office: Office) -> None:
    helper = casework.a_helper(office.family)
    consent = casework.a_consent(office.family, helper)
    (task,) = service.offer(office.family.need, [helper.service], consent, office.family.old_man)
    answering.cancel(task.id, "no-longer-needed")
    db.session.execute(update(ReferralRequest).values(state="revoked"))
    closed(office)
    confirming.confirm(office.family.case_id, {office.family.need: confirming.Answer("solved")})
    assert db.session.scalars(select(CaseFile.closed_at)).one() is not None
    confirming.confirm(office.family.case_id, {office.family.need: confirming.Answer("not_solved")})
    assert db.session.scalars(select(CaseFile.closed_at)).one() is None
    assert step(office.family.case_id) == ("assistance_clerk", "重新看这一户")


def test_the_load_counts_open_cases_by_holder(office: Office) -> None:
    (row,) = queries.load(now())
    assert (row.worker_id, row.cases, row.starting, row.serving) == (office.clerk, 1, 1, 0)
    closed(office)
    assert queries.load(now()) == []
    assert db.session.scalar(select(PlanStep.id)) is None


def test_a_closing_approved_by_who_asked_for_it_is_always_looked_at_again(office: Office) -> None:
    """With a single secretary the own act is marked 自批 and enters the audit sample at 100 %, lot or no lot."""
    case = office.family.case_id
    with time_machine.travel(datetime(2026, 8, 20, 2, tzinfo=ZONE), tick=False) as clock:
        office.settle()
        with acting(office.secretarys()):
            closing.propose(case, "done", {})
            assert closing.decide(case, approve=True) is True
        for _each in range(60):
            other = cases.open_case(None)
            db.session.execute(update(CaseFile).where(CaseFile.id == other.id).values(closed_at=now()))
        month = date(2026, 8, 1)
        ids = list(db.session.scalars(select(CaseFile.id)))
        lot = rules.sample(ids, int(catalogue.setting("audit-sample")), 2, f"{office.family.tenant.uid}-2026-08")
        clock.shift(timedelta(days=15))
        auditing.draw(month)
        drawn = dict(db.session.execute(select(AuditCheck.case_id, AuditCheck.alone)).all())
        assert set(drawn) == set(lot) | {case}
        assert drawn[case] is True
        assert sum(drawn.values()) == 1
        check = db.session.scalars(select(AuditCheck.id).where(AuditCheck.case_id == case)).one()
        with acting(office.secretarys()), pytest.raises(Refused) as refused:
            auditing.check(check, {})
        assert refused.value.status == 409, "nor does who approved it alone look at it again"


def test_a_closing_approved_by_somebody_else_is_drawn_only_by_lot(office: Office) -> None:
    office.settle()
    closing.propose(office.family.case_id, "done", {})
    with acting(office.secretarys()):
        assert closing.decide(office.family.case_id, approve=True) is False
    assert closing.alone(now() - timedelta(days=1), now() + timedelta(days=1)) == {}


def test_no_open_case_is_left_without_somebody_who_acts(office: Office) -> None:
    """Every need is solved and nothing is under way: by the next morning the holder has the next step."""
    office.settle()
    case = office.family.case_id
    db.session.execute(Step.__table__.delete().where(Step.case_id == case))
    assert closing.idle() == 1
    assert step(case) == ("assistance_clerk", "看这一户下一步怎么办")
    assert closing.idle() == 0
    assert "casework.idle" in nightly.names()
    closed(office)
    assert closing.idle() == 0
    assert step(case) is None
