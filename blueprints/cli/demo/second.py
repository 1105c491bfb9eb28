"""A sample family of 三学街社区 that others have to decide about: just outside a line, its papers at the street's desk, a
correction of a name that waits for a second person. All invented (示例)."""

from uuid import UUID

from sqlalchemy import select

from blueprints.cli.demo import families
from rongjiu.actor import Actor, acting
from rongjiu.clock import today
from rongjiu.db import Tenant, db, tenant_scope
from tenants.acceptance import answering
from tenants.acceptance import service as departments
from tenants.acceptance.service import Paper
from tenants.cases.models import CaseFile
from tenants.residents.models import Courtyard, Person
from tenants.residents.service import NewPerson
from tenants.reviews import requests

FAMILY = families.Family(
    (NewPerson("伍示例", "female", "户主", age=81, groups=("empty-nest-elderly",), phone="19900080099"),),
    (("想问问低保边缘怎么办", "policy-help"),), 1150, {"person.hukou_local": True},
)  # fmt: skip
"""40 yuan a month over the line of the households at the margin of 低保."""
PAPERS = (
    Paper("application", "申请书(表)", "have"),
    Paper("id-card", "身份证", "have"),
    Paper("bank", "本人银行账户", "missing"),
)


def make(tenant: Tenant, clerk: Actor, desk: Actor) -> None:
    """Enter the family; two files go to the desk, which takes one and asks for a paper of the other."""
    with tenant_scope(tenant):
        yard = db.session.scalars(select(Courtyard.id).order_by(Courtyard.seq).limit(1)).one()
        with acting(clerk):
            case_id = families.enter(yard, FAMILY, "示例室99")
            person = _person(case_id)
            asked = departments.send(case_id, "age-subsidy", [person], PAPERS, "示例：儿子在外地，材料由社区代交")
            departments.send(case_id, "dibao-margin", [person], PAPERS[:2], "示例：高出 40 元，家里仍要申请")
            requests.put(person, {"name": "武示例"}, reason="户口本上是这个字，登记时听错了（示例）")
        with acting(desk):
            answering.ask_papers(asked, today(), [], ["本人银行账户"], "示例：请写明开户行")


def _person(case_id: UUID) -> UUID:
    home = select(CaseFile.household_id).where(CaseFile.id == case_id).scalar_subquery()
    return db.session.scalars(select(Person.id).where(Person.household_id == home)).one()
