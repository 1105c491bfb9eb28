"""Prepared statements see what the session still holds back."""

import pytest
from sqlalchemy import select

from rongjiu.db import db, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.prepared import Prepared, given
from tenants.residents.models import Courtyard
from tests import factories

pytestmark = pytest.mark.usefixtures("inside")
_NAMES = Prepared(select(Courtyard.name).where(Courtyard.tenant_id == given("tenant")))


def test_a_read_sees_a_row_that_was_just_added_and_a_change_that_was_just_made() -> None:
    with tenant_scope(factories.tenant(factories.a_community())):
        before = {row.name for row in _NAMES.rows()}
        yard = Courtyard(id=uuid7(), slug="new", name="新添的院子", seq=99)
        db.session.add(yard)
        assert {row.name for row in _NAMES.rows()} - before == {"新添的院子"}
        yard.name = "改了名的院子"
        assert {row.name for row in _NAMES.rows()} - before == {"改了名的院子"}


def test_a_read_leaves_alone_what_may_not_be_written_yet() -> None:
    with tenant_scope(factories.tenant(factories.a_community())):
        yard = Courtyard(id=uuid7(), slug="new", name="还没写完", seq=99)
        with db.session.no_autoflush:
            db.session.add(yard)
            assert "还没写完" not in {row.name for row in _NAMES.rows()}
            assert yard in db.session.new
