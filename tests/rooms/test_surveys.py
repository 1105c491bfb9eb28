"""A survey from its form to its report: doors drawn, answers kept with consent, versions, progress."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from blueprints.cli.recount import recount
from rongjiu.actor import acting
from rongjiu.audit import Audit, verify
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.oversight.models import Indicator
from tenants.residents import service as residents
from tenants.residents.service import Door, NewPerson
from tenants.reviews import merging
from tenants.surveys import forms, queries, report, sampling, service
from tenants.surveys.models import Survey, SurveyAnswer, SurveyDoor
from tenants.surveys.sampling import Aim
from tests.desk_of import a_desk
from tests.surveying import TOLD, a_survey, say

pytestmark = pytest.mark.usefixtures("inside")


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
