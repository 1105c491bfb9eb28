"""Results by resident, worker and audit; looks that the night plans; the sample of closed cases."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import func, select, update

from blueprints.cli.recount import COUNTS
from rongjiu.actor import SYSTEM, Actor, set_actor
from rongjiu.clock import ZONE
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.models import Indicator, Step
from tenants.accompaniment import service as visits
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.catalogue import queries as catalogue
from tenants.catalogue.models import Timer
from tenants.needs.models import Need
from tenants.outcomes import auditing, jobs, queries, results, rules, service
from tenants.outcomes.models import AuditCheck, FollowUp, NeedOutcome
from tests import casework

DAY = datetime(2026, 9, 2, 9, 0, tzinfo=ZONE)
WORKER, OTHER = uuid7(), uuid7()


@pytest.fixture(autouse=True)
def _nobody_stays_logged_in() -> object:
    yield
    set_actor(SYSTEM)


def result(need: object) -> tuple[str, str]:
    row = db.session.execute(select(Need.result, Need.result_by).where(Need.id == need)).one()
    return row.result, row.result_by


def test_every_voice_is_kept_and_the_stronger_one_counts(family: casework.Family) -> None:
    with tenant_scope(family.tenant):
        results.say(family.case_id, {family.need: rules.Said("solved")}, by="worker", source="desk")
        assert result(family.need) == ("solved", "worker")
        results.say(
            family.case_id, {family.need: rules.Said("partly", 4, "还差一点")}, by="resident", source="call_back"
        )
        assert result(family.need) == ("partly", "resident")
        results.say(family.case_id, {family.need: rules.Said("solved")}, by="worker", source="desk")
        assert result(family.need) == ("partly", "resident"), "a worker does not speak over the family"
        voices = results.voices(family.case_id)[family.need]
        assert [(voice.by, voice.result) for voice in voices] == [
            ("worker", "solved"), ("resident", "partly"), ("worker", "solved"),
        ]  # fmt: skip
        with pytest.raises(Absent):
            results.say(family.case_id, {uuid7(): rules.Said("solved")}, by="worker", source="desk")
        with pytest.raises(Refused) as refused:
            results.say(family.case_id, {family.need: rules.Said("fine")}, by="worker", source="desk")
        assert refused.value.field == "answers"


def test_savings_are_a_range_the_unpriced_is_counted_income_only_as_stated(family: casework.Family) -> None:
    parts = [
        rules.Saving("尿管", Decimal(90), "单据", Decimal(120)),
        rules.Saving("往返", Decimal(110), "车费", Decimal(110)),
    ]
    with tenant_scope(family.tenant):
        with pytest.raises(Refused) as refused:
            service.note(family.case_id, parts, new_income=False, income_month=Decimal(800))
        assert refused.value.field == "income_month"
        total = service.note(
            family.case_id, parts, new_income=True, income_month=Decimal(800), unpriced=["陪聊天", " ", "读信"]
        )
        found = queries.of_case(family.case_id)
        assert (total, found.total, found.high) == (200, 200, 230)
        assert (found.income_month, found.unpriced) == (800, ("陪聊天", "读信"))


def test_the_night_plans_the_looks_of_a_family_that_was_helped(family: casework.Family) -> None:
    with time_machine.travel(DAY, tick=False) as clock, tenant_scope(family.tenant):
        jobs.follow_ups()
        assert db.session.scalar(select(func.count()).select_from(FollowUp)) == 0
        visit = visits.plan_visit(family.case_id, "service", DAY + timedelta(hours=1))
        visits.finish_visit(visit.id)
        clock.shift(timedelta(days=1))
        jobs.follow_ups()
        jobs.follow_ups()
        days = [day for _, day, _ in queries.of_case(family.case_id).follow_ups]
        assert days == [date(2026, 10, 2), date(2026, 12, 2)]
        assert db.session.scalar(select(func.count()).where(Step.object_kind == "follow_up")) == 2
        results.follow_up(family.case_id, 1, {family.need: rules.Said("solved", 5)})
        assert result(family.need) == ("solved", "resident")
        assert db.session.scalar(select(NeedOutcome.source)) == "follow_up"
        assert queries.of_case(family.case_id).follow_ups[0][2] is not None


def helped(family: casework.Family, at: datetime) -> None:
    visits.finish_visit(visits.plan_visit(family.case_id, "service", at).id)


def looks(family: casework.Family) -> list[tuple[int, date, bool]]:
    return [(seq, day, done is not None) for seq, day, done in queries.of_case(family.case_id).follow_ups]


def test_a_case_that_was_opened_again_is_looked_at_again_after_the_first_help(family: casework.Family) -> None:
    with time_machine.travel(DAY, tick=False) as clock, tenant_scope(family.tenant):
        helped(family, DAY)
        jobs.follow_ups()
        results.follow_up(family.case_id, 1, {family.need: rules.Said("solved")})
        clock.move_to(datetime(2026, 10, 8, 10, tzinfo=ZONE))
        cases.event(family.case_id, "reopened", reason="asked")
        jobs.follow_ups()
        assert looks(family) == [(1, date(2026, 10, 2), True), (2, date(2026, 12, 2), False)], "no help since"
        clock.move_to(datetime(2026, 10, 20, 10, tzinfo=ZONE))
        helped(family, DAY)
        clock.shift(timedelta(hours=1))
        jobs.follow_ups()
        jobs.follow_ups()
        again = [(1, date(2026, 10, 2), True), (2, date(2026, 11, 20), False), (3, date(2027, 1, 20), False)]
        assert looks(family) == again
        clock.shift(timedelta(days=1))
        service.note(family.case_id, [], new_income=False)
        assert looks(family) == again, "planned once"
        until = db.session.scalars(
            select(Step.due_at).where(Step.object_kind == "follow_up").order_by(Step.due_at)
        ).all()
        assert [each.astimezone(ZONE).date() for each in until] == [date(2026, 11, 27), date(2027, 1, 27)]


def test_looks_follow_the_recurrence_of_the_service_and_are_late_after_their_window(family: casework.Family) -> None:
    with time_machine.travel(DAY, tick=False), tenant_scope(family.tenant):
        visits.start_plan(family.case_id, "service", "FREQ=MONTHLY;INTERVAL=3", DAY.date(), service_type="home-checkup")
        helped(family, DAY)
        window = db.session.scalars(select(Timer).where(Timer.slug == "follow-up-window")).one()
        window.content = {**window.content, "value": 3}
        db.session.flush()
        catalogue.forget_timers()
        jobs.follow_ups()
        assert [day for _seq, day, _done in looks(family)] == [date(2026, 12, 2), date(2027, 3, 2)]
        until = db.session.scalars(select(func.min(Step.due_at)).where(Step.object_kind == "follow_up")).one()
        assert until.astimezone(ZONE) == datetime(2026, 12, 5, 23, 59, tzinfo=ZONE)


def closed(family: casework.Family, count: int) -> None:
    """That many more cases, all closed in August."""
    for _ in range(count):
        cases.open_case(None)
    db.session.execute(update(CaseFile).values(closed_at=datetime(2026, 8, 20, 10, tzinfo=ZONE), worker_id=WORKER))


def test_the_sample_is_drawn_once_and_checked_by_somebody_outside(family: casework.Family) -> None:
    with time_machine.travel(DAY, tick=False), tenant_scope(family.tenant):
        closed(family, 9)
        assert auditing.draw(date(2026, 7, 1)) == 0
        jobs.audit()
        jobs.audit()
        rows = list(db.session.scalars(select(AuditCheck).order_by(AuditCheck.rank)))
        ids = list(db.session.scalars(select(CaseFile.id)))
        assert [row.case_id for row in rows] == rules.sample(ids, rows[0].percent, 2, rows[0].seed)
        assert len(rows) == 2
        assert db.session.scalar(select(func.count()).where(Step.object_kind == "audit_check")) == 2
        row = rows[0]
        set_actor(Actor(WORKER, "assistance_clerk", "专干"))
        with pytest.raises(Refused) as refused:
            auditing.check(row.id, {})
        assert refused.value.status == 409
        set_actor(Actor(OTHER, "secretary", "书记"))
        said = {
            need: rules.Said("unknown")
            for need in db.session.scalars(select(Need.id).where(Need.case_id == row.case_id))
        }
        auditing.check(row.id, said)
        with pytest.raises(Clash):
            auditing.check(row.id, said)


def test_an_audit_that_differs_counts_and_changes_the_result(family: casework.Family) -> None:
    with time_machine.travel(DAY, tick=False), tenant_scope(family.tenant):
        closed(family, 0)
        results.say(
            family.case_id, {family.need: rules.Said("solved"), family.girl_need: rules.Said("solved")}, by="worker",
            source="desk",
        )  # fmt: skip
        assert auditing.draw_last_month() == 1
        check = db.session.scalars(select(AuditCheck.id)).one()
        set_actor(Actor(OTHER, "secretary", "书记"))
        with pytest.raises(Refused) as refused:
            auditing.check(check, {family.need: rules.Said("solved")})
        assert refused.value.field == "answers"
        said = {family.need: rules.Said("not_solved"), family.girl_need: rules.Said("solved")}
        assert auditing.check(check, said, "还没装好") == "differs"
        assert result(family.need) == ("not_solved", "audit")
        assert auditing.rates() == rules.Rates(0, 0, 1, 0)
        kept = {row.name: row.value for row in db.session.execute(select(Indicator.name, Indicator.value))}
        for name in ("audits_done", "audits_agreed", "needs_solved"):
            assert kept.get(name, 0) == db.session.scalar(COUNTS[name]()), name
