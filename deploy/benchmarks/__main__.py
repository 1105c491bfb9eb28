"""./deploy/bench: one run, interleaved, as a table."""

import argparse
import shutil
import tempfile
import time
from pathlib import Path

from benchmarks import importing, judging, loop, matching, memory, opendata, pages, queue, screens, search, sync, world
from rongjiu.db import db
from rongjiu.embedded import Embedded


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="deploy/bench")
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument(
        "--only",
        choices=(
            "pages",
            "clone",
            "outbox",
            "memory",
            "import",
            "search",
            "sync",
            "judging",
            "screens",
            "hsds",
            "match",
            "transition",
            "expiry",
        ),
    )
    parser.add_argument("--tasks", type=int, default=loop.TASKS, help="live offers of the expiry run")
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="rj-bench-"))
    rows: list[tuple[str, str, str]] = []
    began = time.monotonic()
    try:
        if options.only in (None, "import"):
            print("importing a register …", flush=True)
            rows += importing.measure(work)
        if options.only not in ("memory", "import"):
            rows += _with_world(work, options)
        if options.only in (None, "memory"):
            rows += memory.measure(work / "demo")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print("\n| measured | value | wanted |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(
        f"\n{options.rounds} rounds of {pages.PER_ROUND} requests, interleaved; {time.monotonic() - began:.0f} s in all"
    )


def _with_world(work: Path, options: argparse.Namespace) -> list[tuple[str, str, str]]:
    server = Embedded(work / "data")
    server.up()
    rows: list[tuple[str, str, str]] = []
    try:
        print("making 1,000 communities …", flush=True)
        made = world.make(server, print)
        rows += world.clone_rows(made.clones)
        if options.only in (None, "pages"):
            print("asking for pages …", flush=True)
            rows += pages.measure(made, options.rounds, work)
        if options.only in (None, "screens"):
            print("screening …", flush=True)
            rows += screens.measure(made, options.rounds, work)
        if options.only in (None, "outbox"):
            print("ringing the outbox …", flush=True)
            rows += queue.measure(made.app, server)
        if options.only in (None, "judging"):
            print("judging a register …", flush=True)
            rows += judging.measure(made)
        if options.only in (None, "search"):
            print("searching …", flush=True)
            rows += search.measure(made)
        if options.only in (None, "hsds"):
            print("asking for open data …", flush=True)
            rows += opendata.measure(made)
        if options.only in (None, "match"):
            print("matching …", flush=True)
            rows += matching.measure(made)
        if options.only in (None, "transition", "expiry"):
            print("offering …", flush=True)
            rows += loop.measure(made, options.tasks, options.only)
        if options.only in (None, "sync"):
            print("sending 500 items …", flush=True)
            rows += sync.measure(made)
        with made.app.app_context():
            db.session.remove()
            db.engine.dispose()
    finally:
        server.down()
    return rows


if __name__ == "__main__":
    main()
