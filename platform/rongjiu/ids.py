"""UUID version 7 (RFC 9562): time first, so that new rows lie together in an index."""

import secrets
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last_ms = 0
_counter = 0
_COUNTER_MAX = 0xFFF


def uuid7() -> UUID:
    """A fresh UUIDv7; within one process each is greater than the one before, even when the clock steps back."""
    global _last_ms, _counter
    with _lock:
        ms = time.time_ns() // 1_000_000
        if ms > _last_ms:
            _last_ms, _counter = ms, secrets.randbits(11)  # the top bit stays free: room to count (RFC 9562, 6.2)
        elif _counter < _COUNTER_MAX:
            _counter += 1
        else:
            _last_ms, _counter = _last_ms + 1, secrets.randbits(11)
        head, count = _last_ms, _counter
    return UUID(int=head << 80 | 7 << 76 | count << 64 | 2 << 62 | secrets.randbits(62))


def born_ms(value: UUID) -> int:
    """Milliseconds since 1970 at which a UUIDv7 was made; ValueError for another version."""
    if value.version != 7:
        raise ValueError(f"{value} is not a UUID version 7")
    return value.int >> 80
