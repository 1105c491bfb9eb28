"""Structured logs on stdout, the same from every process: one line of JSON, persons and link tokens masked."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

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


def masked(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A line whose words are clean."""
    return {key: _cleaned(value) for key, value in event.items()}


def _cleaned(value: Any) -> Any:
    """A traceback is lists and dicts: all of its words are masked too."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _cleaned(each) for key, each in value.items()}
    return [_cleaned(each) for each in value] if isinstance(value, list | tuple) else value


class _Lines(logging.Handler):
    """Lines of libraries (RQ names what a job was given) go out like ours: one masked line of JSON."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record of the standard library's logging as one of ours."""
        words = {"logger": record.name, **({"exc_info": record.exc_info} if record.exc_info else {})}
        structlog.get_logger().log(record.levelno, record.getMessage(), **words)


def configure(level: str, *first: Processor) -> None:
    """Configure logging of this process; `first` = what adds to a line before it is written."""
    structlog.configure(
        processors=[
            *first,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            masked,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=False,
    )
    if not any(isinstance(each, _Lines) for each in logging.getLogger().handlers):
        logging.getLogger().addHandler(_Lines(logging.WARNING))
