"""Effects of signals outside the transaction: the asker and the people on duty are told, without personal content."""

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from rongjiu.clock import now
from rongjiu.db import current_tenant, db
from rongjiu.identity.models import Account
from rongjiu.notify.service import tell
from rongjiu.outbox import effect
from rongjiu.tenancy.models import Community, Membership
from tenants.signals.models import Signal
from tenants.signals.service import answer


@effect("signal.tell")
def tell_asker(payload: dict[str, Any]) -> None:
    """Tell who left a telephone that their words were noted and somebody will come; then the signal is answered."""
    row = db.session.execute(
        select(Signal.id, Signal.number, Signal.phone, Signal.state).where(Signal.id == UUID(payload["signal_id"]))
    ).one_or_none()
    if row is None or row.phone is None or row.state != "triaged":
        return
    ring = db.session.scalar(select(Community.phone).where(Community.tenant_id == current_tenant().id)) or ""
    text = f"您反映的事已登记（{row.number}），社区工作人员会联系您。有事请打社区电话 {ring}。"
    tell(row.phone, text, purpose="signal_answer", key=f"signal-tell-{row.id}")
    answer(row.id, how="sms")


@effect("signal.alarm")
def alarm(payload: dict[str, Any]) -> None:
    """Ring clerk and secretary for a critical signal (timer critical-alarm)."""
    rows = db.session.execute(
        select(Account.id, Account.phone)
        .join(Membership, Membership.account_id == Account.id)
        .where(
            Membership.scope_kind == "community",
            Membership.scope_id == current_tenant().uid,
            Membership.role.in_(("assistance_clerk", "secretary")),
            or_(Membership.ends_at.is_(None), Membership.ends_at > now()),
        )
    )
    for row in rows:
        if row.phone:
            key = f"signal-alarm-{payload['signal_id']}-{row.id}"
            tell(row.phone, "有一条急难线索，请马上打开工作台认领。", purpose="critical", key=key)
