"""Flag, take, be there, ask for aid, make up the papers, take the flag off again."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.service import next_step, no_step
from tenants.acceptance import service as acceptance
from tenants.acceptance.freezing import MOST
from tenants.acceptance.rules import FAST
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.cases.rules import CASEWORKERS
from tenants.catalogue import queries as catalogue
from tenants.catalogue import service as waits
from tenants.express import clocks, rules
from tenants.express.models import Emergency, EmergencyLook
from tenants.residents import queries as register
from tenants.residents import service as residents
from tenants.residents.changing import Origin
from tenants.residents.models import Courtyard
from tenants.residents.service import Door, NewPerson
from tenants.signals import service as signals
from tenants.signals.models import Signal

GONE = "这件急难已经办完或撤下，请刷新页面。"


def flag(
    channel: str, words: str = "", *, courtyard_id: UUID | None = None, household_id: UUID | None = None,
    phone: str = "",
) -> UUID:  # fmt: skip
    """Ring for somebody in 急难, known or not; no word is needed. Answers the id of the alarm.

    Raises Refused naming words, phone, courtyard or household.
    """
    got = signals.receive(
        channel, "need", words.strip() or rules.WORDS, courtyard_id=courtyard_id, household_id=household_id,
        urgency="critical", phone=phone,
    )  # fmt: skip
    case_id = db.session.scalars(select(Signal.case_id).where(Signal.id == got.id)).one()
    return db.session.scalars(
        select(Emergency.id).where(Emergency.case_id == case_id, Emergency.state == "open")
    ).one()  # fmt: skip


def flag_case(case_id: UUID) -> UUID:
    """Ring for the family of a case that stands; answers the alarm. A second flag answers the first. Raises Clash for
    a closed case."""
    cases.hold(case_id)
    row = db.session.execute(select(CaseFile.closed_at).where(CaseFile.id == case_id)).one()
    if row.closed_at is not None:
        raise Clash("这个个案已经结案，请从工作台新报一件急难。")
    return raise_alarm(case_id, None)


def raise_alarm(case_id: UUID, signal_id: UUID | None) -> UUID:
    """The alarm of a case, which is locked: its three clocks start now. One that is open already goes on as it is."""
    standing = db.session.scalar(
        select(Emergency.id).where(Emergency.case_id == case_id, Emergency.state == "open")
    )  # fmt: skip
    if standing is not None:
        return standing
    cases.hurry(case_id, "critical")
    moment = now()
    row = Emergency(
        id=uuid7(), case_id=case_id, signal_id=signal_id, state="open", raised_at=moment,
        raised_post=current_actor().name, owner_due=waits.due("critical-owner", "critical", moment),
        helper_due=waits.due("critical-first-helper", "critical", moment),
        aid_due=waits.due("critical-temp-aid", "critical", moment),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("emergency.raise", "emergency", row.id, case=str(case_id))
    cases.event(case_id, "emergency_raised")
    point(row)
    clocks.start(row)
    return row.id


def take(emergency_id: UUID) -> None:
    """我来: whoever acts owns it from now on, and the bells fall silent. Raises Clash when somebody else was faster."""
    row, actor = held(emergency_id), current_actor()
    if row.taken_at is not None:
        if row.owner_id != actor.account_id:
            raise Clash("%(post)s 已经认领了这件急难。", post=row.owner_post)
        return
    row.owner_id, row.owner_post, row.taken_at = actor.account_id, actor.name, now()
    if actor.role in CASEWORKERS and actor.account_id is not None:
        cases.assign(row.case_id, actor.account_id)
    db.session.flush()
    audit.record("emergency.take", "emergency", row.id)
    cases.event(row.case_id, "emergency_taken")
    point(row)


def helped(emergency_id: UUID, helper: str) -> None:
    """Somebody was at the door: a post, or a named neighbour. The wait for papers begins. Raises Refused naming
    `helper`, Clash when it was noted already."""
    row, said = held(emergency_id), helper.strip()
    if not 2 <= len(said) <= 40:
        raise Refused("请写谁到了现场，例如：网格员03、楼上王阿姨。", field="helper")
    if row.helper_at is not None:
        raise Clash("已经登记过谁到了现场，请刷新页面。")
    arrived(row, said)


def arrived(row: Emergency, helper: str) -> None:
    """Note the first helper of a locked alarm; whoever is there owns it when nobody did."""
    row.helper, row.helper_at = helper, now()
    row.papers_due = waits.due("critical-papers", "critical")
    if row.taken_at is None:
        row.owner_id, row.owner_post, row.taken_at = current_actor().account_id, current_actor().name, now()
    db.session.flush()
    audit.record("emergency.helped", "emergency", row.id)
    cases.event(row.case_id, "emergency_helped")
    clocks.papers(row)
    point(row)


def place(emergency_id: UUID, courtyard_id: UUID) -> None:
    """Say in which courtyard it is, when nobody knew: the grid worker there goes. Raises Refused naming courtyard."""
    row = held(emergency_id)
    if db.session.scalar(select(Courtyard.id).where(Courtyard.id == courtyard_id)) is None:
        raise Refused("没有这个院落，请重新选择。", field="courtyard")
    db.session.execute(
        update(CaseFile)
        .where(CaseFile.id == row.case_id, CaseFile.courtyard_id.is_(None))
        .values(courtyard_id=courtyard_id)
    )
    audit.record("emergency.place", "emergency", row.id, courtyard=str(courtyard_id))
    clocks.ring_grid(row)


def ask_aid(emergency_id: UUID, *, name: str = "", door: Door | None = None, words: str = "") -> UUID:
    """Ask the street's desk for temporary aid: no hukou, no income, no paper. Answers the id of the desk's file.

    Of a family not registered yet one name is enough. Raises Refused naming name, courtyard or words, Clash when aid
    was asked for already.
    """
    row = held(emergency_id)
    if row.aid_at is not None:
        raise Clash("临时救助已经提出，请看办到哪一步。")
    household_id = _household(row, name.strip(), door)
    people = [each.id for each in register.members(household_id)]
    policy = next((each for each in catalogue.policies() if each["id"] == FAST), None)
    if policy is None:
        raise Absent("政策库里没有急难型临时救助这一条。")
    papers = [acceptance.Paper(each["id"], each["name_zh"], "missing") for each in acceptance.papers_of(policy)]
    row.task_id = acceptance.send(row.case_id, FAST, people[:MOST], papers, words)
    row.aid_at = now()
    db.session.flush()
    audit.record("emergency.aid", "emergency", row.id, task=str(row.task_id))
    point(row)
    return row.task_id


def _household(row: Emergency, name: str, door: Door | None) -> UUID:
    case = db.session.execute(
        select(CaseFile.household_id, CaseFile.courtyard_id, CaseFile.demo).where(CaseFile.id == row.case_id)
    ).one()
    if case.household_id is not None:
        return UUID(str(case.household_id))
    if not name:
        raise Refused("请写一个姓名或称呼，材料以后再补。", field="name")
    if case.courtyard_id is None:
        raise Refused("请选择人在哪个院落。", field="courtyard")
    found = residents.register(
        case.courtyard_id, door or Door("", "", ""), [NewPerson(name)], demo=case.demo, origin=Origin("visit", row.id)
    )
    cases.attach_household(row.case_id, found.household_id)
    return found.household_id


def papers_done(emergency_id: UUID) -> None:
    """The papers and the screening were made up: the alarm is over. Raises Refused (409) before helper and aid."""
    row = held(emergency_id)
    if row.helper_at is None or row.aid_at is None:
        raise Refused("先有人到场、提出临时救助，再补材料。", status=409)
    _end(row, "ended")
    audit.record("emergency.end", "emergency", row.id)
    cases.event(row.case_id, "emergency_ended")


def unflag(emergency_id: UUID, reason: str) -> None:
    """It was no 急难 after all: out of the express lane, with a reason; the case goes on as an urgent one.

    Raises Refused naming `reason`.
    """
    row = held(emergency_id)
    if not rules.SHORTEST_REASON <= len(reason.strip()) <= 300:
        raise Refused("请写明为什么不按急难办，至少 4 个字。", field="reason")
    row.reason = reason.strip()
    _end(row, "withdrawn")
    cases.calm(row.case_id)
    audit.record("emergency.withdraw", "emergency", row.id)
    cases.event(row.case_id, "emergency_withdrawn")


def _end(row: Emergency, state: str) -> None:
    row.state, row.ended_at = state, now()
    db.session.flush()
    no_step(row.id)


def look(emergency_id: UUID) -> None:
    """Write down that somebody opened the family's file as 急难; the secretary looks at it within a working day."""
    actor = current_actor()
    row = EmergencyLook(
        id=uuid7(), emergency_id=emergency_id, account_id=actor.account_id, post=actor.name, role=actor.role, at=now(),
        due_at=waits.due("critical-review"),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()


def review(emergency_id: UUID, remark: str = "") -> int:
    """The secretary has looked at what was opened as 急难; answers how many openings. Raises Absent when none waits,
    Refused naming `remark`."""
    if len(remark.strip()) > 300:
        raise Refused("请写短一点，300 字以内。", field="remark")
    actor = current_actor()
    found = list(
        db.session.scalars(
            select(EmergencyLook)
            .where(EmergencyLook.emergency_id == emergency_id, EmergencyLook.reviewed_at.is_(None))
            .with_for_update()
        )
    )
    if not found:
        raise Absent("没有待复核的查阅。")
    for each in found:
        each.reviewed_at, each.reviewed_by, each.reviewed_post = now(), actor.account_id, actor.name
        each.remark = remark.strip() or None
    db.session.flush()
    own = sum(each.account_id == actor.account_id for each in found)
    audit.record("emergency.review", "emergency", emergency_id, looks=len(found), own=own)
    return len(found)


def held(emergency_id: UUID) -> Emergency:
    """Lock an open alarm, its case first. Raises Absent, Clash when it is over."""
    case_id = db.session.scalar(select(Emergency.case_id).where(Emergency.id == emergency_id))
    if case_id is None:
        raise Absent("没有这件急难。")
    cases.hold(case_id)
    row = db.session.scalars(
        select(Emergency).where(Emergency.id == emergency_id).execution_options(populate_existing=True)
    ).one()
    if row.state != "open":
        raise Clash(GONE)
    return row


def point(row: Emergency) -> None:
    """Say who acts next on an alarm, what, and by when."""
    step = rules.following(stand(row))
    number = db.session.scalars(select(CaseFile.number).where(CaseFile.id == row.case_id)).one()
    next_step(
        "emergency", row.id, number=number, case_id=row.case_id, actor_role=signals.CLERK,
        actor=row.owner_post or signals.post_of(signals.CLERK), verb=step.verb, due_at=step.due_at, urgency="critical",
    )  # fmt: skip


def stand(row: Any) -> rules.Stand:
    """The moments of an alarm."""
    return rules.Stand(
        row.owner_due, row.helper_due, row.aid_due, row.taken_at, row.helper_at, row.aid_at, row.papers_due
    )
