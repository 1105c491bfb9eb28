"""The parcel: locks without addresses, a wheel with everything in it, and a `platform/` that shadows nothing."""

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from rongjiu.paths import ROOT, VENDOR

LOCKS = ["package.json", "package-lock.json", "deploy/requirements.txt", "deploy/requirements-node.txt"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ASKED_FOR = {"flask", "flask_sqlalchemy", "flask_login", "flask_babel", "rq", "redis", "pytest"}


@pytest.mark.parametrize("name", [*LOCKS, "pyproject.toml", ".npmrc"])
def test_no_address_of_a_registry_or_of_anything_else(name: str) -> None:
    assert re.findall(r"https?://|registry\.|file:/", (ROOT / name).read_text()) == []


def test_every_locked_package_has_a_hash_and_every_dependency_is_locked() -> None:
    text = (ROOT / "deploy/requirements.txt").read_text()
    blocks = [block for block in re.split(r"(?m)^(?=[a-z])", text) if block]
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    locked = {block.split("==")[0] for block in blocks}
    wanted = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]
    assert {re.split(r"[\[<>=]", line)[0] for line in wanted} - locked == set()


def test_platform_is_ground_only() -> None:
    assert list((ROOT / "platform").glob("*.py")) == []
    told = subprocess.run(
        [sys.executable, "-c", "import platform; print(platform.system())"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "Linux"


def test_installed_version_is_that_of_the_project() -> None:
    assert version("rongjiu") == PROJECT["version"]


def test_wsgi_is_ten_lines_at_most() -> None:
    assert len((ROOT / "wsgi.py").read_text().splitlines()) <= 10


def test_ci_runs_exactly_deploy_test() -> None:
    lines = [line for line in (ROOT / ".ci/run").read_text().splitlines() if line and not line.startswith("#")]
    assert len(lines) == 1
    assert lines[0].startswith("exec ")
    assert "deploy/test" in lines[0]
    for name in (".ci/run", "deploy/demo", "deploy/test", "deploy/prepare", "deploy/lock"):
        assert os.access(ROOT / name, os.X_OK), name


def test_vendored_files_are_those_of_the_manifest() -> None:
    manifest = json.loads((VENDOR / "manifest.json").read_text())
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    named = {"manifest.json"}
    for package, about in manifest.items():
        assert about["licence"]
        assert about["version"] == lock[f"node_modules/{package}"]["version"]
        for name, digest in about["sha256"].items():
            assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest
            named.add(name)
    assert {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()} == named


def test_wheel_carries_what_the_product_needs(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    needed = {"wsgi.py", "rongjiu/config.py", "deploy/roles.sql", "migrations/env.py", "blueprints/app.py"}
    needed |= {f"blueprints/static/vendor/{path.relative_to(VENDOR)}" for path in VENDOR.rglob("*") if path.is_file()}
    needed |= {str(path.relative_to(ROOT)) for path in (ROOT / "translations").rglob("*.po")}
    assert needed - names == set()
    assert {name.split("/")[0] for name in names if not name.startswith("rongjiu-")} == {
        "rongjiu", "tenants", "blueprints", "wsgi.py", "translations", "migrations", "deploy",
    }  # fmt: skip


def test_packages_the_product_was_asked_to_use_are_in_use() -> None:
    found: set[str] = set()
    for folder in ("platform", "tenants", "blueprints", "tests"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    found |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    found.add((node.module or "").split(".")[0])
    assert ASKED_FOR - found == set()
