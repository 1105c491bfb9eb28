"""Effects of signals outside the transaction: the asker and the people on duty are told, without personal content."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from rongjiu import audit
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.identity.models import Account
from rongjiu.notify.service import tell
from rongjiu.outbox import effect
from rongjiu.tenancy.models import Community, Membership
from tenants.signals import lists, rules, tracking
from tenants.signals.models import Signal
from tenants.signals.service import answer

HALF = N_("线索 %(number)s 答复期限已过一半，还没有答复反映人，请打开工作台处理。")
LATE = N_("线索 %(number)s 已过答复期限，还没有答复反映人，请打开工作台处理。")
UNSORTED = N_("线索 %(number)s 已过分派期限，还没有人分派，请打开工作台处理。")


@effect("signal.tell")
def tell_asker(payload: dict[str, Any]) -> None:
    """Tell who left a telephone what becomes of their words, and the code to follow it; then the signal is answered."""
    row = db.session.execute(
        select(Signal.id, Signal.number, Signal.phone, Signal.state, Signal.channel, Signal.answer, Signal.call_back)
        .where(Signal.id == UUID(payload["signal_id"]))
    ).one_or_none()  # fmt: skip
    if row is None or row.phone is None or row.state != "triaged" or row.call_back is False:
        return
    ring = db.session.scalar(select(Community.phone).where(Community.tenant_id == current_tenant().id)) or ""
    code = rules.spoken(tracking.code_of(row.id))
    if row.channel == "neighbour":
        text = N_(
            "谢谢您告诉我们（%(number)s），社区会去看看，不会告诉任何人是谁说的。查进度用查询码 %(code)s。有事请打社区电话 %(phone)s。"
        )
    elif row.answer:
        text = N_("您问的事（%(number)s）答复如下：%(answer)s查进度用查询码 %(code)s。有事请打社区电话 %(phone)s。")
    else:
        text = N_(
            "您反映的事已登记（%(number)s），社区工作人员会联系您。查进度用查询码 %(code)s。有事请打社区电话 %(phone)s。"
        )
    words = {"number": row.number, "answer": row.answer or "", "code": code, "phone": ring}
    tell(row.phone, text, words=words, purpose="signal_answer", key=f"signal-tell-{row.id}")
    answer(row.id, how="sms")


@effect("signal.due")
def due(payload: dict[str, Any]) -> None:
    """The time for sorting is over (timer signal-triage), or half the time for the answer, or all of it: whoever has to act is
    told, if nobody did since."""
    row = db.session.execute(
        select(Signal.id, Signal.number, Signal.state, Signal.answer_due_at).where(
            Signal.id == UUID(payload["signal_id"])
        )
    ).one_or_none()
    if payload["stage"] == "unsorted":
        _unsorted(row)
        return
    if row is None or row.state == "answered" or row.answer_due_at != datetime.fromisoformat(payload["due"]):
        return
    late = payload["stage"] == "late"
    if late:
        audit.record("signal.late", "signal", row.id)
    roles = ("assistance_clerk", "secretary") if late else ("assistance_clerk",)
    _ring(
        roles,
        LATE if late else HALF,
        row.number,
        "signal_late" if late else "signal_half",
        f"signal-{payload['stage']}-{row.id}",
    )


def _unsorted(row: Any) -> None:
    """Nobody has sorted it in time: clerk and secretary are told."""
    if row is None or row.state != "new":
        return
    audit.record("signal.unsorted", "signal", row.id)
    _ring(("assistance_clerk", "secretary"), UNSORTED, row.number, "signal_unsorted", f"signal-unsorted-{row.id}")


@effect("signal.list")
def make_list(payload: dict[str, Any]) -> None:
    """Make the signals of a long list of a department."""
    lists.make(UUID(payload["list_id"]))


def _ring(roles: Collection[str], text: str, number: str, purpose: str, key: str) -> None:
    """A message to everybody at work in one of these roles, each once."""
    rows = db.session.execute(
        select(Account.id, Account.phone)
        .join(Membership, Membership.account_id == Account.id)
        .where(
            Membership.scope_kind == "community",
            Membership.scope_id == current_tenant().uid,
            Membership.role.in_(roles),
            or_(Membership.ends_at.is_(None), Membership.ends_at > now()),
        )
    )
    for row in rows:
        if row.phone:
            tell(row.phone, text, words={"number": number}, purpose=purpose, key=f"{key}-{row.id}")
