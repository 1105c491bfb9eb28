"""Judging many households in few statements: what is known of them, the tables of the days, the rows that moved."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from rongjiu.clock import ZONE, today
from rongjiu.db import db
from rongjiu.ids import uuid7
from rongjiu.library.packfiles import read_pack
from tenants.benefits import queries as benefits
from tenants.benefits.rules import Held, on, waits
from tenants.cases.models import CaseFile
from tenants.catalogue import queries as catalogue
from tenants.rescreening import rules
from tenants.residents.models import Person
from tenants.screening import means, reading, relations
from tenants.screening.conclusion import amount
from tenants.screening.implied import imply
from tenants.screening.models import FactSheet, IncomeSheet
from tenants.screening.rules import Table
from tenants.screening.values import HOUSEHOLD, Facts, Parameters, Policy, SubjectVerdict

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class One:
    """One person as the register has them."""

    id: str
    gender: str
    birth_date: date | None
    age_said: int | None
    age_on: date | None


@dataclass(frozen=True, slots=True)
class Home:
    """What is known of one household before a day is chosen."""

    id: UUID
    people: tuple[One, ...]
    household: Mapping[str, Any]
    members: Mapping[str, Mapping[str, Any]]
    held: tuple[Held, ...] = ()
    """What is received there or waited for in line, past and future too."""
    told_on: date | None = None
    """When the facts were told last."""

    def has(self, subject: str, day: date) -> frozenset[str]:
        """The policies that a subject receives on a day, or is in line for: they are no news to it."""
        asked = (*on(self.held, day), *(each for each in self.held if waits(each, day)))
        return frozenset(each.policy for each in asked if each.subject == subject)


@dataclass
class Judge:
    """The community's policies and lines, and a table for each day that is asked about."""

    policies: tuple[Policy, ...]
    parameters: Parameters
    fields: Sequence[Mapping[str, Any]]
    aged: frozenset[str] = frozenset()
    """Policies that look at an age."""
    banded: Mapping[str, Policy] = field(default_factory=dict)
    """Policies whose amount goes by age or grade."""
    later: Sequence[tuple[date, Policy]] = ()
    """Versions that are published and begin on a day to come."""
    tables: dict[date, tuple[Table, Table]] = field(default_factory=dict)

    @classmethod
    def here(cls, policy_rows: Rows | None = None, parameter_rows: Rows | None = None) -> "Judge":
        """With the model of the community in force, or with these policies and lines (as the catalogue reads them)."""
        policies = reading.policies_of(catalogue.policies() if policy_rows is None else policy_rows)
        parameters = reading.parameters_of(catalogue.parameters() if parameter_rows is None else parameter_rows)
        later = catalogue.later_versions(today()) if policy_rows is None else []
        aged = frozenset(policy.id for policy in policies if rules.looks_at_age(policy))
        return cls(
            policies,
            parameters,
            read_pack()["eligibility_fields"]["fields"],
            aged,
            {policy.id: policy for policy in policies if policy.banded_by},
            [(since, reading.policy_of({**content, "id": slug})) for since, slug, content in later],
        )

    def on(self, day: date) -> tuple[Policy, ...]:
        """The policies in the versions of a day, today or to come."""
        then = {policy.id: policy for since, policy in self.later if since <= day}
        return tuple(then.get(policy.id, policy) for policy in self.policies)

    def turns(self) -> set[date]:
        """The days on which a policy or a line turns."""
        found = {policy.in_force_from for policy in self.policies} | {
            policy.in_force_to + timedelta(days=1) for policy in self.policies if policy.in_force_to
        }
        found |= {since for since, _policy in self.later}
        found |= {line.since for line in self.parameters.values()}
        return {day for day in found if day is not None}

    def standing(self, home: Home, day: date) -> dict[str, dict[str, str]]:
        """What each subject of a household stands at on a day: subject → policy → letter."""
        return self.letters(*self.told(home, day))

    def told(self, home: Home, day: date) -> tuple[tuple[SubjectVerdict, ...], Facts]:
        """The verdicts of every policy for every subject on a day, presumed ones included, and the facts behind."""
        if day not in self.tables:
            policies = self.on(day)
            self.tables[day] = Table(policies, self.parameters, day), relations.asking(policies, self.parameters, day)
        table, asking = self.tables[day]
        facts, _added = imply(_facts(home, day, self.fields))
        told = table.judge(facts)
        recognisers = set(relations.CLASSES.values())
        if any(row.verdict == "eligible" and row.policy_id in recognisers for row in told):
            told, _relations = relations.presume(told, asking, facts)
        return told, facts

    def letters(self, told: Iterable[SubjectVerdict], facts: Facts) -> dict[str, dict[str, str]]:
        """Those verdicts as they are kept: subject → policy → letter."""

        def band(policy: str, subject: str) -> str | None:
            banded = self.banded.get(policy)
            return amount(banded, self.parameters, facts, subject).param if banded else None

        return rules.standing(told, self.aged, band)


def _facts(home: Home, day: date, fields: Sequence[Mapping[str, Any]]) -> Facts:
    """As screening.service.known has them: the sheets, and the register's age, sex and benefits over them."""
    members = {}
    for one in home.people:
        told = dict(home.members.get(one.id, {}))
        age = means.age_on(day, one.birth_date, one.age_said, one.age_on)
        if age is not None:
            told["person.age"] = age
        if one.gender in ("male", "female"):
            told["person.gender"] = one.gender
        members[one.id] = told
    facts = reading.facts_of({"household": home.household, "members": members}, fields, as_of=day)
    return relations.receiving(facts, home.held, home.told_on)[0]


def homes(ids: Collection[UUID]) -> Iterator[Home]:
    """What is known of these households, in five statements; those without anybody are left out."""
    people: dict[UUID, list[One]] = defaultdict(list)
    p = Person
    for row in db.session.execute(
        select(p.household_id, p.id, p.gender, p.birth_date, p.age_said, p.age_on)
        .where(p.household_id.in_(ids), p.status == "here")
        .order_by(p.household_id, p.seq, p.id)
    ):
        people[row.household_id].append(One(str(row.id), row.gender, row.birth_date, row.age_said, row.age_on))
    incomes, facts = _newest(IncomeSheet, IncomeSheet.figures, ids), _newest(FactSheet, FactSheet.facts, ids)
    held = benefits.by_household(ids)
    for household_id, found in people.items():
        sheet, told_at = facts.get(household_id, _NOTHING)
        income, _when = incomes.get(household_id, _NOTHING)
        household = {**sheet.get("household", {}), **(means.as_facts(income) if income else {})}
        told_on = told_at.astimezone(ZONE).date() if told_at else None
        yield Home(household_id, tuple(found), household, sheet.get("members", {}), held.get(household_id, ()), told_on)


_NOTHING: tuple[Any, datetime | None] = ({}, None)


def _newest(
    model: type[IncomeSheet] | type[FactSheet], column: Any, ids: Collection[UUID]
) -> dict[UUID, tuple[Any, datetime | None]]:
    """Household → its newest sheet of a kind, and when it was taken."""
    rows = db.session.execute(
        select(CaseFile.household_id, column, model.taken_at)
        .join(model, model.case_id == CaseFile.id)
        .where(CaseFile.household_id.in_(ids))
        .ext(distinct_on(CaseFile.household_id))
        .order_by(CaseFile.household_id, model.taken_at.desc())
    )
    return {row[0]: (json.loads(row[1], parse_float=Decimal), row[2]) for row in rows}


def written(
    home: Home, subject: UUID, found: Iterable[rules.Change], common: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The rows of what changed for one subject; `common` = cause, detail, run, moment and state."""
    return [
        {
            **common, "id": uuid7(), "household_id": home.id, "subject_id": subject, "policy_slug": each.policy,
            "kind": each.kind, "on_date": each.on,
        }
        for each in found
    ]  # fmt: skip


def subject_of(name: str, home: Home) -> UUID:
    """The id of a subject: the person's, or the household's own."""
    return home.id if name == HOUSEHOLD else UUID(name)
