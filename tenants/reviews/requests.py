"""Changes of facts that need a second person: asked for, approved or refused, never by whoever asked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.codes import N_, CodeError, plain
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.facts import send
from rongjiu.ids import uuid7
from rongjiu.oversight.service import next_step, no_step
from rongjiu.tenancy.staff import working
from tenants.catalogue import service as catalogue
from tenants.residents import changing, duplicates
from tenants.residents.changing import DESK, Origin, Taken
from tenants.residents.likeness import sensitive
from tenants.residents.models import Person
from tenants.residents.queries import versions
from tenants.reviews.facts import ChangeDropped
from tenants.reviews.merging import FIELD_WORDS
from tenants.reviews.models import ChangeRequest, LedgerRequest
from tenants.reviews.rules import SHORTEST_REASON, may_approve

APPROVAL = "closure-approval"
"""The wait for a secretary's approval; the community sets it once for all approvals."""


@dataclass(frozen=True, slots=True)
class Put:
    """What became of a correction: changed at once, and what waits for the secretary (the request, or None)."""

    changed: tuple[str, ...]
    asked: tuple[str, ...]
    request_id: UUID | None = None


def put(
    person_id: UUID, values: Mapping[str, Any], *, reason: str = "", file_id: UUID | None = None,
    origin: Origin = DESK,
) -> Put:  # fmt: skip
    """Correct a person: plain facts and first entries at once, changes of sensitive facts as a request.

    Raises Refused naming a field (`reason` when a request lacks one), Absent.
    """
    wait = waits(person_id, values)
    at_once = {name: value for name, value in values.items() if name not in wait}
    if wait and len(reason.strip()) < SHORTEST_REASON:
        raise Refused("这几项改动要书记批准，请写明理由。", field="reason")
    changed = changing.change_person(person_id, at_once, origin=origin).changed if at_once else ()
    if origin.review:
        wait = _without_taken(person_id, wait)
    request_id = _ask(person_id, wait, reason.strip(), file_id, origin.id) if wait else None
    return Put(tuple(changed), tuple(wait), request_id)


def waits(person_id: UUID, values: Mapping[str, Any]) -> dict[str, Any]:
    """Of these new values those that need a second person. Raises Absent."""
    row = db.session.execute(
        select(Person.name, Person.birth_date, Person.id_number, Person.condition, Person.status).where(
            Person.id == person_id, Person.status != "merged"
        )
    ).one_or_none()
    if row is None:
        raise Absent("没有这个人。")
    return {
        name: value
        for name, value in values.items()
        if sensitive(name, getattr(row, name, None), _as_kept(name, value))
    }


def approve(request_id: UUID) -> bool:
    """Let a requested change happen; True when it was the secretary's own request and nobody else could (自批).

    Raises Clash when it is decided already, or when a field was changed since; Refused for whoever may not.
    """
    row = _open(request_id)
    verdict = may_approve(row.asked_by, current_actor().account_id, secretaries())
    if verdict == "no":
        raise Refused("自己提交的变更，要由另一位书记批准。", status=403)
    values = {name: _from_text(name, value) for name, value in json.loads(row.proposed or "{}").items()}
    outcome = changing.change_person(row.person_id, values, origin=Origin("request", row.id), base=row.base)
    if outcome.conflicts:
        what = "、".join(FIELD_WORDS[name] for name in outcome.conflicts)
        raise Clash("提交以后，这几项已被别人改过：%(what)s。请退回，让申请人再看一看。", what=what)
    row.self_approved = verdict == "self"
    decided(row, "approved")
    audit.record(
        "request.approve", "person", row.person_id, request_id=row.id, fields=row.fields, self=verdict == "self"
    )
    return verdict == "self"


def refuse(request_id: UUID, why: str) -> None:
    """Say no, with words for whoever asked; Refused naming `why`, Clash when it is decided already."""
    row = _open(request_id)
    if current_actor().account_id not in secretaries():
        raise Refused("这项变更要由书记决定。", status=403)
    if len(why.strip()) < SHORTEST_REASON:
        raise Refused("请写明为什么不同意。", field="why")
    row.decided_why, row.proposed = why.strip(), None
    decided(row, "refused")
    _dropped(row)
    audit.record("request.refuse", "person", row.person_id, request_id=row.id)


def withdraw(request_id: UUID) -> None:
    """Whoever asked takes it back; Absent for anybody else."""
    row = _open(request_id)
    if row.asked_by != current_actor().account_id:
        raise Absent("没有这个申请。")
    row.proposed = None
    decided(row, "withdrawn")
    _dropped(row)
    audit.record("request.withdraw", "person", row.person_id, request_id=row.id)


def told(
    person_id: UUID, values: Mapping[str, Any], *, reason: str, origin: Origin, base: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """What was seen or heard away from the desk: plain facts at once, changes of sensitive ones as a request.

    `base` as in `changing.change_person`; answers the fields left alone because somebody had changed them since.
    """
    wait = waits(person_id, values)
    at_once = {name: value for name, value in values.items() if name not in wait}
    conflicts = changing.change_person(person_id, at_once, origin=origin, base=base).conflicts
    late = changing.moved_since(person_id, wait, base)
    if left := {name: value for name, value in wait.items() if name not in late}:
        put(person_id, left, reason=reason, origin=origin)
    return (*conflicts, *late)


def _ask(person_id: UUID, wait: Mapping[str, Any], reason: str, file_id: UUID | None, source_id: UUID | None) -> UUID:
    _check(person_id, wait)
    asked = select(ChangeRequest.id, ChangeRequest.proposed).where(
        ChangeRequest.person_id == person_id, ChangeRequest.state == "open"
    )
    if file_id is None and source_id is not None:  # the same seen again waits already
        for row in db.session.execute(asked):
            if row.proposed == as_text(wait):
                return UUID(str(row.id))
    known = versions(persons=[person_id])
    base = {name: known.get((person_id, name), "") for name in wait}
    return open_request(person_id, wait, base, reason=reason, file_id=file_id, source_id=source_id)


def open_request(
    person_id: UUID, wait: Mapping[str, Any], base: Mapping[str, str], *, reason: str, file_id: UUID | None = None,
    source_id: UUID | None = None,
) -> UUID:  # fmt: skip
    """Put a change that was checked before the secretary; `base` = the newest change of each field that was seen."""
    actor, due = current_actor(), catalogue.due(APPROVAL)
    request_id = uuid7()
    db.session.add(
        ChangeRequest(
            id=request_id, person_id=person_id, fields=sorted(wait), reason=reason, file_id=file_id, state="open",
            proposed=as_text(wait), base=dict(base), asked_by=actor.account_id, asked_post=actor.name, asked_at=now(),
            due_at=due, stale=[], source_id=source_id,
        )
    )  # fmt: skip
    db.session.flush()
    audit.record("request.ask", "person", person_id, request_id=request_id, fields=sorted(wait))
    next_step(
        "change_request", request_id, number=number(request_id), case_id=None, actor_role="secretary",
        actor=N_("社区书记"), verb=N_("批准或退回变更"), due_at=due,
    )  # fmt: skip
    return request_id


def as_text(values: Mapping[str, Any]) -> str:
    """How new values are kept until somebody decides."""
    plain = {name: _to_text(value) for name, value in sorted(values.items())}
    return json.dumps(plain, ensure_ascii=False)


def number(request_id: UUID) -> str:
    """How people name a request among themselves."""
    return f"BG-{request_id.hex[-6:].upper()}"


def _check(person_id: UUID, values: Mapping[str, Any]) -> None:
    """Try the change and take it back: what would be refused on approval is refused now."""
    trial = db.session.begin_nested()
    try:
        changing.change_person(person_id, values)
    finally:
        trial.rollback()


def _without_taken(person_id: UUID, wait: dict[str, Any]) -> dict[str, Any]:
    """What can be asked for, when a number that somebody else has was put before a clerk instead."""
    try:
        _check(person_id, {name: value for name, value in wait.items() if name == "id_number"})
    except Taken as taken:
        duplicates.clash(person_id, taken.holder_id, taken.number)
        return {name: value for name, value in wait.items() if name != "id_number"}
    return wait


def _open(request_id: UUID) -> ChangeRequest:
    # First the person, then the request, as a merge does: the two never wait for each other.
    of = db.session.scalar(select(ChangeRequest.person_id).where(ChangeRequest.id == request_id))
    db.session.execute(select(Person.id).where(Person.id == of).with_for_update())
    row = db.session.scalar(
        select(ChangeRequest)
        .where(ChangeRequest.id == request_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise Absent("没有这个申请。")
    if row.state != "open" or row.person_id != of:
        raise Clash("这个申请已经有结果了，请刷新页面。")
    return row


def decided(row: ChangeRequest | LedgerRequest, state: str) -> None:
    """Write down on a request what was decided, by whom and when; nobody acts next on it."""
    actor = current_actor()
    row.state, row.decided_by, row.decided_post, row.decided_at = state, actor.account_id, actor.name, now()
    db.session.flush()
    no_step(row.id)


def _dropped(row: ChangeRequest) -> None:
    send(
        ChangeDropped(
            tenant_id=row.tenant_id, object_id=row.person_id, fields=tuple(row.fields), source_id=row.source_id
        )
    )


def secretaries() -> list[UUID]:
    """Accounts that work as secretary of the community in force."""
    return [each.account_id for each in working(current_tenant().uid, ("secretary",))]


def _as_kept(name: str, value: Any) -> Any:
    if name == "id_number" and value:
        try:
            return plain(value)
        except CodeError:
            return value
    return (value.strip() or None) if isinstance(value, str) else value


def _to_text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _from_text(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name == "birth_date" and value else value
