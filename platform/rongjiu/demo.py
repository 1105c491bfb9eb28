"""`deploy/demo`: servers, schema, demo data, the four processes; all of it stopped by one Ctrl-C."""

import argparse
import fcntl
import json
import os
import shutil
import socket
import subprocess  # noqa: S404 - see supervisor
import sys
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn, TextIO

import psycopg

from rongjiu.config import Settings
from rongjiu.embedded import Embedded
from rongjiu.paths import CURRENT_HEAD, ROOT, default_data
from rongjiu.progress import Progress
from rongjiu.supervisor import Hopeless, Program, Stopped, Supervisor
from rongjiu.welcome import welcome

_OURS = ("pg", "valkey", "logs", "files", "tmp", "demo", "loaded.json", "personas.json", "secrets.json")
_READY_WITHIN = 60.0  # seconds
_LOOK_EVERY = 3.0  # seconds between two looks at the servers


class Failed(Exception):
    """A step did not work; the message says what to do."""


def main(words: Sequence[str] | None = None) -> int:
    """Run the demo until it is stopped; answer the exit code."""
    options = _options(words)
    progress = Progress()
    try:
        with _only_one(options.data), Supervisor(options.data / "logs", say=progress.say) as supervisor:
            return Demo(options, supervisor, progress).run()
    except Stopped:
        progress.say("\n已停止，数据保留 Stopped; the data is kept in " + str(options.data))
        return 0 if not options.check else 1
    except (Failed, Hopeless, RuntimeError, ValueError, psycopg.Error) as error:
        progress.say(f"\n✗ {error}")
        return 1


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy/demo", description="融救联助演示 · the demo of rongjiu")
    parser.add_argument("--port", type=int, help="端口，默认 8000 (with --check: any free one)")
    parser.add_argument("--data", type=Path, help="数据文件夹 the folder of servers, files and secrets")
    parser.add_argument("--fresh", action="store_true", help="清空数据重来 begin anew: deletes this demo's data")
    parser.add_argument("--check", action="store_true", help="自动走完全程并报告 walk the story over HTTP, then stop")
    options = parser.parse_args(words)
    if options.check and options.data is None:  # the story founds a community: each check needs an untouched world
        options.data, options.fresh = default_data().with_name(".data-check"), True
    options.data = (options.data or default_data()).expanduser().absolute()
    options.port = options.port or (_free_port() if options.check else 8000)
    return options


class _only_one:  # noqa: N801 - reads as a phrase
    """One demo a data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.handle: TextIO | None = None

    def __enter__(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        self.handle = (self.data / "demo.lock").open("a+")
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.handle.close()
            raise Failed(
                f"这个数据文件夹里已有演示在运行 a demo already runs in {self.data}; use another --data"
            ) from None

    def __exit__(self, *_: object) -> None:
        if self.handle:
            self.handle.close()


class Demo:
    """One run of the demo."""

    def __init__(self, options: argparse.Namespace, supervisor: Supervisor, progress: Progress) -> None:
        self.data: Path = options.data
        self.port: int = options.port
        self.live_port = self.port + 1000 if self.port < 64000 else self.port - 1000
        self.fresh, self.check = options.fresh, options.check
        self.supervisor, self.progress = supervisor, progress
        self.embedded = Embedded(self.data)
        self.url = f"http://127.0.0.1:{self.port}"
        self.own_database = not os.environ.get("DATABASE_URL")
        self.own_redis = not os.environ.get("REDIS_URL")
        self.environment: dict[str, str] = {}

    def run(self) -> int:
        """All steps in order; embedded servers are stopped at the end, whatever happened."""
        began = time.monotonic()
        for port in (self.port, self.live_port):
            _refuse_taken(port)
        try:
            self._servers()
            self._schema_and_data()
            self._processes()
            return self._walk() if self.check else self._serve(began)
        finally:
            self.supervisor.stop()
            if self.own_database or self.own_redis:
                self.embedded.down()

    # -- steps ----------------------------------------------------------------------------------------

    def _servers(self) -> None:
        if self.fresh:
            self._clear()
        (self.data / "tmp").mkdir(parents=True, exist_ok=True)
        self.embedded.folder.demo.write_text(self.url)
        with self.progress.step("启动数据库和队列 PostgreSQL and Valkey"):
            self.embedded.folder.make_secrets()
            if self.own_database or self.own_redis:
                self.embedded.up(postgresql=self.own_database, valkey=self.own_redis)
        settings = self._settings()
        if not settings.database_owner_url or not settings.database_relay_url:
            raise Failed("DATABASE_URL is set; set DATABASE_OWNER_URL and DATABASE_RELAY_URL too (deploy/roles.sql)")
        self.environment = {
            "DATABASE_URL": settings.database_url,
            "DATABASE_OWNER_URL": settings.database_owner_url,
            "DATABASE_RELAY_URL": settings.database_relay_url,
            "REDIS_URL": settings.redis_url,
            "RONGJIU_SECRET_KEY": settings.secret_key,
            "RONGJIU_DATA_KEY": settings.data_key,
            "RONGJIU_DATA": str(self.data),
            "RONGJIU_DEMO": "1",
            "RONGJIU_PUBLIC_URL": self.url,
            "RONGJIU_LIVE_URL": f"http://127.0.0.1:{self.live_port}",
            "TMPDIR": str(self.data / "tmp"),  # nothing is written outside the checkout and the data folder
            "PYTHONUNBUFFERED": "1",
            "MALLOC_ARENA_MAX": "2",  # eight threads would keep eight heaps
        }

    def _settings(self) -> Settings:
        given = Settings()
        own = self.embedded.settings()
        database = own if self.own_database else given
        return replace(
            own,
            database_url=database.database_url,
            database_owner_url=database.database_owner_url,
            database_relay_url=database.database_relay_url,
            redis_url=own.redis_url if self.own_redis else given.redis_url,
            secret_key=given.secret_key or own.secret_key,
            data_key=given.data_key or own.data_key,
        )

    def _clear(self) -> None:
        if not self.own_database:
            raise Failed("--fresh deletes only embedded data; drop the database of DATABASE_URL yourself")
        self.embedded.down()
        for name in _OURS:
            path = self.data / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        (self.data / "logs").mkdir()

    def _schema_and_data(self) -> None:
        head = CURRENT_HEAD.read_text().strip() if CURRENT_HEAD.exists() else ""
        stored = self._stored_head()
        loaded = self.data / "loaded.json"
        if not stored:
            loaded.unlink(missing_ok=True)
        if not head or stored != head:
            with self.progress.step("建立数据表 migrations"):
                self._flask("db", "upgrade")
        if not loaded.exists():
            with self.progress.step("载入演示数据 demo data"):
                self._flask("demo", "load")
            loaded.write_text(json.dumps({"head": head}))
            self._personas_file.unlink(missing_ok=True)

    def _stored_head(self) -> str:
        with psycopg.connect(self.environment["DATABASE_OWNER_URL"].replace("+psycopg", "", 1)) as connection:
            if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
                return ""
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return str(row[0]) if row else ""

    def _flask(self, *words: str, show: bool = False) -> None:
        name = "-".join(words[:2])
        code = self.supervisor.run(
            Program(name, [*_FLASK, *words], self.environment), show=show, tick=None if show else self.progress.tick
        )
        if code:
            log = self.data / "logs" / f"{name}.log"
            tail = "" if show else "\n" + "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise Failed(f"flask {' '.join(words)} ({code}){tail}")

    def _processes(self) -> None:
        guni = [sys.executable, "-m", "gunicorn", "wsgi:app", "--no-control-socket"]
        conf = ROOT / "deploy" / "gunicorn"
        programs = (
            [*guni, "-c", str(conf / "web.py"), "-b", f"127.0.0.1:{self.port}"],
            [*guni, "-c", str(conf / "live.py"), "-b", f"127.0.0.1:{self.live_port}"],
            [sys.executable, "-m", "blueprints.worker"],
            [sys.executable, "-m", "rongjiu.relay"],
        )
        with self.progress.step("启动网站、直播、任务和传递 web, live, worker, relay"):
            self.supervisor.start(
                Program(name, command, self.environment)
                for name, command in zip(("web", "live", "worker", "relay"), programs, strict=True)
            )
            if not self.supervisor.watch(self._ready, limit=_READY_WITHIN):
                raise Failed(f"{self.url}/readyz does not answer 200; see {self.data / 'logs'}")

    def _ready(self) -> bool:
        self.progress.tick()
        try:
            with _direct.open(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _walk(self) -> int:
        self.progress.say(f"\n{self.url} · 走一遍全程 walking the story\n")
        try:
            self._flask("demo", "check", "--url", self.url, show=True)
        except Failed:
            self.progress.say(f"\n✗ 未通过 failed; logs: {self.data / 'logs'}")
            return 1
        self.progress.say("\n✓ 全程走通 the whole story holds")
        return 0

    # -- what people read -----------------------------------------------------------------------------

    @property
    def _personas_file(self) -> Path:
        return self.data / "personas.json"

    def _personas(self) -> list[dict[str, object]]:
        if not self._personas_file.exists():
            command = [*_FLASK, "demo", "personas"]
            done = subprocess.run(  # noqa: S603 - our own command
                command, env={**os.environ, **self.environment}, capture_output=True, check=False
            )
            if done.returncode:
                raise Failed(f"flask demo personas: {done.stderr.decode(errors='replace')[-2000:]}")
            self._personas_file.touch(0o600)
            self._personas_file.write_bytes(done.stdout)
        found = json.loads(self._personas_file.read_text())
        return list(found)

    def _serve(self, began: float) -> NoReturn:
        personas = self._personas()
        for line in welcome(self.url, self.data, personas, time.monotonic() - began):
            self.progress.say(line)
        while True:
            self.supervisor.watch(limit=_LOOK_EVERY)
            self._revive()

    def _revive(self) -> None:
        """The servers are no children of ours, but somebody must notice when one was killed."""
        answers = self.embedded.status()
        down = [name for name, ours in (("postgresql", self.own_database), ("valkey", self.own_redis)) if ours]
        down = [name for name in down if not answers[name]]
        if down:
            self.progress.say(f"{', '.join(down)} ended; starting it again")
            self.embedded.up(postgresql=self.own_database, valkey=self.own_redis)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Failed(f"端口 {port} 用不了 port {port}: {error.strerror}; 换一个 use another --port") from error


_FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy to ourselves

if __name__ == "__main__":
    sys.exit(main())
