"""Giving and withdrawing consent: separate for sensitive data, sharing and publishing (PIPL art. 23, 29)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from rongjiu import audit, facts
from rongjiu.clock import now, today
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from tenants.cases.models import CaseFile
from tenants.cases.service import event, hold
from tenants.consents import rules
from tenants.consents.facts import ConsentGiven, ConsentWithdrawn
from tenants.consents.models import HOW, SCOPES, Consent
from tenants.residents.models import Person
from tenants.residents.rules import age


def give(
    case_id: UUID, person_id: UUID, given_by_id: UUID, scope: str, *, provider_id: UUID | None = None,
    fields: Collection[str] = (), guardian: bool = False, how: str, witness: str = "", file_id: UUID | None = None,
    ends_at: datetime | None = None,
) -> Consent:  # fmt: skip
    """Record one consent of a person of the case's household, given by themselves or a guardian.

    Raises Refused naming the field when it is not a valid consent, Absent when person and case do not belong together.
    """
    if scope not in SCOPES or how not in HOW:
        raise Refused("请选一项", field="scope" if scope not in SCOPES else "how")
    if ends_at is not None and ends_at <= now():
        raise Refused("授权的结束日期已经过去。", field="ends_at")
    people = _people(case_id, {person_id, given_by_id})
    wanted = [name for name in rules.FIELDS if name in set(fields)]
    giving = rules.Giving(
        scope=scope, age=_age(people[person_id]), giver_age=_age(people[given_by_id]),
        same_person=person_id == given_by_id, guardian=guardian, how=how, paper=bool(witness.strip() or file_id),
        receiver=provider_id is not None, fields=tuple(fields),
    )  # fmt: skip
    if found := rules.fault(giving):
        raise Refused(found[1], field=found[0])
    hold(case_id)
    row = Consent(
        id=uuid7(), case_id=case_id, person_id=person_id, given_by_id=given_by_id, guardian=guardian, scope=scope,
        provider_id=provider_id if scope == "share_with_provider" else None, fields=wanted, how=how,
        witness=witness.strip(), notice_version=rules.NOTICE, file_id=file_id, given_at=now(), ends_at=ends_at,
        withdrawn_at=None,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("consent.give", "consent", row.id, scope=scope, how=how, provider_id=provider_id, fields=wanted)
    event(case_id, "consent_given", consent_id=str(row.id), scope=scope, guardian=guardian)
    facts.send(ConsentGiven(tenant_id=current_tenant().id, object_id=row.id))
    return row


def withdraw(consent_id: UUID, reason: str) -> None:
    """End a consent now. Live offers standing on it are cancelled and its receiver's access closes in the same
    transaction; withdrawing twice changes nothing. Raises Absent for an unknown id."""
    case_id = db.session.scalar(select(Consent.case_id).where(Consent.id == consent_id))
    if case_id is None:
        raise Absent("没有这份授权。")
    hold(case_id)
    row = db.session.scalars(
        select(Consent).where(Consent.id == consent_id).execution_options(populate_existing=True)
    ).one()
    if row.withdrawn_at is not None:
        return
    row.withdrawn_at = now()
    db.session.flush()
    audit.record("consent.withdraw", "consent", row.id, reason=reason[:200])
    event(row.case_id, "consent_withdrawn", consent_id=str(row.id), scope=row.scope)
    facts.send(ConsentWithdrawn(tenant_id=current_tenant().id, object_id=row.id))


def live(consent: Consent | Row[Any], at: datetime | None = None) -> bool:
    """Does the consent stand: not withdrawn, not over?"""
    moment = at or now()
    return consent.withdrawn_at is None and (consent.ends_at is None or consent.ends_at > moment)


def _people(case_id: UUID, ids: set[UUID]) -> dict[UUID, Row[Any]]:
    rows = db.session.execute(
        select(Person.id, Person.birth_date, Person.age_said, Person.age_on)
        .join(CaseFile, CaseFile.household_id == Person.household_id)
        .where(CaseFile.id == case_id, Person.id.in_(ids))
    )
    found: dict[UUID, Any] = {row.id: row for row in rows}
    if set(found) != ids:
        raise Absent("这户没有这个人。")
    return found


def _age(person: Row[Any]) -> int | None:
    return age(person.birth_date, person.age_said, person.age_on, today())
