"""The chains: whole while only the house writes, broken by any change; a refusal is written after the rollback."""

from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from rongjiu import audit
from rongjiu.actor import Actor, acting
from rongjiu.db import db, tenant_scope
from tests import factories

pytestmark = pytest.mark.usefixtures("inside")


def test_a_chain_of_acts_is_whole_and_names_who_and_from_where() -> None:
    tenant = factories.tenant(factories.a_community())
    who = uuid4()
    with tenant_scope(tenant), acting(Actor(who, "secretary", "书记", "10.0.0.9", "r-1")):
        for n in range(3):
            audit.record("case.open", "case", n, reason="派单", step=n)
        last = db.session.execute(text("SELECT * FROM audit ORDER BY seq DESC LIMIT 1")).one()
    assert (last.seq, last.actor_id, last.actor_role, last.address, last.request_id) == (
        3,
        who,
        "secretary",
        "10.0.0.9",
        "r-1",
    )
    assert (last.verb, last.object_kind, last.object_id, last.reason, last.detail) == (
        "case.open",
        "case",
        "2",
        "派单",
        {"step": 2},
    )
    assert audit.verify(tenant) is None


def test_what_a_savepoint_took_back_leaves_no_hole() -> None:
    tenant = factories.tenant(factories.a_community())
    with tenant_scope(tenant):
        audit.record("act", "thing", 1)
        with pytest.raises(ZeroDivisionError), db.session.begin_nested():
            audit.record("act", "thing", 2)
            raise ZeroDivisionError
        with db.session.begin_nested():
            audit.record("act", "thing", 3)
        audit.record("act", "thing", 4)
        rows = db.session.execute(text("SELECT seq, object_id FROM audit ORDER BY seq")).all()
    assert [tuple(row) for row in rows] == [(1, "1"), (2, "3"), (3, "4")]
    assert audit.verify(tenant) is None


def test_the_app_cannot_change_or_remove_a_row() -> None:
    tenant = factories.tenant(factories.a_community())
    with tenant_scope(tenant):
        audit.record("a", "b", "c")
        for statement in ("UPDATE audit SET reason = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
            with pytest.raises(DBAPIError, match="permission denied"), db.session.begin_nested():
                db.session.execute(text(statement))


def test_a_head_that_does_not_fit_the_rows_is_found() -> None:
    tenant = factories.tenant(factories.a_community())
    with tenant_scope(tenant):
        for n in range(4):
            audit.record("act", "thing", n)
        assert audit.verify(tenant) is None
        db.session.execute(text("UPDATE audit_head SET seq = 9"))
    assert audit.verify(tenant) == 5


def test_a_forged_row_is_named() -> None:
    tenant = factories.tenant(factories.a_community())
    with tenant_scope(tenant):
        audit.record("act", "thing", 1)
        db.session.execute(
            text(
                "INSERT INTO audit SELECT tenant_id, 2, at, actor_id, actor_role, address, request_id, 'forged', object_kind, object_id, "
                "reason, detail, digest FROM audit WHERE seq = 1"
            )
        )
    assert audit.verify(tenant) == 2


def test_one_chain_for_each_community_and_one_for_the_platform() -> None:
    one, other = (factories.tenant(factories.a_community()) for _ in range(2))
    for tenant in (one, other, one):
        with tenant_scope(tenant):
            audit.record("act", "thing", 1)
    audit.record("act", "thing", 1)
    assert [audit.verify(each) for each in (one, other, None)] == [None, None, None]
    with tenant_scope(one):
        assert db.session.scalar(text("SELECT count(*) FROM audit")) == 2


def test_the_owner_sees_no_row_without_a_community(settings) -> None:
    engine = create_engine(settings.database_owner_url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit")) == 0
    engine.dispose()
