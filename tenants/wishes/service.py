"""Steps of a wish: written down, made anonymous, hung on the wall, claimed, granted, thanked for. Each is a step of its
referral slip and of the claim on it (moves.py)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu import cash, outbox
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import db, telling
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from tenants.cases import service as cases
from tenants.catalogue.service import setting
from tenants.referrals.models import ReferralTask
from tenants.wishes import moves, rules
from tenants.wishes.models import Wish, WishClaim

_FREE: dict[str, Any] = {
    "claimer_id": None, "claimer_scope": None, "claimer_kind": "", "claimer": "", "claimed_at": None,
}  # fmt: skip
"""A wish in nobody's hands."""


@dataclass(frozen=True, slots=True)
class Claimer:
    """Who takes a wish: account, place, and how the desk calls them, never by a person's name."""

    account_id: UUID
    scope_id: UUID
    kind: str
    name: str


def submit(words: str, *, signal_id: UUID | None = None) -> Wish:
    """Write a wish down in the words that came, with its slip; the desk makes its text anonymous next (timer
    wish-review). The wish of a signal is written once."""
    known = db.session.scalar(select(Wish).where(Wish.signal_id == signal_id)) if signal_id else None
    if known is not None:
        return known
    letters, demo = cases.mark()
    row = Wish(
        id=uuid7(), number=cases.next_number(f"{letters}-W", "wish"), signal_id=signal_id, words=words.strip(),
        public_text="", state="", reason="", claimer_kind="", claimer="", claims=0, submitted_at=now(), thanks="",
        demo=demo,
    )  # fmt: skip
    moves.move(row, "submitted", "desk")
    return row


def publish(wish_id: UUID, text: str, names: Collection[str] = ()) -> None:
    """Hang a wish on the wall with a text that names nobody; `names` are those known of the family. Raises Refused naming
    `text` with what to change, Clash when it hung already."""
    row = locked(wish_id, "submitted")
    _scanned(text, names, "text")
    cash.refuse(text, "text")
    moves.move(row, "published", "desk", public_text=text.strip(), published_at=now())


def claim(wish_id: UUID, who: Claimer) -> None:
    """Take a wish: it is theirs until timer wish-claim is over, which rings for this claim alone. Raises Clash when
    somebody was faster, Refused beyond the number that one person may hold (timer wish-claims-open, over all
    communities)."""
    row = locked(wish_id)
    if row.state == "claimed" and row.claimer_id == who.account_id:
        return
    if not rules.may(row.state, "claimed", "claimer"):
        raise Clash(N_("这个心愿刚刚有人认领了。看看墙上别的心愿吧。"))
    # Two presses of one person, in whichever communities, take turns: each counts what the other has taken.
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"wish-claims|{who.account_id}", 0))))
    mine = select(func.count()).select_from(WishClaim).where(
        WishClaim.account_id == who.account_id, WishClaim.state == "claimed"
    )  # fmt: skip
    with telling(account_id=who.account_id):
        held = db.session.scalar(mine) or 0
    if held >= int(setting("wish-claims-open")):
        raise Refused(N_("您已经认领了几个心愿，请先完成一个，再认领新的。"), status=409)
    task_id = moves.move(
        row, "claimed", "claimer", claimer_id=who.account_id, claimer_scope=who.scope_id, claimer_kind=who.kind,
        claimer=who.name, claims=row.claims + 1, claimed_at=now(),
    )  # fmt: skip
    outbox.put("wishes.expire", {"task": str(task_id)}, key=f"wish-expire-{task_id}", after=row.due_at)


def give_back(wish_id: UUID, account_id: UUID) -> None:
    """Whoever claimed a wish cannot do it after all: back to the wall at once, no blame."""
    moves.move(_held(wish_id, account_id), "published", "claimer", **_FREE)


def expire(task_id: UUID) -> None:
    """The time of a claim is over: the wish goes back to the wall by itself, unless it was granted, given back or ended
    since. A later claim has a clock of its own."""
    claim = (ReferralTask.id == task_id) & ReferralTask.case_id.is_(None)
    wish_id = db.session.scalar(select(ReferralTask.request_id).where(claim))
    if wish_id is None:
        return
    row = locked(wish_id)
    if db.session.scalar(select(ReferralTask.state).where(claim)) == "accepted":
        moves.move(row, "published", "system", **_FREE)


def deliver(wish_id: UUID, account_id: UUID | None = None) -> None:
    """Granted, says who claimed it (or the desk: no account); the family confirms next. Twice changes nothing."""
    row = _held(wish_id, account_id) if account_id else locked(wish_id)
    if row.state != "delivered":
        moves.move(row, "delivered", "claimer" if account_id else "desk", delivered_at=now())


def thank(wish_id: UUID, thanks: str = "", names: Collection[str] = ()) -> None:
    """The family confirms; a word of thanks for the wall names nobody. Raises Refused naming `thanks`."""
    row = locked(wish_id)
    if thanks.strip():
        _scanned(thanks, names, "thanks")
    moves.move(row, "thanked", "desk", thanks=thanks.strip(), thanked_at=now())


def dispute(wish_id: UUID) -> None:
    """The family says that nothing came: back to the wall. Raises Clash when nobody said that it came."""
    moves.move(locked(wish_id, "delivered"), "published", "desk", delivered_at=None, **_FREE)


def end(wish_id: UUID, state: str, reason: str) -> None:
    """Declined before it hung, or withdrawn from the wall, with a reason. Raises Refused naming `reason`."""
    if state not in ("declined", "withdrawn"):
        raise ValueError(state)
    if not reason.strip():
        raise Refused(N_("请写明理由，会留在记录里。"), field="reason")
    moves.move(locked(wish_id), state, "desk", reason=reason.strip()[:200], claimer_id=None)


def become_need(wish_id: UUID, case_id: UUID) -> None:
    """There is hardship in it: a case takes it on, its slip ends, and it leaves the wall."""
    moves.move(locked(wish_id), "need", "desk", case_id=case_id)


def _scanned(text: str, names: Collection[str], field: str) -> None:
    found = rules.scan(text, names)
    if found is not None:
        raise Refused(found.message, field=field)


def locked(wish_id: UUID, state: str = "") -> Wish:
    """The wish, locked before anything is written; Clash when it is not in the state that the act begins from."""
    query = select(Wish).where(Wish.id == wish_id).with_for_update().execution_options(populate_existing=True)
    row = db.session.scalar(query)
    if row is None:
        raise Absent("没有这个心愿。")
    if state and row.state != state:
        raise Clash(moves.MOVED)
    return row


def _held(wish_id: UUID, account_id: UUID) -> Wish:
    row = locked(wish_id)
    if row.claimer_id != account_id or row.state not in ("claimed", "delivered"):
        raise Clash(N_("这个心愿已经不在您名下了，可能过了期限回到墙上。"))
    return row
