"""One box: name, pinyin, initials, whole numbers, group, address, and words of several kinds together."""

import pytest

from rongjiu.db import tenant_scope
from tenants.residents import changing, searching, service
from tenants.residents.searching import Address, address_of
from tenants.residents.service import Door, NewPerson
from tests.desk_of import DOOR, ZHOU, Desk, a_desk
from tests.rooms.test_residents import NUMBER


@pytest.mark.parametrize(
    ("word", "door"),
    [
        ("3-2-501", Address("", "3", "2", "501")), ("3—2—501甲", None), ("3-2-501甲", Address("", "3", "2", "501甲")),
        ("3-501", Address("", "3", "", "501")), ("3-2", Address("", "3", "2", "")),
        ("3号楼2单元501", Address("", "3", "2", "501")), ("3号楼", Address("", "3", "", "")), ("2单元", Address("", "", "2", "")),
        ("雁北新村3号楼2单元501室", Address("雁北新村", "3", "2", "501")), ("雁北3-2-501", Address("雁北", "3", "2", "501")),
        ("501", Address("", "", "", "501")), ("501室", Address("", "", "", "501")), ("12号", Address("", "", "", "12")),
        ("甲栋", Address("", "甲", "", "")), ("12", None), ("张三", None), ("zhangsan", None), ("12345", None),
        ("HY-2026-000123", None),
    ],
)  # fmt: skip
def test_doors_as_people_write_them(word: str, door: Address | None) -> None:
    assert address_of(word) == door


def test_words_are_read_narrow_and_dashes_alike() -> None:
    assert searching.tokens("　雁北，３—２—５０１ ") == ["雁北", "3-2-501"]


def a_street(here: Desk) -> None:
    service.register(here.yard, DOOR, [*ZHOU, NewPerson("单某", id_number=NUMBER)])
    service.register(here.yard, Door("3", "1", "102"), [NewPerson("张示例", age=77)])
    service.register(here.other_yard, Door("3", "2", "501"), [NewPerson("张小雨", age=30)])


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize(
    ("words", "kind", "found"),
    [
        ("周某之", "words", {"周某之子"}), ("zhoumouzhizi", "words", {"周某之子"}), ("zmzz", "words", {"周某之子"}),
        ("ZMZZ", "words", {"周某之子"}), ("shanmou", "words", {"单某"}), ("小雨", "words", {"张小雨"}),
        ("138 0000 1234", "phone", {"周某"}), (NUMBER, "id_number", {"单某"}), ("13800001235", "phone", set()),
        ("张", "words", {"张示例", "张小雨"}), ("张 独居", "words", {"张示例"}), ("独居老人", "words", {"张示例"}),
        ("alone", "words", {"张示例"}), ("照护者", "words", {"周某之子"}), ("3-1-102", "words", {"张示例"}),
        ("雁鸣 3-2-501", "words", {"张小雨"}), ("雁鸣小区", "words", {"张小雨"}), ("3号楼1单元", "words", {"张示例"}),
        ("3-2-501 马", "words", {"马某"}), ("雁北3-2-501甲 周", "words", {"周某", "周某之子", "周某孙女"}),
        ("雁南 3-2-501", "words", set()), ("1380", "words", set()), ("100%", "", set()), ("%", "", set()), ("12", "", set()),
    ],
)  # fmt: skip
def test_one_box_finds(words: str, kind: str, found: set[str]) -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        a_street(here)
        got = searching.search(words)
        assert (got.kind, {row.name for row in got.rows}, got.total) == (kind, found, len(found))


@pytest.mark.usefixtures("inside")
def test_a_door_without_people_is_an_answer_and_who_left_is_marked() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        a_street(here)
        (row,) = searching.search("雁鸣 3-2-501").rows
        changing.change_person(row.id, {"status": "moved"})
        assert [each.status for each in searching.search("张小雨").rows] == ["moved"]
        changing.change_person(row.id, {"status": "merged"})
        (empty,) = searching.search("雁鸣 3-2-501").rows
        assert (empty.id, empty.household_id) == (None, row.household_id)
        assert searching.search("张小雨").rows == []
        assert searching.search("张", ids=[row.household_id]).rows == []


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("typed", ["lu", "lv", "lü", "lvmou", "lumou", "LU", "lm"])
def test_the_u_with_two_dots_is_typed_in_every_way(typed: str) -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        service.register(here.yard, Door("3", "1", "102"), [NewPerson("吕某", age=77)])
        assert {row.name for row in searching.search(typed).rows} == {"吕某"}


@pytest.mark.usefixtures("inside")
def test_what_is_found_is_paged() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        people = [NewPerson(f"胡某{n}", age=40) for n in range(searching.SIZE + 2)]
        service.register(here.yard, DOOR, people)
        first, second, third = (searching.search("胡", page=n) for n in (1, 2, 3))
        assert (len(first.rows), len(second.rows), len(third.rows)) == (searching.SIZE, 2, 0)
        assert {first.total, second.total, third.total} == {searching.SIZE + 2}
