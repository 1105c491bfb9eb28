"""What cases listen to below: a household whose groups moved weighs otherwise."""

from sqlalchemy import select

from rongjiu.db import db
from rongjiu.facts import Fact, subscribe
from tenants.cases import service
from tenants.cases.models import CaseFile
from tenants.residents.facts import LabelsMoved


def weigh_anew(fact: Fact) -> None:
    """Weigh the household's open cases by the groups that it has now."""
    query = select(CaseFile.id).where(CaseFile.household_id == fact.object_id, CaseFile.closed_at.is_(None))
    for case_id in db.session.scalars(query).all():
        service.reweigh(case_id)


subscribe(LabelsMoved, weigh_anew)
