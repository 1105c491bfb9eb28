"""Nothing lost, nothing doubled, whatever is killed, emptied or restarted. Real servers, processes of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from flask import Flask
from flask_migrate import upgrade

from blueprints.app import create_app
from blueprints.commands import migrations
from rongjiu import outbox
from rongjiu.config import Settings
from rongjiu.db import db, tenant_scope
from rongjiu.embedded import Embedded
from rongjiu.paths import ROOT
from tests import factories
from tests.stories.outbox_process import note  # noqa: F401  registers the effect here too
from tests.stories.waits import until, waiting


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """Servers that these tests may kill."""
    made = Embedded(tmp_path_factory.mktemp("faults"))
    made.up()
    yield made
    made.down()


@pytest.fixture(scope="module")
def faulty(own: Embedded) -> Iterator[Flask]:
    """The application on those servers, with one community."""
    app = create_app(own.settings(), TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    migrations(app)
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def start(own: Embedded) -> Iterator[Callable[[str], "subprocess.Popen[bytes]"]]:
    """Start a relay or a worker; all that still run are ended after the test."""
    running: list[subprocess.Popen[bytes]] = []
    settings = own.settings()
    env = {
        **os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}", "DATABASE_URL": settings.database_url,
        "DATABASE_OWNER_URL": settings.database_owner_url, "DATABASE_RELAY_URL": settings.database_relay_url,
        "REDIS_URL": settings.redis_url, "RONGJIU_SECRET_KEY": settings.secret_key, "RONGJIU_DATA_KEY": settings.data_key,
        "RONGJIU_DATA": str(settings.data_dir),
    }  # fmt: skip

    def run(what: str, **more: str) -> subprocess.Popen[bytes]:
        script = str(Path(__file__).with_name("outbox_process.py"))
        process = subprocess.Popen(
            [sys.executable, script, what], env={**env, **more}, stdout=subprocess.DEVNULL, cwd=ROOT
        )
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None:
            process.terminate()
            process.wait(10)


def put(app: Flask, name: str, count: int) -> None:
    """Commit effects of a community and of the platform, half each."""
    with app.app_context():
        community = factories.a_community()
        with tenant_scope(factories.tenant(community)):
            for n in range(count // 2):
                outbox.put("test.note", {"key": f"{name}-t-{n}"}, key=f"{name}-t-{n}")
        for n in range(count - count // 2):
            outbox.put("test.note", {"key": f"{name}-p-{n}"}, key=f"{name}-p-{n}")
        db.session.commit()
        db.session.remove()


def noted(own: Embedded, name: str) -> list[str]:
    with psycopg.connect(own.url("app_user").replace("+psycopg", "")) as connection:
        found = connection.execute("SELECT unique_key FROM message WHERE unique_key LIKE %s", (f"{name}-%",)).fetchall()
    return [key for (key,) in found]


def captured(own: Embedded, name: str) -> list[int]:
    """How often the local channel took each message."""
    with psycopg.connect(own.url("app_user").replace("+psycopg", "")) as connection:
        query = "SELECT captured FROM message WHERE unique_key LIKE %s AND state = 'sent'"
        return [times for (times,) in connection.execute(query, (f"{name}-%",)).fetchall()]


def test_worker_and_relay_killed_with_effects_pending(faulty: Flask, own: Embedded, start: Callable) -> None:
    relay, one, two = start("relay"), start("work"), start("work")
    put(faulty, "kill", 300)
    until(lambda: len(noted(own, "kill")) > 20)
    for process in (relay, one, two):
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert 20 < len(noted(own, "kill")) < 300
    start("relay")
    start("work")
    until(lambda: waiting(own) == 0)
    found = noted(own, "kill")
    assert len(found) == len(set(found)) == 300


def test_messages_by_the_outbox_are_captured_exactly_once(faulty: Flask, own: Embedded, start: Callable) -> None:
    start("relay")
    one = start("work", RONGJIU_NOTIFY_SMS="local:")
    put(faulty, "told", 40)
    until(lambda: len(captured(own, "told")) > 2, 120)
    one.send_signal(signal.SIGKILL)
    one.wait(10)
    assert len(noted(own, "told")) <= 40
    start("work", RONGJIU_NOTIFY_SMS="local:")
    until(lambda: waiting(own) == 0, 120)
    assert captured(own, "told") == [1] * 40


def test_valkey_flushed_with_effects_pending(faulty: Flask, own: Embedded, start: Callable) -> None:
    start("relay")
    with redis.Redis.from_url(own.redis_url()) as client:
        until(lambda: client.ping())
        put(faulty, "flush", 100)
        until(lambda: client.llen("rq:queue:effects") >= 100)
        client.flushall()
        assert client.llen("rq:queue:effects") == 0
    start("work")
    until(lambda: waiting(own) == 0)
    found = noted(own, "flush")
    assert len(found) == len(set(found)) == 100


def test_postgresql_restarted_under_requests(faulty: Flask, own: Embedded) -> None:
    client = faulty.test_client()
    assert client.get("/account/login").status_code == 200
    own.down(valkey=False)
    try:
        answers = [client.get("/c/nowhere/") for _ in range(3)]
    finally:
        own.up()
    for answer in answers:
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        assert "5 秒后再试" in answer.text
    assert client.get("/c/nowhere/").status_code == 404
    assert client.get("/readyz").status_code == 200


def test_redis_away_degrades_and_recovers(faulty: Flask, own: Embedded, settings: Settings) -> None:
    client = faulty.test_client()
    own.down(postgresql=False)
    try:
        assert client.get("/account/login").status_code == 200
        assert client.get("/readyz").status_code == 503
    finally:
        own.up()
    until(lambda: client.get("/readyz").status_code == 200)
