"""The permission matrix: one row per endpoint in permissions.toml, read once, used by the guard and by tests."""

import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

SCOPES = frozenset({"public", "account", "community", "street", "provider", "platform", "link"})
"""Where the address leads and who answers for it: `public` anyone, `account` anyone logged in, `link` a token."""
KINDS = {
    "community": ("community",), "street": ("street", "district"), "provider": ("provider",), "platform": ("platform",),
}  # fmt: skip
"""Scope of an endpoint → kinds of places that answer for it."""


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may use one endpoint, what of a person it shows, and whether opening it is logged."""

    endpoint: str
    scope: str
    roles: dict[str, str] = field(default_factory=dict)
    """Role → '' | own (cases assigned) | courtyard (own courtyards)."""
    opens: str = ""
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Field → rules in order: 'masked', 'shown:role,role', 'reveal:role'; a field not named is never sent."""
    any_state: bool = False
    """True when a community that is not live yet may use it."""
    by_link: bool = False
    """True when whoever holds a proved link of the provider may use it without an account."""

    def rule(self, name: str, role: str | None) -> str:
        """shown | reveal | masked | never, for a field and a role."""
        for rule in self.fields.get(name, ()):
            kind, _, roles = rule.partition(":")
            if not roles or (role in roles.split(",")):
                return kind
        return "never"


@lru_cache(maxsize=1)
def matrix() -> dict[str, Permission]:
    """All rows; raises ValueError naming the endpoint when a row is malformed."""
    rows = tomllib.loads((Path(__file__).parent / "permissions.toml").read_text(encoding="utf-8"))
    return {endpoint: _row(endpoint, words) for endpoint, words in rows.items()}


def _row(endpoint: str, words: dict[str, Any]) -> Permission:
    if words["scope"] not in SCOPES or set(words) - {"scope", "roles", "opens", "fields", "any_state", "by_link"}:
        raise ValueError(f"permissions.toml: {endpoint}")
    roles = dict(role.partition(":")[::2] for role in words.get("roles", []))
    fields = {
        name: tuple([rules] if isinstance(rules, str) else rules) for name, rules in words.get("fields", {}).items()
    }
    return Permission(
        endpoint, words["scope"], roles, words.get("opens", ""), fields, words.get("any_state", False),
        words.get("by_link", False),
    )  # fmt: skip


@lru_cache(maxsize=256)
def entries(known: bool, role: str | None, kind: str, by_link: bool) -> frozenset[str]:
    """Endpoints that a role at a kind of place may use, or whoever holds a provider's link."""

    def fits(rule: Permission) -> bool:
        if rule.scope in ("public", "link"):
            return True
        if rule.scope == "account":
            return known
        if by_link:
            return rule.by_link
        return role in rule.roles and kind in KINDS[rule.scope]

    return frozenset(endpoint for endpoint, rule in matrix().items() if fits(rule))
