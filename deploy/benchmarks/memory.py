"""Memory of the demo's four programs at rest: PSS of all processes of web, live, worker and relay (gunicorn's masters
too) after the start and before anybody asks for a page, without PostgreSQL and Valkey."""

import subprocess
import sys
import time
from pathlib import Path

import psutil

from rongjiu.paths import ROOT


def measure(data: Path) -> list[tuple[str, str, str]]:
    """Start a demo in a data folder, let it settle until its memory stands still, add up, stop it."""
    command = [sys.executable, "-m", "rongjiu.demo", "--data", str(data), "--port", "8917"]
    demo = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert demo.stdout
        for line in demo.stdout:
            if "Ctrl-C" in line:
                break
        else:
            raise RuntimeError("the demo did not start; ./deploy/demo says why")
        before, now = -1.0, _pss(demo.pid)
        end = time.monotonic() + 60
        while abs(now - before) > 1 and time.monotonic() < end:
            time.sleep(2)  # the interval over which memory is compared
            before, now = now, _pss(demo.pid)
    finally:
        demo.terminate()
        demo.wait(60)
    return [("memory of web, live, worker, relay at rest (PSS)", f"{now:.0f} MiB", "≤ 500 MiB")]


def _pss(pid: int) -> float:
    total = 0
    for child in psutil.Process(pid).children(recursive=True):
        try:
            words = " ".join(child.cmdline())
            if "postgres" in words or "valkey" in words:
                continue
            total += child.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total / 2**20
