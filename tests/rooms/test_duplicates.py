"""Who may be registered twice: found at entry and over the whole register, never in the way of field work."""

from collections.abc import Iterator
from datetime import date, timedelta
from time import perf_counter

import pytest
from sqlalchemy import insert, select, update

from rongjiu.actor import acting
from rongjiu.clock import now
from rongjiu.db import db, telling, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.tenancy.models import KnownPerson
from tenants.residents import changing, duplicates, queries, service
from tenants.residents.changing import Origin, Taken, reading
from tenants.residents.models import Household, Person, RegisterReview
from tenants.residents.service import Door, NewPerson
from tests.asked import statements
from tests.desk_of import DOOR, ZHOU, Desk, a_desk

pytestmark = pytest.mark.usefixtures("inside")
NUMBER = "610103194001011235"
BORN = date(1940, 1, 1)


@pytest.fixture
def here() -> Iterator[Desk]:
    desk = a_desk()
    with tenant_scope(desk.tenant), acting(desk.as_clerk()):
        yield desk


def reviews() -> list[tuple[str, str, list[str], int]]:
    r = RegisterReview
    return [tuple(row) for row in db.session.execute(select(r.kind, r.state, r.reasons, r.strength).order_by(r.id))]


@pytest.mark.parametrize(
    ("first", "second", "door", "reasons"),
    [
        (NewPerson("王芳", birth_date=BORN), NewPerson("王芳", birth_date=BORN), Door("9", "9", "9"), ("name_birth",)),
        (NewPerson("王芳", age=80), NewPerson("王方", age=81), Door("9", "9", "9"), ("pinyin_age",)),
        (NewPerson("王芳", phone="13800001111"), NewPerson("李四", phone="138 0000 1111"), Door("9"), ("phone",)),
        (NewPerson("王芳"), NewPerson("王小明"), Door("三号楼", "二单元", "0501室"), ("door_surname",)),
    ],
)
def test_whoever_may_be_registered_already_is_kept_for_the_desk(
    here: Desk, first: NewPerson, second: NewPerson, door: Door, reasons: tuple[str, ...]
) -> None:
    (known,) = service.register(here.yard, Door("3", "2", "501"), [first]).person_ids
    assert reviews() == []
    (new,) = service.register(here.yard, door, [second]).person_ids
    (found,) = duplicates.suggest(new)
    assert (found.id, found.reasons) == (known, reasons)
    ((kind, state, kept, _),) = reviews()
    assert (kind, state, tuple(kept)) == ("duplicate", "open", reasons)


def test_a_suggestion_costs_three_statements_and_two_people_are_not_shown_again(here: Desk) -> None:
    service.register(here.yard, DOOR, [NewPerson("王芳", birth_date=BORN)])
    (new,) = service.register(here.yard, Door("9", "9", "9"), [NewPerson("王芳", birth_date=BORN)]).person_ids
    with statements() as seen:
        assert len(duplicates.suggest(new)) == 1
    assert len(seen) <= 3
    db.session.execute(update(RegisterReview).values(state="different"))
    assert duplicates.suggest(new) == []
    assert duplicates.note([new]) == []
    assert [row[1] for row in reviews()] == ["different"]


def test_one_household_and_other_communities_are_not_doubles(here: Desk) -> None:
    service.register(here.yard, DOOR, [*ZHOU, NewPerson("周同", age=81, phone="13800001234")])
    assert reviews() == []
    there = a_desk()
    with tenant_scope(there.tenant):
        (new,) = service.register(there.yard, DOOR, [ZHOU[0]]).person_ids
        assert duplicates.suggest(new) == []


def test_a_taken_number_is_refused_at_the_desk_and_says_whose_it_is(here: Desk) -> None:
    (holder,) = service.register(here.yard, DOOR, [NewPerson("王芳", id_number=NUMBER)]).person_ids
    with pytest.raises(Taken, match="已经登记过") as taken:
        service.register(here.yard, Door("9"), [NewPerson("李四", id_number=NUMBER)])
    assert (taken.value.holder_id, taken.value.field, taken.value.status) == (holder, "persons-0-id_number", 409)


@pytest.mark.parametrize("kind", ["visit", "sweep", "field", "import"])
def test_in_the_field_a_taken_number_stops_nobody(here: Desk, kind: str) -> None:
    (holder,) = service.register(here.yard, DOOR, [NewPerson("王芳", id_number=NUMBER)]).person_ids
    made = service.register(here.yard, Door("9"), [NewPerson("李四", id_number=NUMBER)], origin=Origin(kind, uuid7()))
    (new,) = made.person_ids
    assert not queries.members(made.household_id)[0].has_id_number
    row = db.session.execute(
        select(RegisterReview.one_id, RegisterReview.other_id, RegisterReview.number, RegisterReview.state)
    ).one()
    assert tuple(row) == (new, holder, NUMBER, "open")
    later = changing.change_person(new, {"id_number": NUMBER, "phone": "13800007777"}, origin=Origin(kind, uuid7()))
    assert (later.changed, later.held) == (("phone",), ("id_number",))
    assert len(reviews()) == 1


def test_numbers_are_known_by_their_platform_hash(here: Desk) -> None:
    def hashes() -> int:
        with telling(community_id=here.tenant.uid):
            return len(db.session.execute(select(KnownPerson.id_hash)).all())

    (person,) = service.register(here.yard, DOOR, [NewPerson("王芳", id_number=NUMBER)]).person_ids
    assert hashes() == 1
    changing.change_person(person, {"id_number": ""})
    assert hashes() == 0
    changing.change_person(person, {"id_number": NUMBER})
    assert hashes() == 1


def test_the_whole_register_is_searched_in_seconds(here: Desk) -> None:
    """11,067 people, 5,000 doors: sets, not pairs."""
    tenant, people, homes = here.tenant.id, 11067, 5000
    ids = [uuid7() for _ in range(homes)]
    door = [
        {"tenant_id": tenant, "id": home, "courtyard_id": here.yard, "building": f"{n // 250}", "unit": f"{n % 250 // 50}",
         "room": f"{n % 50 + 100}", "created_at": now()}
        for n, home in enumerate(ids)
    ]  # fmt: skip
    door[-1] |= {"building": "0号楼", "unit": "0单元", "room": "100室"}
    family, given = "王李张刘陈杨赵黄周吴", "芳伟娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
    names = [f + g + h for f in family for g in given for h in given]
    read = {name: reading(name) for name in names[:4000]}
    rows = []
    for n in range(people):
        name = names[n * 7 % 4000]
        rows.append(
            {"tenant_id": tenant, "id": uuid7(), "household_id": ids[n % (homes - 1)], "seq": n // homes + 1, "name": name,
             "pinyin": read[name], "birth_date": BORN + timedelta(days=n * 37 % 30000), "groups": [], "status": "here"}
        )  # fmt: skip
    rows[1] |= {"name": rows[0]["name"], "pinyin": rows[0]["pinyin"], "birth_date": rows[0]["birth_date"]}
    db.session.execute(insert(Household), door)
    db.session.execute(insert(Person), rows)
    began = perf_counter()
    found = [duplicates.find_all(step) for step in range(duplicates.STEPS)]
    assert perf_counter() - began < 8
    assert found[0] >= 1
    assert found[-1] == 1, "one door written in two ways"
    assert [duplicates.find_all(step) for step in range(duplicates.STEPS)] == [0] * duplicates.STEPS
    one, other = sorted((rows[0]["id"], rows[1]["id"]))
    r = RegisterReview
    assert db.session.scalar(select(r.strength).where(r.one_id == one, r.other_id == other)) == 2
    began = perf_counter()
    duplicates.suggest(rows[0]["id"])
    assert perf_counter() - began < 6
