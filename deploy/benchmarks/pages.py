"""The 50-row page of cases against its floor, one community against many, with row security against without."""

import http.client
import os
import pickle
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path

import psycopg
from flask import template_rendered
from sqlalchemy import event

from benchmarks.world import World
from blueprints.guard import COOKIE, may
from blueprints.permissions import matrix
from rongjiu.db import db
from rongjiu.paths import ROOT

PER_ROUND = 40
_PATH = "/c/{slug}/desk/cases"


class Server:
    """One gunicorn with one worker of threads; its CPU time is read from the kernel."""

    def __init__(self, module: str, port: int, env: dict[str, str]) -> None:
        command = [
            sys.executable, "-m", "gunicorn", module, "--no-control-socket", "-k", "gthread", "-w", "1", "--threads", "4",
            "-b", f"127.0.0.1:{port}", "--keep-alive", "60", "--log-level", "error",
        ]  # fmt: skip
        self.process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.DEVNULL)
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def get(self, path: str, cookie: str) -> bytes:
        """One page over the kept connection."""
        self.connection.request("GET", path, headers={"Cookie": cookie})
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        return body

    def wait(self, path: str, cookie: str) -> bytes:
        """The first page, as soon as the server answers."""
        end = time.monotonic() + 30
        while True:
            try:
                return self.get(path, cookie)
            except (OSError, http.client.HTTPException):
                self.connection.close()
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.05)  # until it listens

    def cpu(self) -> int:
        """Nanoseconds on a processor of all threads of the worker."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return sum(
            int((task / "schedstat").read_text().split()[0])
            for pid in children
            for task in Path(f"/proc/{pid}/task").iterdir()
        )

    def stop(self) -> None:
        """End it."""
        self.connection.close()
        self.process.terminate()
        self.process.wait(20)


def environment(world: World) -> dict[str, str]:
    """What a server of the made world is started with."""
    settings = world.server.settings()
    return {
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}:{ROOT / 'deploy'}", "DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url,
        "RONGJIU_SECRET_KEY": settings.secret_key, "RONGJIU_DATA_KEY": settings.data_key, "RONGJIU_DATA": str(settings.data_dir),
        "RONGJIU_LOG_LEVEL": "WARNING",
    }  # fmt: skip


def measure(world: World, rounds: int, work: Path) -> list[tuple[str, str, str]]:
    """All rows about pages; every kind of request once in each round, in turn."""
    env = environment(world)
    statements = context_of(world, work / "floor.pickle")
    plain = _without_row_security(world)
    floor_env = {"FLOOR": str(work / "floor.pickle"), "FLOOR_DATABASE": plain.replace("+psycopg", "")}
    with ExitStack() as stack:
        real = stack.enter_context(running("wsgi:app", 8931, env))
        open_ = stack.enter_context(running("wsgi:app", 8932, {**env, "DATABASE_URL": plain}))
        floor = stack.enter_context(running("benchmarks.floor:app", 8933, {**env, **floor_env}))
        cookie = {slug: f"{COOKIE}={token}" for slug, token in world.tokens.items()}
        first = _PATH.format(slug="c1")
        bodies = [server.wait(first, cookie["c1"]) for server in (real, open_, floor)]
        ten, thousand = cycle(list(cookie)[1:11]), cycle(list(cookie)[1:])
        kinds: dict[str, Callable[[], tuple[Server, str]]] = {
            "page": lambda: (real, "c1"), "again": lambda: (real, "c1"), "floor": lambda: (floor, "c1"), "open": lambda: (open_, "c1"),
            "ten": lambda: (real, next(ten)), "thousand": lambda: (real, next(thousand)),
        }  # fmt: skip
        for slug in cookie:
            real.get(_PATH.format(slug=slug), cookie[slug])
        taken: dict[str, list[float]] = {name: [] for name in kinds}
        for turn in range(rounds + 2):
            for name, pick in kinds.items():
                server, _slug = pick()
                began = server.cpu()
                for _ in range(PER_ROUND):
                    server, slug = pick()
                    server.get(_PATH.format(slug=slug), cookie[slug])
                if turn >= 2:
                    taken[name].append((server.cpu() - began) / PER_ROUND / 1e6)
    return _rows(taken, [len(body) for body in bodies], statements)


def _rows(taken: dict[str, list[float]], sizes: list[int], statements: int) -> list[tuple[str, str, str]]:
    def ratio(one: str, other: str) -> str:
        return f"{statistics.median(a / b for a, b in zip(taken[one], taken[other], strict=True)):.2f}"

    middle = {name: statistics.median(values) for name, values in taken.items()}
    return [
        ("cases page, server CPU a request", f"{middle['page']:.2f} ms ({sizes[0]} bytes)", ""),
        (
            "floor page, server CPU a request",
            f"{middle['floor']:.2f} ms ({sizes[2]} bytes, {sizes[2] / sizes[0] - 1:+.1%})",
            "bytes ± 5 %",
        ),
        ("cases page / floor page", ratio("page", "floor"), "≤ 1.6"),
        ("A/A: cases page / itself", ratio("page", "again"), "1"),
        ("1,000 communities in turn / 10 in turn", ratio("thousand", "ten"), "≤ 1.1"),
        ("row security / without", ratio("page", "open"), "≤ 1.2"),
        ("statements of the page, SET LOCAL included", str(statements), "≤ 6"),
    ]


@contextmanager
def running(module: str, port: int, env: dict[str, str]) -> Iterator[Server]:
    """One server for the length of the block."""
    server = Server(module, port, env)
    try:
        yield server
    finally:
        server.stop()


def context_of(world: World, file: Path) -> int:
    """Ask the page once in this process: keep what its template was given, and count its statements."""
    seen: list[str] = []
    given: list[dict[str, object]] = []

    def keep(_sender: object, template: object, context: dict[str, object], **_words: object) -> None:
        entries = [endpoint for endpoint in matrix() if may(endpoint)]
        given.append({**context, "entries": entries})

    client = world.app.test_client()
    client.set_cookie(COOKIE, world.tokens["c1"], domain="localhost", secure=True)
    client.get(_PATH.format(slug="c1"))
    with world.app.app_context():
        engine = db.engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    template_rendered.connect(keep, world.app)
    client.get(_PATH.format(slug="c1"))
    template_rendered.disconnect(keep, world.app)
    event.remove(engine, "before_cursor_execute", note)
    words = given[-1]
    rows = words["rows"]
    place = words["place"]
    names = ("total", "asked", "pages", "filters", "elder", "lang", "footer", "demo", "place")
    context = {name: words[name] for name in names if name in words}
    kept = {
        "templates": str(ROOT / "blueprints" / "templates"), "entries": words["entries"], "place": place, "context": context,
        "tenant": place.tenant.id, "row": type(rows[0]), "reasons": rows[0].reasons,  # type: ignore[attr-defined, index]
    }  # fmt: skip
    file.write_bytes(pickle.dumps(kept))
    return len(seen)


def _without_row_security(world: World) -> str:
    """The same data in a second database whose tables have row security switched off; same role, same code."""
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()
    world.server.make_database("without", template="rongjiu")
    with psycopg.connect(world.server.url("postgres", "without").replace("+psycopg", ""), autocommit=True) as owner:
        tables = owner.execute("SELECT oid::regclass::text FROM pg_class WHERE relrowsecurity").fetchall()
        for (table,) in tables:
            owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")  # type: ignore[arg-type]  # noqa: S608
        owner.execute("ANALYZE")
    return world.server.url("app_user", "without")
