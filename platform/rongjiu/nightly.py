"""What every community does by itself each night: one clock (rongjiu/tidying.py), one outbox row for each chore, so that
a chore that fails is tried again alone and a night that was missed is made up for at the next start."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from rongjiu import outbox
from rongjiu.clock import today
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.tenancy.models import Community

KIND = "community.chore"
Chore = Callable[[], None]
_chores: dict[str, Chore] = {}


def chore(name: str) -> Callable[[Chore], Chore]:
    """Register what is done each night inside every live community; it must be safe to run twice."""

    def keep(function: Chore) -> Chore:
        _chores[name] = function
        return function

    return keep


def names() -> frozenset[str]:
    """All chores."""
    return frozenset(_chores)


def begin() -> int:
    """Ask for tonight's chores of every live community, each once however often it is asked; answers how many."""
    asked = 0
    rows = db.session.execute(select(Community.tenant_id, Community.id).where(Community.state == "live")).all()
    for row in rows:
        with tenant_scope(Tenant(row.tenant_id, row.id)):
            for name in sorted(_chores):
                outbox.put("community.chore", {"name": name}, key=f"chore-{name}-{today()}")
                asked += 1
    return asked


@outbox.effect(KIND)
def do(words: dict[str, Any]) -> None:
    """Do one chore of the community in force."""
    _chores[words["name"]]()
