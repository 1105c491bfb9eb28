"""Dry runs in parts, versions of past and coming days, the table of conditions out and in."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.errors import Absent, Clash, Refused
from tenants.cases.models import CaseFile
from tenants.policydesk import examples, service, trials, workbook
from tenants.policydesk.models import PolicyTrialRow
from tenants.policydesk.service import Faulty, Given
from tenants.rescreening.models import VerdictChange
from tenants.screening import queries
from tenants.screening import service as screening
from tests.desk_of import Desk
from tests.rooms.test_policydesk import SOURCE, content, dibao_line, incomes, listed, publish, rows, tried
from tests.rooms.test_rescreening import family, run


def test_a_dry_run_says_who_loses_and_who_must_be_asked(desk: Desk) -> None:
    homes = incomes(desk)
    dibao_line("0.5")
    assert (homes["poor"].household_id, "dibao", "lost") in listed(tried("dibao"))
    given = [*rows("dibao"), {"fact": "household.zero_employment", "op": "is_true"}]
    row = service.draft_of("dibao")
    assert row
    service.save("dibao", Given(given, SOURCE), row.seq)
    trial = tried("dibao")
    assert (homes["poor"].household_id, "dibao", "unknown") in listed(trial)
    assert trial.counts["unknown"] >= 1 and trial.counts["lost"] >= 1
    assert (homes["untold"].household_id, "dibao", "unknown") not in listed(trial), "it was unknown before"


def test_a_dry_run_goes_in_parts_and_keeps_names_of_the_newest_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "PART", 2)
    incomes(desk)
    for factor in ("1.2", "1.3", "1.4", "1.5"):
        dibao_line(factor)
        trial = tried("dibao")
        assert trial.done == 4
    assert len(set(db.session.scalars(select(PolicyTrialRow.trial_id)))) == trials.KEPT
    assert trials.start("dibao") == trials.start("dibao"), "asked twice before it began is one run"
    with pytest.raises(Absent):
        trials.start("age-subsidy")


def test_a_screening_of_a_past_day_goes_by_the_version_of_that_day(desk: Desk) -> None:
    home = family(desk, "101", 800)
    case_id = db.session.scalar(select(CaseFile.id).where(CaseFile.household_id == home.household_id))
    dibao_line("1.2")
    publish(desk, today(), "dibao")

    def verdict(day: date) -> str:
        found = screening.take(case_id, day)
        return next(row.verdict for row in queries.result(case_id, found.id).verdicts if row.policy_id == "dibao")

    assert (verdict(today() - timedelta(days=1)), verdict(today())) == ("near_miss", "eligible")


def test_the_workbook_of_every_policy_comes_back_unchanged(desk: Desk) -> None:
    lines = workbook.table()
    assert len({line[0] for line in lines[1:]}) == 50
    assert workbook.read(lines) == []
    assert workbook.read([[f" {cell} " for cell in line] for line in lines]) == []


def test_a_changed_workbook_makes_drafts_of_what_changed_alone(desk: Desk) -> None:
    lines = workbook.table()
    for line in lines:
        if line[0] == "dibao" and line[5] == "低于":
            line[5:7] = ["＜＝", "＠城市低保标准×１.２"]
    assert workbook.read(lines) == ["dibao"]
    draft = service.draft_of("dibao")
    assert draft and draft.content["criteria"]["all"][1]["value"] == {"param": "dibao_line_urban_month", "times": 1.2}
    with pytest.raises(Clash, match="重新下载"):
        workbook.read(lines)
    assert workbook.read(workbook.table(["dibao"])) == []


def test_wrong_lines_of_a_workbook_are_named_and_nothing_is_kept(desk: Desk) -> None:
    lines = workbook.table(["dibao", "age-subsidy"])
    lines[1][4], lines[2][6] = "没有这个", "@没有"
    lines += [["nothing", "", "", "", "年龄", "不低于", "70", "", ""]]
    with pytest.raises(Faulty) as caught:
        workbook.read(lines)
    assert [(each.row, each.column) for each in caught.value.faults] == [
        (2, "fact"),
        (3, "value"),
        (len(lines), "policy"),
    ]
    assert service.draft_of("dibao") is None
    with pytest.raises(Refused, match="2000"):
        workbook.read([lines[0], *[lines[1]] * 10_000])
    with pytest.raises(Refused, match="列名"):
        workbook.read(lines[1:])


def test_the_examples_that_come_with_the_model_pass(desk: Desk) -> None:
    seen = [examples.results(slug, content(slug)) for slug in ("dibao", "dibao-margin", "age-subsidy")]
    assert [len(found) for found in seen] == [3, 2, 3]
    assert [each.name for found in seen for each in found if not each.passed] == []


def test_a_version_to_come_is_on_the_list_before_its_day(desk: Desk) -> None:
    poor, day = family(desk, "101", 500), today() + timedelta(days=5)
    run()
    dibao_line("0.5")
    publish(desk, day, "dibao")
    run()
    c = VerdictChange
    found = db.session.execute(select(c.policy_slug, c.kind, c.on_date).where(c.subject_id == poor.household_id))
    assert ("dibao", "will_lose", day) in {tuple(row) for row in found}
