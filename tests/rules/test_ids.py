"""UUIDv7 as RFC 9562 lays it out, rising within a process."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from rongjiu import ids


def test_version_variant_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "_last_ms", 0)  # another test may have lived in the future
    before = time.time_ns() // 1_000_000
    value = ids.uuid7()
    assert (value.version, value.variant) == (7, uuid.RFC_4122)
    assert before <= ids.born_ms(value) <= time.time_ns() // 1_000_000 + 5
    with pytest.raises(ValueError, match="version 7"):
        ids.born_ms(uuid.uuid4())


def test_each_is_greater_than_the_one_before() -> None:
    values = [ids.uuid7() for _ in range(20_000)]
    assert values == sorted(set(values))


def test_a_clock_that_steps_back_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    first = ids.uuid7()
    monkeypatch.setattr(ids.time, "time_ns", lambda: 0)
    assert [first, *(later := [ids.uuid7() for _ in range(5_000)])] == sorted({first, *later})


def test_threads_never_make_the_same() -> None:
    with ThreadPoolExecutor(8) as pool:
        values = [value for part in pool.map(lambda _: [ids.uuid7() for _ in range(500)], range(8)) for value in part]
    assert len(set(values)) == 4_000
