"""Every queue is served: what is put into the outbox has somebody who does it, and every program is started."""

import ast
import inspect
from collections.abc import Iterator

from flask import Flask

from rongjiu import demo, outbox, relay, tidying, worker
from rongjiu.paths import ROOT


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call of the product's own code, by the name of what is called."""
    for folder in ("platform", "tenants", "blueprints"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    yield ast.unparse(node.func), node


def put() -> set[str]:
    """Kinds of effects that somewhere are asked for."""
    asked = [
        node.args[0]
        for name, node in calls()
        if name in ("outbox.put", "outbox.put_all", "outbox.Asked", "put") and node.args
    ]
    return {ast.literal_eval(kind) for kind in asked if isinstance(kind, ast.Constant)} | {tidying.KIND}


def test_whatever_is_asked_for_is_done_by_somebody_and_nobody_waits_in_vain(app: Flask) -> None:
    known = {kind for kind in outbox.kinds() if not kind.startswith("test.")}
    assert put() == known


def test_relay_and_worker_use_the_same_queue() -> None:
    assert relay.QUEUE == worker.QUEUE
    assert "rq.Queue(QUEUE" in inspect.getsource(relay.Relay)
    assert "rq.Queue(QUEUE" in inspect.getsource(worker.run)


def test_each_way_of_running_starts_web_live_worker_and_relay() -> None:
    programs = ("web", "live", "worker", "relay")
    started = inspect.getsource(demo.Demo)
    compose = (ROOT / "deploy" / "compose.yaml").read_text()
    process = (ROOT / "deploy" / "process").read_text()
    unit = (ROOT / "deploy" / "systemd" / "rongjiu@.service").read_text()
    for program in programs:
        assert f'"{program}"' in started
        assert f"command: [{program}]" in compose
        assert f"    {program}" in process
        assert f"rongjiu@{program}" in unit
