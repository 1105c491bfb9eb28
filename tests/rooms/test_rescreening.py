"""When a line, a day or a fact moves, the families it reaches or loses are on a list, each once."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from rongjiu import nightly, outbox
from rongjiu.actor import acting
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from tenants.benefits import service as benefits
from tenants.benefits.service import Noted
from tenants.cases import service as cases
from tenants.catalogue.models import Parameter
from tenants.founding import parameters
from tenants.rescreening import queries, service
from tenants.rescreening.models import RescreenRun, Standing, VerdictChange
from tenants.residents.service import Door, NewPerson, Registered, register
from tenants.screening import service as screening
from tenants.screening.means import IncomeLine
from tests.desk_of import Desk, a_desk

LINE = "dibao_line_urban_month"


@pytest.fixture
def desk(inside: None) -> Iterator[Desk]:
    """A community at work, entered."""
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        yield here


def family(desk: Desk, room: str, income: int, *people: NewPerson) -> Registered:
    """A household with a case, an income and the facts that dibao asks for."""
    home = register(desk.yard, Door("1", "1", room), people or [NewPerson("李示例", "male", "02", age=50)])
    case = cases.open_case(desk.yard)
    cases.attach_household(case.id, home.household_id)
    screening.save_income(case.id, [IncomeLine(str(home.person_ids[0]), "wages", Decimal(income))], None)
    members = {str(person): {"person.hukou_local": True} for person in home.person_ids}
    household = {"household.assets_within_limit": True, "household.recognised": "none"}
    screening.save_facts(case.id, {"household": household, "members": members})
    return home


def run(cause: str = "asked", detail: str = "") -> UUID:
    """A whole run, part by part, as the worker does it."""
    made = service.start(cause, detail)
    assert made
    after: UUID | None = service.FIRST
    while after is not None:
        after = service.part(made, after)
    return made


def found(*kinds: str, policy: str = "") -> list[tuple[UUID, str, str]]:
    """The open changes: subject, policy, kind."""
    change = VerdictChange
    rows = db.session.execute(
        select(change.subject_id, change.policy_slug, change.kind).where(change.state == "open").order_by(change.id)
    )
    return [tuple(row) for row in rows if (not kinds or row.kind in kinds) and policy in ("", row.policy_slug)]


def raise_line(value: int) -> None:
    db.session.execute(
        update(Parameter).where(Parameter.slug == LINE).values(value=value, effective_from=today() - timedelta(days=1))
    )


def test_a_raised_line_lists_exactly_the_families_it_now_reaches(desk: Desk) -> None:
    near, far, poor = family(desk, "101", 800), family(desk, "102", 3000), family(desk, "103", 500)
    run()
    assert found("reached", "lost") == [], "judged for the first time is not news"
    raise_line(900)
    made = run("parameter", LINE)
    assert found("reached", policy="dibao") == [(near.household_id, "dibao", "reached")]
    row = db.session.scalar(select(VerdictChange).where(VerdictChange.kind == "reached"))
    assert row and (row.cause, row.detail, row.run_id) == ("parameter", LINE, made)
    assert not [each for each in found() if each[0] in (far.household_id, poor.household_id)]
    raise_line(700)
    run("parameter", LINE)
    assert found("lost", policy="dibao") == [(near.household_id, "dibao", "lost")]


def test_the_same_run_again_changes_nothing(desk: Desk) -> None:
    family(desk, "101", 800)
    run()
    raise_line(900)
    run("parameter", LINE)
    once = found()
    run("parameter", LINE)
    assert found() == once


@pytest.mark.parametrize(("years", "kind", "then"), [(70, "will_reach", "reached"), (80, "will_amount", "amount")])
def test_a_birthday_appears_before_it_comes(desk: Desk, years: int, kind: str, then: str) -> None:
    """At 70 the age subsidy opens, at 80 it rises; somebody of whom only the age is known is to be asked."""
    birthday = today() + timedelta(days=40)
    birthday += timedelta(days=(birthday.month, birthday.day) == (2, 29))
    elder = NewPerson("王示例", "female", "02", birth_date=birthday.replace(year=birthday.year - years))
    known = family(desk, "101", 5000, elder).person_ids[0]
    asked = register(desk.yard, Door("1", "1", "102"), [elder]).person_ids[0]
    with time_machine.travel(f"{birthday - timedelta(days=20)}T09:00:00+08:00", tick=False):
        run("night")
        kinds = {(who, said) for who, _policy, said in found(policy="age-subsidy")}
        assert kinds == {(known, kind)} | ({(asked, "will_ask")} if years == 70 else set())
        assert set(db.session.scalars(select(VerdictChange.on_date))) == {birthday}
        before = found()
        run("night")
        assert found() == before, "the next night finds the same, once"
    with time_machine.travel(f"{birthday}T09:00:00+08:00", tick=False):
        run("night")
        assert [(who, said) for who, _p, said in found(policy="age-subsidy")] == [(known, then)]


def test_facts_that_are_kept_anew_judge_that_household_alone(desk: Desk) -> None:
    one, other = family(desk, "101", 3000), family(desk, "102", 800)
    run()
    case_id = cases.open_case(desk.yard).id
    assert case_id
    db.session.execute(update(Parameter).where(Parameter.slug == LINE).values(value=900))
    assert service.judge([one.household_id], cause="fact") == 0
    assert service.judge([other.household_id], cause="fact") >= 1
    assert {each[0] for each in found("reached")} == {other.household_id}


def test_a_run_goes_part_by_part_and_says_how_far(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PART", 2)
    for n in range(5):
        family(desk, str(n), 600)
    made = service.start("asked")
    assert made and service.start("asked") == made, "asked twice before it began is one run"
    first = service.part(made, service.FIRST)
    half = db.session.get_one(RescreenRun, (desk.tenant.id, made))
    assert first and (half.done, half.total, half.ended_at) == (2, 5, None)
    second = service.part(made, first)
    assert second and service.part(made, second) is None
    assert (half.done, half.ended_at is not None) == (5, True)
    assert service.part(made, service.FIRST) is None, "a part that comes late does nothing"
    assert len(set(db.session.scalars(select(Standing.household_id)))) == 5


def test_a_line_confirmed_with_another_value_starts_a_run(desk: Desk) -> None:
    parameters.confirm(LINE, parameters.Answer("value", Decimal(900), today()))
    runs = db.session.execute(select(RescreenRun.cause, RescreenRun.detail)).all()
    assert [tuple(row) for row in runs] == [("parameter", LINE)]
    parameters.confirm(LINE, parameters.Answer("value", Decimal(900), today()))
    assert len(db.session.execute(select(RescreenRun.id)).all()) == 1, "the same value again moves nothing"


def test_nothing_is_judged_while_a_line_waits_to_be_confirmed(desk: Desk) -> None:
    db.session.execute(update(Parameter).where(Parameter.slug == LINE).values(confirmed_at=None, must_review=True))
    assert service.start("night") is None


def test_a_change_is_settled_once_by_a_named_clerk(desk: Desk) -> None:
    family(desk, "101", 800)
    run()
    raise_line(900)
    run("parameter", LINE)
    change = db.session.scalar(select(VerdictChange.id).where(VerdictChange.kind == "reached"))
    assert change
    with pytest.raises(Refused, match="告知方式"):
        service.tell(change, "pigeon", "救助专干")
    with pytest.raises(Refused, match="为什么"):
        service.drop(change, " 不 ", "救助专干")
    service.tell(change, "call", "救助专干")
    row = db.session.get_one(VerdictChange, (desk.tenant.id, change))
    assert (row.state, row.channel, row.settled_post) == ("told", "call", "救助专干")
    assert row.settled_by == desk.clerk.account.id and row.settled_at and row.settled_at <= now()
    with pytest.raises(Clash):
        service.drop(change, "已经搬走了", "救助专干")
    with pytest.raises(Absent):
        service.tell(uuid7(), "call", "救助专干")


def test_the_night_asks_every_live_community_once(desk: Desk) -> None:
    assert "rescreen" in nightly.names()
    asked = nightly.begin()
    assert asked >= len(nightly.names())
    rows = select(outbox.Outbox.unique_key).where(outbox.Outbox.kind == nightly.KIND)
    before = len(db.session.scalars(rows).all())
    nightly.begin()
    assert len(db.session.scalars(rows).all()) == before


def test_how_far_the_news_of_a_policy_went_is_counted_by_courtyard(desk: Desk) -> None:
    """Three families are reached: one is told, of one it is written why not, one still waits."""
    homes = [family(desk, room, 800).household_id for room in ("101", "102", "103")]
    run()
    raise_line(900)
    run("parameter", LINE)
    change = VerdictChange
    of = {
        row.household_id: row.id
        for row in db.session.execute(
            select(change.household_id, change.id).where(change.policy_slug == "dibao", change.kind == "reached")
        )
    }
    service.tell(of[homes[0]], "call", "救助专干")
    service.drop(of[homes[1]], "已经搬走了", "救助专干")
    (row,) = queries.coverage("dibao")
    assert (row.reached, row.told, row.dropped, row.open) == (3, 1, 1, 1)
    assert queries.coverage("age-subsidy") == []


def test_who_is_about_to_lose_a_policy_counts_in_how_far_its_news_went(desk: Desk) -> None:
    home = family(desk, "101", 500)
    until = today() + timedelta(days=20)
    benefits.note(home.household_id, Noted("dibao", None, today(), until, "低保证（示例）"))
    run("night")
    (before,) = queries.coverage("dibao")
    assert (before.reached, before.told, before.open) == (1, 0, 1)
    change = db.session.scalar(
        select(VerdictChange.id).where(VerdictChange.kind == "will_lose", VerdictChange.policy_slug == "dibao")
    )
    assert change
    service.tell(change, "visit", "救助专干")
    (after,) = queries.coverage("dibao")
    assert (after.reached, after.told, after.open) == (1, 1, 0)


def test_the_command_of_the_night_does_a_chore_once_with_what_follows(
    made: Callable[[Callable[[], object]], Any], app: Flask
) -> None:
    """A register of two parts: the chore starts the run, each part asks for the next, all in one call."""

    def before() -> Desk:
        here = a_desk()
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            family(here, "101", 800)
        return here

    desk = made(before)
    runner = app.test_cli_runner()
    first = runner.invoke(args=["outbox", "night", "rescreen"])
    assert first.exit_code == 0, first.output

    def ended() -> list[Any]:
        with tenant_scope(desk.tenant):
            return list(db.session.execute(select(RescreenRun.cause, RescreenRun.done, RescreenRun.ended_at)))

    ((cause, done, at),) = made(ended)
    assert (cause, done) == ("night", 1) and at is not None
    assert runner.invoke(args=["outbox", "night", "rescreen"]).output == "effects: 0\n"
    wrong = runner.invoke(args=["outbox", "night", "no-such"])
    assert wrong.exit_code == 2 and "rescreen" in wrong.output
