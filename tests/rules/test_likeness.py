"""When two entries may be one person, and which changes need a second pair of eyes."""

from datetime import date
from uuid import uuid4

import pytest

from tenants.residents import likeness
from tenants.residents.likeness import Features, alike, door_key, sensitive, strength

YARD = uuid4()


def person(name: str = "王芳", **words: object) -> Features:
    return Features(uuid4(), uuid4(), name, **{"pinyin": "wangfang wf", **words})  # type: ignore[arg-type]


BORN = date(1940, 1, 1)


@pytest.mark.parametrize(
    ("one", "other", "reasons", "weight"),
    [
        (person(id_index=b"a"), person("李四", id_index=b"a", gender="male"), ("id_number",), 3),
        (person(birth_date=BORN, age=86), person(birth_date=BORN, age=86), ("name_birth",), 2),
        (person(age=80), person(age=81), ("name_age",), 1),
        (person(age=80), person("王方", age=79), ("pinyin_age",), 1),
        (person(age=80), person(age=83), (), 0),
        (person(), person(), (), 0),
        (person(phone_index=b"p"), person("张三", phone_index=b"p", pinyin="zhangsan zs"), ("phone",), 1),
        (person(phone_index=b"p", age=80), person(phone_index=b"p", age=80), ("name_age", "phone"), 2),
        (person(phone_index=b"p", age=80), person("张三", phone_index=b"p", age=12), (), 0),
        (person(door=(YARD, "3|2|501")), person("王小", door=(YARD, "3|2|501"), pinyin=""), ("door_surname",), 1),
        (person(door=(YARD, "3|2|501")), person("李小", door=(YARD, "3|2|501"), pinyin=""), (), 0),
        (person(birth_date=BORN, gender="male"), person(birth_date=BORN, gender="female"), (), 0),
        (person(birth_date=BORN, id_index=b"a"), person(birth_date=BORN, id_index=b"b"), (), 0),
        (person(birth_date=BORN, age=86), person(birth_date=date(1941, 1, 1), age=85), (), 0),
    ],
)
def test_what_speaks_for_one_person(one: Features, other: Features, reasons: tuple[str, ...], weight: int) -> None:
    assert alike(one, other) == reasons
    assert alike(other, one) == reasons
    assert strength(reasons) == weight
    assert set(reasons) <= set(likeness.WORDS) == set(likeness.STRENGTH)


def test_two_of_one_household_are_two_unless_it_is_certain() -> None:
    home = uuid4()
    twins = [Features(uuid4(), home, "王芳", birth_date=BORN, phone_index=b"p") for _ in range(2)]
    assert alike(*twins) == ()
    certain = [Features(uuid4(), home, "王芳", id_index=b"a") for _ in range(2)]
    assert alike(*certain) == ("id_number",)


@pytest.mark.parametrize(
    "door",
    [
        ("3号楼", "2单元", "501室"),
        ("3", "2", "501"),
        ("三号楼", "二单元", "0501"),
        ("３栋", "２门", "501 房"),
        ("03幢", "02", "501号"),
    ],
)
def test_a_door_is_read_whatever_way_it_is_written(door: tuple[str, str, str]) -> None:
    assert door_key(*door) == "3|2|501"
    assert door_key("3", "2", "502") != "3|2|501"
    assert door_key("3", "2", "") == ""
    assert door_key("3", "2", "501甲") != door_key("3", "2", "501")


@pytest.mark.parametrize(
    ("name", "before", "after", "needs"),
    [
        ("name", "王芳", "王方", True), ("id_number", None, "610103194001011235", False),
        ("id_number", "610103194001011235", None, True), ("birth_date", None, BORN, False),
        ("condition", "高血压", "偏瘫", True), ("status", "here", "died", True), ("status", "died", "here", True),
        ("status", "here", "moved", False), ("phone", "1", "2", False), ("name", "王芳", "王芳", False),
    ],
)  # fmt: skip
def test_a_first_entry_needs_nobody_a_change_of_a_sensitive_fact_does(
    name: str, before: object, after: object, needs: bool
) -> None:
    assert sensitive(name, before, after) is needs
