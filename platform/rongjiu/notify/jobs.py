"""Handing messages over, outside the transaction that wrote them: at least once tried, counted once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from rongjiu import outbox
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.ids import uuid7
from rongjiu.notify import channels, people, rules
from rongjiu.notify.models import Message, MessageTry
from rongjiu.notify.refusals import Bounced, Down
from rongjiu.notify.service import said

IN_DIGEST = N_("您有 %(count)s 条新消息，请登录后在收件箱查看。")


@outbox.effect("notify.deliver")
def deliver(payload: dict[str, Any]) -> None:
    """Hand one message to its channel. Away: again later, nothing is lost. Bounced: the next way to this person."""
    row = db.session.scalar(select(Message).where(Message.id == UUID(payload["message"])).with_for_update())
    if row is None or row.state not in ("waiting", "held"):
        return
    row.tries += 1
    try:
        channels.of(row.channel).send(row.address, row.text, f"{row.id}_{row.turn}")
    except Down as down:
        _noted(row, "down", down.reason)
        row.turn += down.certain
        if now() - row.created_at < rules.LONGEST:
            _again(row)
        else:
            people.bounced(row.channel, row.address)
            _elsewhere(row)
    except Bounced as bounce:
        _noted(row, "bounced", bounce.reason)
        people.bounced(row.channel, row.address)
        _elsewhere(row)
    except ValueError:
        _noted(row, "down", "settings")
        _again(row)
    else:
        _noted(row, "sent", "")
        people.well(row.channel, row.address)
        row.state, row.sent_at, row.due_at = "sent", now(), None
    db.session.flush()


def _noted(row: Message, outcome: str, reason: str) -> None:
    row.reason = reason
    db.session.add(
        MessageTry(id=uuid7(), message_id=row.id, channel=row.channel, outcome=outcome, reason=reason[:60], at=now())
    )
    db.session.flush()


def _again(row: Message, after: timedelta | None = None) -> None:
    """Another try, by a timer of its own."""
    row.state, row.due_at = "waiting", now() + (rules.pause(row.tries) if after is None else after)
    outbox.put("notify.deliver", {"message": str(row.id)}, key=f"deliver-{row.id}-{row.tries}", after=row.due_at)


def _elsewhere(row: Message) -> None:
    """By the next channel that is left, else given up: the delivery log shows it to the clerk."""
    used = set(db.session.scalars(select(MessageTry.channel).where(MessageTry.message_id == row.id)))
    way = people.another(row.address, row.account_id, used)
    if way is None:
        row.state, row.due_at = "failed", None
        return
    row.channel, row.address, row.turn = way.name, way.address, row.turn + 1
    _again(row, timedelta())


@outbox.effect("notify.digest")
def digest(payload: dict[str, Any]) -> None:
    """All that was kept for somebody's day in one message: how many, and where to read them."""
    account_id = UUID(payload["account"])
    kept = select(func.count(), func.max(Message.created_at)).where(
        Message.account_id == account_id, Message.state == "digest"
    )
    count, last = db.session.execute(kept).one()
    person = people.account(account_id)
    if not count or person is None or not person.addresses:
        return
    way = people.way_to(next(iter(person.addresses.values())), person)
    text = said(IN_DIGEST, {"count": count}, person.preference.language)
    row = Message(
        id=uuid7(), unique_key=f"digest-{account_id}-{last}", channel=way.name, address=way.address, text=text,
        purpose="digest", created_at=now(), state="waiting",
    )  # fmt: skip
    db.session.add(row)
    db.session.execute(
        update(Message)
        .where(Message.account_id == account_id, Message.state == "digest")
        .values(state="sent", sent_at=now(), due_at=None),
        execution_options={"synchronize_session": False},
    )
    db.session.flush()
    outbox.put("notify.deliver", {"message": str(row.id)}, key=f"deliver-{row.id}")
