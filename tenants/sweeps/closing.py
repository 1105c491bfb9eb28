"""Ending a door that nobody opens, closing a courtyard with its certificate, and proving it again from the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select, update

from rongjiu import audit, crypto
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.db import current_tenant, db
from rongjiu.errors import Clash, Refused
from rongjiu.ids import uuid7
from tenants.residents.models import Courtyard, Person
from tenants.sweeps import certificates, planning, queries, rules, service, waiting
from tenants.sweeps.models import StopPerson, StopTry, Sweep, SweepCertificate, SweepCourtyard, SweepStop

PURPOSE = "sweep-certificate"


class StillOpen(Clash):
    """A courtyard does not close: `blockers` names each door and person."""

    def __init__(self, blockers: Sequence[rules.Blocker]) -> None:
        super().__init__("还有 %(n)s 处没有结果，不能结束这个院落。", n=len(blockers))
        self.blockers = tuple(blockers)


def give_up(stop_id: UUID) -> None:
    """End a door as unreached: named to the secretary, first in the next sweep, never covered.

    Raises Refused while tries, days or evening tries are lacking, Clash when the door is done or nothing goes on.
    """
    stop = service.held(stop_id, None)
    service.going_on(stop.sweep_id, stop.courtyard_id)
    if not rules.is_open(stop.state):
        raise Clash("这一户已经有结果了。")
    lacking = rules.lacking(queries.vain([stop.id])[stop.id], waiting.waits())
    if not lacking.nothing:
        raise Refused(
            "还不能按“未见到”结束：还差敲门 %(tries)s 次、另 %(days)s 天、晚间或周末 %(evenings)s 次。", status=409,
            tries=lacking.tries, days=lacking.days, evenings=lacking.evenings,
        )  # fmt: skip
    moment, actor, key = now(), current_actor(), uuid7()
    for soul in _souls([stop])[stop.id]:
        if soul.result in rules.OPEN_PERSON:
            service.put_result(stop.id, UUID(soul.id), "unreached", moment)
    stop.state, stop.final_at, stop.deferred_until, stop.worker = "unreached", moment, None, actor.name
    db.session.add(
        StopTry(
            id=uuid7(), stop_id=stop.id, at=moment, received_at=moment, worker_id=actor.account_id, worker=actor.name,
            result="unreached", evening=rules.is_evening(moment), kept=False, client_key=key, body=key.bytes, note=None,
            sheet="{}", answer={}, file_ids=[],
        )
    )  # fmt: skip
    db.session.flush()
    audit.record("sweep.unreached", "sweep_stop", stop.id)
    waiting.step(stop.sweep_id)


def blockers(sweep_id: UUID, courtyard_id: UUID) -> list[rules.Blocker]:
    """What keeps a courtyard open: open doors, households without a stop, people without a result."""
    stops = _stops(sweep_id, courtyard_id, living=True)
    missed = db.session.execute(planning.missing(sweep_id, courtyard_id))
    return rules.blockers(
        [*stops, *(rules.StopNow("", str(row.id), row.building, "") for row in missed)]
    )  # fmt: skip


def close(sweep_id: UUID, courtyard_id: UUID) -> UUID:
    """Close a courtyard and sign its certificate; answers the certificate's id.

    Raises StillOpen naming each door and person without a result, Refused when it has no door, Clash when it is closed. The last courtyard
    ends the sweep.
    """
    service.hold_courtyard(sweep_id, courtyard_id)
    service.going_on(sweep_id, courtyard_id)
    found = blockers(sweep_id, courtyard_id)
    if found:
        raise StillOpen(found)
    any_door = select(SweepStop.id).where(SweepStop.sweep_id == sweep_id, SweepStop.courtyard_id == courtyard_id)
    if db.session.scalar(any_door.limit(1)) is None:
        raise Refused("这个院落还没有一扇登记的门，没有可证明的。", status=409)
    moment, actor = now().replace(microsecond=0), current_actor()
    db.session.execute(
        update(SweepCourtyard)
        .where(SweepCourtyard.sweep_id == sweep_id, SweepCourtyard.courtyard_id == courtyard_id)
        .values(state="closed", closed_at=moment, closed_by=actor.name)
    )
    certificate_id = _sign(sweep_id, courtyard_id, moment.isoformat(), actor.name)
    audit.record("sweep.close", "sweep", sweep_id, courtyard=str(courtyard_id))
    _end(sweep_id)
    waiting.step(sweep_id)
    return certificate_id


def _sign(sweep_id: UUID, courtyard_id: UUID, at: str, by: str) -> UUID:
    number = db.session.scalar(select(Sweep.number).where(Sweep.id == sweep_id))
    stops = _stops(sweep_id, courtyard_id)
    head = {"sweep": number, "courtyard": str(courtyard_id), "signed_at": at, "signed_by": by}
    content = {**certificates.certificate(stops), "head": head}
    row = SweepCertificate(
        id=uuid7(), sweep_id=sweep_id, courtyard_id=courtyard_id, content=content, digest=certificates.rows_digest(stops),
        signature=b"", signed_by=by, signed_at=now(),
    )  # fmt: skip
    row.signature = crypto.sign(_message(row.content, row.digest), current_tenant().uid, PURPOSE)
    db.session.add(row)
    db.session.flush()
    return row.id


def _end(sweep_id: UUID) -> None:
    """A sweep whose last courtyard is closed has ended."""
    still = select(SweepCourtyard.id).where(
        SweepCourtyard.sweep_id == sweep_id, SweepCourtyard.in_scope, SweepCourtyard.state == "open"
    )
    if db.session.scalar(still.limit(1)) is None:
        db.session.execute(update(Sweep).where(Sweep.id == sweep_id).values(state="closed", ended_at=now()))
        audit.record("sweep.end", "sweep", sweep_id)


@dataclass(frozen=True, slots=True)
class Proof:
    """One certificate held against its rows; no `differences` = it holds."""

    number: str
    courtyard: str
    doors: int
    covered: int
    differences: tuple[str, ...]


def verify(number: str = "", courtyard_id: UUID | None = None) -> list[Proof]:
    """Recompute every certificate of the community in force (or of one sweep, or one courtyard of it) from its rows and
    check its signature."""
    query = (
        select(
            SweepCertificate.sweep_id, SweepCertificate.courtyard_id, SweepCertificate.content, SweepCertificate.digest,
            SweepCertificate.signature, Sweep.number, Courtyard.slug,
        )
        .join(Sweep, Sweep.id == SweepCertificate.sweep_id)
        .join(Courtyard, Courtyard.id == SweepCertificate.courtyard_id)
        .order_by(Sweep.number, Courtyard.seq)
    )  # fmt: skip
    query = query.where(Sweep.number == number) if number else query
    if courtyard_id is not None:
        return [_proof(row) for row in db.session.execute(query.where(SweepCertificate.courtyard_id == courtyard_id))]
    return [_proof(row) for row in db.session.execute(query).all()] + _unsigned(number)


def _proof(row: Any) -> Proof:
    stops = _stops(row.sweep_id, row.courtyard_id)
    found = certificates.differences(row.content, certificates.certificate(stops))
    if not found and certificates.rows_digest(stops) != row.digest:
        found = ["digest: differs"]
    head = row.content.get("head", {})
    if (head.get("sweep"), head.get("courtyard")) != (row.number, str(row.courtyard_id)):
        found.append("head: names another sweep or courtyard")
    if not crypto.verify(bytes(row.signature), _message(row.content, row.digest), current_tenant().uid, PURPOSE):
        found.append("signature: does not fit")
    return Proof(row.number, row.slug, row.content.get("doors", 0), row.content.get("covered", 0), tuple(found))


def _unsigned(number: str) -> list[Proof]:
    """Courtyards said to be closed that have no certificate."""
    query = (
        select(Sweep.number, Courtyard.slug)
        .join(SweepCourtyard, SweepCourtyard.sweep_id == Sweep.id)
        .join(Courtyard, Courtyard.id == SweepCourtyard.courtyard_id)
        .outerjoin(
            SweepCertificate,
            and_(
                SweepCertificate.sweep_id == Sweep.id, SweepCertificate.courtyard_id == SweepCourtyard.courtyard_id
            ),
        )
        .where(SweepCourtyard.state == "closed", SweepCertificate.id.is_(None))
        .order_by(Sweep.number, Courtyard.seq)
    )  # fmt: skip
    rows = db.session.execute(query.where(Sweep.number == number) if number else query)
    return [Proof(row.number, row.slug, 0, 0, ("certificate: missing",)) for row in rows]


def _message(content: dict[str, Any], digest: str) -> bytes:
    return rules.canonical([content, digest]).encode()


def _stops(sweep_id: UUID, courtyard_id: UUID, *, living: bool = False) -> list[rules.StopNow]:
    """The doors of a courtyard as they stand; `living` adds people of the register who have no result."""
    rows = list(
        db.session.execute(
            select(
                SweepStop.id,
                SweepStop.sweep_id,
                SweepStop.household_id,
                SweepStop.home_then,
                SweepStop.building,
                SweepStop.state,
                SweepStop.seq,
            )
            .where(SweepStop.sweep_id == sweep_id, SweepStop.courtyard_id == courtyard_id, queries.standing())
            .order_by(SweepStop.seq, SweepStop.id)
        )
    )
    souls = _souls(rows, living=living)
    return [
        rules.StopNow(
            str(row.id), str(row.household_id), row.building, row.state, tuple(souls[row.id]), str(row.home_then)
        )
        for row in rows
    ]


def _souls(stops: Sequence[Any], *, living: bool = True) -> dict[UUID, list[rules.Soul]]:
    """People of some stops with their results, in one order."""
    found: dict[UUID, dict[UUID, rules.Soul]] = {row.id: {} for row in stops}
    if living:
        homes = {row.household_id: row.id for row in stops}
        here = select(Person.id, Person.household_id).where(Person.household_id.in_(homes), Person.status == "here")
        known = queries.results_of({row.sweep_id for row in stops}, homes)
        sweep_of = {row.id: row.sweep_id for row in stops}
        for person in db.session.execute(here):
            stop_id = homes[person.household_id]
            told = known.get((sweep_of[stop_id], person.id), "")
            found[stop_id][person.id] = rules.Soul(str(person.id), told)
    results = select(StopPerson.stop_id, StopPerson.person_id, StopPerson.person_then, StopPerson.result)
    for row in db.session.execute(results.where(StopPerson.stop_id.in_(found))):
        soul = rules.Soul(str(row.person_id), row.result, str(row.person_then))
        found[row.stop_id][row.person_id] = soul
    return {stop: [soul for _id, soul in sorted(people.items())] for stop, people in found.items()}
