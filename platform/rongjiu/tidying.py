"""What the house keeps only for a while is removed each night: ended log-ins, old codes, used-up keys, done effects.

Days are product defaults, none is a legal figure. Rows of residents have rules of their own and are not touched.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select

from rongjiu import audit, outbox
from rongjiu import nightly as nightly_chores
from rongjiu.clock import ZONE, now, today
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.idempotency import Retry
from rongjiu.identity.models import LoginSession, LoginWait, Passcode
from rongjiu.links import Link
from rongjiu.notify.models import Message, MessageTry
from rongjiu.outbox import Outbox, PlatformOutbox
from rongjiu.tenancy.models import Community, Invitation

KIND = "house.tidy"
HOUR = time(3, 30)
"""When in the night, Beijing time."""
Old = Callable[[datetime], ColumnElement[bool]]
RULES: tuple[tuple[type[Any], int, Old], ...] = (
    (LoginWait, 1, lambda before: LoginWait.at < before),
    (Passcode, 1, lambda before: Passcode.expires_at < before),
    (Retry, 7, lambda before: Retry.at < before),
    (LoginSession, 30, lambda before: (LoginSession.expires_at < before) | (LoginSession.ended_at < before)),
    (Link, 30, lambda before: Link.expires_at < before),
    (Invitation, 30, lambda before: Invitation.used_at.is_(None) & (Invitation.expires_at < before)),
    (MessageTry, 90, lambda before: MessageTry.at < before),
    (Message, 90, lambda before: Message.created_at < before),
    (PlatformOutbox, 90, lambda before: PlatformOutbox.done_at < before),
)
"""Table, days it is kept beyond its use, and what is old."""
_EFFECTS_KEPT = timedelta(days=90)


_tasks: dict[str, Callable[[], None]] = {}


def nightly_task(name: str, task: Callable[[], None]) -> None:
    """Register what a platform room does each night outside any community; it must be safe to run twice."""
    _tasks[name] = task


def tidy() -> dict[str, int]:
    """Remove what is old everywhere and answer how many rows of each table; the audit keeps the figures."""
    removed = {
        table.__tablename__: _gone(delete(table).where(old(now() - timedelta(days=days))))
        for table, days, old in RULES
    }  # fmt: skip
    removed["outbox"] = 0
    for row in db.session.execute(select(Community.tenant_id, Community.id)).all():
        with tenant_scope(Tenant(row.tenant_id, row.id)):
            removed["outbox"] += _gone(delete(Outbox).where(Outbox.done_at < now() - _EFFECTS_KEPT))
    if any(removed.values()):
        figures: dict[str, Any] = {name: count for name, count in removed.items() if count}
        audit.record("house.tidied", "house", today(), **figures)
    return removed


def _gone(statement: Any) -> int:
    result: Any = db.session.execute(statement, execution_options={"synchronize_session": False})
    return int(result.rowcount)


def plan() -> None:
    """Ask for the next night's tidying, once however often it is asked."""
    day = today() + timedelta(days=1)
    outbox.put(KIND, {}, key=f"tidy-{day}", after=datetime.combine(day, HOUR, ZONE))


@outbox.effect(KIND)
def nightly(_words: dict[str, Any]) -> None:
    """Tidy, start the chores of the communities, and ask for the night after."""
    tidy()
    for task in _tasks.values():
        task()
    nightly_chores.begin()
    plan()
