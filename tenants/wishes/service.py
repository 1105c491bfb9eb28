"""Steps of a wish: written down, made anonymous, hung on the wall, claimed, granted, thanked for."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, update

from rongjiu import audit, cash, facts, outbox
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db, telling
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.service import next_step, no_step
from tenants.cases import service as cases
from tenants.catalogue.service import due, setting
from tenants.wishes import rules
from tenants.wishes.facts import WishMoved
from tenants.wishes.models import Wish, WishClaim, WishEvent

CLERK = "assistance_clerk"
STAFF = N_("救助专干")
MOVED = N_("这个心愿的状态已经变了，请刷新页面。")


@dataclass(frozen=True, slots=True)
class Claimer:
    """Who takes a wish: account, place, and how the desk calls them, never by a person's name."""

    account_id: UUID
    scope_id: UUID
    kind: str
    name: str


def submit(words: str, *, signal_id: UUID | None = None) -> Wish:
    """Write a wish down in the words that came; the desk makes its text anonymous next (timer wish-review). The wish of
    a signal is written once."""
    known = db.session.scalar(select(Wish).where(Wish.signal_id == signal_id)) if signal_id else None
    if known is not None:
        return known
    letters, demo = cases.mark()
    row = Wish(
        id=uuid7(), number=cases.next_number(f"{letters}-W", "wish"), signal_id=signal_id, words=words.strip(),
        public_text="", state="submitted", reason="", claimer_kind="", claimer="", claims=0, submitted_at=now(),
        thanks="", demo=demo, due_at=due("wish-review"),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("wish.submitted", "wish", row.id)
    _step(row, CLERK, STAFF, N_("审核心愿"))
    return row


def publish(wish_id: UUID, text: str, names: Collection[str] = ()) -> None:
    """Hang a wish on the wall with a text that names nobody; `names` are those known of the family. Raises Refused naming
    `text` with what to change, Clash when it hung already."""
    row = _locked(wish_id, "submitted")
    _scanned(text, names, "text")
    cash.refuse(text, "text")
    row.public_text = text.strip()
    row.published_at = now()
    _hang(row, "desk", "")


def claim(wish_id: UUID, who: Claimer) -> None:
    """Take a wish: it is theirs until timer wish-claim is over. Raises Clash when somebody was faster, Refused beyond
    the number that one person may hold (timer wish-claims-open, over all communities)."""
    row = _locked(wish_id)
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
    row.claimer_id, row.claimer_scope, row.claimer_kind, row.claimer = who.account_id, who.scope_id, who.kind, who.name
    row.claims += 1
    row.claimed_at, row.due_at = now(), due("wish-claim")
    _move(row, "claimed", "claimer")
    header = WishClaim(
        id=uuid7(), wish_id=row.id, account_id=who.account_id, community_id=current_tenant().uid, number=row.number,
        public_text=row.public_text, state="claimed", thanks="", claimed_at=row.claimed_at, due_at=row.due_at,
    )  # fmt: skip
    with telling(community_id=current_tenant().uid):
        db.session.add(header)
    _step(row, "claimer", who.name, N_("实现心愿"))
    clock = {"wish": str(row.id), "claims": row.claims}
    outbox.put("wishes.expire", clock, key=f"wish-expire-{row.id}-{row.claims}", after=row.due_at)


def give_back(wish_id: UUID, account_id: UUID) -> None:
    """Whoever claimed a wish cannot do it after all: back to the wall at once, no blame."""
    row = _held(wish_id, account_id)
    _close_claim(row, "returned")
    _hang(row, "claimer", "returned")


def expire(wish_id: UUID, claims: int) -> None:
    """The time of a claim is over: back to the wall by itself, unless it was granted or claimed anew since."""
    row = _locked(wish_id)
    if row.state == "claimed" and row.claims == claims:
        _close_claim(row, "expired")
        _hang(row, "system", "expired")


def deliver(wish_id: UUID, account_id: UUID | None = None) -> None:
    """Granted, says who claimed it (or the desk: no account); the family confirms next. Twice changes nothing."""
    row = _held(wish_id, account_id) if account_id else _locked(wish_id)
    if row.state == "delivered":
        return
    row.delivered_at, row.due_at = now(), due("confirm")
    _close_claim(row, "delivered")
    _move(row, "delivered", "claimer" if account_id else "desk")
    _step(row, CLERK, STAFF, N_("请居民确认心愿"))


def thank(wish_id: UUID, thanks: str = "", names: Collection[str] = ()) -> None:
    """The family confirms; a word of thanks for the wall names nobody. Raises Refused naming `thanks`."""
    row = _locked(wish_id)
    if thanks.strip():
        _scanned(thanks, names, "thanks")
    row.thanks, row.thanked_at, row.due_at = thanks.strip(), now(), None
    _move(row, "thanked", "desk", wishes_granted=1)
    _close_claim(row, "thanked", "delivered", thanks=row.thanks)


def dispute(wish_id: UUID) -> None:
    """The family says that nothing came: back to the wall. Raises Clash when nobody said that it came."""
    row = _locked(wish_id, "delivered")
    _close_claim(row, "returned", "delivered")
    row.delivered_at = None
    _hang(row, "desk", "not-confirmed")


def end(wish_id: UUID, state: str, reason: str) -> None:
    """Declined before it hung, or withdrawn from the wall, with a reason. Raises Refused naming `reason`."""
    if state not in ("declined", "withdrawn"):
        raise ValueError(state)
    if not reason.strip():
        raise Refused(N_("请写明理由，会留在记录里。"), field="reason")
    row = _locked(wish_id)
    if row.state == "claimed":
        _close_claim(row, "expired")
    row.reason, row.due_at, row.claimer_id = reason.strip()[:200], None, None
    _move(row, state, "desk")


def become_need(wish_id: UUID, case_id: UUID) -> None:
    """There is hardship in it: a case takes it on, and it leaves the wall."""
    row = _locked(wish_id)
    row.case_id, row.due_at = case_id, None
    _move(row, "need", "desk")


def _scanned(text: str, names: Collection[str], field: str) -> None:
    found = rules.scan(text, names)
    if found is not None:
        raise Refused(found.message, field=field)


def _hang(row: Wish, actor: str, reason: str) -> None:
    """On the wall, without a claimer."""
    until = due("wish-unclaimed")  # read before anything is changed: a half-changed row would be flushed with it
    row.claimer_id, row.claimer_scope, row.claimer_kind, row.claimer, row.claimed_at = None, None, "", "", None
    row.due_at = until
    _move(row, "published", actor, reason, wishes_published=int(row.claims == 0 and not reason))
    _step(row, CLERK, STAFF, N_("给心愿找人"))


def _close_claim(row: Wish, state: str, before: str = "claimed", **words: str) -> None:
    mine = update(WishClaim).where(WishClaim.wish_id == row.id, WishClaim.state == before)
    with telling(community_id=current_tenant().uid):
        db.session.execute(mine.values(state=state, **words))


def _move(row: Wish, target: str, actor: str, reason: str = "", **counts: int) -> None:
    source = row.state
    if not rules.may(source, target, actor):
        raise Clash(MOVED)
    row.state = target
    db.session.add(
        WishEvent(
            id=uuid7(), wish_id=row.id, at=now(), state_from=source, state_to=target, actor=actor, reason=reason
        )
    )  # fmt: skip
    db.session.flush()
    audit.record(f"wish.{target}", "wish", row.id, reason=reason, source=source, by=actor)
    facts.send(WishMoved(tenant_id=current_tenant().id, object_id=row.id, counts=counts))
    if target in rules.ENDED:
        no_step(row.id)


def _step(row: Wish, role: str, actor: str, verb: str) -> None:
    next_step(
        "wish", row.id, number=row.number, case_id=row.case_id, actor_role=role, actor=actor, verb=verb,
        due_at=row.due_at or now(),
    )  # fmt: skip


def _locked(wish_id: UUID, state: str = "") -> Wish:
    """The wish, locked; Clash when it is not in the state that the act begins from."""
    query = select(Wish).where(Wish.id == wish_id).with_for_update().execution_options(populate_existing=True)
    row = db.session.scalar(query)
    if row is None:
        raise Absent("没有这个心愿。")
    if state and row.state != state:
        raise Clash(MOVED)
    return row


def _held(wish_id: UUID, account_id: UUID) -> Wish:
    row = _locked(wish_id)
    if row.claimer_id != account_id or row.state not in ("claimed", "delivered"):
        raise Clash(N_("这个心愿已经不在您名下了，可能过了期限回到墙上。"))
    return row
