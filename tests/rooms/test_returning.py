"""After a decline or a failure: the desk has the slip in the same moment, the market is asked anew a moment later."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.oversight.models import Indicator, Step
from tenants.referrals import answering, queries, service
from tenants.referrals.models import MatchRun, ReferralRequest
from tenants.referrals.returning import again
from tests import casework


def declined(family: casework.Family, helper: casework.Helper) -> UUID:
    """An offer that was declined; answers its slip."""
    consent = casework.a_consent(family, helper)
    (task,) = service.offer(family.need, [helper.service], consent, family.old_man)
    answering.decline([task.id], helper.id, "out-of-area")
    return task.request_id


def slip() -> tuple[str, list[str]]:
    """State of the only slip, and who acts next on it."""
    state = db.session.scalars(select(ReferralRequest.state)).one()
    return state, [*db.session.scalars(select(Step.verb).where(Step.object_kind == "referral_request"))]


def gaps() -> int:
    return db.session.scalar(select(Indicator.value).where(Indicator.name == "gaps_open")) or 0


def test_the_desk_has_it_at_once_and_nobody_left_is_a_gap_a_moment_later(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    with tenant_scope(family.tenant):
        request = declined(family, helper)
        assert slip() == ("active", ["改约下一家"])
        assert db.session.scalars(select(MatchRun.id)).all() == []
        assert casework.ring("referrals.look_again") == 1
        assert slip() == ("on-hold", ["补服务缺口"])
        assert gaps() == 1
        assert again.match_anew(request, "home-checkup", "out-of-area"), "rung twice"
        assert (slip(), gaps()) == (("on-hold", ["补服务缺口"]), 1)
        assert audit.verify(family.tenant) is None


def test_somebody_else_at_hand_is_shown_and_the_step_stays(family: casework.Family) -> None:
    first, second = casework.a_helper(family), casework.a_helper(family)
    with tenant_scope(family.tenant):
        declined(family, first)
        casework.ring("referrals.look_again")
        assert slip() == ("active", ["改约下一家"])
        run = queries.last_match(family.need)
        assert run is not None
        assert [row["provider_id"] for row in run.candidates] == [str(second.id)]
        assert "declined_lately" in {row["reason"] for row in run.excluded}


def test_an_offer_made_meanwhile_is_left_alone(family: casework.Family) -> None:
    first, second = casework.a_helper(family), casework.a_helper(family)
    with tenant_scope(family.tenant):
        request = declined(family, first)
        consent = casework.a_consent(family, second)
        (task,) = service.offer(family.need, [second.service], consent, family.old_man)
        assert not again.match_anew(request, "home-checkup", "out-of-area")
        assert slip() == ("active", [])
        answering.accept([task.id], second.id, now() + timedelta(hours=3))
        assert not again.match_anew(request, "home-checkup", "out-of-area")
        assert gaps() == 0


def test_a_failure_stays_urgent_while_somebody_is_left(family: casework.Family) -> None:
    first, _second = casework.a_helper(family), casework.a_helper(family)
    with tenant_scope(family.tenant):
        consent = casework.a_consent(family, first)
        (task,) = service.offer(family.need, [first.service], consent, family.old_man)
        answering.accept([task.id], first.id, now() + timedelta(hours=3))
        answering.fail([task.id], first.id, "lack-of-resources")
        before = slip()
        assert before == ("active", ["接单后未能完成,马上改约"])
        assert casework.ring("referrals.look_again") == 1
        assert slip() == before
