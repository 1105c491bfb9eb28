"""Offers that nobody answered in time end by the set: the same rows as one by one, once, and communities take turns."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, text, update

from rongjiu import audit, outbox
from rongjiu.clock import now
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.marketplace.models import Provider
from rongjiu.outbox import Outbox
from tenants.needs import service as needs
from tenants.referrals import answering, service
from tenants.referrals.models import ReferralTask
from tenants.referrals.returning import expiry, silence
from tests import casework, factories

WRITTEN = {
    "referral_task": "id, state, reason_code, due_at, ended_at, provider_id, rank, offered_at, service_type",
    "referral_request": "id, state, reason_code, kind",
    "task_event": "task_id, at, state_from, state_to, actor, reason_code",
    "case_event": "case_id, at, kind, detail, actor_post",
    "case_file": "id, state",
    "step": "object_kind, case_id, actor_role, actor, verb, due_at, since, urgency, level",
    "match_run": "need_id, at",
    "audit": "at, actor_role, verb, object_kind, reason, detail",
    "outbox": "kind, run_after",
    "referral_check": "task_id, provider_id, kind, due_at",
    "indicator": "name, value",
    "provider_inbox": "provider_id, state, due_at",
    "reservation": "service_id, period, state, places",
    "capacity": "service_id, period, maximum, reserved, used",
}
FAILS: set[str] = set()


def waiting(family: casework.Family, silences: int = 0) -> list[UUID]:
    """Four offers: one with a next one agreed to, two of one slip, one of a slip after so many `silences`."""
    one = casework.a_helper(family, "catheter-change", "home-checkup", places=9)
    following = casework.a_helper(family, "catheter-change")
    volunteers = [casework.a_helper(family, "home-checkup") for _ in range(2)]
    ids = [each.id for each in volunteers]
    db.session.execute(update(Provider).where(Provider.id.in_(ids)).values(group="volunteer_team"))
    with tenant_scope(family.tenant):
        consent = casework.a_consent(family, one)
        extra = needs.add(
            family.case_id, "再看看", item_slug="home-medical", person_id=family.old_man, is_wish=False
        ).id
        for _ in range(silences):
            (task,) = service.offer(extra, [one.service], consent, family.old_man, again="两项需求各派一次")
            db.session.execute(update(ReferralTask).where(ReferralTask.id == task.id).values(due_at=now()))
            assert silence.expire(task.id)
        for each in volunteers:
            agreed = casework.a_consent(family, each)
            service.offer(family.need, [each.service], agreed, family.old_man, again="两项需求各派一次")
        casework.a_consent(family, following)
        service.offer(family.need, [one.service], consent, family.old_man, again="两项需求各派一次")
        service.offer(extra, [one.service], consent, family.old_man, again="两项需求各派一次")
        return list(db.session.scalars(select(ReferralTask.id).where(ReferralTask.state == "requested")))


def rows(family: casework.Family) -> dict[str, list[str]]:
    found = {}
    with tenant_scope(family.tenant):
        for table, columns in WRITTEN.items():
            lines = db.session.execute(text(f"SELECT {columns} FROM {table}")).all()
            found[table] = sorted(str(tuple(line)) for line in lines)
        new = db.session.scalars(select(ReferralTask.id)).all()
        last = "SELECT DISTINCT ON (need_id) need_id, candidates, excluded FROM match_run ORDER BY need_id, id DESC"
        found["last runs"] = [str(tuple(line)) for line in db.session.execute(text(last))]
    # What was made just now has other ids each time; what there was before keeps its own.
    return {table: [_known(line, new) for line in lines] for table, lines in found.items()}


OLD: set[str] = set()


def _known(line: str, tasks: Sequence[UUID]) -> str:
    for each in {str(task) for task in tasks} - OLD:
        line = line.replace(each, "new")
    # What a match saw on the way: by the set all have ended before the first looks, one by one only those before it.
    return re.sub(r"'(free|excluded|candidates)': \d+", r"'\1': n", line)


def test_by_the_set_and_one_by_one_leave_equal_rows(family: casework.Family) -> None:
    tasks = waiting(family, silences=2)
    with tenant_scope(family.tenant):
        OLD.update(str(each) for each in db.session.scalars(select(ReferralTask.id)))
    seen = []
    with time_machine.travel(now() + timedelta(days=14), tick=False):
        for by_set in (False, True):
            point = db.session.begin_nested()
            with tenant_scope(family.tenant):
                done = expiry.expire(tasks) if by_set else sum(silence.expire(each) for each in sorted(tasks))
                assert done == len(tasks) == 4
                assert expiry.expire(tasks) == 0, "once"
                assert audit.verify(family.tenant) is None
            seen.append(rows(family))
            point.rollback()
            db.session.expire_all()
    for table in seen[0]:
        assert seen[0][table] == seen[1][table], table
    assert any("requested" in line and "new" in line for line in seen[1]["referral_task"]), "the next one was asked"
    assert any("补服务缺口" in line for line in seen[1]["step"]), "nobody is left for the third"


def test_what_was_answered_or_is_not_due_is_left_alone(family: casework.Family) -> None:
    tasks = waiting(family)
    with tenant_scope(family.tenant):
        assert expiry.expire(tasks) == 0, "too early"
        row = db.session.execute(select(ReferralTask.provider_id).where(ReferralTask.id == tasks[-1])).one()
        answering.decline([tasks[-1]], row.provider_id, "out-of-area")
        with time_machine.travel(now() + timedelta(days=14), tick=False):
            assert expiry.expire(tasks) == len(tasks) - 1
        state = select(ReferralTask.state).where(ReferralTask.id == tasks[-1])
        assert db.session.scalar(state) == "rejected"


@outbox.effect("test.set")
def _one(payload: dict[str, Any]) -> None:
    if payload["n"] in FAILS:
        raise RuntimeError("no")


@outbox.together("test.set")
def _set(payloads: Sequence[dict[str, Any]]) -> None:
    for each in payloads:
        _one(each)


def open_rows(tenant: Tenant, kind: str) -> int:
    with tenant_scope(tenant):
        query = select(Outbox.id).where(Outbox.kind == kind, Outbox.done_at.is_(None), Outbox.run_after <= now())
        return len(db.session.scalars(query).all())


def test_killed_in_the_middle_and_run_again_is_once(family: casework.Family, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = waiting(family)
    db.session.commit()
    given = (family.tenant.id, str(family.tenant.uid), "referrals.expire")
    with time_machine.travel(now() + timedelta(days=14), tick=False):
        with monkeypatch.context() as patch:
            patch.setattr(expiry, "_back_to_matching", _killed)
            with pytest.raises(KeyboardInterrupt):
                outbox.perform_together(*given)
        assert open_rows(family.tenant, given[2]) == len(tasks)
        assert outbox.perform_together(*given) == len(tasks)
        assert outbox.perform_together(*given) == 0
    with tenant_scope(family.tenant):
        ended = text("SELECT count(*) FROM task_event WHERE reason_code = 'no-response'")
        assert db.session.scalar(ended) == len(tasks)
        told = text("SELECT count(*) FROM audit WHERE verb = 'task.cancelled'")
        assert db.session.scalar(told) == len(tasks)


def _killed(*_given: object) -> None:
    raise KeyboardInterrupt


def test_a_row_that_fails_stands_aside_and_the_others_are_done(inside: None) -> None:
    tenant = factories.tenant(factories.a_community())
    with tenant_scope(tenant):
        for n in ("a", "b", "c"):
            outbox.put("test.set", {"n": n})
    db.session.commit()
    FAILS.add("a")
    try:
        assert outbox.perform_together(tenant.id, str(tenant.uid), "test.set") == 2
        assert open_rows(tenant, "test.set") == 0, "it waits for another moment"
    finally:
        FAILS.clear()
    with time_machine.travel(now() + timedelta(minutes=1), tick=False):
        assert outbox.perform_together(tenant.id, str(tenant.uid), "test.set") == 1


def test_a_kind_by_the_set_needs_its_effect() -> None:
    with pytest.raises(KeyError):
        outbox.together("test.unheard")(_set)
