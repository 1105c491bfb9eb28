"""Promises of the loop that hold whatever happens, each read from the rows; the numbers are those of the ten."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from blueprints.cli import held
from rongjiu.db import Tenant, db
from rongjiu.errors import Absent
from rongjiu.marketplace.models import Capacity, Reservation
from rongjiu.oversight.models import Step
from tenants.consents.models import Consent
from tenants.referrals import receiving, rules
from tenants.referrals.models import ReferralRequest, ReferralTask, TaskEvent

FIELDS = ("name", "phone", "address")
LIVE = rules.LIVE - {"draft"}
LIVE_SLIPS = ("draft", "active", "on-hold", "awaiting_confirmation")


def next_actor_and_due_time() -> None:
    """1: every live object has a next actor and a due time."""
    steps = set(db.session.scalars(select(Step.id).where(Step.actor != "", Step.due_at.is_not(None))))
    of_case = ReferralTask.case_id.is_not(None)  # of a wish somebody acts next, not on a claim (wishes)
    live = set(db.session.scalars(select(ReferralTask.id).where(ReferralTask.state.in_(LIVE), of_case)))
    ended = set(db.session.scalars(select(ReferralTask.id).where(ReferralTask.state.in_(rules.TERMINAL))))
    assert live <= steps and not ended & steps, "1: every live offer has a next actor, no ended one"
    tasks = db.session.execute(select(ReferralTask.request_id).where(ReferralTask.state.in_(LIVE), of_case)).scalars()
    carried = set(tasks)
    for slip in db.session.scalars(select(ReferralRequest.id).where(ReferralRequest.state.in_(LIVE_SLIPS))):
        assert (slip in carried) != (slip in steps), "1: a slip waits for its offer or for the desk, never for nobody"
    assert held.unheld() == {}, "1: nothing else of the community waits for nobody"
    assert held.left_over() == {}, "1: nobody is asked to act on what is over"


def consents(frozen: dict[UUID, UUID]) -> None:
    """2 and 5: nothing is out without a consent that stands; `frozen` remembers on which each offer went out."""
    db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    db.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    rows = db.session.execute(
        select(ReferralTask.id, ReferralTask.state, ReferralTask.consent_id, Consent.withdrawn_at)
        .outerjoin(Consent, Consent.id == ReferralTask.consent_id)
        .where(ReferralTask.case_id.is_not(None))
    )
    for row in rows:
        assert row.state in ("draft", "entered-in-error") or row.consent_id, "2: no offer without a consent"
        assert row.state not in LIVE or row.withdrawn_at is None, "2: none live on a withdrawn one"
        if row.consent_id:
            assert frozen.setdefault(row.id, row.consent_id) == row.consent_id, "5: frozen on the offer"


def events() -> None:
    """5: the state of an offer is what its events say."""
    states: dict[UUID, str] = {}
    kinds = {
        row.id: row.kind
        for row in db.session.execute(
            select(ReferralTask.id, ReferralRequest.kind).join(
                ReferralRequest, ReferralRequest.id == ReferralTask.request_id
            )
        )
    }
    for event in db.session.scalars(select(TaskEvent).order_by(TaskEvent.at, TaskEvent.id)):
        assert states.get(event.task_id, "") == event.state_from, "5: events form a chain"
        drawn = rules.task_move(event.state_from, event.state_to, event.actor, kinds[event.task_id])
        assert drawn, "5: of drawn steps"
        states[event.task_id] = event.state_to
    kept = db.session.execute(select(ReferralTask.id, ReferralTask.state))
    assert {row.id: row.state for row in kept} == states, "5: the state is what the events say"


def places() -> None:
    """3: no place is given twice, whichever community took it."""
    for row in db.session.execute(
        select(Capacity.service_id, Capacity.period, Capacity.maximum, Capacity.reserved, Capacity.used)
    ):
        assert row.reserved >= 0 and row.reserved + row.used <= row.maximum, "3: no place is given twice"
        held = select(func.count()).select_from(Reservation).where(
            Reservation.service_id == row.service_id, Reservation.period == row.period
        )  # fmt: skip
        assert db.session.scalar(held.where(Reservation.state == "held")) == row.reserved, "3: across communities"
        assert db.session.scalar(held.where(Reservation.state == "used")) == row.used, "3: and what was used"


def fields(tenant: Tenant, rows: Sequence[Any]) -> None:
    """7: a receiver sees what consent, service and state allow, and nothing after the job."""
    for row in rows:
        if row.provider_id is None or row.state == "draft":
            continue
        try:
            view = receiving.job(tenant, row.provider_id, [row.id])
        except Absent:
            assert row.state not in LIVE, "7: a live offer opens"
            continue
        assert row.state in LIVE, "7: nothing after the job"
        assert view.shown == rules.may_see(row.state, True, FIELDS, True), "7: f(consent, service, state)"
        assert bool(view.door) == bool(view.name) == (row.state in rules.OPEN_TO_RECEIVER), "7"
