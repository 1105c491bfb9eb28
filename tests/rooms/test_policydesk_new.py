"""Every input of a policy is edited as a new version; a wholly new one is tried and published like any other."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from rongjiu.actor import Actor, acting
from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Refused
from tenants.catalogue import queries as catalogue
from tenants.catalogue.models import Policy
from tenants.policydesk import benefits, examples, rules, service, trials, workbook
from tenants.policydesk.service import Faulty, Given
from tenants.policydesk.vocabulary import words
from tenants.rescreening import service as rescreening
from tenants.rescreening.models import RescreenRun, VerdictChange
from tests.desk_of import Desk, a_desk
from tests.rooms.test_policydesk import SOURCE, content, drafted, publish, rows, tried
from tests.rooms.test_rescreening import family, run

NEW = {
    "name_zh": "冬季取暖补助", "name_en": "Winter heating help", "gives_zh": "每户每年一次取暖补助", "department_id": "mzj",
    "help_class": "special", "scope": "household", "benefit_kind": "cash", "amount_param": "dibao_line_urban_month",
    "period": "year", "document_ids": ["id-card"], "apply_at": ["community"], "working_days": "10", **SOURCE,
}  # fmt: skip
POOR = [{"fact": "household.income_per_capita_month", "op": "lt", "value": "900"}]


@pytest.fixture
def desk(inside: None) -> Iterator[Desk]:
    """A community at work, entered as the clerk."""
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        yield here


def with_examples(slug: str) -> None:
    for name, income, verdict in (("收入低的一家", "100", "eligible"), ("收入高的一家", "20000", "not_eligible")):
        examples.add(slug, name, {"household.income_per_capita_month": income}, verdict)


def changes_of(slug: str) -> set[tuple[Any, str]]:
    c = VerdictChange
    return {tuple(row) for row in db.session.execute(select(c.subject_id, c.kind).where(c.policy_slug == slug))}


@pytest.mark.parametrize(("typed", "key", "value"), [
    ({"gives_zh": "每月一百元"}, "gives_zh", "每月一百元"),
    ({"benefit_kind": "service", "amount_param": "", "period": ""}, "benefit", {"kind": "service", "amount_param": None, "period": None}),
    ({"amount_param": "@城市低保标准"}, "benefit", {"kind": "cash", "amount_param": "dibao_line_urban_month", "period": "month"}),
    ({"document_ids": ["hukou"]}, "document_ids", ["hukou"]), ({"apply_at": ["street"]}, "apply_at", ["street"]),
    ({"working_days": "12"}, "time_limit", {"working_days": 12, "status": "community"}),
    ({"department_id": "cl"}, "department_id", "cl"), ({"help_class": "welfare"}, "help_class", "welfare"),
    ({"effective_from": "2027-01-01"}, "effective_from", "2027-01-01"), ({"effective_to": "2030-12-31"}, "effective_to", "2030-12-31"),
])  # fmt: skip
def test_every_input_makes_a_new_version_and_the_old_one_stays(
    desk: Desk, typed: dict[str, Any], key: str, value: Any
) -> None:
    slug, before = "dibao-extra", content("dibao-extra")
    assert before.get(key) != value
    assert service.save(slug, Given(rows(slug), {**SOURCE, **typed}), 0)
    examples.add(slug, "没有认定的一家", {"household.recognised": "none", "person.age": "30"}, "not_eligible")  # fmt: skip
    assert publish(desk, today(), slug) == 2
    assert content(slug)[key] == value
    assert catalogue.version(slug, 1)[key] == before[key] if key in before else True  # type: ignore[index]
    assert content(slug)["basis"] == [{"title": f"{SOURCE['source_title']} {SOURCE['source_number']}", "date": SOURCE["source_date"]}]  # fmt: skip


def test_amounts_by_age_go_out_as_lines_and_come_back(desk: Desk) -> None:
    for policy in catalogue.policies():
        faults: list[Refused] = []
        typed = benefits.shown(policy, words())
        assert benefits.read(policy, typed, words(), faults) == {} and not faults, policy["id"]
    name = next(row["name_zh"] for row in catalogue.parameters() if row["id"] == "age_subsidy_80")
    typed = {"banded_by": "年龄", "bands": f"７０－８９ ＠{name}；90以上 @age_subsidy_90"}
    found = benefits.read(content("age-subsidy"), typed, words(), faults := [])
    assert found["benefit"]["banded"] == {
        "by": "person.age", "bands": [[70, 89, "age_subsidy_80"], [90, None, "age_subsidy_90"]],
    } and not faults  # fmt: skip


@pytest.mark.parametrize(("typed", "field"), [
    ({"benefit_kind": "gold"}, "benefit_kind"), ({"period": "daily"}, "period"), ({"amount_param": "没有这个"}, "amount_param"),
    ({"bands": "七十岁"}, "bands"), ({"bands": "80-70 @age_subsidy_70"}, "bands"),
    ({"bands": "70-80 @age_subsidy_70\n80以上 @age_subsidy_80"}, "bands"), ({"banded_by": "没有"}, "banded_by"), ({"bands": ""}, "bands"),
    ({"bands": "70-80 @没有"}, "bands"),
])  # fmt: skip
def test_a_wrong_amount_is_named_at_its_input(desk: Desk, typed: dict[str, str], field: str) -> None:
    with pytest.raises(Faulty) as caught:
        service.save("age-subsidy", Given(rows("age-subsidy"), typed), 0)
    assert [each.field for each in caught.value.fields] == [field]


def test_a_new_policy_needs_two_examples_and_a_dry_run_and_then_reaches_whom_it_was_tried_on(desk: Desk) -> None:
    home, far = family(desk, "101", 800), family(desk, "102", 3000)
    run()
    slug = service.create(Given(POOR, NEW))
    assert slug not in {row["id"] for row in catalogue.policies()}, "nobody reads a draft"
    with acting(Actor(desk.secretary.account.id, "secretary", "社区书记")):
        with pytest.raises(Refused, match="还没有示例家庭"):
            service.publish(slug, 1, today(), "社区书记")
        with_examples(slug)
        with pytest.raises(Refused, match="试算") as refused:
            service.publish(slug, 1, today(), "社区书记")
    assert refused.value.field == "trial"
    trial = tried(slug)
    assert trial.counts == {"reached": 1}
    assert publish(desk, today(), slug) == 1
    assert content(slug)["name_zh"] == "冬季取暖补助" and content(slug)["effective_from"] == today().isoformat()
    after: Any = rescreening.FIRST
    made = db.session.scalar(select(RescreenRun.id).where(RescreenRun.detail == slug))
    while after is not None:
        after = rescreening.part(made, after)
    assert changes_of(slug) == {(home.household_id, "reached")} and far.household_id != home.household_id


def test_a_new_policy_of_a_later_day_is_not_in_force_before_and_can_be_withdrawn(desk: Desk) -> None:
    family(desk, "101", 800)
    slug, day = service.create(Given(POOR, {**NEW, "effective_from": str(today() + timedelta(days=9))})), today()
    with_examples(slug)
    assert [each.passed for each in examples.results(slug, content_of(slug))] == [True, True], "judged on its first day"
    assert tried(slug).as_of == day + timedelta(days=9), "tried as of the day it begins"
    service.save(slug, Given(POOR, {**NEW, "effective_from": ""}), 1)
    assert publish(desk, day + timedelta(days=5), slug) == 1
    assert content(slug)["effective_from"] == str(day + timedelta(days=5))
    service.withdraw(slug, 1, "社区书记")
    assert db.session.scalar(select(Policy.id).where(Policy.slug == slug)) is None
    assert [each.withdrawn_at is not None for each in catalogue.versions(slug)] == [True], "the version is kept"


def content_of(slug: str) -> dict[str, Any]:
    row = service.draft_of(slug)
    assert row
    return row.content


def test_a_new_policy_with_a_taken_name_or_nothing_in_it_is_refused_at_its_inputs(desk: Desk) -> None:
    with pytest.raises(Faulty) as caught:
        service.create(Given([], {**dict.fromkeys(NEW, ""), "document_ids": [], "apply_at": []}))
    assert {each.field for each in caught.value.fields} >= {"name_zh", "gives_zh", "department_id", "help_class", "scope", "benefit_kind"}  # fmt: skip
    with pytest.raises(Faulty) as caught:
        service.create(Given(POOR, {**NEW, "name_zh": content("dibao")["name_zh"]}))
    assert [each.field for each in caught.value.fields] == ["name_zh"]
    service.create(Given(POOR, NEW))
    with pytest.raises(Faulty, match="1 处"):
        service.create(Given(POOR, NEW))
    with pytest.raises(Absent):
        service.save("own-nothing", Given(POOR, NEW), 0)


def test_a_draft_changed_after_its_dry_run_must_be_tried_again(desk: Desk) -> None:
    drafted()
    first = tried("age-subsidy")
    drafted(value="66")
    row = service.draft_of("age-subsidy")
    assert row and not trials.fresh(row, first)
    with acting(Actor(desk.secretary.account.id, "secretary", "社区书记")), pytest.raises(Refused, match="试算"):
        service.publish("age-subsidy", row.seq, today(), "社区书记")


def test_the_items_of_the_workbook_come_back_unchanged_and_changed_cells_make_drafts(desk: Desk) -> None:
    table = workbook.items()
    assert len(table) == 51 and workbook.read([], table) == []
    heads = table[0]
    for line in table:
        if line[0] == "dibao":
            line[heads.index("材料")] = "身份证；户口簿"
            line[heads.index("办理时限（工作日）")] = "２５"
            line[heads.index("待遇")] = "实物"
            line[heads.index("依据的文件")] = "关于低保的通知"
        elif line[0] == "tekun":
            line[heads.index("给什么")] = "基本生活和照料护理"
    assert workbook.read([], table) == ["dibao", "tekun"]
    draft = service.draft_of("dibao")
    assert draft and draft.source_title == "关于低保的通知"
    assert draft.content["document_ids"] == ["id-card", "hukou"] and draft.content["benefit"]["kind"] == "in_kind"
    assert draft.content["time_limit"]["working_days"] == 25
    lines = workbook.table(["dibao"])
    lines[1][8] = "先核对收入"
    assert workbook.read(lines, workbook.items(["dibao"])) == ["dibao"]
    again = service.draft_of("dibao")
    assert again and again.source_title == "关于低保的通知", "the document stays where the table says nothing of it"
    assert again.content["document_ids"] == ["id-card", "hukou"]


def test_a_wrong_cell_of_the_items_is_named_by_line_and_heading(desk: Desk) -> None:
    table = workbook.items(["dibao", "tekun"])
    heads = table[0]
    table[1][heads.index("部门")] = "没有的局"
    table[2][heads.index("材料")] = "身份证；没有的材料"
    table.append(["nothing", "没有这项政策"])
    with pytest.raises(Faulty) as caught:
        workbook.read([], table)
    assert [(each.row, each.column) for each in caught.value.faults] == [
        (2, "department_id"), (3, "document_ids"), (4, "policy"),
    ]  # fmt: skip
    assert "民政局" in "".join(caught.value.faults[0].allowed)
    assert service.draft_of("dibao") is None


def test_rows_of_the_grid_stay_when_only_inputs_change(desk: Desk) -> None:
    saved = service.save("dibao", Given(rules.rows_of(content("dibao")["criteria"]), {"gives_zh": "按差额发"}), 0)
    assert saved and saved.content["criteria"] == content("dibao")["criteria"]
