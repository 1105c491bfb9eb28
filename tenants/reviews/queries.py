"""Reads for the desk: what waits to be looked at, two entries side by side, requests, history, questions."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.tenancy import known
from tenants.residents import rules
from tenants.residents.models import Courtyard, Household, Person, RegisterChange, RegisterReview
from tenants.reviews.models import ChangeRequest, KnownAsk, LedgerRequest, RegisterMerge, ReviewRun

UNDECIDED = ("open", "later")


@dataclass(frozen=True, slots=True)
class Counts:
    """What waits behind each tab."""

    duplicates: int
    numbers: int
    requests: int
    questions: int
    ledgers: int

    @property
    def total(self) -> int:
        """What waits behind the entry of the menu."""
        return self.duplicates + self.numbers + self.requests + self.questions + self.ledgers


def counts() -> Counts:
    """How many of each wait, in two statements."""
    r = RegisterReview
    open_of = select(func.count()).select_from(r).where(r.state == "open")
    row = db.session.execute(
        select(
            open_of.where(r.kind.in_(("duplicate", "door"))).scalar_subquery().label("twice"),
            open_of.where(r.kind == "id_clash").scalar_subquery().label("numbers"),
            select(func.count())
            .select_from(ChangeRequest)
            .where(ChangeRequest.state == "open")
            .scalar_subquery()
            .label("requests"),
            select(func.count())
            .select_from(LedgerRequest)
            .where(LedgerRequest.state == "open")
            .scalar_subquery()
            .label("ledgers"),
        )
    ).one()
    return Counts(row.twice, row.numbers, row.requests, known.waiting(), row.ledgers)


def pairs(kinds: Collection[str], states: Collection[str], page: int = 1, size: int = 50) -> tuple[list[Any], int]:
    """Pairs to look at, the likeliest first: review columns with both heads' names and courtyards, and how many."""
    r, where = RegisterReview, (RegisterReview.kind.in_(kinds), RegisterReview.state.in_(states))
    one, other = aliased(Person), aliased(Person)
    home, next_door = aliased(Household), aliased(Household)
    yard, other_yard = aliased(Courtyard), aliased(Courtyard)
    rows = db.session.execute(
        select(
            r.id, r.kind, r.state, r.reasons, r.strength, r.made_at, one.name.label("one"), other.name.label("other"),
            yard.name.label("yard"), other_yard.name.label("other_yard"),
        )
        .outerjoin(one, (r.kind != "door") & (one.id == r.one_id))
        .outerjoin(other, (r.kind != "door") & (other.id == r.other_id))
        .join(home, home.id == func.coalesce(one.household_id, r.one_id))
        .join(next_door, next_door.id == func.coalesce(other.household_id, r.other_id))
        .join(yard, yard.id == home.courtyard_id)
        .join(other_yard, other_yard.id == next_door.courtyard_id)
        .where(*where)
        .order_by(r.state != "open", r.strength.desc(), r.id)
        .limit(size)
        .offset((page - 1) * size)
    ).all()  # fmt: skip
    return list(rows), db.session.scalar(select(func.count()).select_from(r).where(*where)) or 0


def review(review_id: UUID) -> Any:
    """One pair to look at, or None; its sealed number stays closed."""
    r = RegisterReview
    row: Any = db.session.execute(
        select(r.id, r.kind, r.state, r.reasons, r.strength, r.one_id, r.other_id, r.made_at, r.decided_at,
               r.decided_post).where(r.id == review_id)
    ).one_or_none()  # fmt: skip
    return row


@dataclass(frozen=True, slots=True)
class Side:
    """One of two entries side by side."""

    id: UUID
    household_id: UUID
    values: dict[str, Any]
    courtyard: str
    age: int | None
    merged: bool


def people(ids: Collection[UUID]) -> dict[UUID, Side]:
    """People side by side, with the fields that the door masks or says the same of."""
    rows = db.session.execute(
        select(
            Person.id, Person.household_id, Person.name, Person.gender, Person.relation, Person.birth_date,
            Person.age_said, Person.age_on, Person.phone, Person.id_number, Person.condition, Person.groups,
            Person.status, Courtyard.name.label("courtyard"), Household.building, Household.unit, Household.room,
        )
        .join(Household, Household.id == Person.household_id)
        .join(Courtyard, Courtyard.id == Household.courtyard_id)
        .where(Person.id.in_(ids))
    )  # fmt: skip
    names = ("name", "gender", "relation", "birth_date", "phone", "id_number", "condition", "groups")
    return {
        row.id: Side(
            row.id, row.household_id, {name: getattr(row, name) for name in names} | {"household": row.household_id},
            row.courtyard, rules.age(row.birth_date, row.age_said, row.age_on, today()), row.status == "merged",
        )
        for row in rows
    }  # fmt: skip


def homes(ids: Collection[UUID]) -> dict[UUID, Any]:
    """Households side by side: door, courtyard and how many people."""
    count = (
        select(func.count())
        .where(Person.household_id == Household.id, Person.status != "merged")
        .correlate(Household)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            Household.id, Household.building, Household.unit, Household.room, Household.created_at,
            Household.merged_into, Courtyard.name.label("courtyard"), count.label("people"),
        )
        .join(Courtyard, Courtyard.id == Household.courtyard_id)
        .where(Household.id.in_(ids))
    )  # fmt: skip
    return {row.id: row for row in rows}


def merges(page: int = 1, size: int = 50) -> tuple[list[Any], int]:
    """What was merged, the last first: kind, when, by whom, undone or not, the name of who stayed."""
    m = RegisterMerge
    rows = db.session.execute(
        select(m.id, m.kind, m.keep_id, m.at, m.actor, m.undone_at, m.undone_by, Person.name,
               func.coalesce(Person.household_id, m.keep_id).label("household_id"))
        .outerjoin(Person, (m.kind == "person") & (Person.id == m.keep_id))
        .order_by(m.at.desc(), m.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    ).all()  # fmt: skip
    return list(rows), db.session.scalar(select(func.count()).select_from(m)) or 0


def merge(merge_id: UUID) -> Any:
    """Kind and kept entry of one merge, or None."""
    m = RegisterMerge
    row: Any = db.session.execute(select(m.id, m.kind, m.keep_id).where(m.id == merge_id)).one_or_none()
    return row


def requests(*, asked_by: UUID | None = None, page: int = 1, size: int = 50) -> tuple[list[Any], int]:
    """Requests for changes, the open ones first; only those of one account when it is given. No sealed field."""
    c = ChangeRequest
    where = [c.asked_by == asked_by] if asked_by is not None else []
    rows = db.session.execute(
        select(c.id, c.fields, c.state, c.asked_by, c.asked_post, c.asked_at, c.due_at, c.decided_post, c.decided_at,
               c.self_approved, Person.name)
        .join(Person, Person.id == c.person_id)
        .where(*where)
        .order_by(c.state != "open", c.asked_at.desc(), c.id)
        .limit(size)
        .offset((page - 1) * size)
    ).all()  # fmt: skip
    return list(rows), db.session.scalar(select(func.count()).select_from(c).where(*where)) or 0


def request(request_id: UUID) -> Any:
    """One request with its sealed fields and the person's name and household, or None."""
    return next(iter(several([request_id])), None)


def several(request_ids: Collection[UUID]) -> list[Any]:
    """Requests with their sealed fields and the person's name and household, those asked first on top."""
    c = ChangeRequest
    rows = db.session.execute(
        select(c.id, c.person_id, c.fields, c.proposed, c.reason, c.file_id, c.state, c.asked_by, c.asked_post,
               c.asked_at, c.due_at, c.decided_post, c.decided_at, c.decided_why, c.self_approved, Person.name,
               Person.household_id)
        .join(Person, Person.id == c.person_id)
        .where(c.id.in_(request_ids))
        .order_by(c.asked_at, c.id)
    )  # fmt: skip
    return list(rows)


def waiting_for(person_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Fields of these people whose change waits for approval."""
    c = ChangeRequest
    rows = db.session.execute(select(c.person_id, c.fields).where(c.person_id.in_(person_ids), c.state == "open"))
    found: dict[UUID, list[str]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).extend(row.fields)
    return found


def doubles(person_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Person → a review in which it is open whether they are registered twice."""
    r = RegisterReview
    rows = db.session.execute(
        select(r.id, r.one_id, r.other_id).where(
            r.state == "open", r.kind != "door", r.one_id.in_(person_ids) | r.other_id.in_(person_ids)
        )
    )
    found = {}
    for row in rows:
        found[row.one_id] = found[row.other_id] = row.id
    return found


def history(person_id: UUID, *, opened: bool = False, page: int = 1, size: int = 50) -> tuple[list[Any], int]:
    """Changes of one person's fields, the last first, and how many; `opened` with the values of before and after."""
    c = RegisterChange
    columns: list[Any] = [c.id, c.name, c.at, c.actor, c.source]
    if opened:
        columns += [c.before, c.after]
    rows = db.session.execute(
        select(*columns)
        .where(c.person_id == person_id)
        .order_by(c.at.desc(), c.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    ).all()
    return list(rows), db.session.scalar(select(func.count()).select_from(c).where(c.person_id == person_id)) or 0


def asks(person_id: UUID) -> list[Any]:
    """Questions to other communities about one person, the last first, with what became of them."""
    k = KnownAsk
    rows = db.session.execute(
        select(k.id, k.reason, k.asked_post, k.asked_at, k.known)
        .where(k.person_id == person_id)
        .order_by(k.asked_at.desc())
        .limit(50)
    ).all()
    return list(rows)


def last_run() -> Any:
    """The newest search of the whole register, or None."""
    run: Any = db.session.execute(
        select(ReviewRun.done, ReviewRun.total, ReviewRun.found, ReviewRun.asked_at, ReviewRun.ended_at)
        .order_by(ReviewRun.asked_at.desc())
        .limit(1)
    ).one_or_none()
    return run
