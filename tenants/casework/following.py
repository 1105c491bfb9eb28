"""How far things are, for the family and its carers by link: what is done by whom, who acts next. No name, no door, no
word of the family stands there, so a forwarded link shows nothing of a person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit, outbox
from rongjiu.clock import now, today
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.links import DEAD, issue, revoke
from rongjiu.marketplace.models import Provider
from rongjiu.notify.service import tell
from tenants.acceptance.models import DeskFile, DeskPaper
from tenants.cases import queries as cases
from tenants.cases.models import CaseFile
from tenants.cases.service import hold
from tenants.catalogue.service import due
from tenants.referrals import confirming, queries
from tenants.referrals.models import ReferralTask
from tenants.referrals.offering.opening import address
from tenants.residents.models import Carer, Person

PURPOSE = "family_progress"


@dataclass(frozen=True, slots=True)
class Held:
    """One kind of help: what, by whom, in which state, and by when it is answered or done."""

    title: str
    to: str
    department: bool
    state: str
    due_at: datetime | None
    reason: str = ""
    """Code of why it ended or waits."""


@dataclass(frozen=True, slots=True)
class Lack:
    """Papers somebody waits for: who (empty = a department of the street), which, until when."""

    to: str
    papers: tuple[str, ...]
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """The open case as its family may see it."""

    helps: tuple[Held, ...]
    actor: str
    verb: str
    due_at: datetime | None
    visit_at: datetime | None
    lacks: tuple[Lack, ...] = ()
    asked: tuple[queries.Asked, ...] = ()
    """What the family has not yet said of help that was given: who cares for them may say it here."""


def send(case_id: UUID) -> None:
    """Send the family a link to its progress, once a day at most; an earlier link ends. Raises Refused when the case is
    closed or nobody's telephone is known."""
    hold(case_id)
    if queries.case_of(case_id).closed_at is not None:
        raise Refused("这个个案已办结,没有进度可看。")
    if confirming.family_phone(case_id) is None:
        raise Refused("还没有可用的家属电话。请先登记电话和授权,或当面告诉家里人。")
    audit.record("case.follow_link", "case", case_id)
    outbox.put("casework.follow", {"case": str(case_id)}, key=f"follow-{case_id}-{today()}")


def tell_family(case_id: UUID) -> None:
    """Issue a link each for the family and for who cares for somebody of it, and send them; links before are dead."""
    _tell(case_id, N_("您家的事办到哪一步，请打开链接 %(link)s"), f"follow-{case_id}-{today()}")


def tell_papers(case_id: UUID, of: str) -> None:
    """Papers are missing: the same page by link, with the list; the message names none of them. `of` tells one asking
    from another."""
    if lacks(case_id):
        _tell(case_id, N_("您家申请的事还缺材料，清单请打开链接看 %(link)s"), f"papers-{of}")


def _tell(case_id: UUID, text: str, key: str) -> None:
    phone = confirming.family_phone(case_id) or _first_phone(case_id)
    if phone is None or queries.case_of(case_id).closed_at is not None:
        return
    end(case_id)
    here = queries.here()
    for number, each in enumerate(dict.fromkeys((phone, *_carers(case_id)))):
        token = issue(PURPOSE, case_id, due("link-carer"), tenant_id=here.tenant.id, tenant_uid=here.tenant.uid)
        words = {"link": address(f"/c/{here.slug}/family/link/{token}")}
        tell(each, text, words=words, purpose=PURPOSE, key=f"{key}-{number}" if number else key)


def _carers(case_id: UUID) -> list[str]:
    """Telephones of those who care for somebody of the household: each has a link of the own, which shows no name."""
    home = select(CaseFile.household_id).where(CaseFile.id == case_id).scalar_subquery()
    cared = select(Person.id).where(Person.household_id == home, Person.status == "here")
    rows = db.session.scalars(
        select(Person.phone)
        .join(Carer, Carer.carer_id == Person.id)
        .where(Carer.person_id.in_(cared), Person.phone_index.is_not(None), Person.status == "here")
        .order_by(Person.id)
    )
    return [phone for phone in rows if phone]


def _first_phone(case_id: UUID) -> str | None:
    """Where no consent names anybody, a file goes to a department on its legal ground: the first of the household
    with a telephone."""
    home = select(CaseFile.household_id).where(CaseFile.id == case_id).scalar_subquery()
    own = select(Person.phone).where(Person.household_id == home, Person.phone_index.is_not(None))
    return db.session.scalar(own.order_by(Person.seq).limit(1))


def lacks(case_id: UUID) -> tuple[Lack, ...]:
    """What receivers and departments wait for."""
    held = db.session.execute(
        select(ReferralTask.missing, ReferralTask.due_at, Provider.name)
        .join(Provider, Provider.id == ReferralTask.provider_id)
        .where(ReferralTask.case_id == case_id, ReferralTask.state == "on-hold")
        .order_by(ReferralTask.id)
    ).all()
    asked: dict[UUID, list[str]] = {}
    papers = (
        select(DeskPaper.task_id, DeskPaper.name)
        .join(DeskFile, DeskFile.id == DeskPaper.task_id)
        .join(ReferralTask, ReferralTask.id == DeskFile.id)
        .where(DeskFile.case_id == case_id, DeskPaper.asked, ReferralTask.state == "on-hold")
        .order_by(DeskPaper.task_id, DeskPaper.seq)
    )
    for row in db.session.execute(papers):
        asked.setdefault(row.task_id, []).append(row.name)
    of_providers = [Lack(row.name, tuple(row.missing), row.due_at) for row in held if row.missing]
    return (*of_providers, *(Lack("", tuple(names), None) for names in asked.values()))


def end(case_id: UUID) -> None:
    """Take the family's links back."""
    revoke(case_id, PURPOSE)


def progress(case_id: UUID) -> Progress:
    """What stands now. Raises Absent with the one dead-link answer when the case is closed."""
    if db.session.scalar(select(CaseFile.id).where(CaseFile.id == case_id, CaseFile.closed_at.is_(None))) is None:
        raise Absent(DEAD)
    rows = [row for row in queries.slips(case_id) if row.task_state not in (None, "draft", "entered-in-error")]
    helps = tuple(
        Held(
            row.title or "",
            row.provider or "",
            row.kind == "department",
            row.task_state,
            row.due_at,
            row.reason_code or "",
        )
        for row in rows
    )
    step = next(iter(cases.steps(case_id)), None)
    agreed = (row.slot_at for row in rows if row.task_state in ("accepted", "in-progress"))
    coming = min((each for each in agreed if each and each > now()), default=None)
    who, what, until = (step.actor, step.verb, step.due_at) if step else ("", "", None)
    return Progress(helps, who, what, until, coming, lacks(case_id), tuple(queries.to_confirm(case_id)))
