"""Wishes that stood before they were referral slips: each gets its slip, each claim its task, its steps and its bell; and back."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from blueprints.app import create_app
from blueprints.commands import migrations
from rongjiu.db import Tenant, db, telling, tenant_scope
from rongjiu.embedded import Embedded
from rongjiu.ids import uuid7
from tests import factories

BEFORE, AFTER = "0037", "0038"
STORIES: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "submitted": (),
    "declined": (("submitted", "declined", "desk", ""),),
    "claimed": (
        ("submitted", "published", "desk", ""), ("published", "claimed", "claimer", ""),
        ("claimed", "published", "system", "expired"), ("published", "claimed", "claimer", ""),
    ),
    "thanked": (
        ("submitted", "published", "desk", ""), ("published", "claimed", "claimer", ""),
        ("claimed", "delivered", "claimer", ""), ("delivered", "published", "desk", "not-confirmed"),
        ("published", "claimed", "claimer", ""), ("claimed", "delivered", "desk", ""), ("delivered", "thanked", "desk", ""),
    ),
    "withdrawn": (
        ("submitted", "published", "desk", ""), ("published", "claimed", "claimer", ""),
        ("claimed", "withdrawn", "desk", ""),
    ),
}  # fmt: skip
"""What happened to wishes, by the state in which they are: from, to, actor, reason."""
CLAIMS = {"claimed": ("expired", "claimed"), "thanked": ("returned", "thanked"), "withdrawn": ("expired",)}
SLIPS = [
    ("claimed", "active", ""), ("declined", "revoked", "not-public"), ("submitted", "draft", ""),
    ("thanked", "completed", ""), ("withdrawn", "revoked", "taken-down"),
]  # fmt: skip
TASKS = [
    ("claimed", 1, "cancelled", "expired", "expired"), ("claimed", 2, "accepted", "", "claimed"),
    ("thanked", 1, "completed", "", "returned"), ("thanked", 2, "completed", "", "thanked"),
    ("withdrawn", 1, "cancelled", "taken-down", "withdrawn"),
]  # fmt: skip


@pytest.fixture
def old(server: Embedded) -> Iterator[Flask]:
    """An application on a database as it was before."""
    name = "wishes_before"
    server.make_database(name)
    words = {"database_url": server.url("app_user", name), "database_owner_url": server.url("app_owner", name)}
    app = create_app(server.settings(**words))
    migrations(app)
    try:
        with app.app_context():
            upgrade(revision=BEFORE)
            yield app
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
    finally:
        server.drop_database(name)


def _write(statement: str, **words: Any) -> None:
    db.session.execute(text(statement), words)


def _a_wish(here: Tenant, state: str, steps: tuple[tuple[str, str, str, str], ...]) -> None:
    wish = uuid7()
    claims = CLAIMS.get(state, ())
    _write(
        "INSERT INTO wish (tenant_id, id, number, words, public_text, state, reason, claimer_kind, claimer, thanks, claimer_id,"
        " claims, submitted_at, demo) VALUES (:t, :id, :state, '\\x00', 'x', :state, '', '', '', '', :id, :claims,"
        " now() - interval '1 day', false)",
        t=here.id, id=wish, state=state, claims=len(claims),
    )  # fmt: skip
    taken = iter(claims)
    for hour, (source, target, actor, reason) in enumerate(steps, 1):
        _write(
            "INSERT INTO wish_event (tenant_id, id, wish_id, at, state_from, state_to, actor, reason) VALUES"
            " (:t, :id, :wish, now() - interval '1 day' + :hour * interval '1 hour', :source, :target, :actor, :reason)",
            t=here.id, id=uuid7(), wish=wish, hour=hour, source=source, target=target, actor=actor, reason=reason,
        )  # fmt: skip
        if target == "claimed":
            with telling(community_id=here.uid):
                _write(
                    "INSERT INTO wish_claim (id, wish_id, account_id, community_id, number, public_text, state, thanks,"
                    " claimed_at, due_at) VALUES (:id, :wish, :wish, :place, '', '', :state, '',"
                    " now() - interval '1 day' + :hour * interval '1 hour', now() + interval '1 day')",
                    id=uuid7(), wish=wish, place=here.uid, state=next(taken), hour=hour,
                )  # fmt: skip
    for turn in range(1, len(claims) + 1):
        _write(
            "INSERT INTO outbox (tenant_id, id, kind, payload, unique_key, created_at, run_after, attempts) VALUES (:t, :id,"
            " 'wishes.expire', jsonb_build_object('wish', cast(:wish AS text), 'claims', cast(:turn AS int)), :key, now(),"
            " now(), 0)",
            t=here.id, id=uuid7(), wish=str(wish), turn=turn, key=f"{wish}-{turn}",
        )  # fmt: skip


def _rows(query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in db.session.execute(text(query))]


def test_wishes_become_slips_and_their_claims_tasks_and_back(old: Flask) -> None:
    here, other = (factories.tenant(factories.a_community()) for _each in range(2))
    for tenant in (here, other):
        with tenant_scope(tenant):
            for state, steps in STORIES.items():
                _a_wish(tenant, state, steps)
    db.session.commit()
    upgrade(revision=AFTER)
    for tenant in (here, other):
        with tenant_scope(tenant), telling(community_id=tenant.uid):
            assert (
                _rows(
                    "SELECT w.state, r.state, r.reason_code FROM wish w JOIN referral_request r ON r.id = w.id AND r.kind = 'wish'"
                    " ORDER BY w.state"
                )
                == SLIPS
            )
            assert (
                _rows(
                    "SELECT w.state, t.rank, t.state, t.reason_code, c.state FROM referral_task t JOIN wish w ON w.id = t.request_id"
                    " JOIN wish_claim c ON c.id = t.id ORDER BY w.state, t.rank"
                )
                == TASKS
            )
            chains = _rows("SELECT task_id, state_from, state_to FROM task_event ORDER BY task_id, at, id")
            ends: dict[Any, str] = {}
            for task, source, target in chains:
                assert ends.get(task, "") == source
                ends[task] = target
            assert ends == dict(_rows("SELECT id, state FROM referral_task"))
            assert (
                _rows(
                    "SELECT o.id FROM outbox o LEFT JOIN referral_task t ON t.id = (o.payload ->> 'task')::uuid WHERE t.id IS NULL"
                )
                == []
            )
            assert _rows("SELECT count(*) FROM wish_event WHERE state_from = ''") == [(5,)]
    db.session.commit()
    downgrade(revision=BEFORE)
    with tenant_scope(here), telling(community_id=here.uid):
        assert [(0,)] == _rows("SELECT count(*) FROM referral_task") == _rows("SELECT count(*) FROM referral_request")
        assert _rows("SELECT state, count(*) FROM wish_claim GROUP BY state ORDER BY state") == [
            ("claimed", 1), ("expired", 2), ("returned", 1), ("thanked", 1)
        ]  # fmt: skip
        assert _rows("SELECT (payload ->> 'claims')::int FROM outbox ORDER BY 1") == [(1,), (1,), (1,), (2,), (2,)]
    db.session.commit()
    upgrade()
