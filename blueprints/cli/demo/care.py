"""Contacts, one-touch tests and figures of 黄雁社区, so that coverage, hand-over and disagreeing sources can be seen."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from rongjiu.clock import now, today
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.library import packfiles
from tenants.express import duty as roster
from tenants.express.rules import WEEKDAYS
from tenants.residents import labels, rules
from tenants.residents.models import CommunityStat, EmergencyContact, OneTouch, Person

STATS = {
    "area": ("area", "平方公里"), "courtyards": ("courtyards", "个"), "courtyards_swept": ("courtyards", "个"),
    "households": ("households", "户"), "residents": ("residents", "人"), "big_units": ("units", "家"),
    "shops": ("shops", "家"),
}  # fmt: skip
"""Fact of the sample pack → kind and unit."""
NOTES = {"courtyards_swept": "7月25日摸排的院落数", "shops": "原文为200余家", "big_units": "大型驻地单位"}


def make(tenant: Tenant, staff: list[UUID]) -> None:
    """Enter them; `staff` are accounts that can be contacts, the first of each door in turn."""
    with tenant_scope(tenant):
        labels.recheck()
        _stats()
        rows = db.session.execute(select(Person.id, Person.groups, Person.labels).order_by(Person.id))
        elders = [row.id for row in rows if rules.ALONE & {*row.groups, *row.labels}]
        for n, person_id in enumerate(elders):
            if n % 5 != 4:
                _contact(n, person_id, staff[n % len(staff)])
        db.session.flush()


def duty(tenant: Tenant, day: UUID, night: UUID) -> None:
    """A week of 急难 shifts: one by day, another at night."""
    with tenant_scope(tenant):
        roster.set_week({(n, shift): day if shift == "day" else night for n in WEEKDAYS for shift in ("day", "night")})


def _stats() -> None:
    for fact in packfiles.read_demo("huangyan")["facts"]:
        if fact["id"] in STATS:
            kind, unit = STATS[fact["id"]]
            swept = fact["id"] == "courtyards_swept"
            db.session.add(
                CommunityStat(
                    id=uuid7(), kind=kind, value=Decimal(str(fact["value"])), unit=unit,
                    as_of=date(2022, 7, 25) if swept else date(2022, 8, 15), note=NOTES.get(fact["id"], ""),
                    source="2022年7月25日摸排报道" if swept else "2022年8月社区介绍", demo=True,
                )
            )  # fmt: skip


def _contact(n: int, person_id: UUID, account_id: UUID) -> None:
    family = n % 3 == 1
    row = EmergencyContact(
        id=uuid7(), person_id=person_id, kind="family" if family else "staff", account_id=None if family else account_id,
        name="示例亲属" if family else None, phone=f"1990009{n:04d}" if family else None, since=today(), demo=True,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    if n % 4:
        db.session.add(
            OneTouch(
                id=uuid7(), person_id=person_id, contact_id=row.id, taught_on=today() - timedelta(days=n * 9),
                tested_on=today() - timedelta(days=n * 9), works=n % 6 != 1, at=now(), actor_id=None,
                actor="网格员03(示例)",
            )
        )  # fmt: skip
