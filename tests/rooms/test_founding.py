"""Founding a community: draft, place, clone, parameters."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import func, select, text

from rongjiu.clock import today
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.library.cloner import Content, Part
from rongjiu.policies import service as lines
from rongjiu.tenancy import founding
from rongjiu.tenancy.models import Community, FoundingDraft, Membership, Street
from tenants.catalogue.models import Parameter
from tenants.catalogue.service import screening_ready
from tenants.founding import cloning, jobs, levels, queries, rules, service
from tenants.founding.parameters import answer
from tests.founders import CODE, a_founder, a_street, chosen, community_of, credit_code, filled

pytestmark = pytest.mark.usefixtures("inside")


def test_a_draft_is_taken_up_where_it_was_left() -> None:
    account = a_founder()
    draft = service.begin(account, "worker")
    assert service.begin(account, "secretary") == draft
    founding.choose_listed(founding.find(draft, account), CODE)
    row = founding.find(draft, account)
    assert (row.step, row.data["place"]["name"]) == ("pack", "端履门社区")
    assert [each.id for each in founding.mine(account)] == [draft]
    assert service.begin(account, "secretary") != draft


def test_another_account_has_no_such_draft() -> None:
    draft = service.begin(a_founder(), "worker")
    with pytest.raises(Absent):
        founding.find(draft, a_founder())


def test_a_draft_is_kept_thirty_days_from_the_last_change() -> None:
    account = a_founder()
    with time_machine.travel("2022-08-01T02:00:00+00:00", tick=False):
        draft = service.begin(account, "worker")
    with time_machine.travel("2022-08-25T02:00:00+00:00", tick=False):
        founding.choose_listed(founding.find(draft, account), CODE)
    with time_machine.travel("2022-09-20T02:00:00+00:00", tick=False):
        assert founding.find(draft, account).step == "pack"
    with time_machine.travel("2022-09-25T02:00:00+00:00", tick=False):
        with pytest.raises(Absent):
            founding.find(draft, account)
        assert founding.mine(account) == []
        jobs.keep({"draft": str(draft)})
        assert db.session.scalar(select(func.count()).select_from(FoundingDraft)) == 0


def test_a_second_founder_is_told_the_post_not_the_person() -> None:
    first, second = a_founder(), a_founder()
    founding.choose_listed(founding.find(service.begin(first, "director"), first), CODE)
    draft = service.begin(second, "secretary")
    with pytest.raises(founding.Begins) as told:
        founding.choose_listed(founding.find(draft, second), CODE)
    assert (told.value.found.post, told.value.found.community) == ("director", False)
    founding.choose_listed(founding.find(draft, second), CODE, although_begun=True)
    assert founding.find(draft, second).step == "pack"


def test_a_founded_community_cannot_be_founded_again() -> None:
    first, second = a_founder(), a_founder()
    draft, late = filled(first), service.begin(second, "secretary")
    founding.choose_listed(founding.find(late, second), CODE, although_begun=True)
    service.choose_pack(founding.find(late, second), "rongjiulianzhu-huangyan@1.0.0")
    service.choose_name(founding.find(late, second), "另一个", "duanlumen-er", "DL")
    service.open_community(draft, first)
    with pytest.raises(Clash):
        service.open_community(late, second)
    with pytest.raises(Clash):
        founding.choose_listed(founding.find(service.begin(second, "worker"), second), CODE)


def test_a_place_without_a_code_is_compared_by_name_and_street() -> None:
    first, second = a_founder(), a_founder()
    founding.choose_free(founding.find(service.begin(first, "worker"), first), "新城 社区居委会", "某某街道")
    with pytest.raises(founding.Begins):
        founding.choose_free(founding.find(service.begin(second, "worker"), second), "新城", "某某街道")
    row = founding.find(service.begin(second, "worker"), second)
    founding.choose_free(row, "端履门", "柏树林街道", although_begun=True)
    assert founding.find(row.id, second).data["place"]["code"] == CODE


def test_the_clone_makes_a_community_in_preparation_with_its_secretary() -> None:
    account = a_founder()
    street = a_street()
    draft = filled(account)
    report = service.open_community(draft, account)
    assert {line.name: line.count for line in report} == {
        "department": 13, "parameter": 39, "policy": 50, "special_group": 14, "need_category": 5, "need_item": 12,
        "service_type": 33, "form": 3, "timer": 133, "checklist_item": 10, "courtyard": 2, "policy_example": 8,
    }  # fmt: skip
    community = community_of(draft)
    assert (community.state, community.street_id, community.slug) == ("preparing", street, "duanlumen")
    assert (community.cloned_from, community.phone) == ("rongjiulianzhu-huangyan@1.0.0", "029-85251234")
    held = db.session.scalars(select(Membership.role).where(Membership.scope_id == community.id)).all()
    assert held == ["secretary"]
    assert service.open_community(draft, account) == report
    assert db.session.scalar(select(func.count()).where(Community.slug == "duanlumen")) == 1


def test_no_person_comes_with_a_clone() -> None:
    account = a_founder()
    draft = filled(account)
    service.open_community(draft, account)
    with tenant_scope(queries.tenant_of(community_of(draft))):
        for table in ("person", "household", "case_file", "signal", "consent", "need"):
            assert db.session.scalar(text(f"SELECT count(*) FROM {table}")) == 0


def test_a_clone_that_fails_leaves_nothing_and_can_be_pressed_again() -> None:
    def fail(_pack: Content, _origin: str, _tenant: Tenant) -> int:
        raise RuntimeError("broken part")

    account = a_founder()
    draft = filled(account)
    with pytest.raises(RuntimeError, match="broken part"):
        service.open_community(draft, account, cloners=[*cloning.CLONERS, Part("broken", ("timer",), fail)])
    assert db.session.scalar(select(func.count()).where(Community.slug == "duanlumen")) == 0
    assert founding.find(draft, account).community_id is None
    assert sum(line.count for line in service.open_community(draft, account)) == 322


def test_parameters_are_confirmed_as_value_or_not_set_and_never_guessed() -> None:
    account = a_founder()
    draft = filled(account)
    service.open_community(draft, account)
    with tenant_scope(queries.tenant_of(community_of(draft))):
        rows = {row.slug: row for row in db.session.scalars(select(Parameter).where(Parameter.must_review))}
        assert rows["dibao_line_urban_month"].value == 740
        assert rows["dibao_line_urban_month"].effective_from == date(2020, 10, 1)
        assert rows["housing_area_limit"].value is None
        assert {row.confirmed_as for row in rows.values()} == {"value", "not_set"}
        assert screening_ready() == []


def test_a_line_raised_by_the_city_is_the_value_of_a_community_founded_afterwards() -> None:
    account, street = a_founder(), a_street()
    district = db.session.scalars(select(Street.district_id).where(Street.id == street)).one()
    paper = lines.Document("关于提高城乡低保标准的通知", "市民发〔2026〕31号", date(2026, 11, 1))
    lines.publish("district", district, "city", "dibao_line_urban_month", Decimal(810), today(), paper, "区督导")
    draft = filled(account)
    service.open_community(draft, account)
    with tenant_scope(queries.tenant_of(community_of(draft))):
        row = db.session.scalars(select(Parameter).where(Parameter.slug == "dibao_line_urban_month")).one()
        assert (row.value, row.effective_from, row.confirmed_as) == (810, today(), "value")
        assert [each["confirmed"] for each in levels.waiting()] == [False], "the document is still to be read"


def test_what_was_not_answered_stays_unknown_and_blocks() -> None:
    account = a_founder()
    draft = chosen(account)
    service.open_community(draft, account)
    ready = queries.readiness(founding.find(draft, account))
    assert (ready.confirmed, ready.to_confirm) == (0, 30)
    assert ready.open == ("parameters", "slots")
    with tenant_scope(queries.tenant_of(community_of(draft))):
        assert len(screening_ready()) == 30
    with pytest.raises(Refused, match="还不能提交"):
        service.submit(founding.find(draft, account), credit_code=credit_code())


@pytest.mark.parametrize(
    ("kind", "value", "since", "words"),
    [
        ("value", "", "", "请填一个数字"),
        ("value", "-1", "2022-01-01", "请填一个数字"),
        ("value", "nan", "2022-01-01", "请填一个数字"),
        ("value", "5000", "", "从哪一天起"),
        ("value", "5000", "2022-13-01", "日期不对"),
        ("other", "1", "", "请选一项"),
    ],
)
def test_a_bad_answer_is_refused_at_its_parameter(kind: str, value: str, since: str, words: str) -> None:
    row = {"id": "x", "unit": "CNY/month", "value": None, "effective_from": None}
    with pytest.raises(Refused, match=words) as refused:
        answer(row, kind, value, since)
    assert refused.value.field == "p-x"


def test_a_ratio_is_between_nought_and_one() -> None:
    row = {"id": "x", "unit": "share", "value": Decimal("0.7"), "effective_from": "2021-10-28"}
    with pytest.raises(Refused, match="比例"):
        answer(row, "value", "70", "2022-01-01")
    assert answer(row, "value", "", "").since == date(2021, 10, 28)


@pytest.mark.parametrize("slug", ["", "ab", "Ab c", "1abc", "join", "中文网址"])
def test_a_bad_address_is_refused(slug: str) -> None:
    account = a_founder()
    draft = chosen(account)
    with pytest.raises(Refused) as refused:
        service.choose_name(founding.find(draft, account), "名称", slug, "DL")
    assert refused.value.field == "slug"


def test_names_are_suggested_from_the_community() -> None:
    assert rules.slug_for("端履门社区") == "duanlumen"
    assert rules.mark_for("端履门社区") == "DL"
    assert rules.title_for("端履门社区") == "端履门“融救联助”"
