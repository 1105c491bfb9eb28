"""Counters for operators: requests by endpoint and status, and their time. No community labels.

Several web processes are added up when PROMETHEUS_MULTIPROC_DIR names a folder that is empty at their start."""

import os
import time

from flask import Flask, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
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


def written() -> bytes:
    """All counters in Prometheus' own text, of every process of the web when they share a folder."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return generate_latest()
    together = CollectorRegistry()
    MultiProcessCollector(together)
    return generate_latest(together)
