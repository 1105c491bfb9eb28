"""One place in a slot, two communities, two real connections: one of them gets it, whoever is first."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from threading import Barrier
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from rongjiu.marketplace import slot_plans, slots
from rongjiu.marketplace.models import Capacity, Provider, Reservation
from rongjiu.marketplace.service import publish
from rongjiu.tenancy.models import Community
from tenants.referrals import service as referrals
from tests import casework, factories

World = tuple[list[casework.Family], list[UUID], casework.Helper, UUID]


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with app.app_context():
        families = [casework.a_family(), casework.a_family()]
        helper = casework.a_helper(families[0], "home-checkup")
        provider = db.session.get_one(Provider, helper.id)
        provider.details = {"clinic_days": "每周三", "booking": "社区", "medical_licence": "PDY1"}
        factories.an_admission(provider, db.session.get_one(Community, families[1].community_id))
        slot_plans.lay_out(
            helper.id, slot_plans.Plan(helper.service, today() + timedelta(days=5), time(9), time(10), places=1)
        )
        slot = UUID(str(slots.listed(helper.id)[0][0].id))
        consents = []
        for family in families:
            with tenant_scope(family.tenant):
                consents.append(casework.a_consent(family, helper))
        db.session.commit()
    yield families, consents, helper, slot
    with app.app_context():
        # What is committed stays for the run: at least nobody else's market shows it.
        db.session.execute(update(Provider).where(Provider.id == helper.id).values(state="withdrawn"))
        publish(helper.id)
        db.session.commit()
        db.session.remove()


def test_the_same_slot_is_never_given_twice_across_communities(app: Flask, world: World) -> None:
    families, consents, helper, slot = world
    start = Barrier(2)

    def book(which: int) -> str:
        family = families[which]
        with app.app_context():
            try:
                with tenant_scope(family.tenant):
                    start.wait(10)
                    referrals.offer(family.need, [helper.service], consents[which], family.old_man, slot_id=slot)
                db.session.commit()
                return ""
            except Refused as refused:
                db.session.rollback()
                return refused.message
            finally:
                db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(book, range(2)))
    assert answers[0] == ""
    assert "刚被约满" in answers[1]
    with app.app_context():
        line = db.session.scalars(select(Capacity).where(Capacity.slot_id == slot)).one()
        assert (line.maximum, line.reserved, line.used) == (1, 1, 0)
        held = db.session.scalars(select(Reservation.id).where(Reservation.slot_id == slot)).all()
        assert len(held) == 1
        db.session.remove()
