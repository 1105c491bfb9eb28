"""What workers do for imports: thin entries, one for each effect."""

from typing import Any
from uuid import UUID

from rongjiu import outbox
from rongjiu.actor import SYSTEM, Actor
from tenants.imports import work
from tenants.residents import labels
from tenants.reviews import service as reviews
from tenants.reviews.jobs import renew_known


def _by(words: dict[str, Any]) -> Actor:
    """For whom the worker works; the post is written on the import."""
    return Actor(UUID(words["by"]) if words.get("by") else None, words.get("role") or SYSTEM.role)


@outbox.effect("import.read")
def read(words: dict[str, Any]) -> None:
    """Read the headers of a file."""
    work.read(UUID(words["batch"]), _by(words))


@outbox.effect("import.check")
def check(words: dict[str, Any]) -> None:
    """Compare a file with the register."""
    work.check(UUID(words["batch"]), _by(words))


@outbox.effect("import.apply")
def apply(words: dict[str, Any]) -> None:
    """Write a file into the register."""
    work.apply(UUID(words["batch"]), _by(words))


@outbox.effect("import.undo")
def undo(words: dict[str, Any]) -> None:
    """Take an import back."""
    work.undo(UUID(words["batch"]), _by(words))


@outbox.effect("import.forget")
def forget(words: dict[str, Any]) -> None:
    """Remove the file of an import."""
    work.forget(UUID(words["batch"]))


@outbox.effect("import.settle")
def settle(_words: dict[str, Any]) -> None:
    """After the register moved as a whole: labels by rule, what other communities may be told, who may stand twice."""
    labels.recheck()
    renew_known()
    reviews.search()
