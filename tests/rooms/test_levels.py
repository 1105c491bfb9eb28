"""A line that a level above owns: offered below, confirmed with its document, never changed below, kept for the past."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from rongjiu.actor import acting
from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.policies import queries as above
from rongjiu.policies import service as lines
from rongjiu.tenancy.models import Community, Street
from tenants.catalogue import queries as catalogue
from tenants.founding import levels, parameters
from tenants.policydesk import trials
from tenants.policydesk.models import PolicyTrialRow
from tenants.rescreening import service as rescreening
from tenants.rescreening.models import RescreenRun, VerdictChange
from tenants.screening.reading import parameters_of
from tests.desk_of import Desk, a_desk
from tests.rooms.test_rescreening import LINE, family, run

PAPER = lines.Document("关于提高城乡低保标准的通知", "市民发〔2026〕31号", date(2026, 11, 1))


@pytest.fixture
def desk(inside: None) -> Iterator[Desk]:
    """A community at work, entered."""
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        yield here


def offices(desk: Desk) -> tuple[UUID, UUID]:
    street = db.session.scalar(
        select(Street).join(Community, Community.street_id == Street.id).where(Community.slug == desk.slug)
    )
    assert street
    return street.district_id, street.id


def raised(desk: Desk, level: str = "city", value: int = 900, since: date | None = None) -> UUID:
    district, street = offices(desk)
    kind, place = ("street", street) if level == "street" else ("district", district)
    return lines.publish(kind, place, level, LINE, Decimal(value), since or today(), PAPER, "区督导")


def line() -> Any:
    return next(row for row in catalogue.parameters() if row["id"] == LINE)


def test_a_line_from_the_city_is_confirmed_with_its_document_and_starts_a_judging(desk: Desk) -> None:
    made = raised(desk)
    (row,) = levels.waiting()
    assert (row["line"].id, row["confirmed"], line()["value"]) == (made, False, 740)
    with pytest.raises(Refused, match="文号") as refused:
        levels.confirm(made, "市民发〔2025〕1号", PAPER.date, "社区书记")
    assert refused.value.field == "number"
    with pytest.raises(Refused, match="文件日期"):
        levels.confirm(made, PAPER.number, None, "社区书记")
    levels.confirm(made, " 市民发［２０２６］31号 ", PAPER.date, "社区书记")
    assert (line()["value"], line()["effective_from"]) == (900, today())
    assert [each["confirmed"] for each in levels.waiting()] == [True]
    assert db.session.scalar(select(RescreenRun.detail).where(RescreenRun.cause == "parameter")) == LINE
    with pytest.raises(Clash):
        levels.confirm(made, PAPER.number, PAPER.date, "社区书记")


def test_the_value_before_stays_in_force_for_the_days_before(desk: Desk) -> None:
    levels.confirm(raised(desk), PAPER.number, PAPER.date, "社区书记")
    levels.confirm(raised(desk, value=950, since=today() + timedelta(days=9)), PAPER.number, PAPER.date, "社区书记")
    known = parameters_of(catalogue.parameters())[LINE]

    def on(day: date) -> Any:
        found = known.on(day)
        return found and found.value

    assert [on(today() + timedelta(days=n)) for n in (-1, 0, 8, 9)] == [740, 900, 900, 950]


def test_a_community_cannot_change_what_a_level_above_owns(desk: Desk) -> None:
    made = raised(desk)
    with pytest.raises(Refused, match="不能改") as refused:
        parameters.confirm(LINE, parameters.Answer("value", Decimal(800), today()))
    assert refused.value.field == f"p-{LINE}"
    with pytest.raises(Refused, match="不能改"):
        parameters.confirm(LINE, parameters.Answer("not_set"))
    lines.withdraw(offices(desk)[0], made, "区督导")
    parameters.confirm(LINE, parameters.Answer("value", Decimal(800), today()))
    assert line()["value"] == 800


def test_the_highest_level_owns_a_line_and_offices_speak_for_their_own(desk: Desk) -> None:
    raised(desk, "street", 700)
    city = raised(desk, "city", 900)
    assert [each["line"].id for each in levels.waiting()] == [city]
    with pytest.raises(Refused):
        lines.publish("street", offices(desk)[1], "city", LINE, Decimal(1), today(), PAPER, "街道督导")
    with pytest.raises(Refused, match="内容一样"):
        raised(desk, "city", 900)
    for paper in (lines.Document("", "1", today()), lines.Document("通知", " ", today())):
        with pytest.raises(Refused):
            lines.publish("district", offices(desk)[0], "city", LINE, Decimal(1), today(), paper, "区督导")


def test_another_districts_line_binds_nobody_here_and_the_office_sees_who_is_missing(desk: Desk) -> None:
    other = a_desk()
    with tenant_scope(other.tenant):
        theirs = raised(other)
    assert levels.waiting() == []
    with pytest.raises(Absent):
        levels.confirm(theirs, PAPER.number, PAPER.date, "社区书记")
    with pytest.raises(Absent):
        lines.withdraw(offices(desk)[0], theirs, "区督导")
    mine = raised(desk)
    levels.confirm(mine, PAPER.number, PAPER.date, "社区书记")
    below = above.communities("district", offices(desk)[0])
    assert [row.slug for row in below] == [desk.slug]
    assert levels.confirmations([row.tenant_id for row in below]) == {mine: {desk.tenant.id}}
    assert levels.confirmations([other.tenant.id]) == {}


def test_a_raised_dibao_line_is_tried_first_and_the_judging_finds_the_same_families(desk: Desk) -> None:
    near, far, poor = family(desk, "101", 800), family(desk, "102", 3000), family(desk, "103", 500)
    run()
    made = raised(desk)
    trial_id = trials.start_line(LINE, Decimal(900), today())
    assert trials.start_line(LINE, Decimal(900), today()) == trial_id
    assert trials.part(trial_id, trials.FIRST) is None
    r, c = PolicyTrialRow, VerdictChange
    tried = {
        tuple(row)
        for row in db.session.execute(select(r.subject_id, r.policy_slug, r.kind).where(r.trial_id == trial_id))
    }
    assert (near.household_id, "dibao", "reached") in tried
    assert not {far.household_id, poor.household_id} & {who for who, _policy, kind in tried if kind != "unknown"}
    assert line()["value"] == 740, "a dry run confirms nothing"
    levels.confirm(made, PAPER.number, PAPER.date, "社区书记")
    again = db.session.scalar(select(RescreenRun.id).where(RescreenRun.cause == "parameter"))
    assert again and rescreening.part(again, rescreening.FIRST) is None
    found = select(c.subject_id, c.policy_slug, c.kind).where(c.run_id == again)
    assert {tuple(row) for row in db.session.execute(found)} == {row for row in tried if row[2] != "unknown"} != set()


def test_a_line_from_tomorrow_is_tried_today_and_the_next_morning_lists_the_same_families(desk: Desk) -> None:
    near, far = family(desk, "101", 800), family(desk, "102", 3000)
    run()
    tomorrow = today() + timedelta(days=1)
    made = raised(desk, since=tomorrow)
    trial_id = trials.start_line(LINE, Decimal(900), tomorrow)
    assert trials.part(trial_id, trials.FIRST) is None
    r, c = PolicyTrialRow, VerdictChange
    asked = select(r.subject_id, r.policy_slug, r.kind).where(r.trial_id == trial_id, r.kind != "unknown")
    tried = {tuple(row) for row in db.session.execute(asked)}
    levels.confirm(made, PAPER.number, PAPER.date, "社区书记")
    with time_machine.travel(f"{tomorrow}T03:00:00+08:00", tick=False):
        night = run("night")
        found = select(c.subject_id, c.policy_slug, c.kind).where(c.run_id == night)
        assert {tuple(row) for row in db.session.execute(found)} == tried
    assert (near.household_id, "dibao", "reached") in tried
    assert not [each for each in tried if each[0] == far.household_id]
