"""Keep a handful of processes running: start, restart the dead, stop all of them together."""

import ctypes
import os
import select
import signal
import subprocess  # noqa: S404 - starting processes is what this module is for
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

_PR_SET_PDEATHSIG = 1  # prctl(2)
_WATCHED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LONGEST_PAUSE = 10.0  # seconds between two starts of a process that keeps dying
_LIVED_WELL = 20.0  # seconds after which an earlier death is forgotten


class Stopped(Exception):
    """Somebody asked us to stop: Ctrl-C, TERM or HUP."""


class Hopeless(Exception):
    """A process dies again and again; the message names its log."""


@dataclass(frozen=True)
class Program:
    """What to run: a name for people, the command, and what its environment has besides ours."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Child:
    program: Program
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    deaths: int = 0
    due: float = 0.0


class Supervisor:
    """A context manager: inside, signals are handled; leaving it stops every process it started, whatever happened."""

    def __init__(
        self, logs: Path, *, grace: float = 15.0, patience: int = 5, say: Callable[[str], None] = print
    ) -> None:
        self.logs, self.grace, self.patience, self.say = logs, grace, patience, say
        self._children: list[_Child] = []
        self._asked: list[int] = []
        self._wake: tuple[int, int] = (-1, -1)
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        self._wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        # Explicitly: a shell's background start ignores INT, and an ignored signal would be inherited.
        for number in _WATCHED:
            self._before[number] = signal.signal(number, self._on_signal)
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        self._before[-1] = signal.set_wakeup_fd(self._wake[1], warn_on_full_buffer=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        signal.set_wakeup_fd(self._before.pop(-1))  # type: ignore[arg-type]
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        for end in self._wake:
            os.close(end)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._asked.append(number)

    # -- running --------------------------------------------------------------------------------------

    def start(self, programs: Iterable[Program]) -> None:
        """Start programs and keep them running from now on."""
        for program in programs:
            child = _Child(program)
            self._children.append(child)
            self._spawn(child)

    def run(self, program: Program, *, show: bool = False, tick: Callable[[], None] | None = None) -> int:
        """Run a program to its end and answer its exit code, tending the others meanwhile.

        Its output goes to its log, or with show to ours; tick is called ten times a second. Raises as watch() does.
        """
        child = _Child(program)
        self._spawn(child, show=show)
        process = child.process
        if process is None:
            raise RuntimeError(f"{program.name} was not started")

        def over() -> bool:
            if tick:
                tick()
            return process.poll() is not None

        try:
            self.watch(over)
        finally:
            _end([process], self.grace)
        return process.returncode

    def pids(self) -> dict[str, int]:
        """The running processes by name."""
        return {child.program.name: child.process.pid for child in self._children if child.process}

    def watch(self, done: Callable[[], bool] | None = None, *, every: float = 0.1, limit: float | None = None) -> bool:
        """Restart what dies until done() is true (answer True) or the limit in seconds is over (False).

        Raises Stopped when asked to stop, Hopeless when a process cannot be kept alive.
        """
        end = None if limit is None else time.monotonic() + limit
        while True:
            if self._asked:
                raise Stopped
            self._tend()
            if done is not None and done():
                return True
            now = time.monotonic()
            if end is not None and now >= end:
                return False
            self._pause(self._next_start(now, every if done else 60.0, end))

    def _next_start(self, now: float, longest: float, end: float | None) -> float:
        due = [child.due for child in self._children if child.process is None]
        return max(0.0, min([now + longest, *due, *([end] if end else [])]) - now)

    def _pause(self, seconds: float) -> None:
        """Sleep until a signal comes or the time is over."""
        if select.select([self._wake[0]], [], [], seconds)[0]:
            os.read(self._wake[0], 4096)

    def _tend(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process is not None and child.process.poll() is not None:
                self._bury(child, now)
            if child.process is None and now >= child.due:
                self._spawn(child)

    def _bury(self, child: _Child, now: float) -> None:
        code = child.process.returncode if child.process else 0
        child.process = None
        child.deaths = 1 if now - child.started > _LIVED_WELL else child.deaths + 1
        if child.deaths > self.patience:
            raise Hopeless(f"{child.program.name} ended {child.deaths} times; see {self._log(child.program)}")
        child.due = now + min(_LONGEST_PAUSE, 0.1 * 2 ** (child.deaths - 1))
        self.say(f"{child.program.name} ended ({code}); starting it again")

    def _log(self, program: Program) -> Path:
        return self.logs / f"{program.name}.log"

    def _spawn(self, child: _Child, *, show: bool = False) -> None:
        program = child.program
        with self._log(program).open("ab") as log:
            child.process = subprocess.Popen(  # noqa: S603 - our own commands, no shell
                list(program.command),
                env={**os.environ, **program.environment},
                stdin=subprocess.DEVNULL,
                stdout=None if show else log,
                stderr=None if show else subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches only us; we tell them
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - this process has one thread
            )
        child.started = time.monotonic()

    # -- stopping -------------------------------------------------------------------------------------

    def stop(self) -> None:
        """TERM to every process and its offspring, wait up to the grace in seconds, then KILL."""
        running = [child.process for child in self._children if child.process]
        self._children = []
        _end(running, self.grace)


def _end(processes: "Sequence[subprocess.Popen[bytes]]", grace: float) -> None:
    _tell(processes, signal.SIGTERM)
    until = time.monotonic() + grace
    for process in processes:
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            _tell([process], signal.SIGKILL)
            process.wait()
    _tell(processes, signal.SIGKILL)  # offspring that outlived its parent


def _tell(processes: "Iterable[subprocess.Popen[bytes]]", number: int) -> None:
    for process in processes:
        try:
            os.killpg(process.pid, number)  # start_new_session made it the leader of its group
        except ProcessLookupError:
            continue


def _die_with_parent() -> None:
    """Ask Linux to send TERM to this child when its parent is killed without a chance to say goodbye."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
