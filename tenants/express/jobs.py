"""Bells of the express lane, and what it listens to below: whatever is critical takes this lane by itself."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu.actor import current_actor
from rongjiu.db import db
from rongjiu.facts import Fact, subscribe
from rongjiu.outbox import effect
from tenants.accompaniment.facts import VisitDone
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.express import clocks, rules, service
from tenants.express.models import Emergency
from tenants.signals import alike
from tenants.signals import service as signals
from tenants.signals.facts import SignalCritical
from tenants.signals.models import Signal


def came(fact: Fact) -> None:
    """A signal is critical: it has a case at once, the family's own or a new one, and the alarm rings."""
    row = db.session.execute(
        select(Signal.id, Signal.channel, Signal.words, Signal.courtyard_id, Signal.household_id, Signal.case_id).where(
            Signal.id == fact.object_id
        )
    ).one()
    case_id = row.case_id or _joined(row) or _opened(row)
    cases.hold(case_id)
    service.raise_alarm(case_id, row.id)


def _joined(row: Any) -> UUID | None:
    """The open case of the family that the signal speaks of."""
    if row.household_id is None:
        return None
    found = db.session.execute(
        select(CaseFile.id, CaseFile.number).where(
            CaseFile.household_id == row.household_id, CaseFile.closed_at.is_(None)
        )
    ).first()
    if found is None:
        return None
    alike.join_case(row.id, found.number)
    return UUID(str(found.id))


def _opened(row: Any) -> UUID:
    words = rules.WORDS if row.channel == "neighbour" else row.words  # a tip's words are never shown to the visitor
    opened = signals.open_case(row.id, [words], courtyard_id=row.courtyard_id, urgency="critical")
    if row.household_id is not None:
        cases.attach_household(opened.case_id, row.household_id)
    return opened.case_id


def met(fact: Fact) -> None:
    """A visit was made: whoever made it was the first helper of the alarm of that case."""
    if not isinstance(fact, VisitDone):
        return
    row = db.session.scalar(
        select(Emergency).where(
            Emergency.case_id == fact.case_id, Emergency.state == "open", Emergency.helper_at.is_(None)
        )
    )  # fmt: skip
    if row is not None:
        service.arrived(row, current_actor().name)


subscribe(SignalCritical, came)
subscribe(VisitDone, met)


@effect("emergency.alarm")
def alarm(payload: dict[str, Any]) -> None:
    """Ring those on duty."""
    clocks.alarm(UUID(payload["id"]))


@effect("emergency.ring")
def ring(payload: dict[str, Any]) -> None:
    """Nobody has taken it yet."""
    clocks.ring(UUID(payload["id"]), payload["n"])


@effect("emergency.late")
def late(payload: dict[str, Any]) -> None:
    """A time of the express lane is over."""
    clocks.late(UUID(payload["id"]), payload["what"])
