"""The 周某 family at the desk of a community, for tests of sheets, screenings and near misses over HTTP."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select

from rongjiu.db import Tenant, db, tenant_scope
from tenants.screening import service
from tests import factories, families
from tests.families import Family

Make = Callable[[Callable[[], Any]], Any]


@dataclass(frozen=True)
class Desk:
    """A community with the 周某 family, and who works there."""

    slug: str
    tenant: Tenant
    family: Family
    tokens: dict[str, str]

    @property
    def case(self) -> str:
        """The address of the case."""
        return f"/c/{self.slug}/desk/cases/{self.family.number}"


def a_desk(*, sheets: bool = True) -> Desk:
    community = factories.a_modelled_community()
    here = factories.tenant(community)
    with tenant_scope(here):
        family = families.zhou(sheets=sheets)
    roles = ("assistance_clerk", "secretary", "community_worker")
    staff = {role: factories.a_person_with_role(role, "community", community.id, post=f"{role}岗") for role in roles}
    return Desk(community.slug, here, family, {role: each.token for role, each in staff.items()})


def screened(made: Make, desk: Desk) -> str:
    def take() -> UUID:
        with tenant_scope(desk.tenant):
            return service.take(desk.family.case_id, date(2022, 8, 10)).id

    return f"{desk.case}/screening/{made(take)}"


def count(app: Flask, desk: Desk, model: type[Any]) -> int:
    with app.app_context(), tenant_scope(desk.tenant):
        return db.session.scalar(select(func.count()).select_from(model)) or 0
