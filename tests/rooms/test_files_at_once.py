"""A file kept in the moment in which an equal one is removed: its content is there afterwards."""

from collections.abc import Iterator
from threading import Event
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from rongjiu import files
from rongjiu.db import db, tenant_scope
from tests.desk_of import Desk, a_desk
from tests.rooms.test_sweeps_at_once import at_once

pytestmark = pytest.mark.usefixtures("own_folder")
PNG = b"\x89PNG\r\n\x1a\nthe same picture"
WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


def keep() -> UUID:
    return files.save(PNG, "a.png", owner_kind="test", owner_id=uuid4())


@pytest.fixture
def old(app: Flask) -> Iterator[tuple[Desk, UUID]]:
    with app.app_context():
        here = a_desk()
        with tenant_scope(here.tenant):
            kept = keep()
        db.session.commit()
        yield here, kept
        db.session.remove()


def test_who_removes_waits_for_who_keeps_the_same(app: Flask, old: tuple[Desk, UUID]) -> None:
    here, first = old
    kept, removed = Event(), Event()

    def keeps() -> UUID:
        again = keep()
        kept.set()
        # Either the other one waits for this transaction, or, without a lock, it is through.
        while not db.session.scalar(WAITING) and not removed.wait(0.02):
            pass
        return again

    def removes() -> None:
        assert kept.wait(10)
        files.forget(first)
        removed.set()

    again, _none = at_once(app, here, keeps, removes)
    with app.app_context(), tenant_scope(here.tenant):
        assert files.load(again)[2] == PNG
