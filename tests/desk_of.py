"""A community at work, for the tests of its rooms: model, courtyards, staff."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu.actor import Actor, acting
from rongjiu.audit import Audit
from rongjiu.clock import now
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.oversight.service import next_step
from tenants.cases import service as cases
from tenants.needs import service as needs
from tenants.residents import service as residents
from tenants.residents.models import Courtyard
from tenants.residents.service import Door, NewPerson
from tests import factories
from tests.factories import Staff

Made = Callable[[Callable[[], object]], Any]
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


class DeskWithCase:
    """A desk with one case of a family, as plain values."""

    def __init__(self, here: Desk) -> None:
        self.here, self.slug = here, here.slug
        self.tokens = {name: getattr(here, name).token for name in ("secretary", "clerk", "worker", "grid", "live")}
        self.accounts = {name: getattr(here, name).account.id for name in self.tokens}
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            home = residents.register(here.yard, DOOR, ZHOU)
            residents.link_carer(home.person_ids[2], home.person_ids[0])
            residents.amend_person(home.person_ids[0], condition="高位截瘫")
            case = cases.open_case(here.yard)
            cases.attach_household(case.id, home.household_id)
            for text in WISHES:
                needs.add(case.id, text, is_wish=True)
            next_step(
                "case", case.id, number=case.number, case_id=case.id, actor_role="assistance_clerk", actor="救助专干",
                verb="完成甄别研判", due_at=now(),
            )  # fmt: skip
            self.number, self.case_id = case.number, case.id
            self.household, self.head = home.household_id, home.person_ids[0]

    def url(self, path: str = "") -> str:
        return f"/c/{self.slug}/desk/{path}"

    run: Made

    def audits(self, verb: str) -> list[Any]:
        """Rows of the community's audit: verb, actor, object, reason, detail."""

        def rows() -> list[Any]:
            with tenant_scope(self.here.tenant):
                a = Audit
                found = db.session.execute(
                    select(a.verb, a.actor_id, a.object_id, a.reason, a.detail).where(a.verb == verb).order_by(a.seq)
                )
                return [tuple(row) for row in found]

        return self.run(rows)  # type: ignore[no-any-return]


def desk_with_case(made: Made) -> DeskWithCase:
    """A desk with one case, made."""
    found: DeskWithCase = made(lambda: DeskWithCase(a_desk()))
    found.run = made
    return found
