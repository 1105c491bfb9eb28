"""What the community does on track 救: send a file to the street's desk, supply papers, take it back, close it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit, facts, files, outbox
from rongjiu.actor import current_actor
from rongjiu.clock import now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.library.packfiles import read_pack
from rongjiu.oversight import desk
from rongjiu.oversight.service import no_step
from tenants.acceptance import freezing, steps
from tenants.acceptance.facts import DepartmentAsked
from tenants.acceptance.models import DeskFile, DeskPaper
from tenants.cases import service as cases
from tenants.catalogue.models import Policy
from tenants.catalogue.service import due
from tenants.needs import service as needs
from tenants.needs.models import Need
from tenants.referrals import moves
from tenants.referrals import queries as referrals
from tenants.referrals.models import ReferralRequest, ReferralTask

WORDS_LIMIT = 500
QUESTION = "policy-help"
"""The item under which asking for a policy stands."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of the checklist: have it, attached with content and name of its picture, or still missing."""

    slug: str
    name: str
    state: str
    picture: tuple[bytes, str] | None = None


def papers_of(policy: dict[str, Any]) -> list[dict[str, Any]]:
    """The papers a policy asks for, as the model names them: id, name_zh, name_en."""
    known = {each["id"]: each for each in read_pack()["policies"]["documents"]}
    return [known.get(slug, {"id": slug, "name_zh": slug, "name_en": slug}) for slug in policy.get("document_ids", [])]


def send(
    case_id: UUID, policy_slug: str, people: Sequence[UUID], papers: Sequence[Paper], words: str = "",
    need_id: UUID | None = None,
) -> UUID:  # fmt: skip
    """Send a policy's file to the 一门受理 desk of the street; answers the id of its task.

    The ground is the street's legal duty: no consent is asked for. Raises Refused naming `people`, `words` or `need`,
    Clash when this policy is on its way already, Absent for an unknown policy, need or person.
    """
    cases.hold(case_id)
    case, here = referrals.case_of(case_id), referrals.here()
    policy = db.session.execute(
        select(Policy.slug, Policy.name_zh, Policy.name_en, Policy.department_slug, Policy.content).where(
            Policy.slug == policy_slug
        )
    ).one_or_none()
    if policy is None:
        raise Absent("政策库里没有这一条。")
    if here.street_id is None:
        raise Refused("本社区还没有写明属于哪个街道，请先请平台运营补上。")
    if case.household_id is None:
        raise Refused("还没有登记这一家，请先上门核实。")
    if len(words.strip()) > WORDS_LIMIT:
        raise Refused("请写短一点，500 字以内。", field="words")
    _once(case_id, policy_slug)
    chosen = freezing.people(case.household_id, people)
    screened = freezing.screened(case_id, policy_slug, {each["id"] for each in chosen})
    need = _need(case_id, need_id, policy.name_zh)
    request = _request(case, need, UUID(chosen[0]["id"]), policy)
    task = ReferralTask(
        id=uuid7(), request_id=request.id, case_id=case_id, service_type="", household_id=case.household_id,
        person_id=UUID(chosen[0]["id"]), state="requested", reason_code="", rank=1, demo=case.demo,
    )  # fmt: skip
    db.session.add(task)
    content = {
        "people": chosen, "home": freezing.door(case.household_id), "screening": screened, "words": words.strip(),
    }  # fmt: skip
    moment, actor = now(), current_actor()
    file = DeskFile(
        id=task.id, request_id=request.id, case_id=case_id, street_id=here.street_id, policy_slug=policy.slug,
        department_slug=policy.department_slug, basis="statutory_duty", head=freezing.head(chosen),
        content=freezing.written(content), entitled=_first(case_id, policy_slug) and freezing.eligible(screened), urgency=case.urgency, sent_at=moment,
        sent_post=actor.name, last_on=today(), held_from="", left_days=None, chases=0, level=0, answer="", period="",
        appeal_to="",
    )  # fmt: skip
    db.session.flush()
    db.session.add(file)
    db.session.flush()
    _lay(task.id, papers)
    _post(steps.Held(file, task, request), here, policy)
    return task.id


def _once(case_id: UUID, policy_slug: str) -> None:
    """One live request for a policy in a case: a second press, or a colleague at the same time, never doubles it."""
    live = select(ReferralRequest.id).where(
        ReferralRequest.case_id == case_id, ReferralRequest.policy_slug == policy_slug,
        ReferralRequest.kind == "department", ReferralRequest.state == "active",
    )  # fmt: skip
    if db.session.scalar(live.limit(1)) is not None:
        raise Clash("这项政策已经交街道一门受理，正在办理。请在个案里看办到哪一步。")


def _first(case_id: UUID, policy_slug: str) -> bool:
    """Has this policy not been asked for in the case before? An entitlement is counted as applied once."""
    earlier = (
        select(DeskFile.id)
        .join(ReferralTask, ReferralTask.id == DeskFile.id)
        .where(
            DeskFile.case_id == case_id, DeskFile.policy_slug == policy_slug, DeskFile.entitled,
            ReferralTask.state != "cancelled",
        )
    )  # fmt: skip
    return db.session.scalar(earlier.limit(1)) is None


def _need(case_id: UUID, need_id: UUID | None, policy: str) -> UUID:
    """The need behind the request: the one chosen, else the family's open question about policies, else a new one."""
    if need_id is not None:
        if db.session.scalar(select(Need.id).where(Need.id == need_id, Need.case_id == case_id)) is None:
            raise Absent("没有这项需求。")
        return need_id
    asked = select(Need.id).where(Need.case_id == case_id, Need.item_slug == QUESTION, Need.result == "")
    found = db.session.scalar(asked.order_by(Need.seq).limit(1))
    return found or needs.add(case_id, f"想申请{policy}", item_slug=QUESTION).id


def _request(case: Any, need_id: UUID, person_id: UUID, policy: Any) -> ReferralRequest:
    request = ReferralRequest(
        id=uuid7(), case_id=case.id, need_id=need_id, person_id=person_id, seq=referrals.next_seq(case.id),
        kind="department", service_type=None, policy_slug=policy.slug, department_slug=policy.department_slug,
        state="draft", reason_code="", urgency=case.urgency, wish="", made_at=now(),
    )  # fmt: skip
    db.session.add(request)
    db.session.flush()
    moves.move_request(request, "active", "sender")
    return request


def _lay(task_id: UUID, papers: Sequence[Paper]) -> None:
    for seq, paper in enumerate(papers, 1):
        picture = _keep(task_id, paper, f"file-{paper.slug}")
        state = "attached" if picture else "missing" if paper.state == "attached" else paper.state
        db.session.add(
            DeskPaper(
                id=uuid7(), task_id=task_id, seq=seq, slug=paper.slug, name=paper.name, state=state, asked=False,
                file_id=picture,
            )
        )  # fmt: skip
    db.session.flush()


def _keep(task_id: UUID, paper: Paper, field: str) -> UUID | None:
    if paper.picture is None:
        return None
    return files.save(*paper.picture, owner_kind="desk_file", owner_id=task_id, field=field)


def _post(row: steps.Held, here: referrals.Sender, policy: Any) -> None:
    """Inbox, history, next step, bell and message of a file that goes out."""
    until = due("dept-accept", row.file.urgency)
    row.task.due_at = until
    db.session.flush()
    desk.put(
        row.task.id, row.file.street_id, here.id, policy_slug=policy.slug, policy_zh=policy.name_zh,
        policy_en=policy.name_en, department_slug=policy.department_slug, urgency=row.file.urgency, state="requested",
        sent_at=row.file.sent_at, due_at=until,
    )  # fmt: skip
    steps.write(row, "send", policy=policy.slug, department=policy.department_slug)
    audit.record("department.send", "desk_file", row.task.id, policy=policy.slug, basis=row.file.basis)
    cases.event(row.file.case_id, "sent_to_department", request_id=str(row.request.id), policy=policy.slug)
    steps.track(row)
    steps.point(row, until)
    steps.ring(row, until)
    outbox.put("acceptance.tell_desk", {"task": str(row.task.id)}, key=f"desk-{row.task.id}")
    _count(row, 1)


def _count(row: steps.Held, sign: int) -> None:
    counts = {"entitled_applied": sign} if row.file.entitled else {}
    facts.send(DepartmentAsked(tenant_id=current_tenant().id, object_id=row.task.id, counts=counts))


def supply(
    case_id: UUID, task_id: UUID, states: dict[UUID, str], pictures: dict[UUID, tuple[bytes, str]], words: str = ""
) -> None:
    """Bring the papers that the desk asked for; the file returns to where it stood and its clock runs on.

    Raises Refused naming the paper's field when one is still missing, Clash when nothing is asked.
    """
    row = steps.held(task_id, case_id)
    if row.task.state != "on-hold":
        raise Clash(steps.LATE)
    if len(words.strip()) > WORDS_LIMIT:
        raise Refused("请写短一点，500 字以内。", field="words")
    for paper in db.session.scalars(select(DeskPaper).where(DeskPaper.task_id == task_id, DeskPaper.asked)):
        picture = pictures.get(paper.id)
        if picture is not None:
            paper.file_id = files.save(
                *picture, owner_kind="desk_file", owner_id=task_id, field=f"file-{paper.id}"
            )  # fmt: skip
            paper.state = "attached"
        elif states.get(paper.id) == "have":
            paper.state = "have"
        else:
            raise Refused("补正清单上的材料还没有备齐：%(paper)s。", field=f"paper-{paper.id}", paper=paper.name)
        paper.asked = False
    timer = {"requested": "dept-accept", "accepted": "dept-forward"}.get(row.file.held_from)
    until = due(timer, row.file.urgency) if timer else steps.after_days(row.file.left_days or 1)
    steps.move(row, "supply", due_at=until, words=words.strip())


def withdraw(case_id: UUID, task_id: UUID, reason: str) -> None:
    """Take a file back before a decision: the copy at the desk is emptied at once. Raises Refused naming `reason`."""
    row = steps.held(task_id, case_id)
    if not 2 <= len(reason.strip()) <= WORDS_LIMIT:
        raise Refused("请写明为什么撤回，让街道知道。", field="reason")
    row.file.content = None
    steps.move(row, "withdraw", words=reason.strip())
    row.task.ended_at = now()
    moves.move_request(row.request, "revoked", "sender", reason="no-longer-needed")
    _count(row, -1)


def settle(case_id: UUID, task_id: UUID, *, came: bool = True) -> None:
    """Close a decided file: the family was told why not (and asked once more before an appeal is too late), or the
    money has come; `came` False asks again later. Raises Clash when there is nothing to close."""
    row = steps.held(task_id, case_id)
    if row.task.state != "completed" or (row.file.settled_at is not None and not steps.waits_for_us(row)):
        raise Clash(steps.LATE)
    if row.file.settled_at is not None:
        no_step(row.task.id)
        steps.write(row, "appeal_asked")
        audit.record("department.appeal_asked", "desk_file", task_id)
        return
    if row.file.answer == "granted" and not came:
        steps.ask(row, N_("核对补助是否到账"), due("grant-paid-check", row.file.urgency))
        steps.write(row, "not_paid")
        audit.record("department.not_paid", "desk_file", task_id)
        return
    row.file.settled_at = now()
    moves.move_request(row.request, "completed", "sender")
    no_step(row.task.id)
    steps.write(row, "paid" if row.file.answer == "granted" else "told")
    audit.record("department.settle", "desk_file", task_id, answer=row.file.answer)
