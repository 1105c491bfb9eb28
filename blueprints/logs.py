"""Structured logs on stdout: one line a request, with request and community ids; persons and tokens masked."""

import logging
import re
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, g, request
from werkzeug.wrappers import Response

_MASKED = (
    (re.compile(r"(?<!\d)(\d{4})\d{13}[\dXx](?!\w)"), r"\1**************"),
    (re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)"), r"\1****\2"),
    (re.compile(r"(/(?:a|link|invite|invitation)/)[^/?\s]+"), r"\1‹link›"),
)


def clean(text: str) -> str:
    """Text without ID numbers, phone numbers and link tokens, on one line."""
    for pattern, word in _MASKED:
        text = pattern.sub(word, text)
    return text.replace("\n", "\\n").replace("\r", "\\r")


def _mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: clean(value) if isinstance(value, str) else value for key, value in event.items()}


def init_app(app: Flask) -> None:
    """Configure logging once and write one line for each request."""
    level = logging.getLevelName(app.config["SETTINGS"].log_level)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            _mask,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=False,
    )
    app.before_request(_start)
    app.after_request(_end)


def _start() -> None:
    g.started = time.perf_counter()


def _end(response: Response) -> Response:
    if request.endpoint in ("static", "health.healthz", "health.metrics"):
        return response
    here = g.get("place")
    structlog.get_logger().info(
        "request",
        method=request.method,
        endpoint=request.endpoint or "",
        status=response.status_code,
        ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
        request_id=g.get("request_id", ""),
        place=str(here.id) if here else "",
    )
    return response
