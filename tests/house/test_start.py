"""What each program holds from its start: nothing heavy that it may never need, and everything that it must know."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rongjiu.paths import ROOT
from tests.house.test_house import LAZY

_SAY = """
import json, sys
loaded = sorted(sys.modules)
from rongjiu import facts, nightly, outbox, tidying
from rongjiu.notify import service as notify
from tenants.outcomes import auditing
name = lambda f: f"{f.__module__}.{f.__qualname__}"
known = {
    "effects": {kind: name(f) for kind, f in outbox._effects.items()},
    "sets": {kind: name(f) for kind, f in outbox._together.items()},
    "chores": {kind: name(f) for kind, f in nightly._chores.items()},
    "tasks": {kind: name(f) for kind, f in tidying._tasks.items()},
    "alone": [name(f) for f in auditing._alone],
    "hours": [name(f) for f in notify._hours],
    "listeners": {name(kind): sorted(map(name, each)) for kind, each in facts._subscribers.items() if each},
}
print(json.dumps({"loaded": loaded, "known": known}))
"""


def started(first: str, folder: Path) -> dict[str, Any]:
    """What a process of its own has loaded and knows after these lines."""
    env = {
        name: words for name, words in os.environ.items() if not name.startswith(("RONGJIU_", "DATABASE_", "FLASK_"))
    }
    env |= {"PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}", "RONGJIU_DATA": str(folder)}
    done = subprocess.run([sys.executable, "-c", first + _SAY], env=env, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return started("import wsgi", tmp_path_factory.mktemp("web"))


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return started("import blueprints.worker as w; w.ground()", tmp_path_factory.mktemp("worker"))


def tops(loaded: list[str]) -> set[str]:
    return {name.split(".")[0] for name in loaded} | set(loaded)


def test_web_and_live_start_without_what_only_commands_and_files_need(web: dict[str, Any]) -> None:
    assert "blueprints.desk.cases" in web["loaded"]
    assert tops(web["loaded"]) & (LAZY | {"alembic", "mako"}) == set()


def test_the_worker_starts_without_doors(worker: dict[str, Any]) -> None:
    of_doors = {"wtforms", "flask_wtf", "flask_limiter", "flask_login", "prometheus_client"}
    assert tops(worker["loaded"]) & (LAZY | of_doors | {"alembic", "mako"}) == set()
    assert {name for name in worker["loaded"] if name.startswith("blueprints.")} == {
        "blueprints.ground", "blueprints.logs", "blueprints.rooms", "blueprints.worker",
    }  # fmt: skip


def test_the_worker_knows_whatever_the_web_may_ask_of_it(web: dict[str, Any], worker: dict[str, Any]) -> None:
    assert worker["known"]["sets"]
    assert worker["known"] == web["known"]


def test_the_relay_starts_without_app_and_rooms(tmp_path: Path) -> None:
    found = tops(started("import rongjiu.relay", tmp_path)["loaded"])
    assert found & (LAZY | {"flask", "sqlalchemy", "blueprints", "tenants", "rongjiu.db", "rongjiu.outbox"}) == set()
