"""Doors of two courtyards of 黄雁社区 with invented people (示例), so that plans, search and sweeps have something to
show. Building 3 of 雁北新村 stays empty: the story of the demo registers its family there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from rongjiu import crypto, facts
from rongjiu.clock import now, today
from rongjiu.db import Tenant, current_tenant, db, tenant_scope
from rongjiu.ids import uuid7
from tenants.residents.changing import reading
from tenants.residents.facts import HouseholdRegistered
from tenants.residents.models import Building, Carer, Courtyard, Household, Person

SURNAMES = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
Plan = tuple[tuple[str, int, int, str, tuple[str, ...], int], ...]
"""Building, staircases, floors, lift, barrier risks, year: two doors on each floor."""
PLANS: dict[str, Plan] = {
    "hy-03": (
        ("1", 2, 5, "no", ("steps", "no_handrail"), 1986), ("2", 2, 5, "no", ("steps",), 1986),
        ("3", 2, 6, "no", ("steps", "dark_stairs"), 1988), ("4", 2, 5, "no", (), 1990),
    ),
    "hy-14": (
        ("1", 3, 5, "no", ("steps", "no_ramp"), 1992), ("2", 3, 5, "no", ("steps",), 1992),
        ("3", 3, 5, "yes", (), 2004), ("4", 2, 5, "", (), 2004),
    ),
}  # fmt: skip
FREE = {("hy-03", "3")}


@dataclass(frozen=True)
class Somebody:
    """A sample person: relation, sex, age, groups said by hand, and whether they care for the head."""

    relation: str
    gender: str
    age: int
    groups: tuple[str, ...] = ()
    cares: bool = False


FAMILIES = (
    (Somebody("02", "female", 78, ("empty-nest-elderly",)),),
    (Somebody("02", "male", 72, ("empty-nest-elderly",)), Somebody("10", "female", 70, ("empty-nest-elderly",))),
    (Somebody("02", "male", 38), Somebody("10", "female", 36), Somebody("20", "male", 9)),
    (Somebody("02", "female", 66), Somebody("20", "male", 41), Somebody("38", "female", 39), Somebody("42", "female", 12)),
    (Somebody("02", "male", 83, ("disabled",)), Somebody("10", "female", 79, (), True)),
    (Somebody("02", "male", 31), Somebody("10", "female", 29)),
    (Somebody("02", "female", 44, ("unemployed",)), Somebody("30", "female", 13)),
    (Somebody("02", "male", 57), Somebody("52", "female", 86, ("disabled-elderly",))),
)  # fmt: skip


def make(tenant: Tenant) -> int:
    """Enter buildings, doors and people; answers how many people."""
    with tenant_scope(tenant):
        rows = db.session.execute(select(Courtyard.slug, Courtyard.id).where(Courtyard.slug.in_(PLANS)))
        yards = {row.slug: row.id for row in rows}
        people, first = 0, 0
        for slug, plan in PLANS.items():  # the count of doors goes on, so that no two people are alike
            people += _courtyard(slug, yards[slug], plan, first)
            first += len(list(_doors(slug, plan)))
    return people


def _courtyard(slug: str, yard_id: UUID, plan: Plan, first: int) -> int:
    homes, people, carers = list[Household](), list[Person](), list[Carer]()
    for seq, (name, units, floors, lift, barriers, year) in enumerate(plan, 1):
        db.session.add(
            Building(
                id=uuid7(), courtyard_id=yard_id, name=name, seq=seq, units=units, floors=floors, lift=lift,
                barriers=list(barriers), built_in=year, note="示例",
            )
        )  # fmt: skip
    for n, (building, unit, room) in enumerate(_doors(slug, plan), first):
        empty = n % 13 == 12
        home = Household(
            id=uuid7(), courtyard_id=yard_id, building=building, unit=unit, room=room, created_at=now(), demo=True,
            occupancy="vacant" if empty else "rented_out" if n % 17 == 16 else "lived_in",
        )  # fmt: skip
        homes.append(home)
        if not empty:
            there = [_person(home.id, n, seq, each) for seq, each in enumerate(FAMILIES[n % len(FAMILIES)], 1)]
            people += there
            carers += [
                Carer(
                    id=uuid7(), carer_id=carer.id, person_id=there[0].id, since=today(), hours_a_week=20 + n % 40,
                    relief_wanted=n % 3 == 0, work_given_up=False,
                )
                for carer, each in zip(there, FAMILIES[n % len(FAMILIES)], strict=True) if each.cares
            ]  # fmt: skip
    for rows in (homes, people, carers):
        db.session.add_all(rows)
        db.session.flush()
    counts = {"households": len(homes), "persons": len(people)}
    facts.send(HouseholdRegistered(tenant_id=current_tenant().id, object_id=yard_id, counts=counts))
    return len(people)


def _doors(slug: str, plan: Plan) -> Iterator[tuple[str, str, str]]:
    for name, units, floors, *_rest in plan:
        if (slug, name) not in FREE:
            for unit in range(1, units + 1):
                for floor in range(1, floors + 1):
                    yield from ((name, str(unit), f"{floor}{room:02d}") for room in (1, 2))


def _person(home_id: UUID, n: int, seq: int, each: Somebody) -> Person:
    mark = "一二三四"[seq - 1] if seq > 1 else ""
    name = f"{SURNAMES[(n * 7 + (seq == 2) * 3) % len(SURNAMES)]}示例{mark}"
    phone = f"199000{seq}{n:04d}" if each.age > 17 else None
    born = date(today().year - each.age, n % 12 + 1, n % 28 + 1)
    return Person(
        id=uuid7(), household_id=home_id, seq=seq, name=name, pinyin=reading(name), gender=each.gender,
        relation=each.relation, birth_date=born, age_said=None, age_on=None, phone=phone, groups=sorted(each.groups),
        phone_index=crypto.blind(phone, current_tenant().uid, "phone") if phone else None, labels=[], demo=True,
    )  # fmt: skip
