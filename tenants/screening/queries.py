"""What the desk reads of income sheets, facts and frozen screenings."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from rongjiu.db import db
from rongjiu.errors import Absent
from rongjiu.identity.models import Account
from rongjiu.prepared import Prepared, given
from tenants.residents.models import Person
from tenants.screening.freezing import Frozen, glance_from, inputs_from, verdict_from
from tenants.screening.means import age_on
from tenants.screening.models import Determination, FactSheet, IncomeSheet, Screening
from tenants.screening.rules import shown
from tenants.screening.values import PolicyVerdict, SubjectVerdict


@dataclass(frozen=True)
class Member:
    """One person of the household, as the register has it."""

    id: str
    seq: int
    name: str
    gender: str
    relation: str
    birth_date: date | None
    age_said: int | None
    age_told_on: date | None
    groups: tuple[str, ...]

    def age(self, day: date) -> int | None:
        """The age on a day; None when it is not known."""
        return age_on(day, self.birth_date, self.age_said, self.age_told_on)


@dataclass(frozen=True)
class Sheet:
    """One saved version of the income or the fact sheet; version 0 = nothing saved yet."""

    version: int
    content: dict[str, Any]
    taken_at: datetime | None = None
    by: str = ""


@dataclass(frozen=True)
class Result:
    """A screening as it was frozen; nothing in it depends on the model of today."""

    id: UUID
    case_id: UUID
    seq: int
    as_of: date
    pack: str
    model: dict[str, Any]
    counts: dict[str, int]
    track: str
    rescreen_on: date | None
    taken_at: datetime
    confirmed_at: datetime | None
    confirmed_by: UUID | None
    confirmed_post: str
    cleared_at: datetime | None
    """When its grounds were removed; then there are verdicts alone."""
    frozen: Frozen
    determinations: tuple[SubjectVerdict, ...]
    verdicts: tuple[PolicyVerdict, ...]


def members(household_id: UUID | None) -> list[Member]:
    """The people who live in a household, in their order."""
    if household_id is None:
        return []
    p = Person
    rows = db.session.execute(
        select(p.id, p.seq, p.name, p.gender, p.relation, p.birth_date, p.age_said, p.age_on, p.groups)
        .where(p.household_id == household_id, p.status == "here")
        .order_by(p.seq, p.id)
    )
    return [Member(str(row[0]), *row[1:8], tuple(row.groups or ())) for row in rows]


_NAMES = Prepared(
    select(Person.id, Person.name)
    .where(
        Person.tenant_id == given("tenant"), Person.household_id == given("household"), Person.status == "here"
    )
    .order_by(Person.seq, Person.id)
)  # fmt: skip


def names(household_id: UUID | None) -> dict[str, str]:
    """Person id → name of those who live in a household, in their order."""
    if household_id is None:
        return {}
    return {str(row.id): row.name for row in _NAMES.rows(household=household_id)}


def _latest(model: type[IncomeSheet] | type[FactSheet], column: Any, case_id: UUID) -> Sheet:
    row = db.session.execute(
        select(model.version, column, model.taken_at, Account.name)
        .outerjoin(Account, Account.id == model.taken_by)
        .where(model.case_id == case_id)
        .order_by(model.version.desc())
        .limit(1)
    ).one_or_none()
    return Sheet(row[0], json.loads(row[1]), row[2], row[3] or "") if row else Sheet(0, {})


def income(case_id: UUID) -> Sheet:
    """The income sheet in force."""
    return _latest(IncomeSheet, IncomeSheet.figures, case_id)


def facts(case_id: UUID) -> Sheet:
    """The facts in force."""
    return _latest(FactSheet, FactSheet.facts, case_id)


def income_history(case_id: UUID) -> list[Sheet]:
    """All versions of the income sheet, newest first."""
    rows = db.session.execute(
        select(IncomeSheet.version, IncomeSheet.figures, IncomeSheet.taken_at, Account.name)
        .outerjoin(Account, Account.id == IncomeSheet.taken_by)
        .where(IncomeSheet.case_id == case_id)
        .order_by(IncomeSheet.version.desc())
    )
    return [Sheet(row[0], json.loads(row[1]), row[2], row[3] or "") for row in rows]


def screenings(case_id: UUID) -> list[Row[Any]]:
    """The screenings of a case, newest first: id, seq, as_of, counts, track, taken_at, confirmed_at, confirmed_post,
    cleared_at."""
    s = Screening
    columns = (s.id, s.seq, s.as_of, s.counts, s.track, s.taken_at, s.confirmed_at, s.confirmed_post, s.cleared_at)
    return list(db.session.execute(select(*columns).where(s.case_id == case_id).order_by(s.seq.desc())))


def standing(case_id: UUID) -> Row[Any] | None:
    """The last confirmed screening of a case as `screenings` has it; None when there is none, or its grounds are gone."""
    last = next((row for row in screenings(case_id) if row.confirmed_at), None)
    return last if last is not None and last.cleared_at is None else None


def result(case_id: UUID, screening_id: UUID) -> Result:
    """A screening of that case with every condition, read from its frozen record; raises Absent."""
    return _whole(_frozen(case_id, screening_id))


def glance(case_id: UUID, screening_id: UUID) -> Result:
    """The same without the conditions that are met and the members' own verdicts: one row, for a page of all policies."""
    row = _frozen(case_id, screening_id)
    if row.glance is None:
        return _whole(row)
    return _result(row, (), glance_from(json.loads(row.glance)))


def one(case_id: UUID, screening_id: UUID, policy: str) -> Result:
    """The same with every condition of one policy and nothing of the others; raises Absent for a policy not judged."""
    found = _whole(_frozen(case_id, screening_id), policy)
    if found.cleared_at is not None:
        raise Absent("这次研判的依据已过保存期限，已经清除。")
    if not found.determinations:
        raise Absent("这次研判里没有这项政策。")
    return found


def _frozen(case_id: UUID, screening_id: UUID) -> Row[Any]:
    s = Screening
    row = db.session.execute(
        select(
            s.id, s.case_id, s.seq, s.as_of, s.pack, s.inputs, s.glance, s.parameters, s.counts, s.track, s.rescreen_on,
            s.taken_at, s.confirmed_at, s.confirmed_by, s.confirmed_post, s.cleared_at,
        ).where(s.id == screening_id, s.case_id == case_id)
    ).one_or_none()  # fmt: skip
    if row is None:
        raise Absent("没有这次研判。")
    return row


def _whole(row: Row[Any], policy: str = "") -> Result:
    if row.cleared_at is not None:
        return _result(row, (), glance_from(json.loads(row.glance)))
    asked = select(Determination.trace).where(Determination.screening_id == row.id)
    traces = db.session.scalars(asked.where(Determination.policy_slug == policy) if policy else asked)
    place = {slug: each["seq"] or 0 for slug, each in row.parameters["policies"].items()}  # JSONB keeps no order
    people = [*json.loads(row.inputs)["facts"]["members"]]
    rows = sorted(
        (verdict_from(json.loads(trace)) for trace in traces),
        key=lambda each: (
            place[each.policy_id],
            each.policy_id,
            people.index(each.subject) if each.subject in people else -1,
        ),
    )
    return _result(row, tuple(rows), shown(rows))


def _result(row: Row[Any], rows: tuple[SubjectVerdict, ...], verdicts: tuple[PolicyVerdict, ...]) -> Result:
    return Result(
        id=row.id, case_id=row.case_id, seq=row.seq, as_of=row.as_of, pack=row.pack, model=row.parameters,
        counts=row.counts, track=row.track, rescreen_on=row.rescreen_on, taken_at=row.taken_at,
        confirmed_at=row.confirmed_at, confirmed_by=row.confirmed_by, confirmed_post=row.confirmed_post,
        cleared_at=row.cleared_at, frozen=inputs_from(json.loads(row.inputs)), determinations=rows, verdicts=verdicts,
    )  # fmt: skip
