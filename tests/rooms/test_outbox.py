"""Effects: written in the transaction, carried out once, in their community."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from rongjiu import outbox
from rongjiu.clock import now
from rongjiu.db import Scope, current_scope, db, scoped, tenant_scope
from tests import factories

pytestmark = pytest.mark.usefixtures("inside")
seen: list[tuple] = []


@outbox.effect("test.seen")
def _seen(payload: dict) -> None:
    tenant = current_scope().tenant
    seen.append((tenant.id if tenant else None, payload["n"]))
    if payload.get("fail"):
        raise RuntimeError("no")


@pytest.fixture(autouse=True)
def _clear() -> None:
    seen.clear()


def rows() -> list:
    return list(db.session.execute(text("SELECT id, done_at, run_after FROM outbox ORDER BY id")))


def test_an_effect_is_done_once_in_its_community() -> None:
    tenant = factories.tenant(factories.a_community())
    with tenant_scope(tenant):
        outbox.put("test.seen", {"n": 1}, key="k")
        outbox.put("test.seen", {"n": 2}, key="k")
        (row,) = rows()
    db.session.commit()
    assert outbox.perform(tenant.id, str(tenant.uid), str(row.id)) is True
    assert outbox.perform(tenant.id, str(tenant.uid), str(row.id)) is False
    assert seen == [(tenant.id, 1)]


def test_a_failed_effect_leaves_its_row_open_and_nothing_half_done() -> None:
    tenant = factories.tenant(factories.a_community())
    with tenant_scope(tenant):
        outbox.put("test.seen", {"n": 1, "fail": True})
        (row,) = rows()
    db.session.commit()
    with pytest.raises(RuntimeError):
        outbox.perform(tenant.id, str(tenant.uid), str(row.id))
    with tenant_scope(tenant):
        assert rows()[0].done_at is None


def test_another_communitys_row_cannot_be_performed() -> None:
    one, other = (factories.tenant(factories.a_community()) for _ in range(2))
    with tenant_scope(one):
        outbox.put("test.seen", {"n": 1})
        (row,) = rows()
    db.session.commit()
    assert outbox.perform(other.id, str(other.uid), str(row.id)) is False
    assert seen == []


def test_a_timer_waits_for_its_moment() -> None:
    tenant = factories.tenant(factories.a_community())
    later = now() + timedelta(hours=2)
    with tenant_scope(tenant):
        outbox.put("test.seen", {"n": 1}, after=later)
        assert rows()[0].run_after == later


def test_the_platform_has_effects_of_its_own() -> None:
    with scoped(Scope()):
        outbox.put("test.seen", {"n": 7})
    row = db.session.execute(text("SELECT id FROM platform_outbox ORDER BY id DESC LIMIT 1")).one()
    db.session.commit()
    assert outbox.perform(None, None, str(row.id))
    assert seen == [(None, 7)]


def test_an_unknown_kind_is_refused_at_once() -> None:
    with pytest.raises(KeyError):
        outbox.put("test.unheard", {})
