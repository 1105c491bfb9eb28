"""What the community reads of its own files at the desk, and what its departments lack."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from rongjiu.clock import now
from rongjiu.db import as_role, current_tenant, db
from rongjiu.errors import Absent
from rongjiu.oversight.models import Step
from rongjiu.policies import desks
from rongjiu.policies.rules import Terms, first, terms_of
from rongjiu.tenancy.models import Community
from tenants.acceptance.models import DeskEvent, DeskFile, DeskPaper, OfficialDesk
from tenants.catalogue.models import Department, Policy
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.referrals.rules import LIVE


@dataclass(frozen=True, slots=True)
class File:
    """One file with papers and history."""

    row: Any
    content: dict[str, Any]
    papers: Sequence[Any]
    events: Sequence[Any]


def of_case(case_id: UUID) -> dict[UUID, Row[Any]]:
    """The files of a case by task: state, department, answer, amount, period, due time."""
    f = DeskFile
    rows: Sequence[Any] = db.session.execute(
        select(
            f.id, f.department_slug, f.policy_slug, f.answer, f.amount, f.period, f.chases, ReferralTask.state,
            ReferralTask.due_at, Department.name_zh, Department.name_en,
        )
        .join(ReferralTask, ReferralTask.id == f.id)
        .outerjoin(Department, Department.slug == f.department_slug)
        .where(f.case_id == case_id)
    ).all()  # fmt: skip
    return {row.id: row for row in rows}


def file(case_id: UUID, task_id: UUID) -> File:
    """One file of a case; raises Absent."""
    f = DeskFile
    row = db.session.execute(
        select(
            f.id, f.policy_slug, f.department_slug, f.content, f.basis, f.urgency, f.sent_at, f.sent_post, f.chases,
            f.level, f.answer, f.answered_on, f.amount, f.period, f.from_on, f.until_on, f.reason, f.appeal_to, f.appeal_until,
            f.settled_at, f.held_from, ReferralTask.state, ReferralTask.due_at, Policy.name_zh, Policy.name_en,
            Department.name_zh.label("office_zh"), Department.name_en.label("office_en"), Step.verb.label("step"),
            Step.due_at.label("step_due"),
        )
        .join(ReferralTask, ReferralTask.id == f.id)
        .outerjoin(Policy, Policy.slug == f.policy_slug)
        .outerjoin(Department, Department.slug == f.department_slug)
        .outerjoin(Step, Step.id == f.id)
        .where(f.id == task_id, f.case_id == case_id)
    ).one_or_none()  # fmt: skip
    if row is None:
        raise Absent("这里没有这份材料。")
    return File(row, json.loads(row.content) if row.content else {}, *papers_and_history(task_id))


def papers_and_history(task_id: UUID) -> tuple[Sequence[Any], Sequence[Any]]:
    """The papers of a file in their order, and what happened to it, as the scope in force may read them."""
    p, e = DeskPaper, DeskEvent
    papers = select(p.id, p.seq, p.slug, p.name, p.state, p.asked, p.file_id).where(p.task_id == task_id)
    events = select(e.at, e.day, e.verb, e.post, e.detail, e.words).where(e.task_id == task_id)
    return (
        db.session.execute(papers.order_by(p.seq)).all(),
        db.session.execute(events.order_by(e.at, e.id)).all(),
    )


def running(case_id: UUID) -> dict[str, UUID]:
    """Policy → task of the files of a case on which somebody still acts."""
    rows = db.session.execute(
        select(DeskFile.policy_slug, DeskFile.id)
        .join(ReferralTask, ReferralTask.id == DeskFile.id)
        .where(DeskFile.case_id == case_id, ReferralTask.state.in_(("requested", "accepted", "in-progress", "on-hold")))
    )
    return {row.policy_slug: row.id for row in rows}


def papers_there(case_id: UUID) -> dict[str, str]:
    """Paper → attached | have, over all files of a case; a photograph says more than a word."""
    rows = db.session.execute(
        select(DeskPaper.slug, DeskPaper.state)
        .join(DeskFile, DeskFile.id == DeskPaper.task_id)
        .where(DeskFile.case_id == case_id, DeskPaper.state != "missing", DeskPaper.slug != "")
        .order_by(DeskPaper.state.desc())
    )
    return {row.slug: row.state for row in rows}


def contact(department: str, policy: str = "") -> Any:
    """What the community has written down of a department or policy: the fields of a desk, set_at, set_post; or None."""
    o = OfficialDesk
    row: Any = db.session.execute(
        select(*_desk_columns()).where(o.department_slug == department, o.policy_slug == policy)
    ).one_or_none()
    return row


def _desk_columns() -> list[Any]:
    o = OfficialDesk
    return [*(getattr(o, name) for name in desks.FIELDS), o.set_at, o.set_post]


@dataclass(frozen=True, slots=True)
class Reach:
    """Where to go for a policy: what the community wrote down of it, else of its department, else what the street did;
    and how to object, with the document that says so (None = nobody has written it down)."""

    url: str
    phone: str
    contact: str
    terms: Terms | None


def reach(department: str, policy: str = "") -> Reach:
    """Where a policy (or a department as a whole) is really applied for, over community and street."""
    c = Community
    street = db.session.scalar(select(c.street_id).where(c.tenant_id == current_tenant().id))
    above = desks.of_street(street) if street else {}
    found = [contact(department, policy), contact(department)] if policy else [contact(department)]
    found += [above.get((department, slug)) for slug in dict.fromkeys((policy, ""))]
    rows = [row._mapping for row in found if row is not None]
    return Reach(first("url", rows), first("phone", rows), first("contact", rows), terms_of(department, rows))


@dataclass(frozen=True, slots=True)
class Coverage:
    """One department: how many items it has, whether one knows whom to ask, what was asked and answered."""

    slug: str
    name_zh: str
    name_en: str
    policies: int
    contact: bool
    sent: int
    answered: int

    @property
    def lacks(self) -> list[str]:
        """item | contact | answer: what is missing."""
        missing = {"item": not self.policies, "contact": not self.contact, "answer": not self.answered}
        return [name for name, lacking in missing.items() if lacking]


def departments() -> list[Row[Any]]:
    """The departments in their order with what lies there: slug, name_zh, name_en, policies (how many), waiting, papers
    (to be completed), late; the last three are None where nothing was ever sent."""
    sent = (
        select(
            ReferralRequest.department_slug.label("slug"),
            func.count().filter(ReferralTask.state == "requested").label("waiting"),
            func.count().filter(ReferralTask.state == "on-hold").label("papers"),
            func.count().filter(ReferralTask.due_at < now()).label("late"),
        )
        .join(ReferralTask, ReferralTask.request_id == ReferralRequest.id)
        .where(ReferralRequest.kind == "department", ReferralTask.state.in_(LIVE - {"draft"}))
        .group_by(ReferralRequest.department_slug)
        .subquery()
    )
    policies = select(func.count()).where(Policy.department_slug == Department.slug).correlate(Department)
    query = (
        select(
            Department.slug, Department.name_zh, Department.name_en, policies.scalar_subquery().label("policies"),
            sent.c.waiting, sent.c.papers, sent.c.late,
        )
        .outerjoin(sent, sent.c.slug == Department.slug)
        .order_by(Department.seq)
    )  # fmt: skip
    return list(db.session.execute(query))


def coverage(since: datetime) -> list[Coverage]:
    """All departments of the community with what they lack since a moment."""
    d, f = Department, DeskFile
    policies = select(func.count()).where(Policy.department_slug == d.slug).correlate(d).scalar_subquery()
    reached = (
        select(func.count())
        .where(
            OfficialDesk.department_slug == d.slug, OfficialDesk.policy_slug == "",
            (OfficialDesk.phone != "") | (OfficialDesk.url != "") | (OfficialDesk.contact != ""),
        )
        .correlate(d)
        .scalar_subquery()
    )  # fmt: skip
    asked = select(func.count()).where(f.department_slug == d.slug, f.sent_at >= since).correlate(d).scalar_subquery()
    answered = (
        select(func.count())
        .where(f.department_slug == d.slug, f.sent_at >= since, f.answer != "")
        .correlate(d)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            d.slug, d.name_zh, d.name_en, policies.label("policies"), reached.label("reached"), asked.label("sent"),
            answered.label("answered"),
        ).order_by(d.seq)
    )  # fmt: skip
    street = {slug for _tenant, slug in desks.reached([current_tenant().id])}
    return [
        Coverage(
            row.slug,
            row.name_zh,
            row.name_en,
            row.policies,
            bool(row.reached) or row.slug in street,
            row.sent,
            row.answered,
        )
        for row in rows
    ]


def overseen(tenants: Collection[int]) -> tuple[list[Row[Any]], set[tuple[int, str]]]:
    """For the level above: every department of its communities (tenant_id, slug, names, policies), and which
    (community, department) pairs have somebody to ask."""
    if not tenants:
        return [], set()
    d = Department
    policies = (
        select(func.count())
        .where(Policy.department_slug == d.slug, Policy.tenant_id == d.tenant_id)
        .correlate(d)
        .scalar_subquery()
    )
    with as_role("app_overseer", visible=tuple(tenants)):
        rows = db.session.execute(
            select(d.tenant_id, d.slug, d.seq, d.name_zh, d.name_en, policies.label("policies")).order_by(d.seq, d.slug)
        ).all()
        reached = db.session.execute(
            select(OfficialDesk.tenant_id, OfficialDesk.department_slug).where(
                OfficialDesk.policy_slug == "",
                (OfficialDesk.phone != "") | (OfficialDesk.url != "") | (OfficialDesk.contact != ""),
            )
        ).all()
    return list(rows), {(row.tenant_id, row.department_slug) for row in reached} | desks.reached(tenants)
