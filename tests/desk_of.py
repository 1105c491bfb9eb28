"""A community at work, for the tests of its rooms: model, courtyards, staff."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongjiu.actor import Actor
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.ids import uuid7
from tenants.residents.models import Courtyard
from tenants.residents.service import Door, NewPerson
from tests import factories
from tests.factories import Staff

ZHOU = (
    NewPerson("周某", "male", "02", age=84, groups=("severely-disabled", "disabled-elderly"), phone="13800001234"),
    NewPerson("马某", "female", "10", age=81),
    NewPerson("周某之子", "male", "20", age=52, groups=("family-carers",)),
    NewPerson("周某孙女", "female", "42", birth_date=date(2015, 5, 1)),
)
DOOR = Door("3", "2", "501甲")
WISHES = ("希望能对接医疗资源", "想看家里能不能享受低保")


@dataclass(frozen=True)
class Desk:
    """Plain values, so that they outlive the rows."""

    tenant: Tenant
    slug: str
    yard: UUID
    other_yard: UUID
    secretary: Staff
    clerk: Staff
    worker: Staff
    grid: Staff
    live: Staff

    def as_clerk(self) -> Actor:
        """The clerk acting."""
        return Actor(self.clerk.account.id, "assistance_clerk", "救助专干（示例）")


def a_desk() -> Desk:
    """A modelled community with two courtyards and one person for each post of the desk."""
    community = factories.a_modelled_community()
    here = factories.tenant(community)
    yards = (uuid7(), uuid7())
    with tenant_scope(here):
        for n, (yard, name) in enumerate(zip(yards, ("雁北新村", "雁鸣小区"), strict=True)):
            db.session.add(Courtyard(id=yard, slug=f"yard-{n}", seq=n, name=name, grid=f"g{n}"))
    posts = {
        "secretary": "社区书记",
        "assistance_clerk": "救助专干",
        "community_worker": "社区工作者",
        "live_desk": "直播台",
    }
    staff = {
        role: factories.a_person_with_role(role, "community", community.id, post=post) for role, post in posts.items()
    }
    grid = factories.a_person_with_role(
        "grid_worker", "community", community.id, post="网格员03", courtyards=("yard-0",)
    )
    return Desk(
        here, community.slug, *yards, staff["secretary"], staff["assistance_clerk"], staff["community_worker"], grid,
        staff["live_desk"],
    )  # fmt: skip
