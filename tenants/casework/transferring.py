"""移交: a case goes to another community. The sender stays responsible until the other side accepts; only then does
anything personal cross, and both audit chains say so."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, update

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now, today
from rongjiu.codes import N_
from rongjiu.db import Tenant, current_tenant, db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.models import TransferInbox
from rongjiu.oversight.service import next_step, no_step
from rongjiu.tenancy.models import Community
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.cases.service import event, hold
from tenants.casework import closing, rules
from tenants.casework.models import Transfer
from tenants.catalogue import queries as catalogue
from tenants.catalogue.service import due
from tenants.needs import service as needs
from tenants.needs.models import Need
from tenants.referrals import moves
from tenants.referrals.models import ReferralRequest
from tenants.residents.models import Person
from tenants.residents.rules import DERIVED, age
from tenants.residents.service import Door, NewPerson, register

GONE = "这次移交刚刚有人处理过了,请刷新页面。"


@dataclass(frozen=True, slots=True)
class Family:
    """What crosses at acceptance: people and needs. Consents, slips and the timeline stay where they were given."""

    people: tuple[NewPerson, ...]
    needs: tuple[tuple[str, bool, str | None, str], ...]
    """Words, wish, item and urgency of each need without an outcome."""
    urgency: str
    demo: bool


def ask(case_id: UUID, to_community: UUID, reason: str) -> Transfer:
    """Ask a community to take over a case; nothing personal leaves. Raises Refused naming `to` or `reason`, or while
    offers are under way; Clash when it was asked for or closed before."""
    hold(case_id)
    if reason not in rules.TRANSFER_REASONS:
        raise Refused("请选为什么移交。", field="reason")
    there = db.session.execute(
        select(Community.id, Community.name, Community.tenant_id).where(
            Community.id == to_community, Community.state == "live"
        )
    ).one_or_none()
    here = current_tenant()
    if there is None or there.id == here.uid:
        raise Refused("请选另一个已上线的社区。", field="to")
    case = db.session.execute(
        select(CaseFile.number, CaseFile.urgency, CaseFile.closed_at, CaseFile.household_id).where(
            CaseFile.id == case_id
        )
    ).one()
    if case.closed_at is not None or case.household_id is None or open_one(case_id) is not None:
        raise Clash("这个个案已办结、还没上门,或已在移交。")
    _free(case_id)
    until = due("response", case.urgency)
    row = Transfer(
        id=uuid7(), case_id=case_id, to_community=there.id, to_name=there.name, state="in_progress", reason=reason,
        asked_at=now(), asked_post=current_actor().name, due_at=until, answered_at=None, answered_post="", answer="",
        new_number="",
    )  # fmt: skip
    people, wanted = _size(case_id, case.household_id)
    inbox = TransferInbox(
        transfer_id=row.id, tenant_id=here.id, community_id=here.uid, to_tenant=there.tenant_id, to_community=there.id,
        number=case.number, people=people, needs=wanted, urgency=case.urgency, reason=reason, state="in_progress",
        asked_at=row.asked_at, due_at=until,
    )  # fmt: skip
    db.session.add_all([row, inbox])
    db.session.flush()
    audit.record("transfer.ask", "transfer", row.id, to=str(there.id), reason=reason)
    event(case_id, "transfer_asked", transfer_id=str(row.id))
    next_step(
        "transfer", row.id, number=case.number, case_id=case_id, actor_role="assistance_clerk", actor=there.name,
        verb=N_("答复移交"), due_at=until, urgency=case.urgency,
    )  # fmt: skip
    return row


def _free(case_id: UUID) -> None:
    if count := closing.standing(case_id).live_offers:
        raise Refused("还有 %(n)s 张派单没有办完,请等它办完或先撤回。", n=count)


def _size(case_id: UUID, household_id: UUID) -> tuple[int, int]:
    people = (
        select(func.count()).select_from(Person).where(Person.household_id == household_id, Person.status == "here")
    )
    wanted = select(func.count()).select_from(Need).where(Need.case_id == case_id, Need.result == "")
    return db.session.scalar(people) or 0, db.session.scalar(wanted) or 0


def revoke(case_id: UUID) -> None:
    """The sender takes the question back. Raises Clash when it was answered."""
    hold(case_id)
    row = open_one(case_id)
    if row is None:
        raise Clash(GONE)
    _settle(row, "revoked", "transfer_revoked", "", current_actor().name)


def reject(transfer_id: UUID, reason: str) -> None:
    """This community does not take a case over, with a code; it stays with the sender. Raises Absent, Clash, Refused."""
    if reason not in rules.TRANSFER_REFUSALS:
        raise Refused("请选一个原因。", field="reason")
    sender, post = _sender(transfer_id), current_actor().name
    with tenant_scope(sender):
        _settle(_lock(transfer_id), "rejected", "transfer_rejected", reason, post)
    audit.record("transfer.reject", "transfer", transfer_id, reason=reason)


def accept(transfer_id: UUID, courtyard_id: UUID, door: Door) -> str:
    """This community takes the case: the family is registered behind a door here with a case of its own, and the
    sender's case ends as transferred, in one transaction. Answers the new number. Raises Absent, Clash, Refused."""
    here, sender, post = current_tenant(), _sender(transfer_id), current_actor().name
    with tenant_scope(sender):
        row = _lock(transfer_id)
        _free(row.case_id)
        family = _family(row.case_id)
    number = ""

    def take() -> None:
        nonlocal number
        number = _take(transfer_id, family, courtyard_id, door)

    def give() -> None:
        with tenant_scope(sender):
            _give(_lock(transfer_id), post)

    # Both chains of audit are locked in the order of the communities, so that two hand-overs that cross never deadlock.
    steps: list[tuple[int, Callable[[], None]]] = [(here.id, take), (sender.id, give)]
    for _tenant, step in sorted(steps, key=lambda each: each[0]):
        step()
    with tenant_scope(sender):
        db.session.execute(update(Transfer).where(Transfer.id == transfer_id).values(new_number=number))
    return number


def _family(case_id: UUID) -> Family:
    case = db.session.execute(
        select(CaseFile.household_id, CaseFile.urgency, CaseFile.demo).where(CaseFile.id == case_id)
    ).one()
    rows = db.session.execute(
        select(
            Person.name, Person.gender, Person.relation, Person.birth_date, Person.age_said, Person.age_on, Person.phone,
            Person.id_number, Person.condition, Person.groups,
        )
        .where(Person.household_id == case.household_id, Person.status == "here")
        .order_by(Person.seq)
    )  # fmt: skip
    people = tuple(_person(row) for row in rows)
    wanted = db.session.execute(
        select(Need.words, Need.is_wish, Need.item_slug, Need.urgency)
        .where(Need.case_id == case_id, Need.result == "")
        .order_by(Need.seq)
    )
    return Family(people, tuple((r.words, r.is_wish, r.item_slug, r.urgency) for r in wanted), case.urgency, case.demo)


def _person(row: Any) -> NewPerson:
    years = None if row.birth_date else age(row.birth_date, row.age_said, row.age_on, today())
    return NewPerson(
        row.name, row.gender or "", row.relation or "", row.birth_date, years, row.phone or "", row.id_number or "",
        row.condition or "", tuple(group for group in row.groups if group not in DERIVED),
    )  # fmt: skip


def _take(transfer_id: UUID, family: Family, courtyard_id: UUID, door: Door) -> str:
    home = register(courtyard_id, door, family.people, demo=family.demo)
    case = cases.open_case(courtyard_id, urgency=family.urgency)
    cases.attach_household(case.id, home.household_id)
    known = {row["id"] for row in catalogue.need_items()}
    for words, is_wish, item, urgency in family.needs:
        needs.add(case.id, words, is_wish=is_wish, item_slug=item if item in known else None, urgency=urgency)
    audit.record("transfer.accept", "transfer", transfer_id, number=case.number)
    event(case.id, "transferred_in", transfer_id=str(transfer_id))
    next_step(
        "case", case.id, number=case.number, case_id=case.id, actor_role="assistance_clerk", actor=N_("救助专干"),
        verb=N_("看移交来的一户"), due_at=due("first-visit", family.urgency), urgency=family.urgency,
    )  # fmt: skip
    return case.number


def _give(row: Transfer, post: str) -> None:
    slips = db.session.scalars(
        select(ReferralRequest).where(
            ReferralRequest.case_id == row.case_id,
            ReferralRequest.state.in_(("draft", "active", "on-hold", "awaiting_confirmation")),
        )
    ).all()
    for slip in slips:
        moves.move_request(slip, "revoked", "sender", reason="transferred")
    _settle(row, "accepted", "transfer_accepted", "", post)
    closing.finish(db.session.get_one(CaseFile, (current_tenant().id, row.case_id)), rules.TRANSFERRED)


def _settle(row: Transfer, state: str, kind: str, reason: str, post: str) -> None:
    row.state, row.answer, row.answered_at, row.answered_post = state, reason, now(), post
    db.session.execute(update(TransferInbox).where(TransferInbox.transfer_id == row.id).values(state=state))
    db.session.flush()
    no_step(row.id)
    audit.record(f"transfer.{state}", "transfer", row.id, reason=reason)
    event(row.case_id, kind, post=post, transfer_id=str(row.id), reason=reason)


def _sender(transfer_id: UUID) -> Tenant:
    """The community that asked this one; raises Absent when it asked another."""
    row = db.session.execute(
        select(TransferInbox.tenant_id, TransferInbox.community_id).where(
            TransferInbox.transfer_id == transfer_id, TransferInbox.to_tenant == current_tenant().id
        )
    ).one_or_none()
    if row is None:
        raise Absent("没有这次移交。")
    return Tenant(row.tenant_id, row.community_id)


def _lock(transfer_id: UUID) -> Transfer:
    """The transfer in its sender's community, case first; raises Clash when it was answered or taken back."""
    case_id = db.session.scalars(select(Transfer.case_id).where(Transfer.id == transfer_id)).one()
    hold(case_id)
    row = db.session.scalars(
        select(Transfer).where(Transfer.id == transfer_id).execution_options(populate_existing=True)
    ).one()
    if row.state != "in_progress":
        raise Clash(GONE)
    return row


def open_one(case_id: UUID) -> Transfer | None:
    """The hand-over of a case that waits for an answer."""
    return db.session.scalar(select(Transfer).where(Transfer.case_id == case_id, Transfer.state == "in_progress"))


def of_case(case_id: UUID) -> list[Transfer]:
    """All hand-overs of a case, newest first."""
    return list(db.session.scalars(select(Transfer).where(Transfer.case_id == case_id).order_by(Transfer.id.desc())))


def incoming(state: str = "in_progress", words: str = "", page: int = 1, size: int = 50) -> tuple[list[Row[Any]], int]:
    """What other communities ask this one to take, the first due first, and how many: ids, codes and counts, nothing of
    a person; `words` is part of a number or of a community's name."""
    query = (
        select(
            TransferInbox.transfer_id, TransferInbox.number, TransferInbox.people, TransferInbox.needs,
            TransferInbox.urgency, TransferInbox.reason, TransferInbox.state, TransferInbox.asked_at,
            TransferInbox.due_at, Community.name,
        )
        .join(Community, Community.id == TransferInbox.community_id)
        .where(TransferInbox.to_tenant == current_tenant().id)
    )  # fmt: skip
    if state:
        query = query.where(TransferInbox.state == state)
    if words:
        like = TransferInbox.number.contains(words, autoescape=True) | Community.name.contains(words, autoescape=True)
        query = query.where(like)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(TransferInbox.state != "in_progress", TransferInbox.due_at, TransferInbox.transfer_id)
    return list(db.session.execute(ordered.limit(size).offset((page - 1) * size))), total
