"""Counters for operators: requests by endpoint and status, their time, the outbox's backlog. No community labels."""

import time

from flask import Flask, g, request
from prometheus_client import Counter, Histogram
from werkzeug.wrappers import Response

REQUESTS = Counter("rongjiu_requests_total", "Requests", ["endpoint", "status"])
SECONDS = Histogram("rongjiu_request_seconds", "Time of a request", ["endpoint"])


def init_app(app: Flask) -> None:
    """Measure every request."""
    app.after_request(_measure)


def _measure(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    REQUESTS.labels(endpoint, str(response.status_code)).inc()
    if "started" in g:
        SECONDS.labels(endpoint).observe(time.perf_counter() - g.started)
    return response
