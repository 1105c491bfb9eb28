"""The counts of the desk's first page. Exact: the desk counts work and cases as they stand now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import func, select, true

from blueprints.guard import may
from rongjiu.clock import now
from rongjiu.db import current_tenant, db
from rongjiu.marketplace.admissions.queries import in_force
from rongjiu.marketplace.admissions.rules import WAITING
from rongjiu.marketplace.models import Admission, Provider
from rongjiu.oversight.models import Step
from rongjiu.tenancy.queries import Visitor
from rongjiu.tenancy.staff import working
from tenants.benefits import queries as benefits
from tenants.cases.models import CaseFile
from tenants.catalogue.models import Department, Parameter, Policy, ServiceType
from tenants.complaints.models import Complaint
from tenants.disputes.models import DisputeFile
from tenants.express.models import Emergency
from tenants.referrals import open_work
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.residents import contacts
from tenants.residents.models import EmergencyContact, Person
from tenants.reviews import queries as reviews
from tenants.screening.models import NearMiss
from tenants.signals.models import Signal

LIVE = ("requested", "accepted", "in-progress", "on-hold")


def _count(*where: Any, of: Any) -> Any:
    """How many rows of a table fit, as a column of one statement."""
    return select(func.count()).select_from(of).where(*where).scalar_subquery()


def _href(endpoint: str, **words: Any) -> str:
    return url_for(endpoint, **words) if may(endpoint) else ""


def alarms() -> list[dict[str, Any]]:
    """急难无人认领, 超期, 未答复, 可享受未申请, 待遇日期待核, 个案缺经办, 联系人缺接手."""
    moment = now()
    staff = {each.account_id for each in working(current_tenant().uid)}
    row = db.session.execute(
        select(
            _count(Emergency.state == "open", Emergency.taken_at.is_(None), of=Emergency).label("emergencies"),
            _count(Step.due_at < moment, of=Step).label("late"),
            _count(ReferralTask.state == "requested", ReferralTask.due_at < moment, of=ReferralTask).label("silent"),
            _count(Step.object_kind == "signal", Step.due_at < moment, of=Step).label("unanswered"),
            open_work.entitled_not_applied().label("entitled"), benefits.waiting().label("told"),
            _count(
                CaseFile.closed_at.is_(None), CaseFile.worker_id.is_not(None), CaseFile.worker_id.not_in(staff),
                of=CaseFile,
            ).label("orphaned"),
            _count(
                contacts.orphaned(staff), Person.id == EmergencyContact.person_id, Person.status == "here",
                of=EmergencyContact,
            ).label("contacts"),
        )
    ).one()  # fmt: skip
    late = _href("desk.cases", due="late")
    return [
        {"text": _("急难无人认领"), "count": row.emergencies, "href": _href("desk.urgent"), "kind": "danger"},
        {"text": _("超期"), "count": row.late, "href": late, "kind": "danger"},
        {"text": _("未答复"), "count": row.silent + row.unanswered, "href": late, "kind": "warn"},
        {"text": _("可享受未申请"), "count": row.entitled, "kind": "warn",
         "href": _href("desk.cases", group="entitled_not_applied")},
        {"text": _("待遇日期待核"), "count": row.told, "href": _href("desk.benefits_told"), "kind": "warn"},
        {"text": _("个案缺经办"), "count": row.orphaned, "href": _href("desk.cases", state="open"), "kind": "warn"},
        {"text": _("联系人缺接手"), "count": row.contacts, "href": _href("desk.contact_list"), "kind": "warn"},
    ]  # fmt: skip


def pillars() -> list[dict[str, Any]]:
    """The four tiles with their live counts, in one statement."""
    task = ReferralTask
    to_department = task.provider_id.is_(None) & task.case_id.is_not(None)  # a claimed wish has neither
    row = db.session.execute(
        select(
            _count(of=Department).label("departments"), _count(of=Policy).label("policies"),
            _count(Parameter.must_review, Parameter.value.is_(None), of=Parameter).label("unset"),
            _count(to_department, task.state == "requested", of=task).label("waiting"),
            _count(to_department, task.state == "on-hold", of=task).label("papers"),
            _count(to_department, task.state.in_(LIVE), task.due_at < now(), of=task).label("chased"),
            _count(
                in_force(), Admission.community_id == current_tenant().uid, of=Admission
            ).label("providers"),
            _count(
                Admission.state.in_(WAITING), Admission.community_id == current_tenant().uid, of=Admission
            ).label("asking"),
            _count(of=ServiceType).label("services"),
            _count(ReferralRequest.state == "on-hold", ReferralRequest.kind == "provider", of=ReferralRequest)
            .label("gaps"),
            _count(CaseFile.closed_at.is_(None), of=CaseFile).label("cases"),
            _count(task.provider_id.is_not(None), task.state == "requested", of=task).label("offers"),
            _count(NearMiss.looked_at.is_(None), of=NearMiss).label("near"),
        )
    ).one()  # fmt: skip
    settings, asking = _href("desk.parameters"), _href("desk.resources", state="waiting")
    return [
        {"key": "rong", "href": _href("desk.policies"),
         "lines": [(_("部门"), row.departments, ""), (_("政策"), row.policies, _href("desk.policies")), (_("参数未定"), row.unset, settings)]},
        {"key": "jiu", "href": _href("desk.departments"),
         "lines": [(_("待受理"), row.waiting, ""), (_("补正"), row.papers, ""), (_("催办"), row.chased, "")]},
        {"key": "lian", "href": _href("desk.resources"),
         "lines": [(_("服务方"), row.providers, _href("desk.resources")), (_("服务"), row.services, ""), (_("缺口"), row.gaps, ""),
                   *([(_("等准入"), row.asking, asking)] if row.asking else [])]},
        {"key": "zhu", "href": _href("desk.help"),
         "lines": [(_("进行中个案"), row.cases, _href("desk.cases", state="open")), (_("待答复派单"), row.offers, ""),
                   (_("临界户待看"), row.near, _href("desk.near_misses"))]},
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mine:
    """One thing to do: what, for which number, by when, where it is done."""

    verb: str
    number: str
    due_at: datetime
    late: bool
    href: str


_PLACES = {
    "signal": ("desk.signal", "signal_id"), "emergency": ("desk.urgent_one", "emergency_id"),
    "change_request": ("desk.request_page", "request_id"), "known_question": ("desk.question", "question_id"),
    "volunteer": ("desk.volunteer", "volunteer_id"), "audit_check": ("desk.audit_check", "check_id"),
    "sweep": ("desk.sweep", "sweep_id"),
}  # fmt: skip
"""Where a step is done that has a page of its own: endpoint and what it calls the row's id."""
_LISTS: dict[str, tuple[str, dict[str, str]]] = {
    "ledger_request": ("desk.reviews", {"tab": "ledgers"}),
    contacts.STEP: ("desk.contact_list", {}),
    "referral_check": ("desk.referral_checks", {}),
    "dispute": ("desk.disputes", {}),
}


def _place(row: Any) -> str:
    """Where a step is done: its own page, its list, else its case."""
    if row.object_kind in _PLACES:
        endpoint, name = _PLACES[row.object_kind]
        return _href(endpoint, **{name: row.id})
    if row.provider_id:
        return _href("desk.resource", provider_id=row.provider_id)
    if row.object_kind in _LISTS:
        endpoint, words = _LISTS[row.object_kind]
        return _href(endpoint, **words)
    return _href("desk.case", number=row.case) if row.case else ""


def my_day(person: Visitor, limit: int = 8) -> list[Mine]:
    """The next steps of this person's role, or in cases of their own; a secretary sees everybody's, but never a complaint
    about oneself. The nearest due first."""
    mine = true() if person.role == "secretary" else Step.actor_role == person.role
    if person.role == "community_worker":
        mine = CaseFile.worker_id == person.account_id
    if person.role != "secretary":
        held = Step.id.in_(select(DisputeFile.id).where(DisputeFile.holder_id == person.account_id))
        mine = (mine & (Step.object_kind != "dispute")) | held
    about_me = select(Complaint.id).where(Complaint.id == Step.id, Complaint.staff_id == person.account_id)
    query = (
        select(
            Step.object_kind,
            Step.id,
            Step.number,
            Step.verb,
            Step.actor,
            Step.due_at,
            CaseFile.number.label("case"),
            Admission.provider_id,
            Provider.name.label("provider"),
        )
        .outerjoin(CaseFile, CaseFile.id == Step.case_id)
        .outerjoin(Admission, Admission.id == Step.id)
        .outerjoin(Provider, Provider.id == Admission.provider_id)
        .where(mine, ~about_me.exists())
        .order_by(Step.due_at)
        .limit(limit)
    )
    moment = now()
    found = []
    for row in db.session.execute(query):
        href = _place(row)
        who = f"{_(row.actor)} · " if person.role == "secretary" else ""
        found.append(
            Mine(who + _(row.verb), row.case or row.provider or row.number, row.due_at, row.due_at < moment, href)
        )
    return found


def nav_counts() -> dict[str, int]:
    """What waits behind the entries of the menu."""
    new = db.session.scalar(select(func.count()).select_from(Signal).where(Signal.state == "new")) or 0
    counts = reviews.counts() if may("desk.reviews_search") else None
    return {"signals": new, "reviews": counts.total if counts else 0}
