"""应保尽保: what may follow what on the list of those who may have been missed. Pure."""

ENTITLED = {
    "possible": ("found", "not_entitled"), "found": ("applied",), "applied": ("granted", "refused"),
    "refused": ("applied",), "granted": (), "not_entitled": (),
}  # fmt: skip
"""应保尽保: what follows what. Possible = as the worker suspects; found = checked, entitled; refused may apply again."""
NEEDS_REASON = frozenset({"refused", "not_entitled"})


def may_become(state: str, target: str) -> bool:
    """May an entry of the 应保尽保 list take this next state?"""
    return target in ENTITLED.get(state, ())
