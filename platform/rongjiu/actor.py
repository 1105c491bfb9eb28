"""Who acts, and from where: set once by the guard, the job or the command, read by the audit."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """One person at one place, or the house itself (`role='system'`)."""

    account_id: UUID | None = None
    role: str = "anonymous"
    name: str = ""
    address: str = ""
    request_id: str = ""


SYSTEM = Actor(role="system", name="系统")
_actor: ContextVar[Actor] = ContextVar("actor", default=SYSTEM)


def current_actor() -> Actor:
    """Who acts now."""
    return _actor.get()


def set_actor(actor: Actor) -> None:
    """Name the one who acts for the rest of the request."""
    _actor.set(actor)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Act as somebody for the length of the block."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)
