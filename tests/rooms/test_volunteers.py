"""Volunteers: from signing up to the hours, seats, swaps, drop-outs, two-person visits and the red flag."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, update

from rongjiu.actor import SYSTEM, Actor, set_actor
from rongjiu.clock import ZONE, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.identity.models import Account
from rongjiu.notify.models import Message
from rongjiu.oversight.models import Step
from tenants.accompaniment import rounds, sheets
from tenants.accompaniment.models import Visit
from tenants.express.models import Emergency
from tenants.signals.models import Signal
from tenants.volunteers import joining, queries, rules, shifts, teams, visiting
from tenants.volunteers.models import VisitSeat, Volunteer
from tests import casework
from tests.volunteering import ALL, Team, a_round, a_team, a_volunteer

DAY = datetime(2026, 9, 1, 8, 0, tzinfo=ZONE)
SHEET = sheets.Written(("chat",), "good", "")


@pytest.fixture
def family(inside: None) -> Any:
    with time_machine.travel(DAY, tick=False):
        yield casework.a_family()
    set_actor(SYSTEM)


@pytest.fixture
def team(family: casework.Family) -> Team:
    with time_machine.travel(DAY, tick=False):
        return a_team(family)


def seats() -> list[VisitSeat]:
    query = select(VisitSeat).join(Visit, Visit.id == VisitSeat.visit_id).order_by(Visit.planned_at, VisitSeat.seq)
    return list(db.session.scalars(query))


def messages() -> list[str]:
    return list(db.session.scalars(select(Message.text).where(Message.purpose == "visit").order_by(Message.created_at)))


def test_from_signing_up_to_vetted_and_nobody_vets_the_own(family: casework.Family, team: Team) -> None:
    with time_machine.travel(DAY, tick=False), tenant_scope(family.tenant):
        first = joining.sign_up("王小雁", "小雁", "13700000001", "no")
        assert joining.sign_up("王小雁", "小雁", "13700000001", "no") == first, "the same phone is the same person"
        with pytest.raises(Clash):
            joining.vet(first, rules.CHECKS)
        link = joining.ask_in(first, team.id, lambda token: f"/i/{token}")
        assert link.startswith("/i/")
        with pytest.raises(Refused) as refused:
            joining.vet(first, ["talked"])
        assert refused.value.field == "checked"
        until = joining.vet(first, rules.CHECKS)
        assert until == DAY.date().replace(year=2027)
        set_actor(Actor(db.session.get_one(Volunteer, (family.tenant.id, team.one)).account_id, "secretary", "x"))
        with pytest.raises(Refused):
            joining.vet(team.one, rules.CHECKS)


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("", "小雁", "13700000001", "no"), "name"), (("王小雁", "", "13700000001", "no"), "called"),
        (("王小雁", "小雁", "123", "no"), "phone"), (("王小雁", "小雁", "13700000001", ""), "kin"),
    ],
)  # fmt: skip
def test_signing_up_names_what_is_wrong(family: casework.Family, words: tuple[str, ...], field: str) -> None:
    with tenant_scope(family.tenant), pytest.raises(Refused) as refused:
        joining.sign_up(*words)
    assert refused.value.field == field


def test_the_quiz_says_what_was_wrong_and_stops_guessing(family: casework.Family, team: Team) -> None:
    with time_machine.travel(DAY, tick=False), tenant_scope(family.tenant):
        new = joining.sign_up("李雁", "雁子", "13700000002", "no")
        assert joining.take_quiz(new, ALL | {"money": "a"}) == ["money"]
        for _ in range(rules.QUIZ_TRIES - 1):
            joining.take_quiz(new, {})
        with pytest.raises(Refused):
            joining.take_quiz(new, ALL)
        joining.quiz_again(new)
        assert joining.take_quiz(new, ALL) == []


def test_a_pair_sits_down_by_itself_and_a_swap_needs_the_others_yes(family: casework.Family, team: Team) -> None:
    with time_machine.travel(DAY, tick=False), tenant_scope(family.tenant):
        a_round(family, team.id)
        assert {seat.state for seat in seats()} == {"open"}
        lead = select(Step.actor_role).where(Step.object_kind == "visit").distinct()
        assert db.session.scalars(lead).all() == ["volunteer_lead"], "an open seat is the lead's task"
        teams.pair(family.case_id, team.one)
        assert {seat.volunteer_id for seat in seats()} == {team.one}
        assert db.session.scalars(lead).all() == ["volunteer"]
        seat = seats()[0]
        shifts.ask_swap(seat.id, team.one, team.two)
        assert seat.volunteer_id == team.one, "asked is not answered"
        shifts.answer_swap(seat.id, team.two, yes=False)
        assert seat.volunteer_id == team.one
        with pytest.raises(Absent):
            shifts.answer_swap(seat.id, team.two, yes=True)
        shifts.ask_swap(seat.id, team.one, team.two)
        shifts.answer_swap(seat.id, team.two, yes=True)
        assert seat.volunteer_id == team.two
        with pytest.raises(Absent):
            shifts.drop(seat.id, team.one)


def test_two_at_once_and_whose_insurance_has_ended(family: casework.Family, team: Team) -> None:
    with time_machine.travel(DAY, tick=False), tenant_scope(family.tenant):
        a_round(family, team.id)
        seat = seats()[0]
        shifts.take(seat.id, team.one)
        shifts.take(seat.id, team.one)
        with pytest.raises(Clash):
            shifts.take(seat.id, team.two)
        teams.change_team(team.id, "小雁服务队", team.lead.account.id, "保单 1", today() + timedelta(days=3))
        shifts.drop(seat.id, team.one)
        shifts.take(seat.id, team.one)
        with pytest.raises(Refused, match="保险"):
            shifts.take(seats()[1].id, team.one)


def test_a_late_drop_out_rings_the_lead_an_early_one_does_not(family: casework.Family, team: Team) -> None:
    with time_machine.travel(DAY, tick=False) as clock, tenant_scope(family.tenant):
        a_round(family, team.id)
        later = seats()[1]
        shifts.take(later.id, team.one)
        assert shifts.drop(later.id, team.one) is False
        assert messages() == []
        soon = seats()[0]
        shifts.take(soon.id, team.one)
        clock.move_to(DAY + timedelta(hours=20))
        assert shifts.drop(soon.id, team.one) is True
        assert messages() == [shifts.LATE]
        assert db.session.scalar(select(Step.urgency).where(Step.id == soon.visit_id)) == "urgent"
        assert db.session.get_one(Volunteer, (family.tenant.id, team.one)).drops == 1


def test_a_family_that_takes_its_yes_back_stops_who_is_on_the_way_once(family: casework.Family, team: Team) -> None:
    with time_machine.travel(DAY, tick=False) as clock, tenant_scope(family.tenant):
        plan = a_round(family, team.id)
        account = select(Volunteer.account_id).where(Volunteer.id == team.one).scalar_subquery()
        db.session.execute(update(Account).where(Account.id == account).values(phone="13900000009"))
        for seat in seats()[:2]:
            shifts.take(seat.id, team.one)
        clock.move_to(DAY + timedelta(days=1, hours=1))
        assert rounds.end(plan, withdrawn=True) == 5
        assert {each.state for each in seats()} == {"closed"}
        assert messages() == [visiting.STOP], "once, however many visits"
        assert [row.id for row in queries.called_off(team.one)] == [seats()[0].id]
        assert queries.called_off(team.two) == []
        with pytest.raises(Absent):
            visiting.arrive(seats()[0].id, team.one)


def test_who_does_not_come_is_counted_at_night_and_the_seat_is_open_again(family: casework.Family, team: Team) -> None:
    with time_machine.travel(DAY, tick=False) as clock, tenant_scope(family.tenant):
        a_round(family, team.id)
        seat = seats()[0]
        shifts.take(seat.id, team.one)
        with pytest.raises(Refused):
            shifts.no_show(seat.id)
        clock.move_to(DAY + timedelta(days=2))
        assert shifts.no_shows() == 1
        assert shifts.no_shows() == 0
        assert [each.state for each in seats()[:2]] == ["no_show", "open"]
        assert messages() == [shifts.ABSENT]


def test_two_people_must_be_there_and_both_get_their_minutes(family: casework.Family, team: Team) -> None:
    with time_machine.travel(DAY, tick=False) as clock, tenant_scope(family.tenant):
        a_round(family, team.id, two=True)
        left, right = seats()[:2]
        shifts.take(left.id, team.one)
        with pytest.raises(Refused):
            shifts.take(right.id, team.one)
        shifts.take(right.id, team.two)
        with pytest.raises(Refused):
            visiting.arrive(left.id, team.one)
        clock.move_to(DAY + timedelta(days=1, hours=2))
        assert visiting.arrive(left.id, team.one) == 1
        with pytest.raises(Refused) as refused:
            visiting.done(left.id, team.one, SHEET)
        assert refused.value.status == 409
        assert visiting.arrive(right.id, team.two) == 0
        clock.shift(timedelta(minutes=40))
        key = UUID(int=7)
        visiting.done(left.id, team.one, SHEET, client_key=key)
        visiting.done(left.id, team.one, SHEET, client_key=key)
        assert [(each.state, each.minutes) for each in (left, right)] == [("came", 40), ("came", 40)]
        set_actor(Actor(team.lead.account.id, "volunteer_lead", "队长"))
        assert shifts.approve([left.id, right.id]) == 2
        set_actor(Actor(db.session.get_one(Volunteer, (family.tenant.id, team.one)).account_id, "volunteer", "x"))
        left.approved_at = None
        db.session.flush()
        assert shifts.approve([left.id]) == 0, "nobody confirms the own hours"
        assert queries.totals(team.id, DAY.date()) == (1, 80)


def test_the_red_flag_rings_the_lead_and_opens_an_urgent_signal(family: casework.Family, team: Team) -> None:
    with time_machine.travel(DAY, tick=False) as clock, tenant_scope(family.tenant):
        a_round(family, team.id)
        seat = seats()[0]
        shifts.take(seat.id, team.one)
        with pytest.raises(Absent):
            visiting.red_flag(seat.id, team.two)
        clock.move_to(DAY + timedelta(days=1, hours=2))
        alarm = visiting.red_flag(seat.id, team.one)
        assert visiting.red_flag(seat.id, team.one) == alarm, "pressed twice it is one alarm"
        assert messages() == [visiting.FLAG]
        row = db.session.execute(select(Emergency.case_id, Emergency.state)).one()
        assert tuple(row) == (family.case_id, "open")
        assert set(db.session.scalars(select(Signal.urgency))) == {"critical"}


def test_vetting_that_ended_and_a_volunteer_who_leaves_give_the_shifts_back(
    family: casework.Family, team: Team
) -> None:
    with time_machine.travel(DAY, tick=False), tenant_scope(family.tenant):
        a_round(family, team.id)
        shifts.take(seats()[0].id, team.one)
        shifts.take(seats()[1].id, team.two)
        db.session.get_one(Volunteer, (family.tenant.id, team.one)).vetted_until = today() - timedelta(days=1)
        db.session.flush()
        assert joining.expire() == 1
        assert seats()[0].state == "open"
        with pytest.raises(Refused) as refused:
            joining.end(team.two, "")
        assert refused.value.field == "reason"
        joining.end(team.two, "搬到外地去了")
        assert seats()[1].state == "open"
        with pytest.raises(Refused):
            shifts.take(seats()[1].id, team.two)


def test_declared_relatives_are_looked_at_before_a_pair_is_made(family: casework.Family, team: Team) -> None:
    with time_machine.travel(DAY, tick=False), tenant_scope(family.tenant):
        third = a_volunteer(family, team.id, team.secretary, "三雁")
        db.session.get_one(Volunteer, (family.tenant.id, third)).kin = "yes"
        db.session.flush()
        with pytest.raises(Refused) as refused:
            teams.pair(family.case_id, third)
        assert refused.value.field == "kin"
        pair = teams.pair(family.case_id, third, kin_checked=True)
        assert teams.pair(family.case_id, third) == pair
        teams.unpair(pair)
        assert queries.pairs(family.case_id) == []
