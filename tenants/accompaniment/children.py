"""No photograph is kept of a child's visit: what is not there cannot be passed on (rules of minors, 未成年人保护法)."""

from uuid import UUID

from sqlalchemy import select

from rongjiu.clock import today
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Refused
from tenants.accompaniment.models import ServicePlan, Visit
from tenants.cases.models import CaseFile
from tenants.consents.rules import ADULT
from tenants.referrals.models import ReferralTask
from tenants.residents.models import Person
from tenants.residents.rules import age

NO_PHOTO = N_("未成年人的上门不留照片。请去掉照片，只勾选完成；签字单请交给社区。")


def lives_in(household_id: UUID, under: int) -> bool:
    """Does somebody younger than so many years live there now?"""
    home = select(Person.birth_date, Person.age_said, Person.age_on)
    rows = db.session.execute(home.where(Person.household_id == household_id, Person.status == "here"))
    ages = [age(row.birth_date, row.age_said, row.age_on, today()) for row in rows]
    return any(years is not None and years < under for years in ages)


def refuse_photo(visit_id: UUID, field: str) -> None:
    """Raise Refused naming `field` for a visit to a child: of a plan that says so, for a minor, or, where neither says
    whom it is for, in a home in which a minor lives."""
    if _concerns_child(visit_id):
        raise Refused(NO_PHOTO, field=field)


def _concerns_child(visit_id: UUID) -> bool:
    row = db.session.execute(
        select(Visit.plan_id, ServicePlan.children, ReferralTask.person_id, CaseFile.household_id)
        .select_from(Visit)
        .join(CaseFile, CaseFile.id == Visit.case_id)
        .outerjoin(ServicePlan, ServicePlan.id == Visit.plan_id)
        .outerjoin(ReferralTask, ReferralTask.id == Visit.task_id)
        .where(Visit.id == visit_id)
    ).one()
    if row.plan_id is not None and row.person_id is None:
        return bool(row.children)
    home = Person.id == row.person_id if row.person_id else Person.household_id == row.household_id
    people = db.session.execute(select(Person.birth_date, Person.age_said, Person.age_on).where(home)).all()
    ages = [age(each.birth_date, each.age_said, each.age_on, today()) for each in people]
    return any(years is not None and years < ADULT for years in ages)
