"""Steps on a terminal: what happens now, for how long, how it ended."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class Progress:
    """Prints one line a step; a clock runs in it on a terminal, elsewhere a dot follows every two seconds."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.live = self.out.isatty()
        self._title, self._began, self._shown = "", 0.0, 0.0

    def say(self, line: str = "") -> None:
        """A line of its own."""
        print(line, file=self.out, flush=True)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """A step; its time is printed when it ends, a cross when it raises."""
        self._title, self._began, self._shown = title, time.monotonic(), time.monotonic()
        print(f"  · {title} ", end="", file=self.out, flush=True)
        try:
            yield
        except BaseException:
            self._end("✗")
            raise
        self._end("✓")

    def tick(self) -> None:
        """Show that the step goes on; call it as often as you like."""
        now = time.monotonic()
        if self.live and now - self._shown >= 0.5:
            print(f"\r  · {self._title} {now - self._began:.0f} s ", end="", file=self.out, flush=True)
            self._shown = now
        elif not self.live and now - self._shown >= 2:
            print(".", end="", file=self.out, flush=True)
            self._shown = now

    def _end(self, mark: str) -> None:
        took = f"{time.monotonic() - self._began:.1f} s"
        print(f"\r  {mark} {self._title} {took} " if self.live else f" {mark} {took}", file=self.out, flush=True)
