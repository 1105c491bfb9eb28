"""Cases: numbers, weight, assignment, the desk's list."""

import pytest

from rongjiu.actor import acting
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.service import next_step
from tenants.cases import queries, rules, service
from tenants.cases.queries import Wanted
from tenants.residents import service as residents
from tenants.residents.service import Door, NewPerson
from tests.asked import statements
from tests.desk_of import ZHOU, Desk, a_desk


def _case(here: Desk, room: str = "501", name: str = "周某", **words: object) -> str:
    with acting(here.as_clerk()):
        case = service.open_case(here.yard, **words)  # type: ignore[arg-type]
        home = residents.register(here.yard, Door("3", "2", room), [NewPerson(name, groups=ZHOU[0].groups)])
        service.attach_household(case.id, home.household_id)
        next_step(
            "case", case.id, number=case.number, case_id=case.id, actor_role="assistance_clerk", actor="救助专干",
            verb="完成甄别研判", due_at=now(),
        )  # fmt: skip
        return case.number


@pytest.mark.usefixtures("inside")
def test_numbers_run_without_a_gap_per_kind() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        assert [service.next_number("HY", "case", 2022) for _ in range(2)] == ["HY-2022-000001", "HY-2022-000002"]
        assert service.next_number("HY-X", "signal", 2022) == "HY-X-2022-000001"


@pytest.mark.usefixtures("inside")
def test_weight_follows_groups_urgency_and_marks() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        case = service.find(_case(here))
        assert (case.weight, case.weight_reasons) == (45, ["severely-disabled", "disabled-elderly"])
        assert service.reweigh(case.id, {"entitled_not_applied"}) == 65
        service.hurry(case.id, "urgent")
        service.hurry(case.id, "ordinary")
        assert (case.urgency, case.weight) == ("urgent", 105)
        assert service.reweigh(case.id) == 105
        assert service.reweigh(case.id, ()) == 85


@pytest.mark.usefixtures("inside")
def test_one_household_has_one_open_case() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        first = service.find(_case(here))
        second = service.open_case(here.yard)
        assert first.household_id is not None
        with pytest.raises(Refused, match=first.number):
            service.attach_household(second.id, first.household_id)


@pytest.mark.usefixtures("inside")
def test_a_case_is_given_to_somebody_who_works_cases() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        case = service.find(_case(here))
        service.assign(case.id, here.worker.account.id)
        assert (case.worker_id, case.worker_post) == (here.worker.account.id, "社区工作者")
        with pytest.raises(Refused) as refused:
            service.assign(case.id, here.grid.account.id)
        assert refused.value.field == "worker"
        with pytest.raises(Absent):
            service.assign(uuid7(), here.worker.account.id)


@pytest.mark.usefixtures("inside")
def test_the_list_ranks_filters_and_pages_in_one_statement() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        light = service.open_case(here.other_yard).number
        numbers = [_case(here, str(n), f"周某{n}") for n in range(4)]
        service.hurry(service.find(numbers[2]).id, "critical")
        db.session.flush()
        with statements() as seen:
            lines, total = queries.page(Wanted(size=2))
        assert len(seen) == 1
        assert (total, [line.number for line in lines]) == (5, [numbers[2], numbers[3]])
        assert (lines[0].head, lines[0].people, lines[0].courtyard, lines[0].actor) == (
            "周某2",
            1,
            "雁北新村",
            "救助专干",
        )
        assert [line.number for line in queries.page(Wanted(size=2, page=3))[0]] == [light]
        assert queries.page(Wanted(page=9)) == ([], 5)
        assert queries.page(Wanted(group="severely-disabled"))[1] == 4
        assert queries.page(Wanted(courtyard_id=here.other_yard))[1] == 1
        assert queries.page(Wanted(courtyards=(here.other_yard,)))[1] == 1
        assert queries.page(Wanted(own=here.worker.account.id)) == ([], 0)
        assert queries.page(Wanted(state="open"))[1] == 5
        assert queries.page(Wanted(state="closed"))[1] == 0
        assert queries.page(Wanted(due="late"))[1] == 4
        assert queries.page(Wanted(text=numbers[0][-6:].lower()))[1] == 1
        for sort in ("number", "opened", "state"):
            rising = [line.number for line in queries.page(Wanted(sort=sort, desc=False))[0]]
            assert len(rising) == 5


@pytest.mark.usefixtures("inside")
def test_one_case_for_its_worker_and_nobody_elses() -> None:
    here, there = a_desk(), a_desk()
    with tenant_scope(here.tenant):
        number = _case(here)
        assert queries.one(number).room == "501"
        assert queries.one(number, own=here.worker.account.id) is None
        assert queries.steps(queries.one(number).id)[0].verb == "完成甄别研判"
        found = queries.choices()
        assert [name for _, name, _ in found.courtyards] == ["雁北新村", "雁鸣小区"]
        assert len(found.groups) == 14
        assert {value for value, _, _ in found.workers} >= {str(here.clerk.account.id), str(here.worker.account.id)}
        home = queries.one(number).household_id
        assert [row.number for row in queries.of_household(home)] == [number]
        assert queries.household_ids(here.clerk.account.id) == [home]
    with tenant_scope(there.tenant):
        assert queries.one(number) is None


def test_states_follow_from_events() -> None:
    assert rules.workflow(["opened", "visited", "screened", "offer_sent"]) == "planned"
