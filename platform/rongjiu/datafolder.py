"""One data folder: where its servers live, its secrets, and the addresses that follow from both."""

import base64
import hashlib
import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

DATABASE = "rongjiu"
LOGINS = ("postgres", "app_owner", "app_user", "app_relay")
_SOCKET_LIMIT = 100  # bytes; Linux refuses a socket path of 108 and more


@dataclass(frozen=True)
class DataFolder:
    """Names inside a data folder; reading it writes nothing."""

    path: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", self.path.expanduser().absolute())

    @property
    def pg(self) -> Path:
        """PostgreSQL's own folder."""
        return self.path / "pg"

    @property
    def valkey(self) -> Path:
        """Valkey's own folder."""
        return self.path / "valkey"

    @property
    def run(self) -> Path:
        """The folder of the sockets, 0700; under the system's temporary folder when the path would be too long."""
        inside = self.path / "run"
        if len(os.fsencode(inside / ".s.PGSQL.5432")) <= _SOCKET_LIMIT:
            return inside
        if inside.is_symlink():  # the one who started the servers may have had another TMPDIR
            return inside.readlink()
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"rongjiu-{os.geteuid()}-{digest}"

    @property
    def demo(self) -> Path:
        """A mark: this folder was made for a demo; it holds the address at which it was last served."""
        return self.path / "demo"

    def demo_address(self) -> str:
        """Where this folder's demo was last served; empty for a folder that is none. Cookies carry its port."""
        return self.demo.read_text().strip() if self.demo.exists() else ""

    @property
    def _kept(self) -> Path:
        return self.path / "secrets.json"

    def make_secrets(self) -> None:
        """Write random passwords and keys, once, readable by the owner only."""
        self.path.mkdir(parents=True, exist_ok=True)
        if self._kept.exists():
            return
        made = {name: secrets.token_urlsafe(24) for name in (*LOGINS, "valkey", "secret_key")}
        made["data_key"] = base64.b64encode(secrets.token_bytes(32)).decode()
        draft = self._kept.with_suffix(f".{os.getpid()}")
        draft.touch(0o600, exist_ok=False)
        with draft.open("w") as handle:
            json.dump(made, handle)
        draft.replace(self._kept)

    def secret(self, name: str) -> str:
        """A secret by name; empty when the folder has none yet."""
        if not self._kept.exists():
            return ""
        return str(json.loads(self._kept.read_text())[name])

    def url(self, role: str, name: str = DATABASE) -> str:
        """The address of this folder's PostgreSQL for a role, whether it runs or not."""
        word = quote(self.secret(role), safe="")
        return f"postgresql+psycopg://{role}:{word}@/{name}?host={quote(str(self.run), safe='')}"

    def redis_url(self) -> str:
        """The address of this folder's Valkey, whether it runs or not."""
        return f"unix://:{quote(self.secret('valkey'), safe='')}@{quote(str(self.run / 'valkey.sock'))}"
