"""What is asked of the database meanwhile: for tests of how many statements a page or a verb makes."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

_HOUSEKEEPING = ("SET", "SAVEPOINT", "RELEASE", "ROLLBACK")
"""Statements of the transaction itself, also those of a test that is rolled back."""


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements of all engines within the block, in their order, without those of the transaction itself."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(_HOUSEKEEPING):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
