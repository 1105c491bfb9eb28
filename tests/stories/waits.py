"""Waiting for a state of the world instead of for a time, and how much of an outbox is still to do."""

import threading
import time
from collections.abc import Callable

import psycopg

from rongjiu.embedded import Embedded


def until(reached: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for a state of the world, polling it; fails loudly when it does not come."""
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "did not come to pass"
        threading.Event().wait(0.02)


def waiting(own: Embedded, *, due: bool = False) -> int:
    """Effects that are not carried out yet, of communities and of the platform; only those whose time has come if `due`."""
    which = "done_at IS NULL" + (" AND run_after <= now()" if due else "")
    with psycopg.connect(own.url("app_relay").replace("+psycopg", "")) as connection:
        row = connection.execute(
            f"SELECT (SELECT count(*) FROM outbox WHERE {which}) + (SELECT count(*) FROM platform_outbox WHERE {which})"  # noqa: S608  two fixed texts
        ).fetchone()
    assert row
    return int(row[0])
