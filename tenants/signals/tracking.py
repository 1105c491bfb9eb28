"""Following one's own signal by a code and the last digits of the telephone: what becomes of it, never about whom."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from rongjiu import crypto
from rongjiu.db import current_tenant, db
from rongjiu.errors import Refused
from rongjiu.oversight.models import Step
from tenants.cases.models import CaseFile
from tenants.signals import gate, rules
from tenants.signals.models import Signal

WRONG = "没有查到。请核对查询码和手机号后四位，或打社区电话问。"
"""One answer for a wrong code and for a wrong telephone."""
FROM_ADDRESS, PER_CODE = 10, 5
"""Wrong tries of an address, and with one code, in an hour."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """Where a signal stands: stage received | working | done; a tip tells its stage alone."""

    number: str
    tip: bool
    stage: str
    received_at: datetime
    became: str
    actor: str = ""
    verb: str = ""
    due_at: datetime | None = None
    answer: str = ""


def code_of(signal_id: UUID) -> str:
    """The code of a signal; it can be told again in a message and is kept nowhere."""
    return rules.code(crypto.blind(str(signal_id), current_tenant().uid, "track-code"))


def index_of(code: str) -> bytes:
    """What is kept of a code."""
    return crypto.blind(code, current_tenant().uid, "track")


def find(typed: str, tail: str) -> Tracked:
    """The signal of a code, for whoever knows the last four digits of its telephone.

    Raises Refused, the same whichever of the two is wrong (what it writes must be kept), 429 after too many tries.
    """
    code = rules.read_code(typed)
    for each in (gate.here(), code):
        gate.hold("track", each)
    if gate.uses("track", gate.here()) >= FROM_ADDRESS or gate.uses("track", code) >= PER_CODE:
        raise Refused("试得太多了，请一小时后再来。有急事请直接打社区电话。", status=429)
    row = db.session.execute(
        select(
            Signal.id, Signal.number, Signal.channel, Signal.state, Signal.became, Signal.received_at, Signal.case_id,
            Signal.phone, Signal.answer, CaseFile.closed_at,
        )
        .outerjoin(CaseFile, CaseFile.id == Signal.case_id)
        .where(Signal.track_index == index_of(code))
    ).one_or_none()  # fmt: skip
    digits = "".join(sign for sign in tail if sign.isdecimal())
    if row is None or not row.phone or len(digits) != 4 or row.phone[-4:] != digits:
        gate.note("track", gate.here())
        gate.note("track", code)
        raise Refused(WRONG, field="code")
    stage, tip = _stage(row.state, row.case_id is not None, row.closed_at), row.channel == "neighbour"
    if tip:
        return Tracked(row.number, True, stage, row.received_at, "")
    who = _next(row.id, row.case_id) if stage != "done" else None
    return Tracked(
        row.number, False, stage, row.received_at, row.became, *(who or ("", "", None)), answer=row.answer or ""
    )


def _stage(state: str, has_case: bool, closed_at: datetime | None) -> str:
    if state == "new":
        return "received"
    done = closed_at is not None if has_case else state == "answered"
    return "done" if done else "working"


def _next(signal_id: UUID, case_id: UUID | None) -> tuple[str, str, datetime | None] | None:
    """Post, act and due time of what comes next: the visit of its case, else the signal's own step."""
    visit = select(Step).where(Step.case_id == case_id, Step.object_kind == "visit").order_by(Step.due_at).limit(1)
    step = db.session.scalar(visit) if case_id else None
    step = step or db.session.scalar(select(Step).where(Step.id == signal_id))
    return (step.actor, step.verb, step.due_at) if step else None
