"""Rows of the outbox that nobody wrote as they should be: of a community that is not there, of kinds that nobody knows, with
a payload that breaks its effect. None of them stops the others."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis
import rq
from flask import Flask
from sqlalchemy import select, text

from rongjiu import outbox, relay
from rongjiu.config import Settings
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.outbox import Outbox
from tests import factories

NOBODY = 2_000_000_001
"""A number that no community has."""
KIND = "test.poisoned"
done: list[str] = []


@outbox.effect(KIND)
def _one(payload: dict[str, Any]) -> None:
    done.append(payload["n"])


@outbox.together(KIND)
def _set(payloads: Sequence[dict[str, Any]]) -> None:
    db.session.execute(text("SELECT CAST(:n AS int)"), {"n": payloads[0]["n"]})
    done.extend([each["n"] for each in payloads])


@pytest.fixture(autouse=True)
def _clear() -> None:
    done.clear()


def put(tenant: int, kind: str, payload: str = "{}", *, together: bool = False) -> UUID:
    """A row written past the house's own way, due for a long time."""
    row = uuid4()
    made = text(
        "INSERT INTO outbox (tenant_id, id, kind, together, payload, unique_key, created_at, run_after, attempts) VALUES "
        "(:tenant, :id, :kind, :together, CAST(:payload AS jsonb), CAST(:id AS text), now(), now() - interval '1 day', 0)"
    )
    words = {"tenant": tenant, "id": row, "kind": kind, "together": together, "payload": payload}
    db.session.execute(made, words)
    return row


@pytest.fixture
def strange(app: Flask) -> Iterator[tuple[UUID, UUID, UUID]]:
    """Committed: two rows of a community that is not there, one of a kind that nobody knows of one that is."""
    with app.app_context():
        here = factories.tenant(factories.a_community())
        with tenant_scope(Tenant(NOBODY, uuid4())):
            alone, head = put(NOBODY, KIND), put(NOBODY, KIND, together=True)
        with tenant_scope(here):
            unknown = put(here.id, "test.nobody_knows")
        db.session.commit()
    yield alone, head, unknown
    with app.app_context():
        for tenant in (Tenant(NOBODY, uuid4()), here):
            with tenant_scope(tenant):
                db.session.execute(text("UPDATE outbox SET done_at = now() WHERE done_at IS NULL"))
        db.session.commit()
        db.session.remove()


def test_rows_of_a_community_that_is_not_there_hold_nobody_up(
    settings: Settings, strange: tuple[UUID, UUID, UUID]
) -> None:
    alone, head, unknown = strange
    with (
        redis.Redis.from_url(settings.redis_url) as client,
        relay.Relay(settings.database_relay_url, settings.redis_url).connect() as connection,
    ):
        queue = rq.Queue("test-strange", connection=client)
        try:
            for _time in range(2):
                relay.ring(connection, queue)
            rung = [job[:36] for job in queue.get_job_ids()]
        finally:
            queue.delete(delete_jobs=True)
            client.delete("rq:queues")
    assert rung.count(str(unknown)) == 1, "what kind it is, is no matter of the relay"
    assert not {str(alone), str(head)} & set(rung)


def test_a_kind_that_nobody_knows_fails_alone_and_stays_open(inside: None) -> None:
    here = factories.tenant(factories.a_community())
    with tenant_scope(here):
        row, other = put(here.id, "test.nobody_knows"), put(here.id, "test.nobody_knows", together=True)
    db.session.commit()
    with pytest.raises(KeyError):
        outbox.perform(here.id, str(here.uid), str(row))
    assert outbox.perform_together(here.id, str(here.uid), "test.nobody_knows") == 0
    with tenant_scope(here):
        found = {each.id: each.done_at for each in db.session.scalars(select(Outbox))}
    assert found == {row: None, other: None}


@pytest.mark.parametrize("poison", ['{"n": "x"}', "{}", "[]", "null", '"n"'])
def test_a_poisoned_payload_stands_aside_for_the_others_of_its_kind(inside: None, poison: str) -> None:
    here = factories.tenant(factories.a_community())
    with tenant_scope(here):
        bad = put(here.id, KIND, poison, together=True)
        good = put(here.id, KIND, '{"n": "7"}', together=True)
    db.session.commit()
    outbox.perform_together(here.id, str(here.uid), KIND)
    with tenant_scope(here):
        rows = {row.id: row for row in db.session.scalars(select(Outbox).where(Outbox.kind == KIND))}
        assert rows[good].done_at is not None and "7" in done
        assert rows[bad].done_at is not None if poison == '{"n": "x"}' else rows[bad].error == "failed"
    outbox.perform_together(here.id, str(here.uid), KIND)
    assert done.count("7") == 1


def test_no_community_carries_out_anothers_row_by_a_forged_job(inside: None) -> None:
    here, there = (factories.tenant(factories.a_community()) for _ in range(2))
    with tenant_scope(there):
        row = put(there.id, KIND, '{"n": "7"}', together=True)
    db.session.commit()
    assert not outbox.perform(here.id, str(here.uid), str(row))
    assert not outbox.perform(None, None, str(row))
    assert not outbox.perform(here.id, str(there.uid), str(row))
    assert outbox.perform_together(here.id, str(here.uid), KIND) == 0
    assert done == []
