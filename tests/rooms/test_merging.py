"""Two entries become one, field by field; undone, the whole community stands as it stood before."""

import random
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from rongjiu.actor import acting
from rongjiu.audit import Audit
from rongjiu.clock import now
from rongjiu.db import Base, OfTenant, current_tenant, db, telling, tenant_scope
from rongjiu.errors import Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.tenancy.models import KnownPerson
from tenants.cases import service as cases
from tenants.consents.models import Consent
from tenants.finding import home_visits
from tenants.finding.home_visits import put_on_visit_list
from tenants.needs import service as needs
from tenants.needs.models import Need
from tenants.residents import changing, queries, searching, service
from tenants.residents.models import Carer, Person, RegisterReview
from tenants.residents.service import Door, NewPerson
from tenants.reviews import merging, references, unmerging
from tenants.reviews.models import RegisterMerge
from tenants.signals import service as signals
from tenants.signals.models import Signal
from tests.desk_of import Desk, a_desk

pytestmark = pytest.mark.usefixtures("inside")
ONE, OTHER = "610103194001011235", "610103194001011251"
LEFT_OUT = {"audit", "audit_head", "register_change", "register_merge", "register_review", "outbox"}


class Twice:
    """王芳 registered with her family, and once more behind a second door, with what hangs on each."""

    def __init__(self, desk: Desk, *, other_number: bool = False) -> None:
        first = service.register(
            desk.yard, Door("3", "2", "501"),
            [NewPerson("王芳", "female", "02", birth_date=date(1940, 1, 1), phone="13800001111", id_number=ONE,
                       groups=("disabled",)),
             NewPerson("李明", "male", "20", age=50)],
        )  # fmt: skip
        second = service.register(
            desk.yard, Door("三号楼", "2单元", "0501室"),
            [NewPerson("王方", "female", "02", age=86, phone="13800002222", condition="偏瘫", groups=("elderly",),
                       id_number=OTHER if other_number else ""),
             NewPerson("李小", "male", "20", age=20), NewPerson("李大", "male", "20", age=22)],
        )  # fmt: skip
        self.home, (self.keep, self.son) = first.household_id, first.person_ids
        self.other_home, (self.drop, self.boy, self.big) = second.household_id, second.person_ids
        service.link_carer(self.son, self.keep)
        service.link_carer(self.boy, self.drop)
        self.cases = []
        for home, person in ((self.home, self.keep), (self.other_home, self.drop)):
            case = cases.open_case(desk.yard)
            cases.attach_household(case.id, home)
            needs.add(case.id, "想看病", is_wish=True, person_id=person)
            db.session.add(
                Consent(
                    id=uuid7(), case_id=case.id, person_id=person, given_by_id=person, scope="survey_and_casework",
                    how="paper", notice_version="1", given_at=now(),
                )
            )  # fmt: skip
            self.cases.append(case.id)
        db.session.flush()
        for case_id in self.cases:
            cases.reweigh(case_id)


@pytest.fixture
def here() -> Iterator[Desk]:
    desk = a_desk()
    with tenant_scope(desk.tenant), acting(desk.as_clerk()):
        yield desk


def fingerprint() -> dict[str, list[str]]:
    """Everything a community holds, opened, but history, audit and reviews."""
    found: dict[str, list[str]] = {}
    db.session.flush()
    for mapper in Base.registry.mappers:
        table: Any = mapper.local_table
        if issubclass(mapper.class_, OfTenant) and table.name not in LEFT_OUT:
            found[table.name] = sorted(repr(tuple(row)) for row in db.session.execute(select(*mapper.columns)))
    with telling(community_id=current_tenant().uid):
        found["known"] = sorted(repr(tuple(row)) for row in db.session.execute(select(KnownPerson.id_hash)))
    return found


def test_a_merge_takes_what_was_chosen_and_moves_everything(here: Desk) -> None:
    two = Twice(here)
    merging.merge_people(two.keep, two.drop, {"phone": "drop", "condition": "drop", "groups": "both"})
    row = db.session.execute(
        select(Person.name, Person.phone, Person.condition, Person.groups).where(Person.id == two.keep)
    ).one()
    assert tuple(row) == ("王芳", "13800002222", "偏瘫", ["disabled", "elderly"])
    gone = db.session.execute(
        select(Person.status, Person.merged_into, Person.id_index, Person.phone_index).where(Person.id == two.drop)
    ).one()
    assert tuple(gone) == ("merged", two.keep, None, None)
    assert [each.id for each in searching.search("13800002222").rows] == [two.keep]
    assert searching.search("王方").rows == []
    assert set(db.session.scalars(select(Need.person_id))) == {two.keep}
    assert set(db.session.scalars(select(Consent.given_by_id))) == {two.keep}
    assert {tuple(r) for r in db.session.execute(select(Carer.carer_id, Carer.person_id))} == {
        (two.son, two.keep), (two.boy, two.keep),
    }  # fmt: skip
    left = queries.members(two.other_home)
    assert [(each.id, each.seq) for each in left] == [(two.boy, 1), (two.big, 3)], "the household has a first again"
    entry = db.session.execute(select(Audit.detail).where(Audit.verb == "person.merge")).scalar_one()
    assert "王" not in str(entry)


@pytest.mark.parametrize("seed", range(12))
def test_undone_everything_stands_as_before(here: Desk, seed: int) -> None:
    dice = random.Random(seed)
    two = Twice(here, other_number=seed % 2 == 0)
    choices: Any = {name: dice.choice(("keep", "drop")) for name in (*merging.FIELDS, "household")}
    choices["groups"] = dice.choice(("keep", "drop", "both"))
    pair = (two.keep, two.drop) if dice.random() < 0.5 else (two.drop, two.keep)
    before = fingerprint()
    merge = merging.merge_people(*pair, choices)
    assert fingerprint() != before
    unmerging.undo(merge)
    assert fingerprint() == before
    with pytest.raises(Clash, match="已经撤销"):
        unmerging.undo(merge)


def test_what_changed_since_forbids_the_undo_and_is_named(here: Desk) -> None:
    two = Twice(here)
    merge = merging.merge_people(two.keep, two.drop, {"phone": "drop"})
    changing.change_person(two.keep, {"phone": "13800003333"})
    with pytest.raises(Clash, match="电话"):
        unmerging.undo(merge)


def test_a_row_given_to_somebody_else_since_forbids_the_undo(here: Desk) -> None:
    two = Twice(here)
    merge = merging.merge_people(two.keep, two.drop, {})
    row = db.session.scalar(select(Need).where(Need.case_id == two.cases[1]))
    assert row is not None
    row.person_id = two.boy
    db.session.flush()
    with pytest.raises(Clash, match="需求"):
        unmerging.undo(merge)


def test_a_later_merge_is_undone_first(here: Desk) -> None:
    two = Twice(here)
    first = merging.merge_people(two.keep, two.drop, {})
    second = merging.merge_people(two.son, two.keep, {})
    with pytest.raises(Clash, match="先撤销"):
        unmerging.undo(first)
    unmerging.undo(second)
    unmerging.undo(first)
    with pytest.raises(Refused):
        merging.merge_people(two.keep, two.keep, {})
    merging.merge_people(two.keep, two.drop, {})
    with pytest.raises(Clash, match="已经合并过"):
        merging.merge_people(two.son, two.drop, {})


def test_one_who_cared_for_the_other_does_not_care_for_herself(here: Desk) -> None:
    two = Twice(here)
    service.link_carer(two.big, two.drop)
    before = fingerprint()
    merge = merging.merge_people(two.big, two.drop, {})
    assert (two.big, two.big) not in {tuple(r) for r in db.session.execute(select(Carer.carer_id, Carer.person_id))}
    assert queries.carers(two.other_home) == [(two.boy, two.big)]
    unmerging.undo(merge)
    assert fingerprint() == before


def test_the_reviews_of_a_merged_person_are_decided_and_come_back(here: Desk) -> None:
    two = Twice(here)

    def states() -> set[str]:
        r = RegisterReview
        mine = r.one_id.in_((two.keep, two.drop)) & r.other_id.in_((two.keep, two.drop))
        return set(db.session.scalars(select(r.state).where(mine)))

    assert states() == {"open"}
    merge = merging.merge_people(two.keep, two.drop, {})
    assert states() == {"merged"}
    unmerging.undo(merge)
    assert states() == {"open"}


def test_one_door_written_in_two_ways_becomes_one_household_and_two_again(here: Desk) -> None:
    two = Twice(here)
    before = fingerprint()
    merge = merging.merge_homes(two.home, two.other_home)
    assert len(queries.members(two.home)) == 5
    assert queries.members(two.other_home) == []
    assert len(cases_of(two.home)) == 2
    assert queries.households()[1] == 1
    again = service.register(here.yard, Door("三号楼", "2单元", "0501室"), [NewPerson("李小二")])
    assert again.household_id == two.home, "the old way of writing leads to the one household"
    db.session.execute(text("DELETE FROM person WHERE id = :id"), {"id": again.person_ids[0]})
    unmerging.undo(merge)
    db.session.expire_all()
    after = fingerprint()
    assert after | {"indicator": []} == before | {"indicator": []}


def test_what_was_found_of_a_family_follows_it_into_the_merge_and_back(here: Desk) -> None:
    two = Twice(here)
    heard = signals.receive("counter", "need", "屋顶漏水", household_id=two.other_home)
    old = put_on_visit_list(two.home, ["illness"], "sweep", uuid7())
    home_visits.drop(old, "已经去过")
    listed = put_on_visit_list(two.other_home, ["possible_leak"], "sweep", uuid7())
    before = fingerprint()
    merge = merging.merge_homes(two.home, two.other_home)
    assert db.session.scalar(select(Signal.household_id).where(Signal.id == heard.id)) == two.home
    rows, total = home_visits.page()
    assert total == 1 and rows[0].household_id == two.home, "one that is done holds nobody back"
    unmerging.undo(merge)
    assert fingerprint() == before
    assert {row.household_id for row in home_visits.page()[0]} == {two.other_home}
    double = put_on_visit_list(two.home, ["illness"], "survey", uuid7())
    merge = merging.merge_homes(two.home, two.other_home)
    assert [row.id for row in home_visits.page()[0]] == [double] and home_visits.counts()["waiting"] == 1
    unmerging.undo(merge)
    assert {row.id for row in home_visits.page()[0]} == {double, listed}


def cases_of(home: UUID) -> list[UUID]:
    return list(db.session.scalars(text("SELECT id FROM case_file WHERE household_id = :home"), {"home": home}))


def test_every_reference_to_a_person_or_household_is_moved_or_named_with_a_reason() -> None:
    for target in ("person", "household"):
        for each in references.every(target):
            if each.name in references.STAYS:
                assert references.STAYS[each.name]
                continue
            assert "id" in each.table.c, f"{each.name}: say in references.STAYS why it is not moved"
            right = db.session.scalar(text(f"SELECT has_table_privilege('app_user', '{each.table.name}', 'UPDATE')"))
            assert right, f"{each.name} is append-only: say so in references.STAYS"
    keys = db.session.execute(
        text(
            "SELECT s.relname || '.' || a.attname FROM pg_constraint k JOIN pg_class s ON s.oid = k.conrelid "
            "JOIN pg_class t ON t.oid = k.confrelid JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) "
            "WHERE k.contype = 'f' AND t.relname IN ('person', 'household') AND a.attname <> 'tenant_id'"
        )
    ).scalars()
    known = {each.name for target in ("person", "household") for each in references.every(target)}
    assert set(keys) <= known | set(references.STAYS)
    assert set(references.STAYS) <= known | {"person.household_id"}
    assert not {f"register_merge.{c.name}" for c in RegisterMerge.__table__.columns} & known
