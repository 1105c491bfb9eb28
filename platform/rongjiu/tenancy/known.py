"""Is this person known in another community? A keyed hash of the identity number, and a question both must agree to.

The two tables have no tenant: their policies let a community see its own rows, and those of one number that it names.
Nothing else reads them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from rongjiu import crypto
from rongjiu.clock import now
from rongjiu.db import Tenant, current_tenant, db, telling
from rongjiu.ids import uuid7
from rongjiu.tenancy.models import Community, KnownPerson, KnownQuestion

P = ParamSpec("P")
R = TypeVar("R")
_KIND = "known"
_AT_ONCE = 1000
"""Rows of one statement."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ring once both have agreed: a community, a post and its desk's telephone."""

    community: str
    post: str
    phone: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question as one side sees it; `contact` is there only when both have agreed."""

    id: UUID
    ask_id: UUID
    at: datetime
    state: str
    contact: Contact | None


def fingerprint(id_number: str) -> bytes:
    """The keyed hash of an identity number, the same for all communities."""
    return crypto.blind(id_number, crypto.PLATFORM, _KIND)


def ours(function: Callable[P, R]) -> Callable[P, R]:
    """Have the policies told which community asks."""

    @wraps(function)
    def told(*args: P.args, **words: P.kwargs) -> R:
        with telling(community_id=current_tenant().uid):
            return function(*args, **words)

    return told


@ours
def note(before: str | None, after: str | None) -> None:
    """The community in force has changed an identity number in its register; '' or None = there was, or is, none."""
    if before == after:
        return
    scope = current_tenant().uid
    if before:
        gone = delete(KnownPerson).where(KnownPerson.id_hash == fingerprint(before), KnownPerson.scope_id == scope)
        db.session.execute(gone)
    if after:
        note_many([after])


@ours
def note_many(id_numbers: Iterable[str]) -> None:
    """The community in force has registered these identity numbers: for imports, a thousand to a statement."""
    scope, at = current_tenant().uid, now()
    rows = [{"id_hash": fingerprint(number), "scope_id": scope, "at": at} for number in set(id_numbers)]
    for start in range(0, len(rows), _AT_ONCE):
        db.session.execute(insert(KnownPerson).values(rows[start : start + _AT_ONCE]).on_conflict_do_nothing())


@ours
def renew(id_numbers: Iterable[str]) -> None:
    """These are all the identity numbers that the register of the community in force holds: whatever else was noted
    of it goes. After an import or its undo, and each night."""
    scope = current_tenant().uid
    held = {fingerprint(number) for number in id_numbers}
    noted = set(db.session.scalars(select(KnownPerson.id_hash).where(KnownPerson.scope_id == scope)))
    gone = [mark for mark in noted if bytes(mark) not in held]
    for start in range(0, len(gone), _AT_ONCE):
        part = KnownPerson.id_hash.in_(gone[start : start + _AT_ONCE])
        db.session.execute(delete(KnownPerson).where(KnownPerson.scope_id == scope, part))
    at = now()
    rows = [{"id_hash": mark, "scope_id": scope, "at": at} for mark in held - {bytes(mark) for mark in noted}]
    for start in range(0, len(rows), _AT_ONCE):
        db.session.execute(insert(KnownPerson).values(rows[start : start + _AT_ONCE]).on_conflict_do_nothing())


@ours
def ask(ask_id: UUID, id_number: str, post: str) -> list[tuple[UUID, Tenant]]:
    """Put the question of the community in force to every other that knows the number: (question, community asked).

    The caller tells nobody how many they are.
    """
    scope, mark = current_tenant().uid, fingerprint(id_number)
    with telling(known_hash=mark):
        others = db.session.execute(
            select(Community.id, Community.tenant_id)
            .join(KnownPerson, KnownPerson.scope_id == Community.id)
            .where(KnownPerson.id_hash == mark, KnownPerson.scope_id != scope, Community.state == "live")
        ).all()
    found = [(uuid7(), Tenant(row.tenant_id, row.id)) for row in others]
    for question, other in found:
        db.session.add(
            KnownQuestion(
                id=question, ask_id=ask_id, asker_scope=scope, other_scope=other.uid, id_hash=mark, asker_post=post,
                at=now(), state="asked",
            )
        )  # fmt: skip
    db.session.flush()
    return found


@ours
def asked_of_us(page: int = 1, size: int = 50) -> tuple[list[Question], int]:
    """What other communities asked the one in force, the open ones first, and how many."""
    q, mine = KnownQuestion, KnownQuestion.other_scope == current_tenant().uid
    rows = db.session.execute(
        _asked().order_by(q.state != "asked", q.at.desc(), q.id).limit(size).offset((page - 1) * size)
    )
    total = db.session.scalar(select(func.count()).select_from(q).where(mine)) or 0
    return [_question(row) for row in rows], total


@ours
def question(question_id: UUID) -> Question | None:
    """One question that was put to the community in force, or None."""
    row = db.session.execute(_asked().where(KnownQuestion.id == question_id)).one_or_none()
    return _question(row) if row else None


def _asked() -> Any:
    q, asker = KnownQuestion, aliased(Community)
    return (
        select(q.id, q.ask_id, q.at, q.state, q.asker_post.label("post"), asker.name, asker.phone)
        .join(asker, asker.id == q.asker_scope)
        .where(q.other_scope == current_tenant().uid)
    )


def _question(row: Any) -> Question:
    contact = Contact(row.name, row.post, row.phone) if row.state == "agreed" else None
    return Question(row.id, row.ask_id, row.at, row.state, contact)


@ours
def answers(ask_ids: Iterable[UUID]) -> dict[UUID, list[Question]]:
    """What became of questions of the community in force; those that did not agree are not told apart."""
    q, other = KnownQuestion, aliased(Community)
    rows = db.session.execute(
        select(q.id, q.ask_id, q.at, q.state, q.decided_post.label("post"), other.name, other.phone)
        .join(other, other.id == q.other_scope)
        .where(q.ask_id.in_(list(ask_ids)), q.asker_scope == current_tenant().uid)
        .order_by(q.id)
    )
    found: dict[UUID, list[Question]] = {}
    for r in rows:
        found.setdefault(r.ask_id, []).append(_question(r))
    return found


@ours
def waiting() -> int:
    """How many questions of others the community in force has not decided."""
    q = KnownQuestion
    mine = select(func.count()).select_from(q).where(q.other_scope == current_tenant().uid, q.state == "asked")
    return db.session.scalar(mine) or 0


@ours
def decide(question_id: UUID, agreed: bool, post: str) -> Tenant | None:
    """The community in force, which was asked, agrees or declines; answers who asked, None when there is nothing to
    decide."""
    q = KnownQuestion
    asker = db.session.scalar(
        update(q)
        .where(q.id == question_id, q.other_scope == current_tenant().uid, q.state == "asked")
        .values(state="agreed" if agreed else "declined", decided_at=now(), decided_post=post)
        .returning(q.asker_scope)
    )
    number = db.session.scalar(select(Community.tenant_id).where(Community.id == asker)) if asker else None
    return Tenant(number, asker) if asker and number is not None else None


@ours
def agreed_hash(question_id: UUID) -> bytes | None:
    """The hash of an agreed question that was put to the community in force, to find its own resident."""
    q = KnownQuestion
    return db.session.scalar(
        select(q.id_hash).where(q.id == question_id, q.other_scope == current_tenant().uid, q.state == "agreed")
    )
