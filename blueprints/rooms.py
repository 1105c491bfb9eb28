"""Opening all rooms: their tables, what they listen to and what their workers do must be known to every process."""

import pkgutil
from importlib import import_module

import rongjiu
import tenants

FURNITURE = ("models", "facts", "jobs")
CELLAR = ("audit", "files", "idempotency", "links", "nightly", "outbox", "tidying")
"""Small modules of the house that own a table or an effect of their own."""


def load() -> None:
    """Import the models, facts and jobs of every room, so that web, live, worker, relay and commands know the same."""
    for root in (rongjiu, tenants):
        for module in pkgutil.walk_packages(root.__path__, f"{root.__name__}."):
            if module.name.rpartition(".")[2] in (*FURNITURE, *CELLAR):
                import_module(module.name)
