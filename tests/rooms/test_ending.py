"""A slip taken back as a whole, or entered in error: offers end, places come back, the need stays, the figures are true."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from blueprints.cli.oversight import differences
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.marketplace.models import Capacity
from rongjiu.outbox import Outbox
from rongjiu.oversight.models import Indicator, Step
from tenants.accompaniment import work
from tenants.casework import closing
from tenants.needs.models import Need
from tenants.referrals import answering, ending, queries, service
from tenants.referrals.models import ReferralRequest, TaskEvent
from tenants.referrals.offering import line
from tests import casework


def sent(family: casework.Family, helper: casework.Helper) -> tuple[UUID, UUID]:
    """An offer and its slip."""
    (task,) = service.offer(family.need, [helper.service], casework.a_consent(family, helper), family.old_man)
    return task.id, task.request_id


def slip(request_id: UUID) -> tuple[str, str]:
    query = select(ReferralRequest).where(ReferralRequest.id == request_id).execution_options(populate_existing=True)
    row = db.session.scalars(query).one()
    return row.state, row.reason_code


def offers(family: casework.Family) -> list[str]:
    return [row.task_state for row in queries.slips(family.case_id)]


def figures() -> dict[str, int]:
    names = ("offers_sent", "offers_answered", "offers_accepted", "offers_declined", "gaps_open")
    rows = db.session.execute(select(Indicator.name, Indicator.value).where(Indicator.name.in_(names))).all()
    return {row.name: int(row.value) for row in rows if row.value}


def test_a_slip_taken_back_ends_its_offer_and_asks_the_family_whether_the_need_still_stands(
    family: casework.Family, helper: casework.Helper
) -> None:
    with tenant_scope(family.tenant):
        task, request = sent(family, helper)
        answering.accept([task], helper.id, now() + timedelta(days=1))
        with pytest.raises(Refused) as refused:
            ending.revoke(request, "no-response")
        assert refused.value.field == "reason"
        ending.revoke(request, "declined-by-resident", actor="resident")
        assert slip(request) == ("revoked", "declined-by-resident")
        assert offers(family) == ["cancelled"]
        assert db.session.scalar(select(Capacity.reserved).where(Capacity.service_id == helper.service)) == 0
        assert db.session.scalars(select(Need.result).where(Need.id == family.need)).one() == "", "4: a need stays open"
        steps = [tuple(row) for row in db.session.execute(select(Step.object_kind, Step.verb))]
        assert steps == [("case", "和家属确认是否还需要")]
        last = db.session.execute(
            select(TaskEvent.state_to, TaskEvent.actor, TaskEvent.reason_code).order_by(TaskEvent.id.desc()).limit(1)
        ).one()
        assert tuple(last) == ("cancelled", "resident", "declined-by-resident")
        stops = select(func.count()).select_from(Outbox).where(Outbox.kind == "referrals.tell_stop")
        assert db.session.scalar(stops) == 1
        with pytest.raises(Clash):
            ending.revoke(request, "declined-by-resident")


def test_a_gap_that_nobody_fills_can_be_ended_so_that_the_case_can_close(
    family: casework.Family, helper: casework.Helper
) -> None:
    with tenant_scope(family.tenant):
        task, request = sent(family, helper)
        answering.decline([task], helper.id, "no-capacity")
        casework.ring("referrals.look_again")
        assert slip(request)[0] == "on-hold"
        assert figures()["gaps_open"] == 1
        left = dict.fromkeys((family.need, family.girl_need), "no_helper")
        with pytest.raises(Refused, match="在找人"):
            closing.propose(family.case_id, "cannot_meet", left)
        ending.revoke(request, "other")
        assert "gaps_open" not in figures()
        assert not differences().keys() - {"households", "persons"}
        assert closing.propose(family.case_id, "cannot_meet", left) in (True, False)


@pytest.mark.parametrize("answer", ["", "accept", "decline"])
def test_what_was_entered_in_error_is_kept_and_leaves_the_figures(
    answer: str, family: casework.Family, helper: casework.Helper
) -> None:
    with tenant_scope(family.tenant):
        casework.a_helper(family)
        task, request = sent(family, helper)
        if answer == "accept":
            answering.accept([task], helper.id, now() + timedelta(days=1))
        if answer == "decline":
            answering.decline([task], helper.id, "other", "说明")
        assert figures()["offers_sent"] == 1
        if answer == "decline":
            answering.correct(task)
        else:
            ending.mistaken(request)
            assert slip(request) == ("entered-in-error", "mistake")
        assert offers(family) == ["entered-in-error"]
        assert not [name for name in figures() if name.startswith("offers")]
        assert not differences().keys() - {"households", "persons"}


def test_after_a_delivery_nothing_was_an_error(family: casework.Family, helper: casework.Helper) -> None:
    with tenant_scope(family.tenant):
        task, request = sent(family, helper)
        answering.accept([task], helper.id, now() + timedelta(hours=1))
        work.finish([task], helper.id, [task], last=True)
        with pytest.raises(Clash):
            ending.mistaken(request)
        assert offers(family) == ["completed"]
        ending.revoke(request, "no-longer-needed", actor="resident")
        assert slip(request)[0] == "revoked"
        assert offers(family) == ["completed"], "what was done stays done"


def test_a_draft_in_line_leaves_the_line_with_its_slip(family: casework.Family) -> None:
    full = casework.a_helper(family, places=1)
    with tenant_scope(family.tenant):
        first, _request = sent(family, full)
        consent = casework.a_consent(family, full, person=family.son)
        line.wait(family.girl_need, [full.service], consent, family.son)
        waits = next(row for row in queries.slips(family.case_id) if row.task_state == "draft")
        ending.revoke(waits.request_id, "other")
        answering.decline([first], full.id, "other", "说明")
        turn = select(func.count()).select_from(Outbox).where(Outbox.kind == "referrals.turn")
        assert db.session.scalar(turn) == 0, "its place goes to nobody who no longer asks"
        assert slip(waits.request_id)[0] == "revoked"


def test_what_is_no_slip_of_this_community_is_absent(family: casework.Family) -> None:
    other = casework.a_family()
    helper = casework.a_helper(other)
    with tenant_scope(other.tenant):
        _task, request = sent(other, helper)
    with tenant_scope(family.tenant), pytest.raises(Absent):
        ending.revoke(request, "other")
