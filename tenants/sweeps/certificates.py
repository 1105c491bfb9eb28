"""What a courtyard's certificate states of its rows, and in what it differs from the rows of today. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from tenants.sweeps.rules import StopNow, canonical, coverage, percent


def certificate(stops: Sequence[StopNow]) -> dict[str, Any]:
    """What a courtyard's certificate states of its rows: per building the doors by result, the people by result, and a
    mark of each door, so that a later change names the door."""
    buildings: dict[str, Counter[str]] = {}
    for stop in stops:
        buildings.setdefault(stop.building, Counter())[stop.state] += 1
    covered, whole = coverage(stop.state for stop in stops)
    return {
        "doors": whole, "covered": covered, "percent": percent(covered, whole),
        "buildings": {name: dict(sorted(counts.items())) for name, counts in sorted(buildings.items())},
        "people": dict(sorted(Counter(soul.result for stop in stops for soul in stop.people).items())),
        "marks": {stop.id: mark(stop) for stop in sorted(stops, key=lambda each: each.id)},
    }  # fmt: skip


def rows_digest(stops: Iterable[StopNow]) -> str:
    """SHA-256 over the sorted rows of all doors and people."""
    return digest(sorted(_row(stop) for stop in stops))


def _row(stop: StopNow) -> list[Any]:
    people = sorted([soul.then or soul.id, soul.result] for soul in stop.people)
    return [stop.id, stop.home_then or stop.household_id, stop.building, stop.state, people]


def mark(stop: StopNow) -> str:
    """A short hash of one door's rows."""
    return digest(_row(stop))[:20]


def digest(value: Any) -> str:
    """SHA-256 of a value, in hexadecimal."""
    return sha256(canonical(value).encode()).hexdigest()


def differences(stated: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What a certificate states otherwise than the rows say now, in codes: `door <stop id>`, `building <name>` …"""
    found = [
        f"{name}: {stated.get(name)} -> {now.get(name)}"
        for name in ("doors", "covered", "percent", "people")
        if stated.get(name) != now.get(name)
    ]
    for part, word in (("buildings", "building"), ("marks", "door")):
        before, after = stated.get(part, {}), now.get(part, {})
        for key in sorted({*before, *after}):
            if before.get(key) != after.get(key):
                what = "missing" if key not in after else "added" if key not in before else "changed"
                found.append(f"{word} {key or '-'}: {what}")
    return found
