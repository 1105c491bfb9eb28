"""The demo's decisions before it starts anything."""

import io
import socket
from pathlib import Path

import pytest

from rongjiu.demo import Demo, Failed, _only_one, _options, main
from rongjiu.paths import default_data
from rongjiu.progress import Progress
from rongjiu.supervisor import Supervisor
from rongjiu.welcome import persona_line


def test_defaults_and_a_check_that_touches_no_kept_data(tmp_path: Path) -> None:
    plain, check = _options([]), _options(["--check"])
    assert (plain.port, plain.data, plain.fresh) == (8000, default_data(), False)
    assert check.data != default_data()
    assert check.fresh is True
    assert check.port != 8000
    named = _options(["--check", "--data", str(tmp_path)])
    assert (named.data, named.fresh) == (tmp_path, False)


def test_one_demo_a_data_folder(tmp_path: Path) -> None:
    with _only_one(tmp_path), pytest.raises(Failed, match="--data"), _only_one(tmp_path):
        pass
    with _only_one(tmp_path):
        pass


def test_fresh_deletes_only_what_a_demo_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    (tmp_path / "mine.txt").write_text("keep")
    (tmp_path / "loaded.json").write_text("{}")
    (tmp_path / "files").mkdir()
    with Supervisor(tmp_path / "logs") as supervisor:
        Demo(_options(["--data", str(tmp_path), "--fresh"]), supervisor, Progress(io.StringIO()))._clear()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lock", "logs", "mine.txt"]


def test_fresh_never_drops_a_database_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app_user@db/rongjiu")
    with Supervisor(tmp_path / "logs") as supervisor, pytest.raises(Failed, match="drop"):
        Demo(_options(["--data", str(tmp_path), "--fresh"]), supervisor, Progress(io.StringIO()))._clear()


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.listen()
        assert main(["--port", str(port), "--data", str(tmp_path)]) == 1
    assert f"port {port}" in capsys.readouterr().out
    assert not (tmp_path / "pg").exists()


def test_a_persona_is_one_line() -> None:
    persona = {
        "name": "王主任",
        "roles": ["书记", "审核"],
        "community": "黄雁社区",
        "login": "1",
        "password": "x",
        "start_url": "/c/",
    }
    assert persona_line(persona, "http://h") == "王主任  书记、审核  黄雁社区  1 / x  http://h/c/"


def test_a_step_says_how_it_ended() -> None:
    out = io.StringIO()
    progress = Progress(out)
    with progress.step("one"):
        progress.tick()
    with pytest.raises(Failed), progress.step("two"):
        raise Failed
    first, second = out.getvalue().splitlines()
    assert "✓" in first
    assert "✗" in second
