"""The life of an admission (准入) of a provider by one community, as data: who may take it from which state to which, what
must hold, what follows; whom it waits for. After CareTogether's approval of roles. Pure."""

from collections import deque
from dataclasses import dataclass
from datetime import date, timedelta

from rongjiu import moves
from rongjiu.codes import N_
from rongjiu.moves import Move, move

STATES = ("applied", "under_review", "approved", "active", "suspended", "expired", "denied", "withdrawn")
"""applied: the provider asked, or its vetting proposed it. under_review: a post of the desk has taken it up. approved: the
secretary agreed, the day on which it begins is still ahead. active: it may be sent to. suspended: nothing more is sent,
what runs goes on. expired: its last day is over. denied: the secretary said no. withdrawn: the provider stepped out."""
ACTORS = ("provider", "clerk", "secretary", "system")
WAITING = ("applied", "under_review")
"""The desk owes an answer."""
LIVE = (*WAITING, "approved", "suspended")
"""Somebody has to act by a moment; of the others only an active one that ends soon waits for somebody."""
LOOK_AGAIN = 30
"""Days after which a suspension is looked at again (product default)."""
REMIND = 30
"""Days before its last day on which whoever renews an admission is reminded (product default)."""
RENEWED = 365
"""Days that one press renews an admission for (product default)."""
LONGEST = 3660
"""Days ahead that a first or last day may lie."""

MOVES: tuple[Move, ...] = (
    move("", "applied", "provider secretary system", "listed serves_here", "admission", "ask_desk"),
    move("applied", "under_review", "clerk secretary", "not_own", "", "name_post"),
    move("under_review", "approved", "secretary", "not_own listed serves_here terms", "", "wait_for_day"),
    move("approved", "approved", "secretary", "not_own listed serves_here terms", "", "wait_for_day"),
    move("approved", "active", "secretary system", "start_day", "", "tell_provider open_offers"),
    move("active", "active", "secretary", "not_own listed serves_here terms", "", "tell_provider"),
    *(
        move(state, "denied", "secretary", "not_own reason", "", "tell_provider")
        for state in ("under_review", "approved")
    ),
    *(
        move(state, "suspended", "secretary", "reason", "", "tell_provider close_offers look_again")
        for state in ("active", "suspended")
    ),
    move("suspended", "active", "secretary", "not_own listed serves_here terms", "", "tell_provider open_offers"),
    *(
        move(state, "expired", "system", "end_day", "", "tell_provider tell_desk close_offers")
        for state in ("active", "suspended")
    ),
    move("expired", "active", "secretary", "not_own listed serves_here terms", "", "tell_provider open_offers"),
    *(
        move(state, "withdrawn", "provider", "", "", "tell_desk close_offers")
        for state in ("applied", "under_review", "approved", "active", "suspended", "expired")
    ),
    move("denied", "applied", "provider secretary system", "listed serves_here", "admission", "ask_desk"),
    *(
        move(state, "applied", "provider system", "listed serves_here", "admission", "ask_desk")
        for state in ("withdrawn", "expired")
    ),
)  # fmt: skip
"""What is not in it is refused. From a state to itself: the same with other terms, or looked at again."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Whom an admission waits for, and for what."""

    role: str
    actor: str
    verb: str


SECRETARY, CLERK = N_("社区书记"), N_("救助专干")
POSTS = {"clerk": ("assistance_clerk", CLERK), "secretary": ("secretary", SECRETARY)}
"""Role and usual post of those who act at the desk."""
WAITS = {
    "applied": Wait("assistance_clerk", CLERK, N_("看准入请求")),
    "under_review": Wait("secretary", SECRETARY, N_("决定是否准入")),
    "approved": Wait("system", N_("系统"), N_("到日子自动开始派单")),
    "suspended": Wait("secretary", SECRETARY, N_("看能不能恢复派单")),
}
ENDING = Wait("secretary", SECRETARY, N_("续准入，不续就到期"))
"""An active one whose last day comes near."""


def wait(state: str, ends_on: date | None, day: date) -> Wait | None:
    """Whom an admission waits for on a day; None: nobody."""
    near = state == "active" and ends_on is not None and ends_on <= day + timedelta(days=REMIND)
    return ENDING if near else WAITS.get(state)


def find(source: str, target: str, actor: str) -> Move | None:
    """The permitted step, or None."""
    return moves.find(MOVES, source, target, actor)


def way(source: str, target: str, actor: str) -> tuple[str, ...]:
    """The states through which one actor brings an admission from one state to another, each by a step of its own; the
    shortest way, empty when there is none."""
    if find(source, target, actor):
        return (target,)
    seen, waiting = {source}, deque[tuple[str, tuple[str, ...]]]([(source, ())])
    while waiting:
        at, path = waiting.popleft()
        for each in MOVES:
            if each.source == at and actor in each.actors and each.target not in seen:
                if each.target == target:
                    return (*path, target)
                seen.add(each.target)
                waiting.append((each.target, (*path, each.target)))
    return ()


def as_rows() -> list[dict[str, object]]:
    """The table as plain data."""
    return moves.as_rows(MOVES, ACTORS)


def in_force(state: str, ends_on: date | None, day: date) -> bool:
    """May a provider be sent to on a day? Until its last day, that day included; without one it goes on."""
    return state == "active" and (ends_on is None or day <= ends_on)


def standing(state: str, ends_on: date | None, day: date) -> str:
    """How it stands on a day: the night that writes an end down may still be ahead."""
    return "expired" if state in ("active", "suspended") and ends_on is not None and day > ends_on else state


def days_fault(starts_on: date | None, ends_on: date | None, day: date) -> tuple[str, str] | None:
    """What is wrong with a first and last day that are typed on `day`: field and words."""
    furthest = day + timedelta(days=LONGEST)
    if starts_on is not None and not day <= starts_on <= furthest:
        return "starts_on", N_("开始的日子写今天或以后；马上开始就留空。")
    if ends_on is not None and not (starts_on or day) <= ends_on <= furthest:
        return "ends_on", N_("最后一天不能早于今天，也不能早于开始的日子；一直有效就留空。")
    return None
