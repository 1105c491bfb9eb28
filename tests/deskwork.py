"""A family whose file goes to the 一门受理 desk of its street, for tests of track 救."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import update

from rongjiu.actor import Actor, acting
from rongjiu.db import db, tenant_scope
from rongjiu.identity.models import Account
from tenants.acceptance import service
from tenants.acceptance.service import Paper
from tenants.residents.models import Person
from tests import casework, factories
from tests.casework import Family

ID_NUMBER = "610103194001011235"
WORDS = "老人起不来床"
POLICY = "disability-care"
PAPERS = (
    Paper("application", "申请书", "have"),
    Paper("id-card", "身份证", "attached", (b"\xff\xd8\xff\xe0" + b"0" * 64, "card.jpg")),
    Paper("disability-cert", "残疾人证", "missing"),
)


@dataclass(frozen=True)
class Sent:
    """Plain values of a family, its street and the staff of both."""

    family: Family
    street: str
    task: UUID | None
    clerk: str
    desk: str
    desk_account: UUID
    colleague: str
    other_desk: str
    other_street: str
    overseer: str


def a_street_at_work(*, sent: bool = True, phone: str = "13911112222") -> Sent:
    """A family in a street with two acceptance clerks, an overseer, a neighbouring street; its file sent unless not."""
    family = casework.a_family()
    street = db.session.get_one(factories.Street, family.street_id)
    slug, place = street.slug, street.id
    clerk = factories.a_person_with_role("assistance_clerk", "community", family.community_id, post="救助专干")
    desk = factories.a_person_with_role("street_acceptance", "street", place, post="一门受理甲")
    colleague = factories.a_person_with_role("street_acceptance", "street", place, post="一门受理乙")
    overseer = factories.a_person_with_role("street_overseer", "street", place)
    district = factories.a_person_with_role("district_overseer", "district", street.district_id)
    other = factories.a_street()
    stranger = factories.a_person_with_role("street_acceptance", "street", other.id)
    for n, each in enumerate((desk, overseer, district)):
        account = db.session.get_one(Account, each.account.id)
        account.phone = f"{phone[:-1]}{n}"
    db.session.flush()
    words = (clerk.token, desk.token, desk.account.id, colleague.token, stranger.token, other.slug, overseer.token)
    with tenant_scope(family.tenant):
        db.session.execute(update(Person).where(Person.id == family.old_man).values(birth_date=date(1940, 1, 1)))
        row = db.session.get_one(Person, (family.tenant.id, family.old_man))
        row.id_number = ID_NUMBER
        db.session.flush()
        task = send(family) if sent else None
    return Sent(family, slug, task, words[0], words[1], words[2], words[3], words[4], words[5], words[6])


def send(family: Family, policy: str = POLICY, papers: tuple[Paper, ...] = PAPERS) -> UUID:
    """The old man's file goes out; inside the community."""
    with acting(Actor(None, "assistance_clerk", "救助专干")):
        return service.send(family.case_id, policy, [family.old_man], papers, WORDS)
