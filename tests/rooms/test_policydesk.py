"""A policy is drafted by one, published by another, in force from its day, rolled back; the past keeps its versions."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from rongjiu import nightly
from rongjiu.actor import Actor, acting
from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.library.packfiles import read_pack
from tenants.catalogue import queries as catalogue
from tenants.catalogue.models import Policy
from tenants.policydesk import examples, rules, service, trials
from tenants.policydesk.models import PolicyTrialRow
from tenants.policydesk.service import Faulty, Given
from tenants.rescreening import service as rescreening
from tenants.rescreening.models import RescreenRun, VerdictChange
from tenants.residents.service import Door, NewPerson, register
from tests.desk_of import Desk, a_desk
from tests.rooms.test_rescreening import family, run

SOURCE = {"source_title": "关于调整高龄补贴的通知", "source_number": "西民发〔2026〕8号", "source_date": "2026-11-01"}


@pytest.fixture
def desk(inside: None) -> Iterator[Desk]:
    """A community at work, entered as the clerk."""
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        yield here


def rows(slug: str) -> list[dict[str, str]]:
    return rules.rows_of(content(slug)["criteria"])


def content(slug: str) -> dict[str, Any]:
    return next(row for row in catalogue.policies() if row["id"] == slug)


def drafted(slug: str = "age-subsidy", value: str = "65") -> int:
    """A draft with the age line at a number; answers its seq."""
    row = service.draft_of(slug)
    given = [{**each, "value": value} if each["fact"] == "person.age" else each for each in rows(slug)]
    saved = service.save(slug, Given(given, SOURCE), row.seq if row else 0)
    assert saved
    return saved.seq


def publish(desk: Desk, effective: date, slug: str = "age-subsidy") -> int:
    row = service.draft_of(slug)
    assert row
    if not trials.fresh(row, trials.latest(slug)):
        tried(slug)
    with acting(Actor(desk.secretary.account.id, "secretary", "社区书记")):
        return service.publish(slug, row.seq, effective, "社区书记")


def line(day: date) -> Any:
    found = next(row for row in catalogue.policies(day) if row["id"] == "age-subsidy")
    return next(part["value"] for part in found["criteria"]["all"] if part["field"] == "person.age")


def test_a_grid_that_says_the_same_makes_no_draft(desk: Desk) -> None:
    for policy in catalogue.policies():
        assert service.save(policy["id"], Given(rows(policy["id"])), 0) is None
    assert service.draft_of("dibao") is None


def test_a_draft_changes_nothing_until_a_second_person_publishes_it(desk: Desk) -> None:
    seq = drafted()
    assert line(today()) == {"param": "age_subsidy_min_age"}
    with pytest.raises(Refused, match="另一位同事"):
        service.publish("age-subsidy", seq, today(), "救助专干")
    assert publish(desk, today()) == 2
    assert line(today()) == 65 and line(today() - timedelta(days=1)) == {"param": "age_subsidy_min_age"}
    assert content("age-subsidy")["criteria"]["all"][1]["value"] == 65
    assert service.draft_of("age-subsidy") is None
    run = db.session.scalar(select(RescreenRun).where(RescreenRun.cause == "policy"))
    assert run and run.detail == "age-subsidy", "the register is judged again"


def test_a_version_begins_on_its_day_and_the_night_switches_readers(desk: Desk) -> None:
    day = today() + timedelta(days=3)
    drafted()
    publish(desk, day)
    assert "policy-versions" in nightly.names()
    nightly.do({"name": "policy-versions"})
    assert content("age-subsidy")["criteria"]["all"][1]["value"] == {"param": "age_subsidy_min_age"}
    assert (line(day - timedelta(days=1)), line(day)) == ({"param": "age_subsidy_min_age"}, 65)
    with time_machine.travel(f"{day}T02:00:00+08:00", tick=False):
        nightly.do({"name": "policy-versions"})
        assert content("age-subsidy")["criteria"]["all"][1]["value"] == 65
        assert db.session.scalar(select(RescreenRun.detail).where(RescreenRun.cause == "policy")) == "age-subsidy"
        assert service.take_effect() == [], "once"


def test_versions_do_not_overlap_and_the_past_stays(desk: Desk) -> None:
    drafted()
    publish(desk, today() + timedelta(days=5))
    drafted(value="60")
    with pytest.raises(Refused, match="重叠"):
        publish(desk, today() + timedelta(days=2))
    with pytest.raises(Refused, match="今天或以后"):
        publish(desk, today() - timedelta(days=1))
    service.withdraw("age-subsidy", 2, "社区书记")
    assert line(today() + timedelta(days=9)) == {"param": "age_subsidy_min_age"}
    assert publish(desk, today() + timedelta(days=2)) == 3
    with pytest.raises(Absent):
        service.withdraw("age-subsidy", 2, "社区书记")


def test_rolling_back_brings_the_older_content_as_a_new_version(desk: Desk) -> None:
    before = content("age-subsidy")
    drafted()
    publish(desk, today())
    assert service.roll_back("age-subsidy", 1, today(), "社区书记") == 3
    assert content("age-subsidy") == before
    assert [row.number for row in catalogue.versions("age-subsidy")] == [3, 2, 1]
    assert catalogue.version("age-subsidy", 2)["criteria"]["all"][1]["value"] == 65  # type: ignore[index]
    with pytest.raises(Refused, match="不用恢复"):
        service.roll_back("age-subsidy", 1, today(), "社区书记")
    with pytest.raises(Clash):
        service.withdraw("age-subsidy", 3, "社区书记")


def test_a_published_version_cannot_be_changed_by_the_application(desk: Desk) -> None:
    drafted()
    publish(desk, today())
    db.session.execute(text("SET LOCAL ROLE app_user"))
    for act in ("UPDATE policy_version SET content = '{}'", "DELETE FROM policy_version"):
        with pytest.raises(ProgrammingError, match="permission denied"), db.session.begin_nested():
            db.session.execute(text(act))


def test_two_clerks_at_one_policy_never_overwrite_silently(desk: Desk) -> None:
    drafted(value="65")
    with pytest.raises(Clash, match="已经存了"):
        service.save("age-subsidy", Given(rows("age-subsidy"), SOURCE), 0)
    again = service.draft_of("age-subsidy")
    assert again and again.content["criteria"]["all"][1]["value"] == 65
    seq = again.seq
    drafted(value="66")
    with (
        pytest.raises(Clash, match="又改过"),
        acting(Actor(desk.secretary.account.id, "secretary", "社区书记")),
    ):
        service.publish("age-subsidy", seq, today(), "社区书记")


def test_wrong_names_dates_and_rings_are_refused_with_their_places(desk: Desk) -> None:
    with pytest.raises(Faulty) as caught:
        bad = [{"fact": "没有这个", "op": "is_true"}, {"fact": "person.age", "op": "gte", "value": "@没有"}]
        service.save("dibao", Given(bad, {"department_id": "nobody", "effective_from": "2026-13-01"}), 0)
    assert [(fault.row, fault.column) for fault in caught.value.faults] == [(1, "fact"), (2, "value")]
    assert [each.field for each in caught.value.fields] == ["department_id", "effective_from"]
    ring = [{"fact": "household.recognised", "op": "in", "value": "dibao"}]
    with pytest.raises(Faulty) as caught:
        service.save("dibao", Given(ring), 0)
    assert "最低生活保障" in str(caught.value.fields[0])
    with pytest.raises(Faulty) as caught:
        service.save("dibao", Given([{"fact": "person.age", "op": "gte", "value": "1"}] * 10_000), 0)
    assert "10000" in str(caught.value.fields[0])
    with pytest.raises(Absent):
        service.save("nothing", Given(ring), 0)


def test_examples_must_pass_before_anything_is_published(desk: Desk) -> None:
    local = {"person.hukou_local": "yes", "person.age": "66"}
    example = examples.add("age-subsidy", "六十六岁的老人", local, "not_eligible")
    assert all(each.passed for each in examples.results("age-subsidy", content("age-subsidy")))
    drafted(value="65")
    row = service.draft_of("age-subsidy")
    assert row
    (then,) = [each for each in examples.results("age-subsidy", row.content) if not each.passed]
    assert (then.found, then.name) == ("eligible", "六十六岁的老人")
    with pytest.raises(Refused, match="示例家庭") as refused:
        publish(desk, today())
    assert refused.value.field == "examples"
    examples.retire("age-subsidy", example)
    assert publish(desk, today()) == 2
    with pytest.raises(Absent):
        examples.retire("age-subsidy", example)


@pytest.mark.parametrize(("name", "values", "expected", "field"), [
    ("", {}, "eligible", "name"), ("某户", {}, "maybe", "expected"), ("某户", {"person.age": "-3"}, "eligible", "person.age"),
    ("某户", {"person.gender": "x"}, "eligible", "person.gender"),
])  # fmt: skip
def test_an_example_is_checked(desk: Desk, name: str, values: dict[str, str], expected: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        examples.add("dibao", name, values, expected)
    assert refused.value.field == field


def test_a_draft_without_a_document_is_not_published(desk: Desk) -> None:
    given = [{**each, "value": "65"} if each["fact"] == "person.age" else each for each in rows("age-subsidy")]
    service.save("age-subsidy", Given(given), 0)
    with pytest.raises(Refused, match="依据的文件"):
        publish(desk, today())


def test_readers_of_the_head_see_the_new_name(desk: Desk) -> None:
    saved = service.save("dibao", Given(rows("dibao"), {**SOURCE, "name_zh": "城市低保", "working_days": "２０"}), 0)
    assert saved and saved.content["time_limit"]["working_days"] == 20
    publish(desk, today(), "dibao")
    assert db.session.scalar(select(Policy.name_zh).where(Policy.slug == "dibao")) == "城市低保"


def tried(slug: str) -> Any:
    """A whole dry run, part by part, as the worker does it."""
    made = trials.start(slug)
    after: Any = trials.FIRST
    while after is not None:
        after = trials.part(made, after)
    return trials.latest(slug)


def listed(trial: Any) -> set[tuple[Any, str, str]]:
    r = PolicyTrialRow
    found = db.session.execute(select(r.subject_id, r.policy_slug, r.kind).where(r.trial_id == trial.id))
    return {tuple(row) for row in found}


def moved() -> set[tuple[Any, str, str]]:
    c = VerdictChange
    return {
        tuple(row) for row in db.session.execute(select(c.subject_id, c.policy_slug, c.kind).where(c.cause == "policy"))
    }


def incomes(desk: Desk) -> dict[str, Any]:
    """Families just over, far over and under the line, and one whose income nobody knows."""
    found = {name: family(desk, room, income) for name, room, income in (("over", "101", 800), ("far", "102", 3000), ("poor", "103", 500))}  # fmt: skip
    found["untold"] = register(desk.yard, Door("1", "1", "104"), [NewPerson("李示例", "male", "02", age=50)])
    return found


def dibao_line(factor: str) -> None:
    given = [
        {**each, "value": f"@dibao_line_urban_month×{factor}"} if each["op"] == "lt" else each for each in rows("dibao")
    ]
    row = service.draft_of("dibao")
    service.save("dibao", Given(given, SOURCE), row.seq if row else 0)


def content_of_pack(slug: str) -> dict[str, Any]:
    return next(row for row in read_pack()["policies"]["policies"] if row["id"] == slug)


def test_a_dry_run_lists_exactly_what_the_next_judging_finds(desk: Desk) -> None:
    homes = incomes(desk)
    run()
    dibao_line("1.2")
    trial = tried("dibao")
    assert (trial.done, trial.total, trial.ended_at is not None) == (4, 4, True)
    assert (homes["over"].household_id, "dibao", "reached") in listed(trial)
    assert not {each for each in listed(trial) if each[0] == homes["far"].household_id}
    assert moved() == set(), "a dry run moves nobody"
    assert db.session.scalar(select(Policy.content).where(Policy.slug == "dibao")) == content_of_pack("dibao")
    told = listed(trial)
    publish(desk, today(), "dibao")
    made = db.session.scalar(select(RescreenRun.id).where(RescreenRun.cause == "policy"))
    after: Any = rescreening.FIRST
    while after is not None:
        after = rescreening.part(made, after)
    assert moved() == {each for each in told if each[2] != "unknown"} != set()
