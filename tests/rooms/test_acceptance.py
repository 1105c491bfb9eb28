"""Track 救: a file at the street's desk is answered, dated, chased, escalated, never returned by silence."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import func, select, text, update

from rongjiu.clock import ZONE, now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.outbox import Outbox
from rongjiu.oversight import desk
from rongjiu.oversight.models import Step
from tenants.acceptance import answering, chasing, rules, service, steps
from tenants.acceptance.answering import Appeal
from tenants.acceptance.models import DeskEvent, DeskFile, DeskPaper
from tenants.cases import queries as cases
from tenants.cases.models import CaseFile
from tenants.catalogue.service import due
from tenants.needs.models import Need
from tenants.referrals.models import ReferralRequest, ReferralTask
from tests import deskwork

APPEAL = Appeal("碑林区人民政府行政复议机构", today() + timedelta(days=60))


@pytest.fixture
def sent(inside: None) -> Iterator[deskwork.Sent]:
    """A file that lies at the desk; the community entered."""
    found = deskwork.a_street_at_work()
    with tenant_scope(found.family.tenant):
        yield found


def task_of(sent: deskwork.Sent) -> UUID:
    assert sent.task is not None
    return sent.task


def state(sent: deskwork.Sent) -> str:
    return db.session.scalars(select(ReferralTask.state).where(ReferralTask.id == sent.task)).one()


def step(sent: deskwork.Sent) -> Any:
    return db.session.execute(select(Step.actor_role, Step.verb, Step.due_at).where(Step.id == sent.task)).one_or_none()


def inbox(sent: deskwork.Sent) -> Any:
    return desk.one(sent.family.street_id, task_of(sent))


def verbs(sent: deskwork.Sent) -> list[str]:
    query = select(DeskEvent.verb).where(DeskEvent.task_id == sent.task).order_by(DeskEvent.at, DeskEvent.id)
    return list(db.session.scalars(query))


def act(verb: str, sent: deskwork.Sent) -> None:
    """Do a verb in the plainest way."""
    task, case = task_of(sent), sent.family.case_id
    if verb == "accept":
        answering.accept(task, today())
    elif verb == "ask_papers":
        answering.ask_papers(task, today(), (), ["收入证明"])
    elif verb == "forward":
        answering.forward(task, today(), "cl")
    elif verb == "grant":
        answering.grant(task, today(), Decimal("120"), "month", today())
    elif verb == "refuse":
        answering.refuse(task, today(), "残疾等级不符合规定", APPEAL)
    elif verb == "supply":
        asked = db.session.scalars(select(DeskPaper.id).where(DeskPaper.task_id == task, DeskPaper.asked)).all()
        service.supply(case, task, dict.fromkeys(asked, "have"), {})
    else:
        service.withdraw(case, task, "家里不申请了")


WAYS: dict[str, list[str]] = {
    "requested": [], "accepted": ["accept"], "in-progress": ["accept", "forward"], "on-hold": ["ask_papers"],
    "completed": ["accept", "grant"], "cancelled": ["withdraw"],
}  # fmt: skip


@pytest.mark.parametrize("start", WAYS)
@pytest.mark.parametrize("verb", rules.MOVES)
def test_every_pair_is_permitted_or_refused_as_the_table_says(sent: deskwork.Sent, start: str, verb: str) -> None:
    for way in WAYS[start]:
        act(way, sent)
    assert state(sent) == start
    target = rules.target(verb, start, "requested")
    if target is None:
        written = verbs(sent)
        with pytest.raises(Clash):
            act(verb, sent)
        assert state(sent) == start
        assert verbs(sent) == written
    else:
        act(verb, sent)
        assert state(sent) == target == inbox(sent).state


def test_sending_lays_the_file_before_the_desk_without_a_name_in_the_inbox(sent: deskwork.Sent) -> None:
    row = inbox(sent)
    assert (row.state, row.policy_slug, row.department_slug) == ("requested", "disability-care", "mzj")
    everything = db.session.execute(text("SELECT to_jsonb(i)::text FROM desk_inbox i")).scalars().all()
    assert not [each for each in everything if deskwork.casework.NAME in each or deskwork.ID_NUMBER in each]
    request = db.session.scalars(select(ReferralRequest).where(ReferralRequest.kind == "department")).one()
    assert (request.state, request.department_slug, request.policy_slug) == ("active", "mzj", "disability-care")
    assert step(sent).actor_role == "street_acceptance"
    assert step(sent).due_at == due("dept-accept")
    kinds = [row.kind for row in cases.timeline(sent.family.case_id)]
    assert "sent_to_department" in kinds
    assert {"acceptance.chase", "acceptance.tell_desk"} <= set(db.session.scalars(select(Outbox.kind)))


def test_the_walkthrough_days(inside: None) -> None:
    """步骤 15: sent Thu 08-11, answer by Mon 08-15; forwarded Mon 08-15, answer by Tue 09-27 over the holiday."""
    with time_machine.travel(datetime(2022, 8, 11, 9, 20, tzinfo=ZONE), tick=False):
        sent = deskwork.a_street_at_work()
        with tenant_scope(sent.family.tenant):
            assert step(sent).due_at == datetime(2022, 8, 15, 18, tzinfo=ZONE)
    with time_machine.travel(datetime(2022, 8, 12, 10, tzinfo=ZONE), tick=False), tenant_scope(sent.family.tenant):
        answering.accept(task_of(sent), date(2022, 8, 12))
    with time_machine.travel(datetime(2022, 8, 15, 10, tzinfo=ZONE), tick=False), tenant_scope(sent.family.tenant):
        answering.forward(task_of(sent), date(2022, 8, 15), "cl")
        assert step(sent).due_at == datetime(2022, 9, 27, 18, tzinfo=ZONE)
        assert inbox(sent).department_slug == "cl"


def test_a_second_press_never_doubles(sent: deskwork.Sent) -> None:
    with pytest.raises(Clash):
        deskwork.send(sent.family)
    assert db.session.scalar(select(func.count()).select_from(DeskFile)) == 1
    act("withdraw", sent)
    assert deskwork.send(sent.family) != sent.task


def test_nothing_is_sent_for_nobody_or_for_somebody_elses_household(sent: deskwork.Sent) -> None:
    family = sent.family
    with pytest.raises(Refused) as refused:
        service.send(family.case_id, "dibao", [], [])
    assert refused.value.field == "people"
    with pytest.raises(Absent):
        service.send(family.case_id, "dibao", [uuid7()], [])
    with pytest.raises(Absent):
        service.send(family.case_id, "no-such", [family.old_man], [])


def test_an_answer_is_dated_never_ahead_and_never_before_the_last(sent: deskwork.Sent) -> None:
    for day in (None, today() + timedelta(days=1), today() - timedelta(days=1)):
        with pytest.raises(Refused) as refused:
            answering.accept(task_of(sent), day)
        assert refused.value.field == "day"
    answering.accept(task_of(sent), today())
    row = db.session.execute(select(DeskEvent.day, DeskEvent.verb).where(DeskEvent.verb == "accept")).one()
    assert row.day == today()


def test_papers_stop_the_clock_and_come_back_with_what_was_left(sent: deskwork.Sent) -> None:
    act("accept", sent)
    act("forward", sent)
    before = steps.left_days(steps.held(task_of(sent)))
    paper = db.session.scalars(select(DeskPaper.id).where(DeskPaper.slug == "disability-cert")).one()
    answering.ask_papers(task_of(sent), today(), [paper], ["收入证明", "收入证明"], "请补")
    assert state(sent) == "on-hold"
    assert (step(sent).actor_role, step(sent).verb) == ("assistance_clerk", "补齐材料，交回一门受理")
    assert inbox(sent).due_at is None
    with pytest.raises(Refused) as refused:
        service.supply(sent.family.case_id, task_of(sent), {paper: "have"}, {})
    assert refused.value.field.startswith("paper-")
    with time_machine.travel(now() + timedelta(days=21)):
        act("supply", sent)
        assert state(sent) == "in-progress"
        assert steps.left_days(steps.held(task_of(sent))) == before
        assert step(sent).actor_role == "street_acceptance"


def test_papers_that_do_not_come_refuse_nothing_but_send_somebody(sent: deskwork.Sent) -> None:
    act("ask_papers", sent)
    bell = db.session.scalars(select(Outbox.payload).where(Outbox.kind == "acceptance.supplement")).one()
    with time_machine.travel(now() + timedelta(days=30)):
        assert chasing.papers_late(task_of(sent), bell["since"])
        assert state(sent) == "on-hold"
        assert step(sent).verb == "上门帮家里补齐材料"
    act("supply", sent)
    assert not chasing.papers_late(task_of(sent), bell["since"])


def test_granted_solves_the_need_and_somebody_asks_for_the_money(sent: deskwork.Sent) -> None:
    act("accept", sent)
    answering.grant(task_of(sent), today(), Decimal("120.50"), "month", today())
    file = db.session.scalars(select(DeskFile)).one()
    assert (file.answer, file.amount, file.period, file.from_on) == ("granted", Decimal("120.50"), "month", today())
    need = db.session.scalars(select(Need).where(Need.item_slug == service.QUESTION)).one()
    assert (need.result, need.result_code) == ("solved", "granted")
    assert step(sent).verb == "核对补助是否到账"
    service.settle(sent.family.case_id, task_of(sent), came=False)
    assert step(sent) is not None
    service.settle(sent.family.case_id, task_of(sent))
    assert step(sent) is None
    assert db.session.scalars(select(ReferralRequest.state).where(ReferralRequest.kind == "department")).one() == (
        "completed"
    )
    with pytest.raises(Clash):
        service.settle(sent.family.case_id, task_of(sent))


def test_refused_needs_reason_and_appeal_and_leads_to_help(sent: deskwork.Sent) -> None:
    task = task_of(sent)
    for reason, appeal, field in (
        ("", APPEAL, "reason"),
        ("残疾等级不符合", Appeal("", APPEAL.until), "appeal_to"),
        ("残疾等级不符合", Appeal(APPEAL.to, None), "appeal_until"),
        ("残疾等级不符合", Appeal(APPEAL.to, today() - timedelta(days=1)), "appeal_until"),
    ):
        with pytest.raises(Refused) as refused:
            answering.refuse(task, today(), reason, appeal)
        assert refused.value.field == field
    act("refuse", sent)
    need = db.session.scalars(select(Need).where(Need.item_slug == service.QUESTION)).one()
    assert (need.result, need.result_code) == ("not_solved", "refused")
    assert step(sent).verb == "告知家里不予的理由和申诉途径"
    plan = db.session.execute(select(Step.verb, Step.due_at).where(Step.id == sent.family.case_id)).one()
    assert (plan.verb, plan.due_at) == ("用“助”的办法接着帮", due("plan"))
    assert inbox(sent).answer == "refused"


def test_the_case_walks_both_tracks_until_a_refusal(sent: deskwork.Sent) -> None:
    def track() -> str:
        return db.session.scalars(select(CaseFile.track)).one()

    assert track() == "jiu"
    db.session.execute(update(CaseFile).values(track="zhu"))
    act("accept", sent)
    assert track() == "both"
    other = deskwork.send(sent.family, "dibao", ())
    act("refuse", sent)
    assert track() == "both"
    answering.refuse(other, today(), "收入高于标准", APPEAL)
    assert track() == "zhu"


def test_before_an_appeal_is_too_late_somebody_asks_the_family(sent: deskwork.Sent) -> None:
    act("refuse", sent)
    bell = db.session.execute(select(Outbox.run_after).where(Outbox.kind == "acceptance.appeal")).one()
    assert APPEAL.until is not None
    assert bell.run_after.astimezone(ZONE).date() == APPEAL.until - timedelta(days=15)
    service.settle(sent.family.case_id, task_of(sent))
    with time_machine.travel(bell.run_after):
        assert chasing.appeal_soon(task_of(sent))
        assert step(sent).verb == "申诉快到期，打电话问家里要不要帮"
        service.settle(sent.family.case_id, task_of(sent))
        assert step(sent) is None
        assert verbs(sent)[-1] == "appeal_asked"
