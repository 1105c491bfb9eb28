"""The outbox: effects of 5 ms of database work with two workers; from commit to effect when nothing else is to do."""

import os
import statistics
import subprocess
import sys
import time

import psycopg
from flask import Flask

from rongjiu import outbox
from rongjiu.db import db
from rongjiu.embedded import Embedded
from rongjiu.paths import ROOT

EFFECTS, SINGLES = 1500, 61
_SCRIPT = ROOT / "tests" / "stories" / "outbox_process.py"


def measure(app: Flask, server: Embedded) -> list[tuple[str, str, str]]:
    """Start one relay and two workers, measure, end them."""
    outbox.effect("test.note")(lambda payload: None)  # the workers know what it does; here it is only written
    settings = server.settings()
    env = {
        **os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}", "RONGJIU_DATA": str(settings.data_dir),
        "DATABASE_URL": settings.database_url, "DATABASE_RELAY_URL": settings.database_relay_url,
        "REDIS_URL": settings.redis_url, "RONGJIU_SECRET_KEY": settings.secret_key, "RONGJIU_DATA_KEY": settings.data_key,
    }  # fmt: skip
    started = [
        subprocess.Popen(
            [sys.executable, str(_SCRIPT), what], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for what in ("work", "work", "relay")
    ]
    try:
        _put(app, "warm", 20)
        _until_done(server)
        rates = []
        for batch in range(2):
            began = time.perf_counter()
            _put(app, f"batch-{batch}", EFFECTS)
            _until_done(server)
            rates.append(EFFECTS / (time.perf_counter() - began))
        waits = [_single(app, server, n) for n in range(SINGLES)]
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(20)
    p95 = statistics.quantiles(waits, n=20)[-1]
    return [
        ("outbox, effects a second (put, rung, done)", f"{max(rates):.0f} (A/A {min(rates):.0f})", "≥ 130"),
        ("outbox idle, commit to effect, median", f"{statistics.median(waits) * 1000:.0f} ms", ""),
        ("outbox idle, commit to effect, p95", f"{p95 * 1000:.0f} ms", "≤ 50 ms"),
    ]


def _put(app: Flask, name: str, count: int) -> None:
    with app.app_context():
        for n in range(count):
            outbox.put("test.note", {"key": f"bench-{name}-{n}"}, key=f"bench-{name}-{n}")
        db.session.commit()
        db.session.remove()


def _until_done(server: Embedded) -> None:
    with psycopg.connect(server.url("app_relay").replace("+psycopg", ""), autocommit=True) as relay:
        end = time.monotonic() + 120
        while relay.execute("SELECT 1 FROM platform_outbox WHERE done_at IS NULL LIMIT 1").fetchone():
            if time.monotonic() > end:
                raise RuntimeError("effects were not done")
            time.sleep(0.01)  # how closely the end is seen, not a wait for it


def _single(app: Flask, server: Embedded, n: int) -> float:
    _put(app, f"one-{n}", 1)
    committed = time.time()
    _until_done(server)
    with psycopg.connect(server.url("postgres").replace("+psycopg", ""), autocommit=True) as owner:
        row = owner.execute(
            "SELECT extract(epoch FROM done_at) FROM platform_outbox WHERE unique_key = %s", (f"bench-one-{n}-0",)
        ).fetchone()
    assert row
    return max(0.0, float(row[0]) - committed)  # type: ignore[arg-type]
