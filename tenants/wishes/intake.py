"""A signal that is a wish goes to the wall; a wish with hardship in it becomes a case."""

from uuid import UUID

from sqlalchemy import select

from rongjiu import audit
from rongjiu.db import db
from rongjiu.errors import Refused
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.catalogue import service as catalogue
from tenants.needs import service as needs
from tenants.residents.models import Person
from tenants.signals.models import Signal
from tenants.signals.service import CLERK, Opened, close_sorting, plan_first, post_of, reachable, sorted_into
from tenants.wishes import service
from tenants.wishes.models import Wish


def to_wall(signal_id: UUID) -> UUID:
    """Sort a signal into a wish for the wall and answer the wish; the asker is told as of any signal. Raises Clash when it
    was sorted already."""
    row = sorted_into(signal_id, "wish")
    wish = service.submit(row.words, signal_id=row.id)
    close_sorting(row, post_of(CLERK), CLERK, told_at_once=reachable(row))
    audit.record("signal.triage", "signal", row.id, became="wish", wish=wish.number)
    return wish.id


def to_case(wish_id: UUID, *, courtyard_id: UUID | None = None) -> Opened:
    """There is hardship in a wish: a case with it as a need and a first visit. Raises Refused naming courtyard."""
    wish = service.locked(wish_id)
    signal = db.session.scalar(select(Signal).where(Signal.id == wish.signal_id)) if wish.signal_id else None
    yard = courtyard_id or (signal.courtyard_id if signal else None)
    if yard is None:
        raise Refused("请选择院落，才知道由谁上门。", field="courtyard")
    case: CaseFile = cases.open_case(yard, signal_id=signal.id if signal else None)
    needs.add(case.id, wish.words, is_wish=True)
    if signal is not None:
        signal.case_id, signal.courtyard_id = case.id, yard
    service.become_need(wish.id, case.id)
    expected = plan_first(case.id, case.number, yard, "ordinary", catalogue.due("first-visit", "ordinary"))
    return Opened(case.id, case.number, expected)


def names(wish: Wish) -> list[str]:
    """Names that may not stand on the wall for a wish: of who asked, and of the family if it is known."""
    row = db.session.execute(
        select(Signal.caller, Signal.household_id).where(Signal.id == wish.signal_id)
    ).one_or_none()  # fmt: skip
    if row is None:
        return []
    home = select(Person.name).where(Person.household_id == row.household_id) if row.household_id else None
    return [name for name in (row.caller, *(db.session.scalars(home) if home is not None else ())) if name]
