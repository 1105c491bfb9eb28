"""The demo is filled: a visitor finds referrals in every state, each marked as a sample, before anybody has done anything."""

from sqlalchemy import select

from rongjiu.db import db, tenant_scope
from tenants.cases.models import CaseFile
from tenants.outcomes.models import AuditCheck, FollowUp
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.referrals.returning import conditions, tries
from tenants.residents.models import Person
from tenants.reviews.models import ChangeRequest
from tenants.screening.models import NearMiss
from tests.stories.conftest import DemoSite
from tests.stories.test_accompany import here

STATES = {"requested", "accepted", "in-progress", "on-hold", "rejected", "failed", "completed"}


def test_every_state_of_a_referral_is_there_to_be_seen(demo_site: DemoSite) -> None:
    with demo_site.app.app_context(), tenant_scope(here()):
        tasks = db.session.execute(select(ReferralTask.id, ReferralTask.state, ReferralTask.demo)).all()
        slips = set(db.session.scalars(select(ReferralRequest.state)))
        tried = [each for each in tries.standing([row.id for row in tasks]).values() if each.tries]
        named = set(conditions.of([row.id for row in tasks]).values())
        waits = {
            table.__tablename__: db.session.scalar(select(table.tenant_id).limit(1))
            for table in (NearMiss, ChangeRequest, AuditCheck, FollowUp)
        }
        closed = db.session.scalars(select(CaseFile.number).where(CaseFile.closed_at.is_not(None))).all()
        people = db.session.scalars(select(Person.name).where(Person.demo)).all()
        db.session.rollback()
    assert {row.state for row in tasks} >= STATES
    assert all(row.demo for row in tasks if row.state in STATES)
    assert slips >= {"active", "on-hold", "awaiting_confirmation", "completed"}
    assert max(len(each.tries) for each in tried) >= 2
    assert "age" in named
    assert None not in waits.values(), waits
    assert len(closed) >= 2
    assert people
    assert all("示例" in name for name in people)
