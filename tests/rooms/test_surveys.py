"""A survey from its form to a published list; needs and groups that a community edits; the home-visit list."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text

from blueprints.cli.recount import recount
from rongjiu.actor import acting
from rongjiu.audit import Audit, verify
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.oversight.models import Indicator
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
from tenants.reviews import merging
from tenants.signals.models import Signal
from tenants.surveys import forms, queries, report, sampling, service
from tenants.surveys.models import Survey, SurveyAnswer, SurveyDoor
from tenants.surveys.sampling import Aim
from tests.desk_of import Desk, a_desk

pytestmark = pytest.mark.usefixtures("inside")
TOLD: dict[str, Any] = {
    "building_unit_room": "3-2-501", "household_size": "2", "category_needs": ["comfort"],
    "item_needs": ["companionship", "elder-canteen"], "consent_basic": "1",
}  # fmt: skip


def a_survey(here: Desk, *, households: int = 6, sample: int = 4) -> UUID:
    """A running survey: `households` doors in the first courtyard, none registered in the second, which says 40."""
    for n in range(households):
        residents.register(here.yard, Door("1", "1", f"{101 + n}"), [NewPerson(f"住户{n}")])
    survey = service.start_draft("春季需求统计", today(), sample=sample, quota=3)
    lines = {here.yard: Aim(households, min(sample, households)), here.other_yard: Aim(40, 5)}
    sampling.aim(survey.id, sample, 3, lines)
    service.begin(survey.id)
    return survey.id


def say(survey_id: UUID, yard: UUID, **words: Any) -> UUID:
    key = words.pop("client_key", None) or uuid4()
    told = {**TOLD, "building_unit_room": "", **words}
    told["building_unit_room"] = told["building_unit_room"] or "9-9"
    return service.answer(survey_id, told, client_key=key, courtyard_id=yard)


def test_a_survey_lasts_the_span_of_the_model_and_suggests_its_sample() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        for n in range(30):
            residents.register(here.yard, Door("1", "1", f"{101 + n}"), [NewPerson(f"住户{n}")])
        row = service.start_draft("春季需求统计", today())
        assert row.ends_on - row.starts_on == timedelta(days=100)
        assert (row.sample, row.quota, row.form_version) == (28, 1, 1)
        yards = {yard.id: yard for yard in queries.yards(row.id)}
        assert (yards[here.yard].households, yards[here.yard].target) == (30, 28)
        assert yards[here.other_yard].target == 0
        with pytest.raises(Refused):
            service.start_draft(" ", today())


def test_a_courtyard_is_left_out_with_a_reason_only_and_the_aim_stands_once_begun() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        row = service.start_draft("春季需求统计", today(), sample=10)
        with pytest.raises(Refused, match="还没有要问的户数"):
            service.begin(row.id)
        with pytest.raises(Refused, match="理由") as refused:
            sampling.aim(row.id, 10, 1, {here.yard: Aim(50, 0)})
        assert refused.value.field == f"{here.yard}-left_out"
        sampling.aim(row.id, 10, 1, {here.yard: Aim(50, 0, "正在拆迁"), here.other_yard: Aim(50, 0)}, again=True)
        assert {yard.id: yard.target for yard in queries.yards(row.id)} == {here.yard: 0, here.other_yard: 10}
        service.begin(row.id)
        with pytest.raises(Clash):
            sampling.aim(row.id, 10, 1, {})


def test_the_doors_are_drawn_by_the_seed_and_replaced_by_rule() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        survey_id = a_survey(here, households=8, sample=4)
        drawn = list(db.session.scalars(select(SurveyDoor).order_by(SurveyDoor.seq)))
        assert [door.state for door in drawn] == ["waiting"] * 4 + ["reserve"] * 2
        row = db.session.get_one(Survey, (here.tenant.id, survey_id))
        assert sampling.draw(row) == 0  # drawing again draws the same
        first, second, third = drawn[0].id, drawn[1].id, drawn[2].id
        assert sampling.knocked(first, "nobody_home") == "waiting"
        assert sampling.knocked(first, "nobody_home") == "unreached"
        assert sampling.knocked(second, "refused") == "refused"
        waiting = [door.seq for door in queries.doors(survey_id, [here.yard])]
        assert waiting == [3, 4, 5]  # the reserve took the place of the unreached, not of the refusal
        with pytest.raises(Absent):
            sampling.knocked(third, "refused", courtyards=[here.other_yard])
        with pytest.raises(Clash):
            sampling.knocked(first, "refused")


def test_a_door_written_twice_is_asked_once_after_the_merge() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        survey_id = a_survey(here, households=4, sample=4)
        keep, drop = db.session.scalars(select(SurveyDoor.household_id).order_by(SurveyDoor.seq).limit(2))
        assert len(queries.doors(survey_id, [here.yard])) == 4
        merging.merge_homes(keep, drop)
        assert len(queries.doors(survey_id, [here.yard])) == 3
        assert drop not in sampling.lived_in(here.yard)


def test_without_consent_nothing_is_kept_and_a_phone_that_sends_twice_is_one_answer() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        survey_id, key = a_survey(here), uuid4()
        with pytest.raises(Refused) as refused:
            say(survey_id, here.yard, consent_basic="")
        assert refused.value.field == "consent_basic"
        assert db.session.scalar(select(func.count()).select_from(SurveyAnswer)) == 0
        one = say(survey_id, here.yard, client_key=key)
        assert say(survey_id, here.yard, client_key=key) == one
        assert db.session.scalar(select(func.count()).select_from(SurveyAnswer)) == 1
        with pytest.raises(Absent):
            service.answer(survey_id, TOLD, client_key=uuid4(), courtyard_id=here.yard, courtyards=[here.other_yard])
        service.end(survey_id)
        with pytest.raises(Clash):
            say(survey_id, here.yard)


def test_what_is_said_is_sealed_and_only_coded_needs_stand_open() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        say(a_survey(here), here.yard, respondent_name="欧阳建国", other_need="楼道没有灯")
        raw = str(db.session.scalar(text("SELECT t::text FROM survey_answer t")))
        assert "companionship" in raw
        assert "欧阳建国" not in raw
        assert "楼道" not in raw


def test_a_door_is_linked_to_the_register_and_answers_once() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        survey_id = a_survey(here)
        answer_id = say(survey_id, here.yard, building_unit_room="1号楼1单元101室")
        home = db.session.scalar(select(SurveyAnswer.household_id).where(SurveyAnswer.id == answer_id))
        assert home is not None
        state = db.session.scalar(select(SurveyDoor.state).where(SurveyDoor.household_id == home))
        assert state in ("answered", None)
        with pytest.raises(Clash, match="已经答过"):
            say(survey_id, here.yard, building_unit_room="1-1-101")


def test_an_edited_form_is_a_new_version_and_old_answers_read_as_they_were_asked() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        survey_id = a_survey(here)
        old = say(survey_id, here.yard, smartphone="yes")
        words = {"label_zh": "会不会用智能手机", "label_en": "", "purpose": "", "required": False}
        assert forms.change(1, "smartphone", words) == 2
        assert (
            forms.add(2, {"label_zh": "楼道灯亮不亮", "type": "select", "options": ["亮", "不亮"], "required": True})
            == 3
        )
        own = next(row for row in forms.version(3) if row["label_zh"] == "楼道灯亮不亮")
        assert forms.version(3)[-1]["type"] == "consent"
        with pytest.raises(Clash):
            forms.remove(1, "wish")
        with pytest.raises(Refused):
            forms.remove(3, "item_needs")
        assert queries.existing(survey_id).form_version == 1
        assert service.renew_form(survey_id) == 3
        with pytest.raises(Refused) as refused:
            say(survey_id, here.yard)
        assert refused.value.field == own["id"]
        new = say(survey_id, here.yard, **{own["id"]: "o2"})
        before, after = queries.sheet(survey_id, old), queries.sheet(survey_id, new)
        assert before and after
        labels = {row["id"]: row["label_zh"] for row in before.questions}
        assert (labels["smartphone"], before.said["smartphone"]) == ("是否使用智能手机", "yes")
        assert after.said[own["id"]] == "o2"
        assert forms.change(3, own["id"], {**own, "options": ["不亮", "时亮时不亮"]}) == 4
        kept = next(row for row in forms.version(4) if row["id"] == own["id"])["options"]
        assert [(each["id"], each["zh"]) for each in kept] == [("o2", "不亮"), ("o3", "时亮时不亮")]
        with pytest.raises(Refused, match="不收集"):
            forms.add(4, {"label_zh": "银行卡号", "type": "text", "purpose": "发钱"})


def test_a_version_of_the_form_never_changes_in_storage() -> None:
    for table in ("survey_form", "catalogue_change"):
        for right in ("UPDATE", "DELETE"):
            assert db.session.scalar(text(f"SELECT has_table_privilege('app_user', '{table}', '{right}')")) is False


def test_the_report_weighs_by_courtyard_and_says_who_is_missing() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        survey_id = a_survey(here, households=6)
        empty = report.report(survey_id)
        assert (empty.weighing.answers, len(empty.weighing.silent)) == (0, 2)
        with pytest.raises(Refused, match="还没有答卷"):
            report.make_draft(survey_id)
        say(survey_id, here.yard)
        say(survey_id, here.yard, item_needs=[], category_needs=[], no_need="1", other_need="楼道没有灯")
        half = report.report(survey_id)
        assert half.weighing.silent == (str(here.other_yard),)
        assert (half.weighing.covered, half.weighing.households, half.no_need) == (6, 46, 1)
        say(survey_id, here.other_yard, item_needs=["child-learning"])
        found = report.report(survey_id)
        shares = {share.item: round(share.weighted, 3) for share in found.weighing.shares}
        assert shares["child-learning"] == round(40 / 46, 3)
        assert shares["companionship"] == round(3 / 46, 3)
        assert found.others == [["楼道没有灯"]]


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


def test_progress_is_counted_by_courtyard_day_and_worker() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        survey_id = a_survey(here)
        for _n in range(3):
            say(survey_id, here.yard)
        assert {yard.id: yard.answers for yard in queries.yards(survey_id)} == {here.yard: 3, here.other_yard: 0}
        assert queries.days(survey_id) == [(today(), 3)]
        assert queries.workers(survey_id) == [("救助专干（示例）", 3, 3)]


def test_a_phone_without_signal_says_later_when_it_asked() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        survey_id = a_survey(here)
        moment = now() - timedelta(minutes=5)
        told = {**TOLD, "building_unit_room": "9-9"}
        answer_id = service.answer(
            survey_id, told, client_key=uuid4(), courtyard_id=here.yard, at=moment, courtyards=[here.yard],
            form_version=1,
        )  # fmt: skip
        assert db.session.scalar(select(SurveyAnswer.at).where(SurveyAnswer.id == answer_id)) == moment
        for wrong in (now() + timedelta(days=1), now() - timedelta(days=2)):
            with pytest.raises(Refused) as refused:
                service.answer(survey_id, told, client_key=uuid4(), courtyard_id=here.yard, at=wrong)
            assert refused.value.field == "at"


def test_a_deleted_answer_counts_no_more_and_every_act_stands_in_the_chain() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        survey_id = a_survey(here)
        answer_id = say(survey_id, here.yard, respondent_name="欧阳建国")
        assert recount()["survey_answers"] == _indicator() == 1
        service.withdraw(survey_id, answer_id)
        assert recount()["survey_answers"] == _indicator() == 0
        with pytest.raises(Absent):
            service.withdraw(survey_id, answer_id)
        verbs = set(db.session.scalars(select(Audit.verb)))
        assert {
            "survey.draft",
            "survey.aim",
            "survey.begin",
            "survey.draw",
            "survey.answer",
            "survey.withdraw",
        } <= verbs
        assert "欧阳建国" not in str(db.session.scalars(select(Audit.detail)).all())
        assert verify(here.tenant) is None


def _indicator() -> int:
    return db.session.scalar(select(Indicator.value).where(Indicator.name == "survey_answers")) or 0
