"""What every community does by itself each night: one clock (rongjiu/tidying.py), one outbox row for each chore, so that
a chore that fails is tried again alone and a night that was missed is made up for at the next start."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import outbox
from rongjiu.clock import now, today
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


def begin(wanted: Collection[str] = ()) -> int:
    """Ask for tonight's chores (all, or those named) of every live community, each once however often it is asked;
    answers how many."""
    asked = 0
    for tenant in _live():
        with tenant_scope(tenant):
            for name in sorted(set(wanted) or _chores):
                outbox.put("community.chore", {"name": name}, key=f"chore-{name}-{today()}")
                asked += 1
    return asked


def _live() -> list[Tenant]:
    rows = db.session.execute(select(Community.tenant_id, Community.id).where(Community.state == "live"))
    return [Tenant(row.tenant_id, row.id) for row in rows]


def carry_out(since: datetime) -> int:
    """In this process, without relay and worker, the due effects of communities that were written since a moment, and
    everything that follows from them at once; answers how many were carried out."""
    done = 0
    while rows := _waiting(since):
        before = done
        done += sum(outbox.perform(tenant.id, str(tenant.uid), str(row)) for tenant, row in rows)
        if done == before:  # a worker holds the rest
            break
    return done


def _waiting(since: datetime) -> list[tuple[Tenant, UUID]]:
    box = outbox.Outbox
    open_ = (
        select(box.id).where(box.created_at >= since, box.run_after <= now(), box.done_at.is_(None)).order_by(box.id)
    )
    found = []
    for tenant in _live():
        with tenant_scope(tenant):
            found += [(tenant, row) for row in db.session.scalars(open_)]
    return found


@outbox.effect(KIND)
def do(words: dict[str, Any]) -> None:
    """Do one chore of the community in force."""
    _chores[words["name"]]()
