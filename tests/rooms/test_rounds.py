"""Rounds on real PostgreSQL: the horizon is kept once, flags are shut before visit time, missed visits alarm."""

from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from rongjiu.clock import ZONE, now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from rongjiu.files import TenantFile, load
from rongjiu.ids import uuid7
from rongjiu.notify.models import Message
from rongjiu.oversight.models import Step
from tenants.accompaniment import alarms, jobs, rounds, service, sheets
from tenants.accompaniment.models import ServicePlan, Visit
from tests import casework
from tests.volunteering import a_round, a_team

DAY = datetime(2026, 9, 1, 8, 0, tzinfo=ZONE)
JPEG = b"\xff\xd8\xff\xe1\x00\x0dExif\0\0GPS!!" + b"\xff\xda\x00\x02pixels\xff\xd9"


def planned() -> list[Visit]:
    return list(db.session.scalars(select(Visit).where(Visit.state == "planned").order_by(Visit.planned_at)))


def test_the_nightly_clock_keeps_the_horizon_and_plans_nothing_twice(family: casework.Family) -> None:
    with time_machine.travel(DAY, tick=False) as clock, tenant_scope(family.tenant):
        a_round(family, None)
        first = [row.slot_on for row in planned()]
        assert len(first) == 5, "35 days hold five weeks"
        jobs.horizon()
        jobs.horizon()
        assert [row.slot_on for row in planned()] == first
        clock.shift(timedelta(days=7))
        jobs.horizon()
        assert len(planned()) == 6
        steps = db.session.execute(select(Step.verb, Step.actor_role).where(Step.object_kind == "visit")).all()
        assert len(steps) == 6, "every visit has its next actor"
        service.move_visit(planned()[-1].id, now() + timedelta(days=40))
        jobs.horizon()
        assert len(planned()) == 6, "a moved visit stands for its slot"


def test_a_round_moves_over_the_holidays_and_ends_with_its_visits(family: casework.Family) -> None:
    with time_machine.travel(datetime(2022, 9, 9, 8, tzinfo=ZONE)), tenant_scope(family.tenant):
        plan = a_round(family, None, rhythm="monthly", holidays="move")
        assert [row.planned_at.astimezone(ZONE).day for row in planned()] == [13, 10]
        assert rounds.end(plan) == 2
        assert rounds.end(plan) == 0
        assert planned() == []
        assert db.session.scalar(select(func.count()).where(Step.object_kind == "visit")) == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rhythm": "daily"}, "rhythm"), ({"holidays": "never"}, "holidays"), ({"tasks": ()}, "tasks"),
        ({"tasks": ("cook",)}, "tasks"), ({"agreed": False}, "agreed"), ({"safety": "x" * 301}, "safety"),
        ({"from_on": DAY.date() - timedelta(days=1)}, "from_on"),
    ],
)  # fmt: skip
def test_a_round_names_what_is_wrong(family: casework.Family, change: dict[str, object], field: str) -> None:
    words: dict[str, object] = {
        "rhythm": "weekly", "from_on": DAY.date(), "hour": DAY.time(), "tasks": ("chat",), "agreed": True, **change
    }  # fmt: skip
    with time_machine.travel(DAY), tenant_scope(family.tenant), pytest.raises(Refused) as refused:
        rounds.begin(family.case_id, rounds.Round(**words))  # type: ignore[arg-type]
    assert refused.value.field == field


def test_flags_open_two_hours_before_and_shut_with_the_visit(family: casework.Family) -> None:
    with time_machine.travel(DAY, tick=False) as clock, tenant_scope(family.tenant):
        a_round(family, None, two=True)
        visit = planned()[0]
        assert sheets.flags(visit.id) is None
        with pytest.raises(Refused):
            sheets.arrive(visit.id)
        clock.move_to(visit.planned_at - timedelta(hours=2, seconds=1))
        assert sheets.flags(visit.id) is None
        clock.move_to(visit.planned_at - timedelta(hours=2))
        shown = sheets.flags(visit.id)
        assert shown is not None
        assert (shown.two_person, shown.safety) == (True, "楼道灯坏了")
        sheets.arrive(visit.id)
        said = sheets.Written(("chat",), "good", "精神好", [sheets.Evidence("signature", "a.jpg", JPEG)])
        done = sheets.finish(visit.id, said, client_key=uuid7())
        assert sheets.finish(visit.id, said, client_key=done.client_key) is done, "sent twice, kept once"
        assert (done.ticked, done.mood, done.state) == (["chat"], "good", "done")
        assert sheets.flags(visit.id) is None
        kept = db.session.scalars(select(TenantFile.id).where(TenantFile.owner_id == visit.id)).one()
        assert b"GPS" not in load(kept)[2]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (sheets.Written(("chat",), "", ""), "mood"),
        (sheets.Written(("cook",), "good", ""), "ticked"),
        (sheets.Written((), "good", "x" * 1001), "note"),
        (sheets.Written((), "good", "", [sheets.Evidence("receipt", "a.jpg", b"\xff\xd8\xffbroken")]), "receipt"),
        (sheets.Written((), "good", "", [sheets.Evidence("signature", "a.gif", b"GIF89a")]), "signature"),
    ],
)
def test_a_sheet_names_what_is_wrong(family: casework.Family, said: sheets.Written, field: str) -> None:
    with time_machine.travel(DAY, tick=False), tenant_scope(family.tenant):
        a_round(family, None)
        visit = planned()[0]
        with pytest.raises(Refused) as refused:
            sheets.finish(visit.id, said)
        assert refused.value.field == field
        assert visit.state == "planned"


def test_twice_nobody_met_alarms_the_secretary(family: casework.Family) -> None:
    a_team(family)
    with time_machine.travel(DAY, tick=False), tenant_scope(family.tenant):
        a_round(family, None)
        service.finish_visit(planned()[0].id, "missed")
        again = db.session.execute(select(Step.id, Step.actor_role).where(Step.verb == "上次没见到人，再去看看")).one()
        assert again.actor_role == "grid_worker"
        service.finish_visit(again.id, "missed")
        alarm = db.session.execute(select(Step.actor_role, Step.urgency).where(Step.verb.contains("连续"))).one()
        assert tuple(alarm) == ("secretary", "urgent")
        told = db.session.scalars(select(Message.text).where(Message.purpose == "visit")).all()
        assert told == [alarms.MISSED]


def test_a_visit_that_nobody_made_is_told_once(family: casework.Family) -> None:
    a_team(family)
    with time_machine.travel(DAY, tick=False) as clock, tenant_scope(family.tenant):
        a_round(family, None)
        assert alarms.overdue() == []
        clock.move_to(DAY + timedelta(days=2))
        assert len(alarms.overdue()) == 1
        jobs.overdue()
        assert list(db.session.scalars(select(Message.text).where(Message.purpose == "visit"))) == [alarms.OVERDUE]


def test_a_closed_case_gets_no_more_visits(family: casework.Family) -> None:
    from tenants.cases.models import CaseFile

    with time_machine.travel(DAY, tick=False) as clock, tenant_scope(family.tenant):
        a_round(family, None)
        db.session.get_one(CaseFile, (family.tenant.id, family.case_id)).closed_at = now()
        db.session.flush()
        clock.shift(timedelta(days=14))
        assert rounds.fill_all() == 0
        assert db.session.scalar(select(func.count()).select_from(ServicePlan)) == 1
        assert today().month == 9
