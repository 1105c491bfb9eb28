"""What may be the same: by telephone, by family, by courtyard and like words, within 90 days; and what joins it.

Who called about whom is told to the clerk alone: for anybody else a tip is never found by its telephone, nor anything
by a tip's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from rongjiu import audit, codes, crypto
from rongjiu.clock import now
from rongjiu.db import current_tenant, db
from rongjiu.errors import Refused
from tenants.cases import service as casefiles
from tenants.cases.models import CaseFile
from tenants.needs import service as needs
from tenants.residents.models import Person
from tenants.signals import rules
from tenants.signals.models import Signal
from tenants.signals.service import CLERK, close_sorting, post_of, reachable, sorted_into

LOOK_BACK = timedelta(days=90)
"""How far back the check looks."""
_READ = 200
"""At most so many texts of one courtyard are compared."""
_SHOWN = 10
PHONE, HOME, WORDS, YARD = "phone", "household", "words", "courtyard"
"""Why something is shown, the strongest reason first."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is known of the signal that is compared."""

    words: str = ""
    phone_index: bytes | None = None
    courtyard_id: UUID | None = None
    household_id: UUID | None = None
    id: UUID | None = None
    tip: bool = False


@dataclass(frozen=True, slots=True)
class Like:
    """An earlier signal and why it may be the same."""

    id: UUID
    number: str
    received_at: datetime
    state: str
    channel: str
    why: str
    case_number: str | None
    score: float

    @property
    def same_phone(self) -> bool:
        """Did it come from the same telephone?"""
        return self.why == PHONE


def to(row: Any) -> Sought:
    """What `queries.one` answered, as it is compared."""
    return Sought(row.words, row.phone_index, row.courtyard_id, row.household_id, row.id, row.channel == "neighbour")


def typed(words: str, phone: str, courtyard_id: UUID | None, household_id: UUID | None, *, tip: bool) -> Sought:
    """What has been typed so far at the desk; a telephone that is none is left out."""
    try:
        index = crypto.blind(codes.phone(phone), current_tenant().uid, "phone") if phone.strip() else None
    except codes.CodeError:
        index = None
    return Sought(words, index, courtyard_id, household_id, None, tip)


def signals(sought: Sought, *, clerk: bool) -> list[Like]:
    """Earlier signals that may be the same, the likeliest first; words are compared here and not handed on."""
    index = sought.phone_index if clerk or not sought.tip else None
    same: list[Any] = []
    if index:
        same.append(
            (Signal.phone_index == index) if clerk else (Signal.phone_index == index) & (Signal.channel != "neighbour")
        )
    if sought.household_id:
        same.append(Signal.household_id == sought.household_id)
    if sought.courtyard_id:
        same.append(Signal.courtyard_id == sought.courtyard_id)
    if not same:
        return []
    rows = db.session.execute(
        select(
            Signal.id, Signal.number, Signal.received_at, Signal.state, Signal.channel, Signal.words,
            Signal.phone_index, Signal.household_id, CaseFile.number.label("case_number"),
        )
        .outerjoin(CaseFile, CaseFile.id == Signal.case_id)
        .where(or_(*same), Signal.received_at > now() - LOOK_BACK, Signal.became != "duplicate", Signal.cleared_at.is_(None))
        .order_by(Signal.received_at.desc(), Signal.id)
        .limit(_READ)
    )  # fmt: skip
    found = [_like(row, sought, index, clerk) for row in rows if row.id != sought.id]
    order = (PHONE, HOME, WORDS, YARD)
    found.sort(key=lambda each: (order.index(each.why), -each.score))
    return found[:_SHOWN]


def _like(row: Any, sought: Sought, index: bytes | None, clerk: bool) -> Like:
    may = clerk or row.channel != "neighbour"
    read = clerk or not (sought.tip or row.channel == "neighbour")  # a tip's words may name who spoke
    score = rules.likeness(sought.words, row.words) if read else 0.0
    if index and may and row.phone_index == index:
        why = PHONE
    elif sought.household_id and row.household_id == sought.household_id:
        why = HOME
    else:
        why = WORDS if score >= rules.ALIKE else YARD
    return Like(row.id, row.number, row.received_at, row.state, row.channel, why, row.case_number, score)


def cases(sought: Sought, *, clerk: bool) -> list[Any]:
    """Open cases of the family, of whoever has that telephone, and of the courtyard: number, state, head."""
    homes: list[Any] = []
    if sought.household_id:
        homes.append(CaseFile.household_id == sought.household_id)
    if sought.phone_index and (clerk or not sought.tip):
        theirs = select(Person.household_id).where(Person.phone_index == sought.phone_index)
        homes.append(CaseFile.household_id.in_(theirs))
    near = CaseFile.courtyard_id == sought.courtyard_id if sought.courtyard_id else None
    if near is not None:
        homes.append(near)
    if not homes:
        return []
    mine = CaseFile.household_id == sought.household_id
    rows = db.session.execute(
        select(CaseFile.number, CaseFile.state, CaseFile.opened_at, Person.name.label("head"), mine.label("same_home"))
        .outerjoin(Person, (Person.household_id == CaseFile.household_id) & (Person.seq == 1))
        .where(or_(*homes), CaseFile.closed_at.is_(None))
        .order_by(mine.desc().nulls_last(), CaseFile.opened_at.desc())
        .limit(_SHOWN)
    )
    return list(rows)


def join_case(signal_id: UUID, number: str, *, wishes: Sequence[str] = ()) -> str:
    """Sort a signal as a duplicate of a case that stands, or of another signal; what it adds becomes needs of the case.

    Answers the number it now stands under: the case's, or the other signal's while that has no case. Raises Refused
    naming `number` when there is neither, Clash when it was sorted already.
    """
    row = sorted_into(signal_id, "duplicate")
    case_id, joined = _joined(row, number.strip().upper())
    row.case_id = case_id
    if case_id is not None:
        for text in (each.strip() for each in wishes):
            if text:
                needs.add(case_id, text, is_wish=True)
        casefiles.event(case_id, "signal_joined", signal_id=str(row.id), number=row.number)
    close_sorting(row, post_of(CLERK), CLERK, told_at_once=reachable(row))
    audit.record("signal.triage", "signal", row.id, became="duplicate", of=joined)
    return joined


def _joined(row: Signal, number: str) -> tuple[UUID | None, str]:
    """Case and number under which a duplicate stands."""
    case = db.session.execute(select(CaseFile.id, CaseFile.number).where(CaseFile.number == number)).one_or_none()
    if case is not None:
        return case.id, str(case.number)
    other = db.session.execute(
        select(Signal.id, Signal.number, Signal.case_id, CaseFile.number.label("case_number"))
        .outerjoin(CaseFile, CaseFile.id == Signal.case_id)
        .where(Signal.number == number, Signal.id != row.id, Signal.became != "duplicate")
    ).one_or_none()
    if other is None:
        raise Refused("没有这个个案或线索编号，请核对。", field="number")
    row.duplicate_of = other.id
    return other.case_id, str(other.case_number or other.number)
