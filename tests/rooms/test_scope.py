"""What a transaction sees: its own community, or nothing."""

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from rongjiu.clock import now
from rongjiu.db import Scope, as_role, current_scope, current_tenant, db, scoped, tenant_scope
from rongjiu.ids import uuid7
from tenants.residents.models import Courtyard, Household
from tests import factories

pytestmark = pytest.mark.usefixtures("inside")


def a_courtyard(slug: str = "y1") -> Courtyard:
    row = Courtyard(id=uuid7(), slug=slug, seq=1, name="一号院")
    db.session.add(row)
    db.session.flush()
    return row


def two() -> tuple:
    return factories.tenant(factories.a_community()), factories.tenant(factories.a_community())


def test_no_community_entered_sees_nothing_and_writes_nothing() -> None:
    one, _ = two()
    with tenant_scope(one):
        a_courtyard()
    assert db.session.scalar(text("SELECT count(*) FROM courtyard")) == 0
    with pytest.raises(LookupError):
        current_tenant()
    with pytest.raises(DBAPIError, match="row-level security"), db.session.begin_nested():
        db.session.execute(text("INSERT INTO courtyard (tenant_id, id, slug, seq, name, grid, households, residents, source, demo) "
                                "VALUES (:t, gen_random_uuid(), 'x', 1, 'x', '', 0, 0, '', false)"), {"t": one.id})  # fmt: skip


def test_each_community_sees_its_own_rows_by_orm_core_and_sql() -> None:
    one, other = two()
    with tenant_scope(one):
        mine = a_courtyard().id
    with tenant_scope(other):
        a_courtyard("y2")
        assert db.session.scalars(select(Courtyard.slug)).all() == ["y2"]
        assert db.session.get(Courtyard, (one.id, mine)) is None
        assert db.session.scalar(text("SELECT count(*) FROM courtyard")) == 1
        assert (
            db.session.execute(text("UPDATE courtyard SET name = 'x' WHERE tenant_id = :t"), {"t": one.id}).rowcount
            == 0
        )
    with tenant_scope(one):
        assert db.session.scalars(select(Courtyard.name)).all() == ["一号院"]


def test_the_orm_predicate_stands_in_the_statement_too() -> None:
    one, _ = two()
    with tenant_scope(one):
        seen: list[str] = []
        from_engine = db.session.connection()

        def keep(_c, _cur, statement, *_rest) -> None:
            seen.append(statement)

        event.listen(from_engine, "before_cursor_execute", keep)
        db.session.scalars(select(Courtyard.slug)).all()
        event.remove(from_engine, "before_cursor_execute", keep)
    assert any("courtyard.tenant_id = " in statement for statement in seen)


def test_leaving_restores_the_scope_before_and_flushes_first() -> None:
    one, other = two()
    with tenant_scope(one):
        db.session.add(Courtyard(id=uuid7(), slug="late", seq=1, name="晚到"))
        with tenant_scope(other):
            assert current_tenant() == other
            assert db.session.scalar(text("SELECT count(*) FROM courtyard")) == 0
        assert current_tenant() == one
        assert db.session.scalars(select(Courtyard.slug)).all() == ["late"]
    assert current_scope() == Scope()


def test_a_row_cannot_point_at_another_communitys_row() -> None:
    one, other = two()
    with tenant_scope(one):
        yard = a_courtyard().id

    with tenant_scope(other), pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.add(Household(id=uuid7(), courtyard_id=yard, created_at=now()))
        db.session.flush()


def test_the_same_slug_in_two_communities_tells_nothing() -> None:
    one, other = two()
    with tenant_scope(one):
        a_courtyard("same")
    with tenant_scope(other):
        a_courtyard("same")


def test_a_narrow_role_cannot_read_persons() -> None:
    one, _ = two()
    with scoped(Scope(tenant=one)):
        with (
            as_role("app_overseer", visible=(one.id,)),
            pytest.raises(DBAPIError, match="permission denied"),
            db.session.begin_nested(),
        ):
            db.session.execute(text("SELECT name FROM person"))
        with as_role("app_public"), pytest.raises(DBAPIError, match="permission denied"), db.session.begin_nested():
            db.session.execute(text("SELECT name FROM person"))
        assert db.session.scalar(text("SELECT current_user")) == "app_user"


def test_settings_do_not_outlive_the_transaction_on_a_pooled_connection() -> None:
    one, _ = two()
    with tenant_scope(one):
        assert db.session.scalar(text("SELECT current_setting('app.tenant_id')")) == str(one.id)
    assert db.session.scalar(text("SELECT current_setting('app.tenant_id')")) == ""
