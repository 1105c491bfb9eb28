"""What the 一门受理 desk writes down: 受理, 补正, 转办, 准予, 不予, each with its day. The department decides; the desk
records it."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, update

from rongjiu import facts, outbox, workdays
from rongjiu.clock import ZONE, now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.service import next_step
from tenants.acceptance import rules, steps
from tenants.acceptance.facts import DepartmentAnswered
from tenants.acceptance.models import DeskPaper
from tenants.benefits import arriving as benefits
from tenants.catalogue import service as waits
from tenants.catalogue.models import Department, Policy
from tenants.needs import service as needs
from tenants.referrals import moves
from tenants.referrals import queries as referrals

WORDS_LIMIT = 1000
PAPERS_MOST = 20
NAME_LIMIT = 60
SHORTEST_REASON = 4
APPEAL_LONGEST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Appeal:
    """How to appeal: to whom, until when."""

    to: str
    until: date | None


def accept(task_id: UUID, day: date | None, words: str = "") -> None:
    """受理: the desk takes the file; the wait for forwarding begins. Raises Refused naming `day`, Clash."""
    row = steps.held(task_id)
    given = _day(row, day)
    until = fast_due(row, given) or waits.due("dept-forward", row.file.urgency, _at(given))
    steps.move(row, "accept", day=given, due_at=until, words=_words(words))


def ask_papers(task_id: UUID, day: date | None, papers: Collection[UUID], more: Sequence[str], words: str = "") -> None:
    """补正: one list of everything that is lacking; the desk's clock stands still until the community brings it.

    Raises Refused naming `papers` or `more` when the list is empty or too long, `day`; Clash.
    """
    row = steps.held(task_id)
    given = _day(row, day)
    if rules.fast(row.file.policy_slug, row.file.urgency):
        raise Refused("急难先救助、后补材料：请先受理和办理，缺的材料由社区随后补上。", field="papers")
    named = list(dict.fromkeys(each.strip() for each in more if each.strip()))
    if not papers and not named:
        raise Refused("请勾选或写出要补的材料，一次告知全部。", field="papers")
    if len(named) > PAPERS_MOST or any(len(each) > NAME_LIMIT for each in named):
        raise Refused("每行写一样材料，60 字以内，最多 20 样。", field="more")
    row.file.held_from, row.file.left_days = row.task.state, steps.left_days(row)
    asked = _ask_for(row, set(papers), named)
    until = waits.due("supplement", row.file.urgency, _at(given))
    steps.move(row, "ask_papers", day=given, words=_words(words), papers=len(asked), names=asked)
    steps.ask(row, N_("补齐材料，交回一门受理"), until)
    told = f"{task_id}-{_mark(row)}"
    outbox.put("casework.papers", {"case": str(row.file.case_id), "of": told}, key=f"papers-told-{told}")
    outbox.put(
        "acceptance.supplement", {"task": str(task_id), "since": _mark(row)}, key=f"papers-{task_id}-{until:%s}",
        after=until,
    )  # fmt: skip


def _ask_for(row: steps.Held, papers: set[UUID], named: list[str]) -> list[str]:
    """Mark the papers that are lacking, add those the list had not; answers their names."""
    there = list(db.session.scalars(select(DeskPaper).where(DeskPaper.task_id == row.file.id).order_by(DeskPaper.seq)))
    known = {each.name: each for each in there}
    found = []
    for paper in there:
        paper.asked = paper.id in papers or paper.name in named
        if paper.asked:
            paper.state = "missing"
            found.append(paper.name)
    for name in named:
        if name not in known:
            db.session.add(
                DeskPaper(
                    id=uuid7(), task_id=row.file.id, seq=len(there) + len(found) + 1, slug="", name=name,
                    state="missing", asked=True, file_id=None,
                )
            )  # fmt: skip
            found.append(name)
    if not found:
        raise Refused("请勾选或写出要补的材料，一次告知全部。", field="papers")
    db.session.flush()
    return found


def _mark(row: steps.Held) -> str:
    """Tells one holding from a later one of the same file."""
    return f"{row.file.last_on}-{row.file.left_days}"


def forward(task_id: UUID, day: date | None, department: str, words: str = "") -> None:
    """转办: the file lies with a department from that day; its time runs by the policy's limit, else by the timer.

    Raises Refused naming `department` or `day`, Clash.
    """
    row = steps.held(task_id)
    given = _day(row, day)
    if db.session.scalar(select(Department.id).where(Department.slug == department)) is None:
        raise Refused("请选择转给哪个部门。", field="department")
    row.file.department_slug = department
    row.request.department_slug = department
    until = decision_due(row.file.policy_slug, row.file.urgency, given)
    if row.task.due_at and rules.fast(row.file.policy_slug, row.file.urgency):
        until = row.task.due_at  # its days run from 受理, whichever department it goes to
    steps.move(row, "forward", day=given, due_at=until, words=_words(words), department=department)


def fast_due(row: steps.Held, day: date) -> datetime | None:
    """By when small emergency aid is decided: calendar days from 受理 on, through holidays; None for other files."""
    if not rules.fast(row.file.policy_slug, row.file.urgency):
        return None
    return waits.due("critical-decision", row.file.urgency, _at(day))


def decision_due(policy: str, urgency: str, day: date) -> datetime:
    """By when a department answers that was given a file on a day: the policy's own limit, else timer dept-decision."""
    content = db.session.scalar(select(Policy.content).where(Policy.slug == policy)) or {}
    limit = content.get("time_limit") or {}
    start = _at(day)
    if limit.get("working_days") is not None:
        return workdays.due(start, "working_days", limit["working_days"], waits.desk())
    if limit.get("calendar_days") is not None:
        return workdays.due(start, "calendar_days", limit["calendar_days"], waits.desk())
    return waits.due("dept-decision", urgency, start)


def grant(
    task_id: UUID, day: date | None, amount: Decimal | None, period: str, from_on: date | None,
    until_on: date | None = None,
) -> None:  # fmt: skip
    """准予: how much a period from which day, until which day if the answer names one; the need behind it is solved, it
    stands in the register as received, and somebody asks whether it came.

    Raises Refused naming `amount`, `period`, `from_on`, `until_on` or `day`, Clash.
    """
    row = steps.held(task_id)
    given = _day(row, day)
    if fault := rules.amount_fault(amount):
        raise Refused(fault, field="amount")
    if period not in rules.PERIODS:
        raise Refused("请选按月、按年还是一次。", field="period")
    if from_on is None or abs(from_on - today()) > timedelta(days=800):
        raise Refused("请填从哪天起享受。", field="from_on")
    if until_on is not None and not from_on <= until_on <= from_on + rules.GRANTED_LONGEST:
        raise Refused("截止日期不能早于开始日期，也不能晚于开始后 40 年；没有写明就空着。", field="until_on")
    row.file.amount, row.file.period = amount, period
    row.file.from_on, row.file.until_on = from_on, until_on
    _decide(row, "granted", given)
    steps.move(row, "grant", day=given)
    if period != "once":  # what is paid once does not end
        people = [UUID(each["id"]) for each in json.loads(row.file.content or "{}").get("people", ())]
        home = referrals.case_of(row.file.case_id).household_id
        benefits.granted(home, row.file.policy_slug, people, from_on, until_on, task_id)
    needs.set_result(row.request.need_id, "solved", code="granted")
    paid = waits.due("grant-paid-check", row.file.urgency, max(_at(from_on), now()))
    steps.ask(row, N_("核对补助是否到账"), paid)


def refuse(task_id: UUID, day: date | None, reason: str, appeal: Appeal) -> None:
    """不予: the written reason and how to appeal go to the community, which tells the family and goes on with 助.

    Raises Refused naming `reason`, `appeal_to`, `appeal_until` or `day`, Clash.
    """
    row = steps.held(task_id)
    given = _day(row, day)
    if len(reason.strip()) < SHORTEST_REASON:
        raise Refused("不予必须写明理由。", field="reason")
    if len(appeal.to.strip()) < 2:
        raise Refused("请写明可以向哪里提出申诉或复议。", field="appeal_to")
    if appeal.until is None or not given <= appeal.until <= given + APPEAL_LONGEST:
        raise Refused("请填申诉或复议的截止日期，不早于答复日期。", field="appeal_until")
    row.file.reason, row.file.appeal_to, row.file.appeal_until = _words(reason), appeal.to.strip(), appeal.until
    _decide(row, "refused", given)
    steps.move(row, "refuse", day=given)
    needs.set_result(row.request.need_id, "not_solved", code="refused")
    steps.ask(row, N_("告知家里不予的理由和申诉途径"), waits.due("refusal-told", row.file.urgency))
    _other_way(row)
    remind = _before(appeal.until)
    if remind > now():
        outbox.put("acceptance.appeal", {"task": str(task_id)}, key=f"appeal-{task_id}", after=remind)


def _before(until: date) -> datetime:
    """When the family is asked once more, before the time for an appeal is over (timer appeal-reminder)."""
    days = int(waits.setting("appeal-reminder"))
    return datetime.combine(until - timedelta(days=days), time(9), ZONE)


def _decide(row: steps.Held, answer: str, day: date) -> None:
    row.file.answer, row.file.answered_on, row.file.answered_at = answer, day, now()
    row.task.ended_at = now()
    db.session.execute(update(DeskPaper).where(DeskPaper.task_id == row.file.id).values(asked=False))
    moves.move_request(row.request, "awaiting_confirmation", "system")
    facts.send(DepartmentAnswered(tenant_id=current_tenant().id, object_id=row.task.id))


def _other_way(row: steps.Held) -> None:
    """A refusal is never the end: the plan by the way of 助 is the case's next step."""
    case = referrals.case_of(row.file.case_id)
    next_step(
        "case", case.id, number=case.number, case_id=case.id, actor_role="assistance_clerk",
        actor=case.worker_post or N_("救助专干"), verb=N_("用“助”的办法接着帮"),
        due_at=waits.due("plan", row.file.urgency), urgency=row.file.urgency,
    )  # fmt: skip


def _day(row: steps.Held, day: date | None) -> date:
    fault = rules.day_fault(day, row.file.last_on, today())
    if day is None or fault:
        raise Refused(fault or "请填日期。", field="day")
    return day


def _at(day: date) -> datetime:
    """The moment from which a wait counts that begins on a day: now for today, else noon of that day."""
    return now() if day == today() else datetime.combine(day, time(12), ZONE)


def _words(text: str) -> str:
    if len(text.strip()) > WORDS_LIMIT:
        raise Refused("请写短一点，1000 字以内。", field="words")
    return text.strip()
