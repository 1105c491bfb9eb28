"""The relay: communities take turns, nothing is rung that still waits, however much has come due at once."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pytest
import redis
import rq
from flask import Flask
from sqlalchemy import select, text, update

from rongjiu import outbox, relay
from rongjiu.clock import now
from rongjiu.config import Settings
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.outbox import Outbox
from tests import factories

KIND = "test.turns"


@outbox.effect(KIND)
def _one(payload: dict[str, Any]) -> None:
    """Nothing to do."""


@outbox.together(KIND)
def _set(payloads: Sequence[dict[str, Any]]) -> None:
    """Nothing to do."""


Bell = tuple["psycopg.Connection[tuple[Any, ...]]", rq.Queue]


@pytest.fixture
def bell(settings: Settings) -> Iterator[Bell]:
    """A relay's connection and a queue that nobody works on."""
    with (
        redis.Redis.from_url(settings.redis_url) as client,
        relay.Relay(settings.database_relay_url, settings.redis_url).connect() as connection,
    ):
        queue = rq.Queue("test-turns", connection=client)
        queue.empty()
        yield connection, queue
        queue.delete(delete_jobs=True)
        client.delete("rq:queues")


@pytest.fixture
def crowd(app: Flask) -> Iterator[tuple[Tenant, Tenant]]:
    """Two communities on committed rows: one with 5,000 due timers, which came due first, one with three."""
    with app.app_context():
        many, few = (factories.tenant(factories.a_community()) for _ in range(2))
        for tenant, count, ago in ((many, 5000, 60), (few, 3, 5)):
            with tenant_scope(tenant):
                made = text(
                    "INSERT INTO outbox (tenant_id, id, kind, together, payload, unique_key, created_at, run_after, attempts) "
                    "SELECT :tenant, gen_random_uuid(), 'test.turns', true, '{\"n\": \"\"}', 'crowd-' || n, now(), "
                    "now() - make_interval(secs => :ago), 0 FROM generate_series(1, :count) n"
                )
                db.session.execute(made, {"tenant": tenant.id, "count": count, "ago": ago})
        db.session.commit()
    yield many, few
    with app.app_context():
        for tenant in (many, few):
            with tenant_scope(tenant):
                db.session.execute(update(Outbox).where(Outbox.kind == KIND).values(done_at=now()))
        db.session.commit()
        db.session.remove()


def test_five_thousand_timers_of_one_community_do_not_hold_up_three_of_another(
    app: Flask, bell: Bell, crowd: tuple[Tenant, Tenant]
) -> None:
    many, few = crowd
    asked: list[int] = []
    with app.app_context():
        connection, queue = bell
        for _ in range(3):
            relay.ring(connection, queue)
            job = next(job for job in queue.jobs if job.args[-1] == KIND)
            others = [each for each in queue.jobs if each.args[-1] == KIND]
            assert len(others) <= 2, "one job a community, however much is due"
            asked.append(job.args[0])
            assert outbox.perform_together(*job.args) == (3 if job.args[0] == few.id else outbox.MOST)
            queue.remove(job)
        assert asked == [many.id, few.id, many.id]
        left = connection.execute(
            "SELECT tenant_id, count(*) FROM outbox WHERE kind = 'test.turns' AND done_at IS NULL AND tenant_id = ANY(%s) "
            "GROUP BY tenant_id", ([many.id, few.id],),
        ).fetchall()  # fmt: skip
        assert left == [(many.id, 5000 - 2 * outbox.MOST)]


def test_what_waits_in_the_queue_is_not_rung_again_and_what_was_lost_is(
    bell: Bell, crowd: tuple[Tenant, Tenant]
) -> None:
    connection, queue = bell
    ours = [tenant.id for tenant in crowd]
    long_ago = (
        "UPDATE outbox SET queued_at = now() - interval '1 hour' WHERE queued_at IS NOT NULL AND tenant_id = ANY(%s)"
    )

    def jobs() -> dict[int, str]:
        relay.ring(connection, queue)
        known = [job for job in queue.jobs if job.args[0] in ours]
        assert len(known) == 2
        return {job.args[0]: job.id for job in known}

    first = jobs()
    connection.execute(long_ago, (ours,))
    assert jobs() == first, "each still has its job"
    connection.execute(long_ago, (ours,))
    queue.remove(first[ours[0]])
    again = jobs()
    assert again[ours[0]] != first[ours[0]], "a name of its own: the old one may be half done"
    assert again[ours[1]] == first[ours[1]]


def test_rows_come_due_unforeseen_cost_one_look_each(bell: Bell, crowd: tuple[Tenant, Tenant]) -> None:
    """Statistics say that nothing is due when a timer was written days ago: no plan may look once a row at all rows."""
    connection, _queue = bell
    words = {"again": 1.0}
    single = relay._DUE.format(table="outbox", key="tenant_id, id", single=relay._SINGLE)
    marks = {"tenants": [crowd[0].id] * 3, "ids": [None] * 3, "anew": [1] * 3}
    of_tenant = " AND o.tenant_id = r.tenant_id"
    for statement, values in (
        (single, words), (relay._HEADS, words), (relay._RUNG.format(table="outbox", of_tenant=of_tenant), marks),
    ):  # fmt: skip
        (found,) = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values).fetchone() or ()
        plan = json.dumps(found)
        assert max(_loops(found[0]["Plan"])) <= 3, plan


def _loops(plan: dict[str, Any]) -> Iterator[int]:
    yield plan["Actual Loops"]
    for each in plan.get("Plans", ()):
        yield from _loops(each)


def test_the_relay_may_read_kinds_and_nothing_said(settings: Settings) -> None:
    with psycopg.connect(settings.database_relay_url.replace("+psycopg", "")) as connection:
        connection.execute("SELECT kind FROM outbox LIMIT 1")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT payload FROM outbox LIMIT 1")


@outbox.effect("test.single")
def _single(payload: dict[str, Any]) -> None:
    """Nothing to do."""


def test_the_row_itself_says_whether_it_goes_by_the_set(
    app: Flask, bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of an older release does not say so and is rung by itself; one of a kind that has lost its set is done too."""
    connection, queue = bell
    with app.app_context():
        tenant = factories.tenant(factories.a_community())
        with tenant_scope(tenant):
            for kind, key in ((KIND, "now"), (KIND, "of before"), ("test.single", "alone")):
                outbox.put(kind, {}, key=key)
            db.session.execute(update(Outbox).where(Outbox.unique_key == "of before").values(together=False))
            ids = {row.unique_key: row.id for row in db.session.execute(select(Outbox.unique_key, Outbox.id))}
        db.session.commit()
        relay.ring(connection, queue)
        jobs = {job.args[-1]: job for job in queue.jobs if job.args[0] == tenant.id}
        assert set(jobs) == {KIND, str(ids["of before"]), str(ids["alone"])}
        assert {job.func_name.rpartition(".")[2] for job in jobs.values()} == {"perform", "perform_together"}
        monkeypatch.delitem(outbox._together, KIND)
        assert outbox.perform_together(*jobs[KIND].args) == 1
        assert outbox.perform(*jobs[str(ids["of before"])].args)
        assert outbox.perform(*jobs[str(ids["alone"])].args)
        left = "SELECT count(*) FROM outbox WHERE tenant_id = %s AND done_at IS NULL"
        assert connection.execute(left, (tenant.id,)).fetchone() == (0,)
