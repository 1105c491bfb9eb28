"""No photograph is kept of a child's visit: what is not there cannot be passed on (rules of minors, 未成年人保护法)."""

from uuid import UUID

from sqlalchemy import ColumnElement, select

from rongjiu.clock import today
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Refused
from tenants.accompaniment.models import Visit
from tenants.cases.models import CaseFile
from tenants.referrals.models import ReferralTask
from tenants.residents.models import Person
from tenants.residents.rules import age, is_minor, speaks_for_self

NO_PHOTO = N_("未成年人的上门不留照片。请去掉照片，只勾选完成；签字单请交给社区。")


def needs_vetted(household_id: UUID) -> bool:
    """Does somebody live there to whom only helpers vetted for children come?"""
    return not all(map(speaks_for_self, _ages(Person.household_id == household_id)))


def refuse_photo(visit_id: UUID, field: str) -> None:
    """Raise Refused naming `field` for a visit to a minor: whom the job is for, or, where no job says so, as on a round,
    somebody who lives in the home by now."""
    if _concerns_minor(visit_id):
        raise Refused(NO_PHOTO, field=field)


def _concerns_minor(visit_id: UUID) -> bool:
    row = db.session.execute(
        select(ReferralTask.person_id, CaseFile.household_id)
        .select_from(Visit)
        .join(CaseFile, CaseFile.id == Visit.case_id)
        .outerjoin(ReferralTask, ReferralTask.id == Visit.task_id)
        .where(Visit.id == visit_id)
    ).one()
    return any(
        map(is_minor, _ages(Person.id == row.person_id if row.person_id else Person.household_id == row.household_id))
    )


def _ages(who: ColumnElement[bool]) -> list[int | None]:
    """How old those are who are here, in years; None for an age that nobody knows."""
    rows = db.session.execute(
        select(Person.birth_date, Person.age_said, Person.age_on).where(who, Person.status == "here")
    )
    return [age(row.birth_date, row.age_said, row.age_on, today()) for row in rows]
