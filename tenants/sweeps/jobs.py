"""Effects of sweeps outside a request: the place of a try is removed when its days are over; a death that was told at a
door and that nobody confirms leaves the person without a result."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit, outbox
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Clash
from rongjiu.facts import Fact, subscribe
from rongjiu.outbox import effect
from tenants.reviews.facts import ChangeDropped
from tenants.sweeps import rules, service, waiting
from tenants.sweeps.following import clear_places
from tenants.sweeps.models import StopPerson, SweepStop


@effect("sweep.places")
def remove_places(_words: dict[str, Any]) -> None:
    """Remove the places of tries older than `keep-sweep-location` days; the audit keeps how many."""
    clear_places()


def ask_again(fact: Fact) -> None:
    """Nobody confirmed a death that was told in a sweep: see `reopen`, which waits for the courtyard's lock."""
    if isinstance(fact, ChangeDropped) and "status" in fact.fields and fact.source_id and fact.object_id:
        words = {"sweep": str(fact.source_id), "person": str(fact.object_id)}
        outbox.put("sweep.reopen", words)


@effect("sweep.reopen")
def reopen(words: dict[str, Any]) -> None:
    """Take back that a person was told to have died: the door is open again until somebody answers for them. Where the
    courtyard is closed its certificate stays as it was signed; the next sweep asks for everybody who is here."""
    sweep_id, person_id = UUID(words["sweep"]), UUID(words["person"])
    row = db.session.execute(
        select(StopPerson.stop_id, SweepStop.courtyard_id)
        .join(SweepStop, SweepStop.id == StopPerson.stop_id)
        .where(SweepStop.sweep_id == sweep_id, StopPerson.person_id == person_id, StopPerson.result == "died")
    ).one_or_none()
    if row is None:
        return
    stop = service.held(row.stop_id, None)
    try:
        service.going_on(sweep_id, row.courtyard_id)
    except Clash:
        audit.record("sweep.death_not_confirmed", "sweep_stop", stop.id)
        return
    service.put_result(stop.id, person_id, "unasked", now())
    stop.state = rules.state_after(stop.state, ("unasked",))
    stop.final_at = None if rules.is_open(stop.state) else stop.final_at
    db.session.flush()
    audit.record("sweep.reopen", "sweep_stop", stop.id, state=stop.state)
    waiting.step(sweep_id)


subscribe(ChangeDropped, ask_again)
