"""The 周某 family of the demo data as a household with a case, for tests of the rooms above the register."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from rongjiu.db import db
from rongjiu.ids import uuid7
from rongjiu.library.packfiles import read_demo
from tenants.cases import service as cases
from tenants.needs import service as needs
from tenants.residents.models import Courtyard
from tenants.residents.service import Door, NewPerson, register
from tenants.screening import service
from tenants.screening.means import IncomeLine

STORY = read_demo("zhou_case")
INPUTS: dict[str, Any] = STORY["screening"]["inputs"]


@dataclass(frozen=True)
class Family:
    """A case with its household; `people` are in the order m1 to m4."""

    case_id: UUID
    number: str
    people: tuple[UUID, ...]
    need_id: UUID

    @property
    def names(self) -> dict[str, str]:
        """Person id → m1 … m4."""
        return {str(person): f"m{n}" for n, person in enumerate(self.people, start=1)}


def zhou(*, sheets: bool = True) -> Family:
    """The family registered in the community entered, with its question about policies; `sheets` = income and facts."""
    yard = Courtyard(id=uuid7(), slug="hy-03", seq=3, name="雁北新村", grid="hy-g03", households=0, residents=0)
    db.session.add(yard)
    db.session.flush()
    people = [
        NewPerson(
            name=row["name_zh"], relation=row["relation_zh"], age=row["age"],
            gender=INPUTS["members"][row["id"]].get("person.gender", ""),
        )
        for row in STORY["household"]["members"]
    ]  # fmt: skip
    home = register(yard.id, Door(), people)
    case = cases.open_case(yard.id)
    cases.attach_household(case.id, home.household_id)
    need = needs.add(case.id, STORY["wishes"][1]["text_zh"], is_wish=True, item_slug="policy-help")
    family = Family(case.id, case.number, home.person_ids, need.id)
    if sheets:
        lines = [IncomeLine(str(family.people[0]), "pension", Decimal(4600))]
        service.save_income(case.id, lines, Decimal(62))
        service.save_facts(case.id, told(family))
    return family


def told(family: Family) -> dict[str, Any]:
    """The facts of the story by person id, without what register and income sheet give."""
    given = {"household.income_per_capita_month", "household.rigid_expense_ratio", "person.age", "person.gender"}
    return {
        "household": {name: value for name, value in INPUTS["household"].items() if name not in given},
        "members": {
            str(person): {
                name: value for name, value in INPUTS["members"][f"m{n}"].items() if name not in given
            }
            for n, person in enumerate(family.people, start=1)
        },
    }  # fmt: skip
