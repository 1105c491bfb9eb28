"""Needs: added in order, sorted, answered."""

import pytest
from sqlalchemy import select

from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.models import Indicator
from tenants.cases import service as cases
from tenants.needs import queries, rules, service
from tenants.residents import service as residents
from tests.desk_of import DOOR, ZHOU, a_desk


@pytest.mark.usefixtures("inside")
def test_needs_are_numbered_and_sorted_into_the_model() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        case = cases.open_case(here.yard)
        home = residents.register(here.yard, DOOR, ZHOU)
        cases.attach_household(case.id, home.household_id)
        wish = service.add(case.id, "希望对接医疗资源", is_wish=True)
        service.add(case.id, "儿子没有收入", item_slug="job-income", person_id=home.person_ids[2])
        service.sort(wish.id, item_slug="home-medical", urgency="urgent", person_id=home.person_ids[0])
        rows = queries.of_case(case.id)
        assert [(r.seq, r.item_slug, r.name_zh, r.urgency) for r in rows] == [
            (1, "home-medical", "上门医疗与慢病照护", "urgent"), (2, "job-income", "就业与增收帮扶", "ordinary"),
        ]  # fmt: skip
        assert cases.find(case.number).urgency == "urgent"
        assert queries.one(case.id, 2).words == "儿子没有收入"
        assert queries.one(case.id, 3) is None


@pytest.mark.usefixtures("inside")
def test_refusals_name_the_field() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        case = cases.open_case(here.yard)
        for words, item, urgency, field in (
            (" ", None, "ordinary", "words"), ("x" * 1001, None, "ordinary", "words"), ("x", "no-such", "ordinary", "item_slug"),
            ("x", None, "now", "urgency"),
        ):  # fmt: skip
            with pytest.raises(Refused) as refused:
                service.add(case.id, words, item_slug=item, urgency=urgency)
            assert refused.value.field == field
        with pytest.raises(Absent):
            service.add(uuid7(), "x")
        with pytest.raises(Absent):
            service.add(case.id, "x", person_id=uuid7())
        with pytest.raises(Absent):
            service.sort(uuid7(), item_slug=None)


@pytest.mark.usefixtures("inside")
def test_results_are_counted_once_and_may_be_taken_back() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        case = cases.open_case(here.yard)
        need = service.add(case.id, "想理发")
        assert queries.open_count() == 1
        for result, expected in (("solved", 1), ("solved", 1), ("partly", 0), ("solved", 1), ("", 0)):
            service.set_result(need.id, result, by="resident")
            assert (db.session.scalar(select(Indicator.value).where(Indicator.name == "needs_solved")) or 0) == expected
        with pytest.raises(ValueError, match="fine"):
            service.set_result(need.id, "fine")


def test_the_graver_urgency_counts() -> None:
    assert rules.graver("ordinary", "critical") == "critical"
    assert rules.graver("urgent", "ordinary") == "urgent"
