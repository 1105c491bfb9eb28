"""What a survey leads to: the published list of needs, words edited and merged, families to visit."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from rongjiu.actor import acting
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from tenants.accompaniment.models import Visit
from tenants.accompaniment.service import finish_visit
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.catalogue import editing
from tenants.catalogue import queries as catalogue
from tenants.catalogue.models import CatalogueChange
from tenants.finding import home_visits
from tenants.finding.models import HomeVisit
from tenants.founding import shown
from tenants.needs import queries as needs
from tenants.needs import service as need_service
from tenants.residents import service as residents
from tenants.residents.service import Door, NewPerson
from tenants.signals.models import Signal
from tenants.surveys import report
from tests.desk_of import a_desk
from tests.surveying import a_survey, say

pytestmark = pytest.mark.usefixtures("inside")


def test_the_draft_is_edited_and_published_with_history_once() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        survey_id = a_survey(here)
        say(survey_id, here.yard, other_need="楼道没有灯")
        say(survey_id, here.yard, item_needs=["elder-canteen"], other_need="楼道里没有灯")
        assert report.make_draft(survey_id) == 13
        lines = report.lines(survey_id)
        assert lines[0]["slug"] == "elder-canteen"
        assert [line["action"] for line in lines].count("retire") == 10
        said = [{"action": line["action"], "name_zh": "", "category": "", "place": n} for n, line in enumerate(lines)]
        said[12] |= {"action": "add", "place": -1}
        with pytest.raises(Refused) as refused:
            report.edit_draft(survey_id, said)
        assert refused.value.field == "12-name_zh"
        said[12] |= {"name_zh": "楼道照明", "category": "living-environment"}
        said[2] |= {"action": "keep"}
        report.edit_draft(survey_id, said)
        assert report.publish(survey_id) == {"keep": 3, "add": 1, "retire": 9}
        names = [row["name_zh"] for row in catalogue.need_items()]
        assert names[:2] == ["楼道照明", "老年餐桌"]
        assert len(names) == 4
        assert len(catalogue.need_items(every=True)) == 13
        verbs = set(db.session.scalars(select(CatalogueChange.verb)))
        assert verbs == {"add", "retire", "order"}
        assert shown.community().needs == 4
        with pytest.raises(Clash):
            report.publish(survey_id)
        with pytest.raises(Clash):
            report.make_draft(survey_id)


def test_a_merged_item_is_still_read_in_an_old_case_and_offered_no_more() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        case = cases.open_case(here.yard)
        row = need_service.add(case.id, "想有人陪", item_slug="companionship")
        editing.merge("item", "companionship", "elder-empowerment")
        old = needs.of_case(case.id)[0]
        assert (old.item_slug, old.name_zh, old.into_zh) == (
            "companionship", "空巢老人陪伴、精神慰藉与家务清扫", "老人赋能培训",
        )  # fmt: skip
        assert "companionship" not in {each["id"] for each in catalogue.need_items()}
        need_service.sort(row.id, item_slug="companionship", urgency="urgent")  # what it was, it may stay
        with pytest.raises(Refused):
            need_service.add(case.id, "又一项", item_slug="companionship")
        editing.restore("item", "companionship")
        assert needs.of_case(case.id)[0].into_zh is None


def test_edits_of_the_catalogue_keep_slug_provenance_and_history() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        editing.change(
            "item", "elder-canteen", name_zh="长者食堂", name_en="Elder canteen", colour="accent", icon="basket"
        )
        row = next(each for each in catalogue.need_items() if each["id"] == "elder-canteen")
        assert (row["name_zh"], row["colour"], row["icon"]) == ("长者食堂", "accent", "basket")
        assert row["pack"].startswith("rongjiulianzhu") or row["pack"]
        change = catalogue.changes("item", "elder-canteen")[0]
        assert (change.verb, change.before["name_zh"], change.after["name_zh"]) == ("rename", "老年餐桌", "长者食堂")
        for words in ({"colour": "#ff0000"}, {"icon": "../x"}):
            with pytest.raises(Refused):
                editing.change("item", "elder-canteen", name_zh="长者食堂", **words)
        with pytest.raises(Refused, match="已经有一项"):
            editing.add("item", "长者食堂", category="comfort")
        with pytest.raises(Refused, match="还有需求项"):
            editing.retire("category", "comfort")
        slug = editing.add("group", "困境妇女", visit="weekly")
        assert next(each for each in catalogue.groups() if each["id"] == slug)["visit_default"] == "weekly"
        editing.merge("group", slug, "low-income" if _live("low-income") else "orphans")
        assert slug not in {each["id"] for each in catalogue.groups()}
        editing.shift("item", "assisted-bathing", -1)
        order = [each["id"] for each in catalogue.need_items() if each["category_id"] == "living-security"]
        assert order[:2] == ["assisted-bathing", "elder-canteen"]
        with pytest.raises(Absent):
            editing.retire("item", "nothing")


def _live(slug: str) -> bool:
    return slug in {row["id"] for row in catalogue.groups()}


def test_signs_of_hardship_put_a_family_on_the_visit_list_once_and_the_visit_is_planned_once() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        survey_id = a_survey(here)
        say(survey_id, here.yard, building_unit_room="1-1-101", income_band="under_line")
        say(survey_id, here.yard, income_band="over_3")
        row = db.session.scalars(select(HomeVisit)).one()
        assert (row.reasons, row.points, row.state, row.source) == (["under_line"], 40, "waiting", "survey")
        again = home_visits.put_on_visit_list(row.household_id, ["possible_leak"], "sweep", uuid4(), points=30)
        assert again == row.id
        assert (row.reasons, row.points) == (["under_line", "possible_leak"], 40)
        planned = home_visits.plan(row.id)
        assert not planned.stood
        signal = db.session.scalars(select(Signal)).one()
        assert (signal.channel, signal.became) == ("survey", "need")
        case = db.session.scalars(select(CaseFile)).one()
        assert (case.household_id, case.signal_id) == (row.household_id, signal.id)
        visit = db.session.scalars(select(Visit)).one()
        assert (visit.kind, visit.worker_id, row.visit_id) == ("first", here.grid.account.id, visit.id)
        with pytest.raises(Clash):
            home_visits.plan(row.id)
        finish_visit(visit.id, "done")
        db.session.refresh(row)
        assert row.state == "done"


def test_a_family_with_an_open_case_gets_a_visit_of_that_case() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = residents.register(here.yard, Door("3", "2", "501"), [NewPerson("周某")])
        case = cases.open_case(here.yard)
        cases.attach_household(case.id, home.household_id)
        row_id = home_visits.put_on_visit_list(home.household_id, ["possible_leak"], "sweep", uuid4())
        planned = home_visits.plan(row_id)
        assert (planned.stood, planned.number) == (True, case.number)
        assert db.session.scalar(select(func.count()).select_from(Signal)) == 0
        assert [(v.kind, v.case_id) for v in db.session.scalars(select(Visit))] == [("worker", case.id)]
        assert db.session.scalar(select(HomeVisit.state)) == "planned"


def test_a_door_that_is_not_in_the_register_is_listed_by_its_words() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        say(a_survey(here), here.other_yard, building_unit_room="新楼 8", category_needs=["gov-aid"])
        rows, total = home_visits.page()
        assert total == 1
        assert (rows[0].household_id, rows[0].door, rows[0].courtyard) == (None, "新楼 8", "雁鸣小区")
        home_visits.plan(rows[0].id)
        with pytest.raises(Clash):
            home_visits.drop(rows[0].id, "已经搬走")
        assert home_visits.counts() == {"waiting": 0, "planned": 1, "done": 0, "dropped": 0}
