"""A pause that is prolonged, overdue or ended; a job that nobody needs any more; whose no it was."""

from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, update

from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.marketplace import offers, vacancies
from rongjiu.notify.models import Message
from rongjiu.outbox import Outbox
from rongjiu.oversight.models import Step
from tenants.accompaniment import work
from tenants.cases.models import CaseFile
from tenants.casework import following
from tenants.casework.models import ReferralCheck
from tenants.catalogue.service import due
from tenants.referrals import answering, ending, jobs, queries, rules, service
from tenants.referrals.matching import service as matching
from tenants.referrals.models import ReferralRequest, ReferralTask, TaskEvent
from tests import casework, factories


def taken(family: casework.Family, helper: casework.Helper) -> UUID:
    """An offer that was sent and taken."""
    (task,) = service.offer(family.need, [helper.service], casework.a_consent(family, helper), family.old_man)
    answering.accept([task.id], helper.id, now() + timedelta(hours=3))
    return task.id


def step(task: UUID) -> Step:
    return db.session.scalars(select(Step).where(Step.id == task).execution_options(populate_existing=True)).one()


def bells(kind: str) -> list[dict[str, object]]:
    return list(db.session.scalars(select(Outbox.payload).where(Outbox.kind == kind).order_by(Outbox.run_after)))


def test_a_check_in_starts_the_clock_of_a_pause_anew(family: casework.Family, helper: casework.Helper) -> None:
    with tenant_scope(family.tenant):
        task = taken(family, helper)
        with pytest.raises(Clash):
            ending.check_in([task], helper.id, now() + timedelta(days=5))
        first, later = now() + timedelta(days=5), now() + timedelta(days=25)
        answering.hold([task], helper.id, "waitlist", first)
        (old,) = [
            each["due"] for each in bells("referrals.late") if each["level"] == 1 and each["due"] == first.timestamp()
        ]
        for wrong in (None, now() - timedelta(days=1), now() + timedelta(days=31)):
            with pytest.raises(Refused) as refused:
                ending.check_in([task], helper.id, wrong)
            assert refused.value.field == "resume_on"
        ending.check_in([task], helper.id, later)
        assert step(task).due_at == later
        assert step(task).verb == "恢复服务"
        assert [row.task_state for row in queries.slips(family.case_id)] == ["on-hold"]
        with time_machine.travel(first + timedelta(days=3), tick=False):
            jobs.late({"task": str(task), "due": old, "level": 1})
            assert step(task).level == 0, "the old clock rings for nobody"


def test_the_family_of_a_pause_is_promised_no_visit_and_asked_only_about_help_that_has_begun(
    family: casework.Family, helper: casework.Helper
) -> None:
    with tenant_scope(family.tenant):
        task = taken(family, helper)
        assert following.progress(family.case_id).visit_at is not None
        answering.hold([task], helper.id, "waitlist", now() + timedelta(days=5))
        stands = following.progress(family.case_id)
        assert (stands.visit_at, stands.asked) == (None, ())
        work.arrive([task], helper.id)
        answering.hold([task], helper.id, "waitlist", now() + timedelta(days=5))
        assert [each.need_id for each in following.progress(family.case_id).asked] == [family.need]
        answering.cancel(task, "no-longer-needed")
        assert following.progress(family.case_id).visit_at is None, "taken back with a time still ahead"


def test_a_pause_that_is_over_alarms_both_sides(family: casework.Family, helper: casework.Helper) -> None:
    clerk = factories.a_person_with_role("assistance_clerk", "community", family.community_id)
    clerk.account.phone = "13700000001"
    db.session.flush()
    with tenant_scope(family.tenant):
        task = taken(family, helper)
        until = now() + timedelta(days=5)
        answering.hold([task], helper.id, "needs-client-action", until)
        with time_machine.travel(until + timedelta(days=4), tick=False):
            for level in (1, 2):
                jobs.late({"task": str(task), "due": until.timestamp(), "level": level})
            jobs.late({"task": str(task), "due": until.timestamp(), "level": 1})
    told = [(row.address, row.purpose) for row in db.session.scalars(select(Message)) if "约定的日子" in row.text]
    assert told == [(helper.phone, "provider_job")]
    assert [row.address for row in db.session.scalars(select(Message).where(Message.purpose == "referral_late"))] == [
        "13700000001"
    ]


@pytest.mark.parametrize("urgency", ["ordinary", "critical"])
def test_the_end_of_a_pause_has_a_grace_before_anybody_is_rung(
    urgency: str, family: casework.Family, helper: casework.Helper
) -> None:
    """One working day (timer hold-resume-grace), however urgent it is; secretary, street and district never before."""
    with tenant_scope(family.tenant):
        db.session.execute(update(CaseFile).where(CaseFile.id == family.case_id).values(urgency=urgency))
        task = taken(family, helper)
        until = now() + timedelta(days=5)
        answering.hold([task], helper.id, "waitlist", until)
        rows = db.session.execute(
            select(Outbox.payload, Outbox.run_after).where(
                Outbox.kind == "referrals.late", Outbox.unique_key.like(f"late-{task}-{until:%s}-%")
            )
        )
        at = {row.payload["level"]: row.run_after for row in rows}
        assert at[1] == due("hold-resume-grace", urgency, until)
        assert at[1] <= at[2] <= at[3]


def test_a_late_job_that_is_not_on_hold_rings_the_desk_alone(family: casework.Family, helper: casework.Helper) -> None:
    with tenant_scope(family.tenant):
        task = taken(family, helper)
        due = step(task).due_at
        with time_machine.travel(due + timedelta(days=4), tick=False):
            jobs.late({"task": str(task), "due": due.timestamp(), "level": 1})
            assert step(task).level == 1
    assert not [row for row in db.session.scalars(select(Message)) if "约定的日子" in row.text]


def test_a_clock_that_is_set_ahead_and_back_ends_nothing_early_and_loses_nothing(
    family: casework.Family, helper: casework.Helper
) -> None:
    """The machine's clock jumps a week ahead while an offer is answered, and is put right: the bell that rang early looks
    again, the answer given under the wrong clock stands, and the order of events is that of their making."""
    with tenant_scope(family.tenant):
        (task,) = service.offer(family.need, [helper.service], casework.a_consent(family, helper), family.old_man)
        due, slot = task.due_at, now() + timedelta(days=8)
        with time_machine.travel(now() + timedelta(days=1), tick=False):
            answering.accept([task.id], helper.id, slot)
        jobs.expire({"task": str(task.id)})
        assert due is not None
        with time_machine.travel(due + timedelta(hours=1), tick=False):
            jobs.expire({"task": str(task.id)})
        assert [row.task_state for row in queries.slips(family.case_id)] == ["accepted"]
        answering.hold([task.id], helper.id, "waitlist", now() + timedelta(days=3))
        chain = db.session.execute(select(TaskEvent.state_from, TaskEvent.state_to).order_by(TaskEvent.id)).all()
        assert [row.state_to for row in chain] == ["draft", "requested", "accepted", "on-hold"]
        assert all(before.state_to == after.state_from for before, after in pairwise(chain))


def test_what_nobody_needs_any_more_is_let_go_without_blame(family: casework.Family, helper: casework.Helper) -> None:
    with tenant_scope(family.tenant):
        task = taken(family, helper)
        for wrong in ("", "no-capacity", "other"):
            with pytest.raises(Refused) as refused:
                ending.let_go([task], helper.id, wrong)
            assert refused.value.field == "end_reason"
        with pytest.raises(Refused) as refused:
            ending.let_go([task], helper.id, "already-helped")
        assert refused.value.field == "other"
        ending.let_go([task], helper.id, "declined-by-resident")
        last = db.session.execute(
            select(TaskEvent.state_from, TaskEvent.state_to, TaskEvent.actor).order_by(TaskEvent.id.desc()).limit(1)
        ).one()
        assert tuple(last) == ("accepted", "cancelled", "receiver")
        request = db.session.scalars(select(ReferralRequest)).one()
        assert request.state == "active"
        assert step(request.id).verb == "和家属确认是否还需要"
        assert bells("referrals.failed") == []
        assert db.session.scalars(select(ReferralCheck)).all() == []


def test_the_place_that_helped_is_kept_with_the_ending(family: casework.Family, helper: casework.Helper) -> None:
    with tenant_scope(family.tenant):
        task = taken(family, helper)
        ending.let_go([task], helper.id, "already-helped", "区医院家庭病床科")
        assert db.session.scalars(select(ReferralTask.other_words)).one() == "区医院家庭病床科"


def test_a_no_of_the_resident_cools_down_without_penalty(family: casework.Family) -> None:
    """The same provider is not offered again for a while, and neither its answers nor the gap count it."""
    first, second = casework.a_helper(family), casework.a_helper(family)
    with tenant_scope(family.tenant):
        (task,) = service.offer(family.need, [first.service], casework.a_consent(family, first), family.old_man)
        answering.decline([task.id], first.id, "declined-by-resident")
        event = db.session.scalars(select(TaskEvent).order_by(TaskEvent.id.desc()).limit(1)).one()
        assert (event.state_to, rules.who_declined(event.reason_code)) == ("rejected", "client")
        run = matching.match(family.need, ["catheter-change"])
        assert [row["provider_id"] for row in run.candidates] == [str(second.id)]
        assert {row["reason"] for row in run.excluded if row["provider_id"] == str(first.id)} == {"declined_lately"}
        request = db.session.scalars(select(ReferralRequest)).one()
        assert request.state == "active", "one who did not want it is no sign that nobody is left"
        with time_machine.travel(now() + timedelta(days=31), tick=False):
            run = matching.match(family.need, ["catheter-change"])
            (again,) = [row for row in run.candidates if row["provider_id"] == str(first.id)]
            assert "answers_well" not in again.get("reasons", [])


def test_no_places_means_none_until_the_provider_says_so(family: casework.Family, helper: casework.Helper) -> None:
    with tenant_scope(family.tenant):
        (task,) = service.offer(family.need, [helper.service], casework.a_consent(family, helper), family.old_man)
        answering.decline([task.id], helper.id, "no-capacity")
        assert [each["what"] for each in bells("provider_told")] == ["full"]
        for days in (0, 40, 100):
            with time_machine.travel(now() + timedelta(days=days), tick=False):
                assert vacancies.free_places([helper.service], today()) == {helper.service: 0}
        assert offers.places_again(helper.id, helper.service) == 4
        assert vacancies.free_places([helper.service], today()) == {helper.service: 4}
    with pytest.raises(Absent):
        offers.places_again(casework.a_helper(family).id, helper.service)


@pytest.mark.parametrize("code", sorted(rules.REASONS))
def test_every_decline_says_whose_it_was(code: str) -> None:
    reason = rules.REASONS[code]
    said = rules.who_declined(code)
    assert (said == "client") == reason.client
    assert (said != "") == (reason.declines or reason.client)
    assert not (reason.client and reason.fails), "what the resident did not want is no failure of the receiver"
