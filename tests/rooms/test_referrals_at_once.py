"""Two people at the same moment, on committed rows of a community of their own: one of them wins, nobody deadlocks."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from rongjiu.marketplace.models import Provider
from rongjiu.marketplace.service import publish
from tenants.consents import service as consents
from tenants.referrals import answering, confirming, queries, service
from tenants.referrals.models import ReferralTask
from tests import casework

World = tuple[casework.Family, casework.Helper, list[UUID], UUID]


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with app.app_context():
        family = casework.a_family()
        helper = casework.a_helper(family, "catheter-change", "home-checkup", places=9)
        assert helper.second is not None
        with tenant_scope(family.tenant):
            consent = casework.a_consent(family, helper)
            ids = [t.id for t in service.offer(family.need, [helper.service, helper.second], consent, family.old_man)]
        db.session.commit()
    yield family, helper, ids, consent
    with app.app_context():
        # What is committed stays for the run: at least nobody else's market shows it.
        db.session.execute(update(Provider).where(Provider.id == helper.id).values(state="withdrawn"))
        publish(helper.id)
        db.session.commit()
        db.session.remove()


def at_once(app: Flask, family: casework.Family, *works: Callable[[], object]) -> list[str]:
    """Do all in transactions of their own, started together: '' or the refusal of each."""
    start = Barrier(len(works))

    def one(work: Callable[[], object]) -> str:
        with app.app_context():
            try:
                with tenant_scope(family.tenant):
                    start.wait(10)
                    work()
                db.session.commit()
                return ""
            except Refused as refused:
                db.session.rollback()
                return refused.message
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def states(app: Flask, family: casework.Family) -> list[str]:
    with app.app_context(), tenant_scope(family.tenant):
        return [row.task_state for row in queries.slips(family.case_id)]


def test_two_answers_at_once_count_once(app: Flask, world: World) -> None:
    family, helper, ids, _ = world
    slot = now() + timedelta(hours=2)
    said = at_once(
        app, family,
        lambda: answering.accept(ids, helper.id, slot),
        lambda: answering.accept(list(reversed(ids)), helper.id, slot),
        lambda: answering.decline(ids, helper.id, "out-of-area"),
    )  # fmt: skip
    assert said.count("") == 1
    assert len(set(states(app, family))) == 1


def test_a_withdrawal_beside_an_answer_leaves_nothing_open(app: Flask, world: World) -> None:
    family, helper, ids, consent = world
    said = at_once(
        app, family,
        lambda: answering.accept(ids, helper.id, now() + timedelta(hours=2)),
        lambda: consents.withdraw(consent, "不愿意了"),
        lambda: service.offer(family.need, [helper.service], consent, family.old_man),
    )  # fmt: skip
    assert said[1] == ""
    assert set(states(app, family)) <= {"cancelled", "draft"}


def test_the_family_and_the_desk_at_once(app: Flask, world: World) -> None:
    family, helper, ids, consent = world
    other = confirming.Answer("not_solved")
    said = at_once(
        app, family,
        lambda: confirming.confirm(family.case_id, {family.need: other}),
        lambda: answering.decline(ids, helper.id, "out-of-area"),
        lambda: service.offer(family.need, [helper.service], consent, family.old_man),
    )  # fmt: skip
    assert said[:2] == ["", ""]


def test_two_volunteers_accept_at_once_and_one_has_the_job(app: Flask, world: World) -> None:
    family, helper, _ids, _consent = world
    with app.app_context():
        others = [casework.a_helper(family, "home-checkup"), casework.a_helper(family, "home-checkup")]
        chosen = [each.id for each in others]
        db.session.execute(update(Provider).where(Provider.id.in_(chosen)).values(group="volunteer_team"))
        with tenant_scope(family.tenant):
            for task in list(db.session.scalars(select(ReferralTask.id))):
                answering.cancel(task, "no-longer-needed")
            tasks = [
                service.offer(
                    family.need, [each.service], casework.a_consent(family, each), family.old_man, kind="volunteer"
                )[0].id
                for each in others
            ]
        db.session.commit()
    slot = now() + timedelta(hours=2)
    said = at_once(
        app, family,
        lambda: answering.accept([tasks[0]], others[0].id, slot),
        lambda: answering.accept([tasks[1]], others[1].id, slot),
    )  # fmt: skip
    assert said.count("") == 1
    assert sorted(states(app, family)) == ["accepted", *["cancelled"] * 3]
    with app.app_context():
        db.session.execute(update(Provider).where(Provider.id.in_(chosen)).values(state="withdrawn"))
        for each in chosen:
            publish(each)
        db.session.commit()
    assert helper.id not in chosen
