"""One line of the log for each request; every line names its request and its community."""

import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, g, has_request_context, request
from werkzeug.wrappers import Response

from rongjiu.db import current_scope


def ids(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Every line names its request and its community, whoever writes it."""
    tenant = current_scope().tenant
    if tenant is not None:
        event.setdefault("tenant", str(tenant.uid))
    if has_request_context():
        event.setdefault("request_id", g.get("request_id", ""))
        here = g.get("place")
        if here is not None:
            event.setdefault("tenant" if here.kind == "community" else "place", str(here.id))
    return event


def init_app(app: Flask) -> None:
    """Write one line for each request."""
    app.before_request(_start)
    app.after_request(_end)


def _start() -> None:
    g.started = time.perf_counter()


def _end(response: Response) -> Response:
    if request.endpoint in ("static", "health.healthz", "health.metrics"):
        return response
    structlog.get_logger().info(
        "request",
        method=request.method,
        endpoint=request.endpoint or "",
        status=response.status_code,
        ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
    )
    return response
