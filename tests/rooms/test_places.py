"""Courtyards counted beside stated, buildings, ages, and figures with their sources."""

from datetime import date
from decimal import Decimal

import pytest

from rongjiu.db import tenant_scope
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from tenants.residents import changing, places, service
from tenants.residents.places import Counted
from tenants.residents.service import Door, NewPerson
from tests.desk_of import DOOR, ZHOU, a_desk

pytestmark = pytest.mark.usefixtures("inside")


def test_what_is_counted_is_who_is_here() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        home = service.register(here.yard, DOOR, ZHOU)
        empty = service.register(here.yard, Door("3", "2", "502"), [NewPerson("张某", "female", age=66)])
        assert places.counted() == {here.yard: Counted(2, 0, 5)}
        changing.change_person(empty.person_ids[0], {"status": "moved"})
        changing.change_household(empty.household_id, {"occupancy": "vacant"})
        assert places.counted(here.yard) == {here.yard: Counted(1, 1, 4)}
        doors = {each.room: (each.people, each.occupancy) for each in places.doors(here.yard)}
        assert doors == {"501甲": (4, "lived_in"), "502": (0, "vacant")}
        ages = {line[0]: line[1:] for line in places.ages(here.yard) if any(line[1:])}
        assert ages["80–89"] == (1, 1, 0)
        assert sum(sum(each) for each in ages.values()) == 4
        assert home.household_id in {
            each.id for each in places.doors(here.yard) if "oldest-old-disabled" in each.groups
        }


def test_a_building_is_described_once_by_its_name() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        made = places.save_building(here.yard, None, name="3号楼", floors="6", lift="no", barriers=["steps", "odd"])
        (row,) = places.buildings(here.yard)
        assert (row.name, row.floors, row.lift, row.barriers) == ("3", 6, "no", ["steps"])
        places.save_building(here.yard, made, name="3", lift="yes")
        assert [(each.lift, each.barriers) for each in places.buildings(here.yard)] == [("yes", [])]
        for words, field in (({"name": "3"}, "name"), ({"name": ""}, "name"), ({"name": "4", "floors": "0"}, "floors")):
            with pytest.raises(Refused) as refused:
                places.save_building(here.yard, None, **words)
            assert refused.value.field == field
        with pytest.raises(Absent):
            places.save_building(here.other_yard, made, name="9")
        with pytest.raises(Absent):
            places.save_building(uuid7(), None, name="9")


def test_figures_of_two_sources_both_stand() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        places.save_stat("courtyards", "14", source="社区简介", as_of=date(2022, 8, 15))
        second = places.save_stat("courtyards", "13", source="摸排", as_of=date(2022, 7, 25))
        places.save_stat("area", "0.765", unit="平方公里", source="社区简介")
        rows = places.stats()
        assert [(row.value, row.source) for row in rows["courtyards"]] == [(14, "社区简介"), (13, "摸排")]
        assert rows["area"][0].value == Decimal("0.765")
        places.drop_stat(second)
        assert len(places.stats()["courtyards"]) == 1
        with pytest.raises(Absent):
            places.drop_stat(second)
        for words, field in (
            ({"kind": "dogs", "value": "1", "source": "x"}, "kind"), ({"kind": "area", "value": "viel", "source": "x"}, "value"),
            ({"kind": "area", "value": "1", "source": " "}, "source"), ({"kind": "area", "value": "NaN", "source": "x"}, "value"),
        ):  # fmt: skip
            with pytest.raises(Refused) as refused:
                places.save_stat(**words)
            assert refused.value.field == field
