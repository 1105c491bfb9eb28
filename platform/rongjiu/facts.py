"""News goes up as facts: past tense, ids and counts, never a name. Subscribers run in the same transaction."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that happened in one community; `counts` says how each indicator moved by it."""

    tenant_id: int
    object_id: UUID | None = None
    counts: dict[str, int] = field(default_factory=dict)


Subscriber = Callable[[Fact], None]
_subscribers: dict[type[Fact], list[Subscriber]] = defaultdict(list)


def subscribe(kind: type[Fact], subscriber: Subscriber) -> None:
    """Call `subscriber` for each fact of this kind or a kind below it; subscribing twice changes nothing."""
    if subscriber not in _subscribers[kind]:
        _subscribers[kind].append(subscriber)


def send(fact: Fact) -> None:
    """Tell all who listen, now, inside the transaction."""
    for kind in type(fact).__mro__:
        for subscriber in _subscribers.get(kind, []):
            subscriber(fact)
