"""Structured logs on stdout: one line a request, with request and community ids; persons and tokens masked."""

import logging
import re
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, g, has_request_context, request
from werkzeug.wrappers import Response

from rongjiu.db import current_scope

_MASKED = (
    (re.compile(r"(?<!\d)(\d{4})\d{13}[\dXx](?!\w)"), r"\1**************"),
    (re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)"), r"\1****\2"),
    (re.compile(r"(/(?:link|invitation)/)[^/?\s]+"), r"\1‹link›"),
    (re.compile(r"\bDETAIL:.*", re.DOTALL), "DETAIL: ‹row›"),  # PostgreSQL repeats the values of a row there
)


def clean(text: str) -> str:
    """Text without ID numbers, phone numbers and link tokens, on one line."""
    for pattern, word in _MASKED:
        text = pattern.sub(word, text)
    return text.replace("\n", "\\n").replace("\r", "\\r")


def _mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: _cleaned(value) for key, value in event.items()}


def _cleaned(value: Any) -> Any:
    """A traceback is lists and dicts: all of its words are masked too."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _cleaned(each) for key, each in value.items()}
    return [_cleaned(each) for each in value] if isinstance(value, list | tuple) else value


def _ids(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
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


class _Lines(logging.Handler):
    """Lines of libraries (RQ names what a job was given) go out like ours: one masked line of JSON."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record of the standard library's logging as one of ours."""
        words = {"logger": record.name, **({"exc_info": record.exc_info} if record.exc_info else {})}
        structlog.get_logger().log(record.levelno, record.getMessage(), **words)


def init_app(app: Flask) -> None:
    """Configure logging once and write one line for each request."""
    level = logging.getLevelName(app.config["SETTINGS"].log_level)
    structlog.configure(
        processors=[
            _ids,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            _mask,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=False,
    )
    if not any(isinstance(each, _Lines) for each in logging.getLogger().handlers):
        logging.getLogger().addHandler(_Lines(logging.WARNING))
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
