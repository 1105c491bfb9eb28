"""Founding a community: draft, clone, readiness, submission, answer."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import func, select, text

from rongjiu import outbox
from rongjiu.actor import Actor, acting
from rongjiu.clock import now, today
from rongjiu.codes import credit_check
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.library.cloner import Content, Part
from rongjiu.notify.models import Message
from rongjiu.oversight.models import Step
from rongjiu.policies import service as lines
from rongjiu.tenancy import founding
from rongjiu.tenancy.models import Community, FoundingDraft, Membership, Street
from tenants.catalogue.models import Parameter
from tenants.catalogue.service import screening_ready
from tenants.founding import approval, cloning, jobs, levels, queries, rules, service
from tenants.founding.parameters import answer
from tests import factories

pytestmark = pytest.mark.usefixtures("inside")
CODE = "610103002002"


def _founder() -> UUID:
    return factories.a_person_with_role("provider_owner", "provider", None).account.id


def _chosen(account: UUID, code: str = CODE) -> UUID:
    draft = service.begin(account, "secretary")
    row = founding.find(draft, account)
    founding.choose_listed(row, code)
    service.choose_pack(row, "rongjiulianzhu-huangyan@1.0.0")
    service.choose_name(row, "端履门“融救联助”", "duanlumen", "DL")
    return draft


def _filled(account: UUID, code: str = CODE) -> UUID:
    draft = _chosen(account, code)
    row = founding.find(draft, account)
    slots = {"phone": "029-85251234", "desk_hours": "9-18", "address": "东大街 1 号", "courtyards": "甲院\n乙院\n甲院"}
    service.fill_slots(row, slots, _answers(row))
    return draft


def _answers(row: FoundingDraft) -> dict[str, Any]:
    rows = queries.pack_parameters(row.data["pack"])
    return {r["id"]: answer(r, "value" if r["value"] is not None else "not_set", "", "") for r in rows}


def _code() -> str:
    return (first := "54610103MA6TXJ0X0") + credit_check(first)


def _submitted(account: UUID, code: str = CODE) -> UUID:
    draft = _filled(account, code)
    service.open_community(draft, account)
    service.submit(founding.find(draft, account), credit_code=_code())
    return draft


def _community(draft: UUID) -> Community:
    row = db.session.get_one(FoundingDraft, draft)
    return db.session.scalars(
        select(Community).where(Community.id == row.community_id).execution_options(populate_existing=True)
    ).one()


def _street(code: str = "610103002", name: str = "柏树林街道") -> UUID:
    street = factories.a_street()
    street.code, street.name = code, name
    db.session.flush()
    return street.id


def test_a_draft_is_taken_up_where_it_was_left() -> None:
    account = _founder()
    draft = service.begin(account, "worker")
    assert service.begin(account, "secretary") == draft
    founding.choose_listed(founding.find(draft, account), CODE)
    row = founding.find(draft, account)
    assert (row.step, row.data["place"]["name"]) == ("pack", "端履门社区")
    assert [each.id for each in founding.mine(account)] == [draft]
    assert service.begin(account, "secretary") != draft


def test_another_account_has_no_such_draft() -> None:
    draft = service.begin(_founder(), "worker")
    with pytest.raises(Absent):
        founding.find(draft, _founder())


def test_a_draft_is_kept_thirty_days_from_the_last_change() -> None:
    account = _founder()
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
    first, second = _founder(), _founder()
    founding.choose_listed(founding.find(service.begin(first, "director"), first), CODE)
    draft = service.begin(second, "secretary")
    with pytest.raises(founding.Begins) as told:
        founding.choose_listed(founding.find(draft, second), CODE)
    assert (told.value.found.post, told.value.found.community) == ("director", False)
    founding.choose_listed(founding.find(draft, second), CODE, although_begun=True)
    assert founding.find(draft, second).step == "pack"


def test_a_founded_community_cannot_be_founded_again() -> None:
    first, second = _founder(), _founder()
    draft, late = _filled(first), service.begin(second, "secretary")
    founding.choose_listed(founding.find(late, second), CODE, although_begun=True)
    service.choose_pack(founding.find(late, second), "rongjiulianzhu-huangyan@1.0.0")
    service.choose_name(founding.find(late, second), "另一个", "duanlumen-er", "DL")
    service.open_community(draft, first)
    with pytest.raises(Clash):
        service.open_community(late, second)
    with pytest.raises(Clash):
        founding.choose_listed(founding.find(service.begin(second, "worker"), second), CODE)


def test_a_place_without_a_code_is_compared_by_name_and_street() -> None:
    first, second = _founder(), _founder()
    founding.choose_free(founding.find(service.begin(first, "worker"), first), "新城 社区居委会", "某某街道")
    with pytest.raises(founding.Begins):
        founding.choose_free(founding.find(service.begin(second, "worker"), second), "新城", "某某街道")
    row = founding.find(service.begin(second, "worker"), second)
    founding.choose_free(row, "端履门", "柏树林街道", although_begun=True)
    assert founding.find(row.id, second).data["place"]["code"] == CODE


def test_the_clone_makes_a_community_in_preparation_with_its_secretary() -> None:
    account = _founder()
    street = _street()
    draft = _filled(account)
    report = service.open_community(draft, account)
    assert {line.name: line.count for line in report} == {
        "department": 13, "parameter": 39, "policy": 50, "special_group": 14, "need_category": 5, "need_item": 12,
        "service_type": 33, "form": 3, "timer": 131, "checklist_item": 10, "courtyard": 2, "policy_example": 8,
    }  # fmt: skip
    community = _community(draft)
    assert (community.state, community.street_id, community.slug) == ("preparing", street, "duanlumen")
    assert (community.cloned_from, community.phone) == ("rongjiulianzhu-huangyan@1.0.0", "029-85251234")
    held = db.session.scalars(select(Membership.role).where(Membership.scope_id == community.id)).all()
    assert held == ["secretary"]
    assert service.open_community(draft, account) == report
    assert db.session.scalar(select(func.count()).where(Community.slug == "duanlumen")) == 1


def test_no_person_comes_with_a_clone() -> None:
    account = _founder()
    draft = _filled(account)
    service.open_community(draft, account)
    with tenant_scope(queries.tenant_of(_community(draft))):
        for table in ("person", "household", "case_file", "signal", "consent", "need"):
            assert db.session.scalar(text(f"SELECT count(*) FROM {table}")) == 0


def test_a_clone_that_fails_leaves_nothing_and_can_be_pressed_again() -> None:
    def fail(_pack: Content, _origin: str, _tenant: Tenant) -> int:
        raise RuntimeError("broken part")

    account = _founder()
    draft = _filled(account)
    with pytest.raises(RuntimeError, match="broken part"):
        service.open_community(draft, account, cloners=[*cloning.CLONERS, Part("broken", ("timer",), fail)])
    assert db.session.scalar(select(func.count()).where(Community.slug == "duanlumen")) == 0
    assert founding.find(draft, account).community_id is None
    assert sum(line.count for line in service.open_community(draft, account)) == 320


def test_parameters_are_confirmed_as_value_or_not_set_and_never_guessed() -> None:
    account = _founder()
    draft = _filled(account)
    service.open_community(draft, account)
    with tenant_scope(queries.tenant_of(_community(draft))):
        rows = {row.slug: row for row in db.session.scalars(select(Parameter).where(Parameter.must_review))}
        assert rows["dibao_line_urban_month"].value == 740
        assert rows["dibao_line_urban_month"].effective_from == date(2020, 10, 1)
        assert rows["housing_area_limit"].value is None
        assert {row.confirmed_as for row in rows.values()} == {"value", "not_set"}
        assert screening_ready() == []


def test_a_line_raised_by_the_city_is_the_value_of_a_community_founded_afterwards() -> None:
    account, street = _founder(), _street()
    district = db.session.scalars(select(Street.district_id).where(Street.id == street)).one()
    paper = lines.Document("关于提高城乡低保标准的通知", "市民发〔2026〕31号", date(2026, 11, 1))
    lines.publish("district", district, "city", "dibao_line_urban_month", Decimal(810), today(), paper, "区督导")
    draft = _filled(account)
    service.open_community(draft, account)
    with tenant_scope(queries.tenant_of(_community(draft))):
        row = db.session.scalars(select(Parameter).where(Parameter.slug == "dibao_line_urban_month")).one()
        assert (row.value, row.effective_from, row.confirmed_as) == (810, today(), "value")
        assert [each["confirmed"] for each in levels.waiting()] == [False], "the document is still to be read"


def test_what_was_not_answered_stays_unknown_and_blocks() -> None:
    account = _founder()
    draft = _chosen(account)
    service.open_community(draft, account)
    ready = queries.readiness(founding.find(draft, account))
    assert (ready.confirmed, ready.to_confirm) == (0, 30)
    assert ready.open == ("parameters", "slots")
    with tenant_scope(queries.tenant_of(_community(draft))):
        assert len(screening_ready()) == 30
    with pytest.raises(Refused, match="还不能提交"):
        service.submit(founding.find(draft, account), credit_code=_code())


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


def test_submitting_names_who_acts_by_when_and_twice_is_once() -> None:
    account = _founder()
    _street()
    with time_machine.travel("2022-08-18T06:00:00+00:00", tick=False):
        draft = _submitted(account)
        service.submit(founding.find(draft, account), credit_code=_code())
        community = _community(draft)
        assert community.state == "submitted"
        due = rules.approval_due(now())
        assert f"{due:%Y-%m-%d %H:%M}" == "2022-08-23 18:00"
        with tenant_scope(queries.tenant_of(community)):
            step = db.session.scalars(select(Step)).one()
            assert (step.actor, step.verb, step.due_at) == ("柏树林街道督导", "审批建站", due)
    late = select(outbox.PlatformOutbox).where(outbox.PlatformOutbox.kind == "founding.late")
    assert [row.run_after for row in db.session.scalars(late)] == [due]


@pytest.mark.parametrize("code", ["", "123", "54610103MA6TXJ0X0!"])
def test_a_submission_needs_a_proof_that_holds(code: str) -> None:
    account = _founder()
    draft = _filled(account)
    service.open_community(draft, account)
    with pytest.raises(Refused) as refused:
        service.submit(founding.find(draft, account), credit_code=code)
    assert refused.value.field == "credit_code"
    assert _community(draft).state == "preparing"


def test_the_street_approves_and_the_community_is_live() -> None:
    account, street = _founder(), _street()
    draft = _submitted(account)
    with acting(Actor(uuid4(), "street_overseer")):
        approval.approve(draft, street, number="029-87654321", source="街道通讯录")
    community = _community(draft)
    assert community.state == "live"
    assert community.live_at is not None
    assert community.proof["callback"]["source"] == "街道通讯录"
    with acting(Actor(uuid4(), "street_overseer")), pytest.raises(Clash):
        approval.approve(draft, street, number="029-87654321", source="街道通讯录")
    jobs.answered({"community": str(community.id), "draft": str(draft), "live": True})
    with tenant_scope(queries.tenant_of(_community(draft))):
        assert db.session.scalar(select(func.count()).select_from(Step)) == 0


def test_another_street_and_the_operator_have_no_such_founding() -> None:
    account = _founder()
    _street()
    other = _street("610103008", "张家村街道")
    draft = _submitted(account)
    for street in (other, None):
        assert queries.review(draft, street) is None
        with pytest.raises(Absent):
            approval.approve(draft, street, number="029-87654321", source="街道通讯录")
    assert _community(draft).state == "submitted"


def test_without_a_street_the_operator_answers() -> None:
    draft = _submitted(_founder())
    assert [row.draft_id for row in queries.requests(None)] == [draft]
    with acting(Actor(uuid4(), "operator")):
        approval.approve(draft, None, number="029-87654321", source="区民政局名册")
    assert _community(draft).state == "live"


def test_the_call_back_goes_to_a_number_taken_elsewhere() -> None:
    street = _street()
    draft = _submitted(_founder())
    with acting(Actor(uuid4(), "street_overseer")), pytest.raises(Refused) as refused:
        approval.approve(draft, street, number="02985251234", source="申请表")
    assert refused.value.field == "number"


def test_a_founder_does_not_approve_the_own_community() -> None:
    account, street = _founder(), _street()
    draft = _submitted(account)
    with acting(Actor(account, "street_overseer")), pytest.raises(Refused, match="另一位督导"):
        approval.approve(draft, street, number="029-87654321", source="街道通讯录")


def test_given_back_with_a_reason_it_can_be_submitted_again() -> None:
    account, street = _founder(), _street()
    draft = _submitted(account)
    with pytest.raises(Refused):
        approval.send_back(draft, street, " ")
    approval.send_back(draft, street, "请补盖章的介绍信")
    community = _community(draft)
    assert (community.state, community.proof["returned"]["reason"]) == ("preparing", "请补盖章的介绍信")
    service.submit(founding.find(draft, account), credit_code=_code())
    assert _community(draft).state == "submitted"


def test_the_street_sees_place_posts_and_parameters_only() -> None:
    street = _street()
    draft = _submitted(_founder())
    review = queries.review(draft, street)
    assert review is not None
    assert review.request.name == "端履门社区"
    assert len(review.parameters) == 30
    assert [(row.role, row.joined) for row in review.staff] == [("secretary", True)]
    assert len(review.checklist) == 10


def test_a_late_answer_is_told_once() -> None:
    founder = factories.a_person_with_role("provider_owner", "provider", None).account
    founder.phone = "13800000007"
    _street()
    draft = _submitted(founder.id)
    words = {"community": str(_community(draft).id), "draft": str(draft)}
    jobs.late(words)
    jobs.late(words)
    assert db.session.scalar(select(func.count()).select_from(Message).where(Message.purpose == "founding")) == 1


def test_the_checklist_takes_days_and_marks_but_not_its_own() -> None:
    account = _founder()
    draft = _filled(account)
    service.open_community(draft, account)
    with tenant_scope(queries.tenant_of(_community(draft))):
        service.plan_steps({"survey": date(2022, 8, 24)})
        service.mark_step("survey", done=True)
        steps = {row.slug: row for row in queries.steps()}
        assert steps["clone"].done_at
        assert steps["parameters"].done_at
        assert steps["survey"].done_at
        with pytest.raises(Refused):
            service.mark_step("clone", done=False)
        with pytest.raises(Absent):
            service.mark_step("none", done=True)


def test_invited_staff_get_a_link_that_lives_72_hours() -> None:
    account = _founder()
    draft = _filled(account)
    service.open_community(draft, account)
    link = service.invite_staff(
        _community(draft),
        "assistance_clerk",
        "救助专干",
        "13800000008",
        link_of=lambda token: f"/t/{token}",
        by=account,
    )
    assert link.startswith("/t/")
    row = queries.staff(_community(draft).id)[-1]
    assert (row.role, row.joined) == ("assistance_clerk", False)
    assert row.until is not None
    assert abs(row.until - now() - timedelta(hours=72)) < timedelta(minutes=1)
    with pytest.raises(Refused):
        service.invite_staff(_community(draft), "operator", "", "13800000008", link_of=str, by=account)


@pytest.mark.parametrize("slug", ["", "ab", "Ab c", "1abc", "join", "中文网址"])
def test_a_bad_address_is_refused(slug: str) -> None:
    account = _founder()
    draft = _chosen(account)
    with pytest.raises(Refused) as refused:
        service.choose_name(founding.find(draft, account), "名称", slug, "DL")
    assert refused.value.field == "slug"


def test_names_are_suggested_from_the_community() -> None:
    assert rules.slug_for("端履门社区") == "duanlumen"
    assert rules.mark_for("端履门社区") == "DL"
    assert rules.title_for("端履门社区") == "端履门“融救联助”"
