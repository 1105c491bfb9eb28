"""What the calendar does to admissions, night by night: begin on the day agreed, end after the last day, remind before it."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select

from rongjiu import audit, outbox
from rongjiu.clock import today
from rongjiu.db import current_tenant, db
from rongjiu.marketplace.admissions import rules, steps
from rongjiu.marketplace.models import Admission
from rongjiu.oversight.models import Step


def nightly() -> None:
    """Look at the days of all admissions of the community in force; safe to run twice."""
    day, last, state = today(), Admission.ends_on, Admission.state
    for each in _ids(state == "approved", Admission.starts_on <= day):
        begin(each)
    for each in _ids(state.in_(("active", "suspended")), last < day):
        expire(each)
    unsaid = ~exists().where(Step.id == Admission.id)
    for each in _ids(state == "active", last.between(day, day + timedelta(days=rules.REMIND)), unsaid):
        ending(each)
    for each in _ids(state.in_(rules.LIVE), unsaid):
        steps.point(steps.again(each))


def _ids(*conditions: ColumnElement[bool]) -> Sequence[UUID]:
    here = Admission.community_id == current_tenant().uid
    return db.session.scalars(select(Admission.id).where(here, *conditions).order_by(Admission.id)).all()


def begin(admission_id: UUID) -> bool:
    """The day on which an approved admission begins has come; False when it is not so (any more). Runs inside the
    community, as what follows."""
    row = steps.again(admission_id)
    if row.state != "approved" or row.starts_on is None or row.starts_on > today():
        return False
    steps.move(row, "active", "system", code="start_day")
    audit.record("admission.begin", "provider", row.provider_id)
    steps.admitted(row, "admitted")
    return True


def expire(admission_id: UUID) -> bool:
    """The last day of an admission is over: nothing more is sent until it is renewed; False when it is not so."""
    row = steps.again(admission_id)
    if rules.standing(row.state, row.ends_on, today()) != "expired" or row.state == "expired":
        return False
    steps.move(row, "expired", "system", code="end_day")
    audit.record("admission.expire", "provider", row.provider_id)
    steps.told(row.provider_id, "admission_expired")
    outbox.put("admission.desk_told", {"what": "admission_expired", "key": f"expired-{row.id}-{row.ends_on}"})
    return True


def ending(admission_id: UUID) -> None:
    """The last day comes near: the secretary renews it, or lets it end."""
    row = steps.again(admission_id)
    if row.state == "active" and row.ends_on is not None:
        steps.wait_for(row, rules.ENDING, steps.last(row.ends_on))
        key = f"admission-soon-{row.id}-{row.ends_on}"
        outbox.put(
            "provider_told", {"provider_id": str(row.provider_id), "what": "admission_soon", "key": key}, key=key
        )
        outbox.put("admission.desk_told", {"what": "admission_soon", "key": key}, key=f"desk-{key}")
