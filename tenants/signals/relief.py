"""A carer's heavy load becomes needs: respite, and work that fits the hours, in the household's case, never doubled."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit
from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.needs import service as needs
from tenants.needs.models import Need
from tenants.residents import rules
from tenants.residents.models import Carer, Household, Person
from tenants.signals import service as signals

RESPITE = "照护的人想有人替一替手，歇一歇"
WORK = "想找一份能配合照护时间的活"
WORK_ITEM = "job-income"


@dataclass(frozen=True, slots=True)
class Raised:
    """The case that took the needs, and how many were new."""

    number: str
    added: int
    opened: bool


def wanted(link: Any) -> list[str]:
    """Which needs a carer's load raises that do not stand yet: respite | work."""
    carer = db.session.execute(
        select(Person.birth_date, Person.age_said, Person.age_on).where(Person.id == link.carer_id)
    ).one()
    age = rules.age(carer.birth_date, carer.age_said, carer.age_on, today())
    raised = rules.raised_by(link.hours_a_week, link.relief_wanted, link.work_given_up, age)
    known = {"respite": link.respite_need, "work": link.work_need}
    standing = _standing([each for each in known.values() if each is not None])
    return [name for name in raised if known[name] not in standing]


def raise_needs(link_id: UUID) -> Raised:
    """Add the needs that a heavy load raises to the household's open case; without one a case is opened from a home
    visit's signal. Raises Absent; Refused (409) when the load is not heavy or the needs stand already."""
    link = db.session.scalar(select(Carer).where(Carer.id == link_id).with_for_update())
    if link is None:
        raise Absent("没有这条照护关系。")
    names = wanted(link)
    if not names:
        raise Refused("这些需求已经在个案里了，或者照护还不算重。", status=409)
    home = db.session.execute(
        select(Household.id, Household.courtyard_id)
        .join(Person, Person.household_id == Household.id)
        .where(Person.id == link.carer_id)
    ).one()
    case = _case(home.id)
    opened = case is None
    made = _in_new_case(home, names, link.carer_id) if case is None else _in_case(case.id, names, link.carer_id)
    number = case.number if case is not None else made.pop("number")
    link.respite_need = made.get("respite", link.respite_need)
    link.work_need = made.get("work", link.work_need)
    db.session.flush()
    audit.record("carer.needs", "person", link.carer_id, case=number, needs=names)
    return Raised(number, len(names), opened)


def _standing(ids: list[UUID]) -> set[UUID | None]:
    """Needs without a result in cases that are open."""
    if not ids:
        return set()
    query = (
        select(Need.id)
        .join(CaseFile, CaseFile.id == Need.case_id)
        .where(Need.id.in_(ids), Need.result == "", CaseFile.closed_at.is_(None))
    )
    return set(db.session.scalars(query))


def _case(household_id: UUID) -> Any:
    query = (
        select(CaseFile.id, CaseFile.number)
        .where(CaseFile.household_id == household_id, CaseFile.closed_at.is_(None))
        .order_by(CaseFile.opened_at.desc())
        .limit(1)
    )
    return db.session.execute(query).one_or_none()


def _in_case(case_id: UUID, names: list[str], carer_id: UUID) -> dict[str, Any]:
    return {
        name: needs.add(
            case_id, WORK if name == "work" else RESPITE, item_slug=WORK_ITEM if name == "work" else None,
            person_id=carer_id,
        ).id
        for name in names
    }  # fmt: skip


def _in_new_case(home: Any, names: list[str], carer_id: UUID) -> dict[str, Any]:
    words = [WORK if name == "work" else RESPITE for name in names]
    signal = signals.receive("home_visit", "need", "；".join(words), courtyard_id=home.courtyard_id)
    opened = signals.open_case(signal.id, words, courtyard_id=home.courtyard_id, urgency="ordinary")
    cases.attach_household(opened.case_id, home.id)
    made: dict[str, Any] = {"number": opened.number}
    rows = db.session.scalars(select(Need.id).where(Need.case_id == opened.case_id).order_by(Need.seq))
    for name, need_id in zip(names, rows.all(), strict=True):
        needs.sort(need_id, item_slug=WORK_ITEM if name == "work" else None, person_id=carer_id)
        made[name] = need_id
    return made
