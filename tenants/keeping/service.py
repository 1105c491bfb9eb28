"""The night's removal: words, contacts and pictures of what has been over for so long; rows stay for the counts."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, exists, func, or_, select, update

from rongjiu import audit, files
from rongjiu.clock import ZONE, now, today
from rongjiu.db import current_tenant, db
from rongjiu.files import TenantFile
from rongjiu.ids import uuid7
from tenants.acceptance.models import DeskEvent, DeskFile, DeskPaper
from tenants.accompaniment.models import ServicePlan, Visit
from tenants.cases.models import CaseFile, ContactLog, Goal
from tenants.casework.models import Closing, Plan, PlanStep
from tenants.complaints.models import Complaint
from tenants.consents.models import Consent
from tenants.disputes import keeping as disputes
from tenants.express.models import Emergency, EmergencyLook
from tenants.keeping import judged, queries, rules
from tenants.keeping.models import KINDS, KeepingRun
from tenants.needs.models import Need
from tenants.outcomes.models import AuditCheck, NeedOutcome
from tenants.referrals.models import Confirmation, ReferralRequest
from tenants.screening.models import NearMiss
from tenants.signals import keeping as leads
from tenants.signals.models import Signal
from tenants.sweeps import following
from tenants.wishes.models import Wish, WishEvent
from tenants.wishes.rules import ENDED

BATCH = 500
"""Things of one kind that one night removes at most; the next night goes on."""
_LIVE_ROOM = ("livestream", "livestream_outdoor")
_ALONE: dict[str, Any] = {"synchronize_session": False}


def clear(kinds: Collection[str] = KINDS) -> dict[str, int]:
    """Remove what has been over for too long in the community in force, of these kinds; answers how many things of each,
    and leaves the same figures as report and in the audit. Twice changes nothing."""
    # A night that is made up for may fall together with the next: what one removes the other must not report again.
    here = f"keeping|{current_tenant().id}"
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(here, 0))))
    timers = queries.timers()
    found: dict[str, int] = {}
    for rule in rules.RULES:
        if rule.what in kinds and (timer := timers.get(rule.timer)):
            limit = rules.before(*rules.kept(timer), now().astimezone(ZONE))
            found[rule.what] = _CLEAR[rule.what](limit)
    done: dict[str, Any] = {what: count for what, count in found.items() if count}
    for what, count in done.items():
        db.session.add(KeepingRun(id=uuid7(), at=now(), what=what, things=count))
    if done:
        db.session.flush()
        figures: dict[str, Any] = {**done}
        audit.record("keeping.clear", "keeping", today(), **figures)
    return found


def _leads(_before: datetime) -> int:
    return leads.clear()


def _wishes(before: datetime) -> int:
    """Ended wishes, with the signal from which each came unless that went on as a case."""
    ended = select(func.max(WishEvent.at)).where(WishEvent.wish_id == Wish.id).correlate(Wish).scalar_subquery()
    query = select(Wish.id, Wish.signal_id).where(
        Wish.state.in_(ENDED), Wish.cleared_at.is_(None), func.coalesce(ended, Wish.submitted_at) < before
    )
    rows = db.session.execute(query.order_by(Wish.id).limit(BATCH)).all()
    if rows:
        mine = update(Wish).where(Wish.id.in_([row.id for row in rows]))
        db.session.execute(mine.values(words="", reason="", cleared_at=now()), execution_options=_ALONE)
        leads.wipe(
            db.session.scalars(
                select(Signal.id).where(
                    Signal.id.in_([row.signal_id for row in rows if row.signal_id]), Signal.case_id.is_(None),
                    Signal.cleared_at.is_(None),
                )
            ).all()
        )  # fmt: skip
    return len(rows)


def _contacts(before: datetime) -> int:
    """Whom the live room would have rung: the question was answered, the wish is over."""
    waiting = exists().where(Wish.signal_id == Signal.id, Wish.state.not_in(ENDED))
    query = select(Signal.id).where(
        Signal.channel.in_(_LIVE_ROOM), Signal.case_id.is_(None), Signal.cleared_at.is_(None),
        Signal.state == "answered", func.coalesce(Signal.answered_at, Signal.triaged_at, Signal.received_at) < before,
        or_(Signal.caller.is_not(None), Signal.phone.is_not(None)), ~waiting,
    )  # fmt: skip
    ids = db.session.scalars(query.order_by(Signal.id).limit(BATCH)).all()
    if ids:
        gone = {"caller": None, "phone": None, "phone_index": None}
        db.session.execute(update(Signal).where(Signal.id.in_(ids)).values(gone), execution_options=_ALONE)
    return len(ids)


def _cases(before: datetime) -> int:
    """Closed case files: every free word and picture of them; a case that was opened again is not closed."""
    query = select(CaseFile.id).where(CaseFile.closed_at < before, CaseFile.cleared_at.is_(None))
    ids = db.session.scalars(query.order_by(CaseFile.id).limit(BATCH).with_for_update(key_share=True)).all()
    if ids:
        _pictures(ids)
        for table, words in _WORDS.items():
            _blank(table, table.case_id.in_(ids), words)
        slips = select(DeskFile.id).where(DeskFile.case_id.in_(ids))
        _blank(DeskEvent, DeskEvent.task_id.in_(slips), {"words": None})
        alarms = select(Emergency.id).where(Emergency.case_id.in_(ids))
        _blank(EmergencyLook, EmergencyLook.emergency_id.in_(alarms), {"remark": None})
        leads.wipe(db.session.scalars(select(Signal.id).where(Signal.case_id.in_(ids))).all())
        _blank(CaseFile, CaseFile.id.in_(ids), {"cleared_at": now()})
    return len(ids)


def _complaints(before: datetime) -> int:
    query = select(Complaint.id).where(
        Complaint.state == "answered", Complaint.answered_at < before, Complaint.cleared_at.is_(None)
    )
    ids = db.session.scalars(query.order_by(Complaint.id).limit(BATCH)).all()
    empty = dict.fromkeys(("complainant", "phone", "question", "reply", "finding", "answer"))
    _blank(Complaint, Complaint.id.in_(ids), {**empty, "words": "", "cleared_at": now()})
    return len(ids)


def _places(_before: datetime) -> int:
    return following.clear_places()


def _screenings(before: datetime) -> int:
    return judged.clear(before, BATCH)


def _disputes(before: datetime) -> int:
    return disputes.clear(before, BATCH)


def _consents(before: datetime) -> int:
    """Consents that ended so long ago (withdrawn, over, or with their case; a published story stands until it is taken
    back): signed paper and witness go. The one on which a case file rests is kept while its words are. Stays: who, for
    what, to whom, when and in which words of the notice, as a proof that there was one (PIPL art. 14 to 16)."""
    c = Consent
    closed = case((c.scope == "publish_story", None), else_=CaseFile.closed_at)
    carries = (c.scope == "survey_and_casework") & c.withdrawn_at.is_(None) & CaseFile.cleared_at.is_(None)
    query = (
        select(c.id, c.file_id)
        .join(CaseFile, CaseFile.id == c.case_id)
        .where(func.coalesce(c.withdrawn_at, c.ends_at, closed) < before, c.cleared_at.is_(None), ~carries)
    )
    rows = db.session.execute(query.order_by(c.id).limit(BATCH)).all()
    for file_id in filter(None, (row.file_id for row in rows)):
        files.forget(file_id)
    if rows:
        gone = {"witness": "", "file_id": None, "cleared_at": now()}
        _blank(c, c.id.in_([row.id for row in rows]), gone)
    return len(rows)


_CLEAR: dict[str, Callable[[datetime], int]] = {
    "lead": _leads, "wish": _wishes, "contact": _contacts, "case": _cases, "complaint": _complaints, "place": _places,
    "screening": _screenings, "dispute": _disputes, "consent": _consents,
}  # fmt: skip
_WORDS: dict[Any, dict[str, Any]] = {
    Need: {"words": ""}, Goal: {"words": ""}, PlanStep: {"words": ""}, Plan: {"note": ""}, Closing: {"note": ""},
    ContactLog: {"note": ""}, ReferralRequest: {"wish": "", "again": ""}, Confirmation: {"words": None, "thanks": None},
    NearMiss: {"reason": None},
    ServicePlan: {"dignity": None, "safety": None}, Visit: {"note": None, "file_ids": []}, NeedOutcome: {"words": None},
    AuditCheck: {"words": None}, Emergency: {"helper": None, "reason": None},
    DeskFile: {"head": "", "content": None, "reason": None},
}  # fmt: skip
"""Free words by the table of a case in which they stand."""


def _blank(table: Any, where: Any, words: dict[str, Any]) -> None:
    db.session.execute(update(table).where(where).values(words), execution_options=_ALONE)


def _pictures(case_ids: Sequence[UUID]) -> None:
    """Photos and signatures of visits and papers of files at the street's desk; consents have a
    rule of their own."""
    visits = select(Visit.id).where(Visit.case_id.in_(case_ids))
    slips = select(DeskFile.id).where(DeskFile.case_id.in_(case_ids))
    kinds = TenantFile.owner_kind.startswith("visit") | (TenantFile.owner_kind == "desk_file")
    mine = TenantFile.owner_id.in_(visits) | TenantFile.owner_id.in_(slips)
    for file_id in db.session.scalars(select(TenantFile.id).where(kinds, mine, TenantFile.size > 0)).all():
        files.forget(file_id)
    _blank(DeskPaper, DeskPaper.task_id.in_(slips), {"file_id": None})
