"""Doors laid out as buildings, staircases and floors for the drawn plan."""

import pytest

from blueprints.plans import blocks, floor_of, natural


@pytest.mark.parametrize(
    ("room", "floor"), [("501甲", "5"), ("1203", "12"), ("3", ""), ("地下室", ""), ("", ""), ("102", "1")]
)
def test_the_floor_stands_in_front_of_the_last_two_digits(room: str, floor: str) -> None:
    assert floor_of(room) == floor


def test_two_comes_before_ten() -> None:
    assert sorted(["10", "甲", "2", "1", "2甲"], key=natural) == ["1", "2", "2甲", "10", "甲"]


def test_doors_stand_by_building_unit_and_floor_with_the_top_first() -> None:
    doors = [
        (1, "10", "1", "101"),
        (2, "3", "2", "501"),
        (3, "3", "2", "502"),
        (4, "3", "2", "601"),
        (5, "3", "1", "101"),
    ]
    three, ten = blocks(doors)
    assert (three.name, ten.name) == ("3", "10")
    assert [unit.name for unit in three.units] == ["1", "2"]
    assert [floor for floor, _spots in three.units[1].floors] == ["6", "5"]
    assert [spot.key for spot in three.units[1].floors[1][1]] == [2, 3]
    assert (three.floors, three.units[1].width, sorted(three.keys)) == (2, 2, [2, 3, 4, 5])
