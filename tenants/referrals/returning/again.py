"""Back to matching: the desk has the slip at once, and a fresh match says a moment later whether anybody is left."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from rongjiu import outbox
from rongjiu.clock import now
from rongjiu.db import current_tenant, db
from rongjiu.facts import Fact
from rongjiu.ids import uuid7
from tenants.cases.models import ContactLog
from tenants.cases.service import hold
from tenants.consents.models import Consent
from tenants.referrals import moves, rules
from tenants.referrals.matching import service as matching
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.referrals.returning import cancelling


def look_again(rows: Sequence[ReferralTask], reason: str, text: str = "") -> None:
    """Offers ended without help: the desk acts next on their slips from this moment on, and an effect of this
    transaction asks the marketplace anew. What the receiver wrote is kept as a talk with it."""
    wanted = ReferralRequest.id.in_({task.request_id for task in rows})
    requests = {row.id: row for row in db.session.scalars(select(ReferralRequest).where(wanted))}
    read = moves.slips_of(requests.values())
    for task in rows:
        request = requests[task.request_id]
        if text.strip() and task.provider_id is not None:
            note = ContactLog(
                id=uuid7(), case_id=task.case_id, need_id=request.need_id, provider_id=task.provider_id, at=now(),
                note=text.strip(),
            )  # fmt: skip
            db.session.add(note)
        moves.back_to_matching(request, reason, any_left=True, late=task.state == "failed", read=read[request.id])
    if is_wanted(reason):
        asked = [
            ({"request": str(task.request_id), "type": task.service_type, "reason": reason}, f"look-{task.id}", None)
            for task in rows
        ]
        outbox.put_all("referrals.look_again", asked)


def is_wanted(reason: str) -> bool:
    """Does a slip look for somebody else after an ending of this reason?"""
    return reason in rules.REASONS and rules.REASONS[reason].consequence in rules.BACK_TO_MATCHING


def match_anew(request_id: UUID, service_type: str, reason: str) -> bool:
    """Called by the outbox: whoever can be asked now is frozen for the desk; with nobody left the slip waits as a gap.
    False when somebody was asked meanwhile, or the slip is over. Twice changes nothing but the match that is shown."""
    case_id = db.session.scalar(select(ReferralRequest.case_id).where(ReferralRequest.id == request_id))
    if case_id is None:
        return False
    hold(case_id)
    request = db.session.get_one(ReferralRequest, (current_tenant().id, request_id), populate_existing=True)
    if request.state not in ("active", "on-hold") or moves.live_tasks(request_id):
        return False
    if not matching.match(request.need_id, [service_type]).candidates and request.state == "active":
        moves.back_to_matching(request, reason, any_left=False)
    return True


def tell_stop(rows: Sequence[ReferralTask]) -> None:
    """Offers were taken back: their receiver stops."""
    provider_id = rows[0].provider_id
    if provider_id is not None:
        key = f"stop-{rows[0].id}"
        words: dict[str, Any] = {"provider": str(provider_id), "count": len(rows), "key": key}
        outbox.put("referrals.tell_stop", words, key=key)


def end_on_withdrawal(fact: Fact) -> None:
    """A consent was withdrawn: every live offer standing on it is cancelled in the same transaction."""
    _stop(ReferralTask.consent_id == fact.object_id, "withdrawn-consent")


def end_with_consent() -> int:
    """Consents that were given until a day have ended: what stands on them is cancelled as after a withdrawal, because its
    receiver sees nothing of it any more. Answers how many offers."""
    over = select(Consent.id).where(Consent.ends_at <= now(), Consent.withdrawn_at.is_(None))
    mine = select(ReferralTask.consent_id).where(
        ReferralTask.consent_id.in_(over), ReferralTask.state.in_(rules.LIVE - {"draft"})
    )
    ended = db.session.scalars(mine.distinct().order_by(ReferralTask.consent_id)).all()
    return sum(_stop(ReferralTask.consent_id == each, "consent-over") for each in ended)


def _stop(where: ColumnElement[bool], reason: str) -> int:
    rows = moves.lock(where, ReferralTask.state.in_(rules.LIVE - {"draft"}))
    if rows:
        cancelling.cancel_all(rows, reason)
        tell_stop(rows)
        look_again(rows, reason)
    return len(rows)
