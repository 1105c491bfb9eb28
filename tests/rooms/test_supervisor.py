"""The supervisor: the dead are started again, a stop reaches everybody, nobody is left behind."""

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rongjiu.supervisor import Hopeless, Program, Stopped, Supervisor

SLEEPER = Program("sleeper", [sys.executable, "-c", "import time; time.sleep(600)"])
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def quiet(_line: str) -> None:
    pass


def test_a_dead_child_is_started_again(tmp_path: Path) -> None:
    with Supervisor(tmp_path, say=quiet) as supervisor:
        supervisor.start([SLEEPER])
        first = supervisor.pids()["sleeper"]
        os.kill(first, signal.SIGKILL)
        assert supervisor.watch(lambda: supervisor.pids().get("sleeper", first) != first, limit=10)
        second = supervisor.pids()["sleeper"]
    assert gone(first)
    assert gone(second)


def test_one_that_dies_again_and_again_is_given_up_with_its_log_named(tmp_path: Path) -> None:
    said: list[str] = []
    with (
        pytest.raises(Hopeless, match="broken.log"),
        Supervisor(tmp_path, patience=1, say=said.append) as supervisor,
    ):
        supervisor.start([Program("broken", ["false"])])
        supervisor.watch(limit=20)
    assert said == ["broken ended (1); starting it again"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_all(tmp_path: Path, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with Supervisor(tmp_path, say=quiet) as supervisor:
        supervisor.start([SLEEPER, Program("other", SLEEPER.command)])
        pids = supervisor.pids()
        os.kill(os.getpid(), number)
        with pytest.raises(Stopped):
            supervisor.watch(limit=20)
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids.values())
    assert signal.getsignal(number) == before


def test_one_that_does_not_hear_is_killed_with_its_offspring(tmp_path: Path) -> None:
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {DEAF!r}]).wait()"
    with Supervisor(tmp_path, grace=0.3, say=quiet) as supervisor:
        supervisor.start([Program("deaf", [sys.executable, "-c", parent])])
        log = tmp_path / "deaf.log"
        assert supervisor.watch(lambda: log.exists() and "deaf" in log.read_text(), limit=20)
        group = supervisor.pids()["deaf"]
    with pytest.raises(ProcessLookupError):
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:  # the killed grandchild waits for init to collect it
            os.killpg(group, 0)


def test_a_program_runs_to_its_end_and_answers_its_code(tmp_path: Path) -> None:
    ticks: list[int] = []
    with Supervisor(tmp_path, say=quiet) as supervisor:
        code = supervisor.run(
            Program("once", ["sh", "-c", "echo $WORD; exit 7"], {"WORD": "救"}), tick=lambda: ticks.append(1)
        )
    assert code == 7
    assert (tmp_path / "once.log").read_text() == "救\n"
    assert ticks


def test_children_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from rongjiu.supervisor import Program, Supervisor
with Supervisor(Path({str(tmp_path)!r})) as supervisor:
    supervisor.start([Program("sleeper", [sys.executable, "-c", "import time; time.sleep(600)"])])
    print(supervisor.pids()["sleeper"], flush=True)
    supervisor.watch()
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment) as own:
        assert own.stdout is not None
        child = int(own.stdout.readline())
        handle = os.pidfd_open(child)
        try:
            own.kill()
            assert select.select([handle], [], [], 10)[0], "the child outlived its supervisor"
        finally:
            os.close(handle)
