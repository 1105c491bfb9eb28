"""The relay: one process, one clock. It listens, sweeps, and rings RQ for each outbox row that is due.

`python -m rongjiu.relay` runs it. It knows no room and loads none: what it must know of a row stands in the row.

A row that is not marked done 30 s after it was queued goes out again under a new job id, so killing a worker or
emptying Redis loses nothing; the row's lock and mark keep it from being done twice.
"""

import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import redis
import rq
from structlog import get_logger

from rongjiu import logs
from rongjiu.config import Settings
from rongjiu.worker import QUEUE

LOCK = 0x524A01
"""Advisory lock of the one relay at work."""
AGAIN = 30.0
"""Seconds after which an unmarked row goes out again."""
_PATIENCE = 10
SWEEP = 1.0
"""Longest wait between sweeps: timers come due without a bell."""
_DUE = """
    SELECT {key}, attempts FROM {table}
     WHERE done_at IS NULL AND run_after <= now(){single}
       AND (queued_at IS NULL OR queued_at < now() - make_interval(secs => %(again)s))
     ORDER BY run_after LIMIT 500
"""
_SINGLE = " AND NOT together"
_HEADS = """
    SELECT tenant_id, id, attempts, kind FROM (
           SELECT DISTINCT ON (tenant_id, kind) tenant_id, id, attempts, kind, run_after, queued_at FROM outbox
            WHERE done_at IS NULL AND run_after <= now() AND together
            ORDER BY tenant_id, kind, run_after, id) head
     WHERE queued_at IS NULL OR queued_at < now() - make_interval(secs => %(again)s)
     ORDER BY run_after
"""
"""Kinds carried out by the set: only the first due row of each community and kind rings, whatever stands behind it."""
_RUNG = """
    UPDATE {table} o SET queued_at = now(), attempts = o.attempts + r.anew
      FROM (SELECT unnest(%(tenants)s::int[]) AS tenant_id, unnest(%(ids)s::uuid[]) AS id, unnest(%(anew)s::int[]) AS anew) r
     WHERE o.id = r.id{of_tenant}
"""
"""Looked up by key: a condition on what is due would let the planner walk all that is due once for each row of it,
because it cannot know how much has come due since it last counted."""
log = get_logger()


@dataclass
class Relay:
    """One relay with its own connection as app_relay."""

    database_url: str
    redis_url: str
    again: float = AGAIN
    stopping: bool = False

    def run(self) -> None:
        """Work until TERM or INT; reconnects by itself when the database or Redis was away."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        while not self.stopping:
            try:
                self._work()
            except (psycopg.OperationalError, redis.ConnectionError, redis.TimeoutError) as error:
                log.warning("relay waits", error=type(error).__name__)
                time.sleep(0.5)  # the server is away: the pause between two tries

    def _stop(self, *_signal: Any) -> None:
        self.stopping = True

    def connect(self) -> "psycopg.Connection[tuple[Any, ...]]":
        """A connection as app_relay."""
        return psycopg.connect(self.database_url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)

    def _work(self) -> None:
        with self.connect() as connection, redis.Redis.from_url(self.redis_url) as client:
            queue = rq.Queue(QUEUE, connection=client)
            while not self.stopping:
                held = connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
                if held and held[0]:
                    break
                time.sleep(SWEEP)  # another relay works; look again
            connection.execute("LISTEN outbox")
            while not self.stopping:
                while ring(connection, queue, self.again):
                    pass
                for _note in connection.notifies(timeout=SWEEP, stop_after=1):
                    pass

    def backlog(self) -> tuple[int, float]:
        """How many rows are due and not done, and the age of the oldest in seconds."""
        with self.connect() as connection:
            found = connection.execute(
                "SELECT count(*), coalesce(extract(epoch FROM now() - min(run_after)), 0) FROM "
                "(SELECT run_after FROM outbox WHERE done_at IS NULL AND run_after <= now() "
                "UNION ALL SELECT run_after FROM platform_outbox WHERE done_at IS NULL AND run_after <= now()) open"
            ).fetchone()
        assert found is not None  # noqa: S101  an aggregate always answers
        return int(found[0]), float(found[1])


@dataclass(frozen=True, slots=True)
class Due:
    """A row that is due; with a kind it stands for all due rows of that kind of its community."""

    tenant_id: int | None
    id: UUID
    attempts: int
    kind: str = ""


def ring(connection: "psycopg.Connection[tuple[Any, ...]]", queue: rq.Queue, again: float = AGAIN) -> int:
    """Mark what is due as queued and enqueue it; answers how many.

    A row rung before is rung again after `again` seconds, later while jobs wait, and never while its own job is one of
    those: that would only make the queue longer. A row of a community that is not there is left where it is: it must not
    stop those of the others.
    """
    words = {"again": again if queue.count == 0 else again * _PATIENCE}
    read = _DUE.format(table="outbox", key="tenant_id, id", single=_SINGLE)
    own = [Due(*row) for read in (read, _HEADS) for row in connection.execute(read, words).fetchall()]
    read = _DUE.format(table="platform_outbox", key="NULL::int, id", single="")
    shared = [Due(*row) for row in connection.execute(read, words).fetchall()]
    due = [*own, *shared]
    waiting = {UUID(job[:36]) for job in queue.get_job_ids()} if any(row.attempts for row in due) else set()
    _mark(connection, "outbox", " AND o.tenant_id = r.tenant_id", own, waiting)
    _mark(connection, "platform_outbox", "", shared, waiting)
    uids: dict[int | None, str | None] = {None: None}
    if numbers := list({row.tenant_id for row in own}):
        found = connection.execute("SELECT tenant_id, id FROM community WHERE tenant_id = ANY(%s)", (numbers,))
        uids |= {number: str(uid) for number, uid in found.fetchall()}
    if lost := {row.tenant_id for row in own} - uids.keys():
        log.warning("rows of no community", tenants=sorted(filter(None, lost)))
    jobs = [_job(row, uids[row.tenant_id]) for row in due if row.id not in waiting and row.tenant_id in uids]
    if jobs:
        queue.enqueue_many(jobs)
    return len(jobs)


def _mark(
    connection: "psycopg.Connection[tuple[Any, ...]]", table: str, of_tenant: str, rows: Sequence[Due], waiting: set[UUID]
) -> None:  # fmt: skip
    if rows:
        marks = {
            "tenants": [row.tenant_id for row in rows], "ids": [row.id for row in rows],
            "anew": [int(row.id not in waiting) for row in rows],
        }  # fmt: skip
        connection.execute(_RUNG.format(table=table, of_tenant=of_tenant), marks)


def _job(row: Due, uid: str | None) -> Any:
    what, third = ("perform_together", row.kind) if row.kind else ("perform", str(row.id))
    given = (row.tenant_id, uid, third)
    name = f"rongjiu.outbox.{what}"
    return rq.Queue.prepare_data(name, given, job_id=f"{row.id}-{row.attempts + 1}", result_ttl=0, failure_ttl=3600)


def main() -> None:
    """The relay of this installation, until TERM."""
    settings = Settings.read()
    logs.configure(settings.log_level)
    Relay(settings.database_relay_url, settings.redis_url).run()


if __name__ == "__main__":
    main()
