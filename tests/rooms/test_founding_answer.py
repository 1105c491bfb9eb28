"""A founding is submitted and answered: proof, street or operator, given back, checklist, staff."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import func, select

from rongjiu import outbox
from rongjiu.actor import Actor, acting
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.notify.models import Message
from rongjiu.oversight.models import Step
from rongjiu.tenancy import founding
from tenants.founding import approval, jobs, posts, queries, rules, service
from tests import factories
from tests.founders import CODE, a_founder, a_street, community_of, credit_code, filled

pytestmark = pytest.mark.usefixtures("inside")


def submitted(account: UUID, code: str = CODE) -> UUID:
    """A community cloned and handed in."""
    draft = filled(account, code)
    service.open_community(draft, account)
    service.submit(founding.find(draft, account), credit_code=credit_code())
    return draft


def test_submitting_names_who_acts_by_when_and_twice_is_once() -> None:
    account = a_founder()
    a_street()
    with time_machine.travel("2022-08-18T06:00:00+00:00", tick=False):
        draft = submitted(account)
        service.submit(founding.find(draft, account), credit_code=credit_code())
        community = community_of(draft)
        assert community.state == "submitted"
        due = rules.approval_due(now())
        assert f"{due:%Y-%m-%d %H:%M}" == "2022-08-23 18:00"
        with tenant_scope(queries.tenant_of(community)):
            step = db.session.scalars(select(Step)).one()
            assert (step.actor, step.verb, step.due_at) == ("柏树林街道督导", "审批建站", due)
    late = select(outbox.PlatformOutbox).where(outbox.PlatformOutbox.kind == "founding.late")
    assert [row.run_after for row in db.session.scalars(late)] == [due]


@pytest.mark.parametrize("code", ["", "123", "54610103MA6TXJ0X0!"])
def test_a_submission_needs_a_proof_that_holds(code: str) -> None:
    account = a_founder()
    draft = filled(account)
    service.open_community(draft, account)
    with pytest.raises(Refused) as refused:
        service.submit(founding.find(draft, account), credit_code=code)
    assert refused.value.field == "credit_code"
    assert community_of(draft).state == "preparing"


def test_the_street_approves_and_the_community_is_live() -> None:
    account, street = a_founder(), a_street()
    draft = submitted(account)
    with acting(Actor(uuid4(), "street_overseer")):
        approval.approve(draft, street, number="029-87654321", source="街道通讯录")
    community = community_of(draft)
    assert community.state == "live"
    assert community.live_at is not None
    assert community.proof["callback"]["source"] == "街道通讯录"
    with acting(Actor(uuid4(), "street_overseer")), pytest.raises(Clash):
        approval.approve(draft, street, number="029-87654321", source="街道通讯录")
    jobs.answered({"community": str(community.id), "draft": str(draft), "live": True})
    with tenant_scope(queries.tenant_of(community_of(draft))):
        assert db.session.scalar(select(func.count()).select_from(Step)) == 0


def test_another_street_and_the_operator_have_no_such_founding() -> None:
    account = a_founder()
    a_street()
    other = a_street("610103008", "张家村街道")
    draft = submitted(account)
    for street in (other, None):
        assert queries.review(draft, street) is None
        with pytest.raises(Absent):
            approval.approve(draft, street, number="029-87654321", source="街道通讯录")
    assert community_of(draft).state == "submitted"


def test_without_a_street_the_operator_answers() -> None:
    draft = submitted(a_founder())
    assert [row.draft_id for row in queries.requests(None)] == [draft]
    with acting(Actor(uuid4(), "operator")):
        approval.approve(draft, None, number="029-87654321", source="区民政局名册")
    assert community_of(draft).state == "live"


def test_the_call_back_goes_to_a_number_taken_elsewhere() -> None:
    street = a_street()
    draft = submitted(a_founder())
    with acting(Actor(uuid4(), "street_overseer")), pytest.raises(Refused) as refused:
        approval.approve(draft, street, number="02985251234", source="申请表")
    assert refused.value.field == "number"


def test_a_founder_does_not_approve_the_own_community() -> None:
    account, street = a_founder(), a_street()
    draft = submitted(account)
    with acting(Actor(account, "street_overseer")), pytest.raises(Refused, match="另一位督导"):
        approval.approve(draft, street, number="029-87654321", source="街道通讯录")


def test_given_back_with_a_reason_it_can_be_submitted_again() -> None:
    account, street = a_founder(), a_street()
    draft = submitted(account)
    with pytest.raises(Refused):
        approval.send_back(draft, street, " ")
    approval.send_back(draft, street, "请补盖章的介绍信")
    community = community_of(draft)
    assert (community.state, community.proof["returned"]["reason"]) == ("preparing", "请补盖章的介绍信")
    service.submit(founding.find(draft, account), credit_code=credit_code())
    assert community_of(draft).state == "submitted"


def test_the_street_sees_place_posts_and_parameters_only() -> None:
    street = a_street()
    draft = submitted(a_founder())
    review = queries.review(draft, street)
    assert review is not None
    assert review.request.name == "端履门社区"
    assert len(review.parameters) == 30
    assert [(row.role, row.joined) for row in review.staff] == [("secretary", True)]
    assert len(review.checklist) == 10


def test_a_late_answer_is_told_once() -> None:
    founder = factories.a_person_with_role("provider_owner", "provider", None).account
    founder.phone = "13800000007"
    a_street()
    draft = submitted(founder.id)
    words = {"community": str(community_of(draft).id), "draft": str(draft)}
    jobs.late(words)
    jobs.late(words)
    assert db.session.scalar(select(func.count()).select_from(Message).where(Message.purpose == "founding")) == 1


def test_the_checklist_takes_days_and_marks_but_not_its_own() -> None:
    account = a_founder()
    draft = filled(account)
    service.open_community(draft, account)
    with tenant_scope(queries.tenant_of(community_of(draft))):
        service.plan_steps({"survey": date(2022, 8, 24)})
        service.mark_step("survey", done=True)
        steps = {row.slug: row for row in queries.steps()}
        assert steps["clone"].done_at
        assert steps["parameters"].done_at
        assert steps["survey"].done_at
        with pytest.raises(Refused):
            service.mark_step("clone", done=False)
        with pytest.raises(Absent):
            service.mark_step("none", done=True)


def test_invited_staff_get_a_link_that_lives_72_hours() -> None:
    account = a_founder()
    draft = filled(account)
    service.open_community(draft, account)
    link = service.invite_staff(
        community_of(draft),
        "assistance_clerk",
        "救助专干",
        "13800000008",
        link_of=lambda token: f"/t/{token}",
        by=account,
    )
    assert link.startswith("/t/")
    row = posts.staff(community_of(draft).id)[-1]
    assert (row.role, row.joined) == ("assistance_clerk", False)
    assert row.until is not None
    assert abs(row.until - now() - timedelta(hours=72)) < timedelta(minutes=1)
    with pytest.raises(Refused):
        service.invite_staff(community_of(draft), "operator", "", "13800000008", link_of=str, by=account)
