"""The states of a referral slip and of each offer on it, as data (FHIR ServiceRequest and Task, Gravity SDOH
Clinical Care 3.0, deviating where a comment says so). Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from rongjiu import moves
from rongjiu.codes import N_
from rongjiu.moves import Move
from rongjiu.moves import move as _move

ACTORS = ("sender", "receiver", "resident", "system", "supervisor")
LIVE = frozenset({"draft", "requested", "accepted", "in-progress", "on-hold"})
"""An offer somebody still has to act on."""
OPEN_TO_RECEIVER = frozenset({"accepted", "in-progress", "on-hold"})
"""States in which the receiver sees what the consent names."""
TERMINAL = frozenset({"rejected", "cancelled", "failed", "completed", "entered-in-error"})

TASK_MOVES: tuple[Move, ...] = (
    _move("", "draft", "sender", "open_need", "draft-unsent"),
    _move("draft", "requested", "sender", "consent admitted place", "response", "reserve tell_receiver"),
    _move("requested", "accepted", "receiver", "in_time slot consent", "start", "open_fields cancel_others"),
    _move("requested", "rejected", "receiver", "reason", "", "release back_to_matching"),
    _move("requested", "cancelled", "sender resident system", "reason", "", "release tell_receiver back_to_matching"),
    _move("accepted", "in-progress", "receiver", "consent", "completion"),
    _move("accepted", "on-hold", "receiver", "hold_reason resume_day", "hold-longest"),
    _move("in-progress", "on-hold", "receiver", "hold_reason resume_day", "hold-longest"),
    _move("on-hold", "in-progress", "receiver", "consent", "completion"),
    *(
        _move(state, "completed", "receiver", "delivered", "confirm", "close_fields ask_family")
        for state in ("accepted", "in-progress", "on-hold")
    ),
    *(
        _move(state, "failed", "receiver", "reason", "", "close_fields release alarm back_to_matching")
        for state in ("accepted", "in-progress", "on-hold")
    ),
    *(
        _move(state, "cancelled", actors, "reason", "", "close_fields release tell_receiver back_to_matching")
        for state, actors in (
            ("accepted", "sender receiver resident system"),
            ("in-progress", "sender receiver resident system"),
            ("on-hold", "sender resident system"),
        )
    ),
    *(
        _move(state, "entered-in-error", "supervisor", "undelivered reason", "", "keep_out_of_counts")
        for state in (
            "draft", "requested", "accepted", "in-progress", "on-hold", "rejected", "cancelled", "failed", "completed"
        )
    ),
)  # fmt: skip
"""Drawn edges of Gravity plus in-progress → on-hold, which its drawing lacks and its definition asks for. A re-offer
is a new task on the same request, never a reset."""
TASK_MOVES_OF: dict[str, tuple[Move, ...]] = {
    "wish": (
        _move("", "draft", "receiver", "on_wall few_claims"),
        _move("draft", "requested", "receiver", "nobody_named"),
        _move("requested", "accepted", "receiver", "nobody_named", "wish-claim"),
        _move("accepted", "completed", "receiver sender", "", "confirm", "ask_family"),
        _move("accepted", "cancelled", "sender receiver system", "reason", "wish-unclaimed", "back_to_wall"),
    )
}
"""What only an offer on a slip of this kind may, beside the table above. Of a wish the claimer takes the first three steps
with one press, and the community may say for them that it came."""

REQUEST_MOVES: tuple[Move, ...] = (
    _move("", "draft", "sender", "open_need", "draft-unsent"),
    _move("draft", "active", "sender", "task_sent"),
    _move("draft", "revoked", "sender resident", "reason"),
    _move("active", "on-hold", "sender system", "no_candidate"),
    _move("on-hold", "active", "sender", "task_sent"),
    _move("active", "awaiting_confirmation", "system", "task_completed", "confirm"),
    _move("awaiting_confirmation", "completed", "resident sender", "outcome"),
    _move("awaiting_confirmation", "active", "resident sender", "disputed", "dispute-answer"),
    _move("active", "revoked", "sender resident", "reason"),
    _move("on-hold", "revoked", "sender resident", "reason"),
    _move("awaiting_confirmation", "revoked", "sender resident", "reason"),
    *(
        _move(state, "entered-in-error", "supervisor", "undelivered reason")
        for state in ("draft", "active", "on-hold", "awaiting_confirmation", "completed", "revoked")
    ),
)
REQUEST_MOVES_OF: dict[str, tuple[Move, ...]] = {
    "wish": (
        _move("", "draft", "sender", "words", "wish-review"),
        _move("draft", "active", "sender", "anonymous", "wish-unclaimed"),
        _move("active", "awaiting_confirmation", "receiver sender", "task_completed", "confirm"),
    )
}
"""What only a slip of this kind may, beside the table above."""

PARALLEL = frozenset({"volunteer", "wish"})
"""Kinds of slips that may be offered to several at once; the first who accepts ends the other offers."""


def kind_of(group: str) -> str:
    """The kind of a slip by the group of the provider that is asked (marketplace)."""
    return "volunteer" if group in ("volunteer_team", "individual") else "provider"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an offer ended, and what follows from it (after Boston's closing reasons)."""

    words: str
    actors: frozenset[str]
    consequence: str
    """next_candidate | close_month | fix_rule | check_area | visit_first | supervisor | ask_need | link_record |
    count_silence | hold | monthly_look | stop | none."""
    declines: bool = False
    """Offered to a receiver who has not accepted yet."""
    fails: bool = False
    """Offered to a receiver who cannot go on."""
    holds: bool = False
    ends: bool = False
    """Offered to a receiver who took the job and for whom there is nothing left to do: no failure of theirs."""
    client: bool = False
    """It is the resident who declined, not the provider: no penalty, a cool-down."""


def _reason(words: str, actors: str, consequence: str, *kinds: str) -> Reason:
    flags = {name: name in kinds for name in ("declines", "fails", "holds", "ends", "client")}
    return Reason(words, frozenset(actors.split()), consequence, **flags)


REASONS: dict[str, Reason] = {
    "no-capacity": _reason(N_("没有名额了"), "receiver", "close_month", "declines"),
    "out-of-area": _reason(N_("太远,去不了"), "receiver", "check_area", "declines"),
    "not-eligible": _reason(N_("不合适我们做"), "receiver", "fix_rule", "declines", "fails"),
    "could-not-contact": _reason(N_("联系不上"), "receiver", "visit_first", "fails"),
    "unsafe": _reason(N_("不安全或有冲突"), "receiver", "supervisor", "declines", "fails"),
    "other": _reason(N_("其他原因"), "receiver sender resident", "monthly_look", "declines", "fails"),
    "lack-of-resources": _reason(N_("人手或材料不够"), "receiver", "close_month", "fails"),
    "declined-by-resident": _reason(
        N_("居民不需要了"), "receiver sender resident", "ask_need", "declines", "ends", "client"
    ),
    "waitlist": _reason(N_("轮候中"), "receiver", "hold", "holds"),
    "needs-client-action": _reason(N_("等居民办一件事"), "receiver", "hold", "holds"),
    "missing-documents": _reason(N_("缺材料"), "receiver", "hold", "holds"),
    "no-response": _reason(N_("超时没有答复"), "system", "count_silence"),
    "no-longer-needed": _reason(N_("不再需要"), "sender resident", "ask_need", "client"),
    "already-helped": _reason(N_("已有别处帮到"), "sender resident receiver", "link_record", "ends"),
    "duplicate": _reason(N_("重复派单"), "sender supervisor", "link_record"),
    "withdrawn-consent": _reason(N_("授权已撤回"), "system", "stop"),
    "consent-over": _reason(N_("授权已到期"), "system", "stop"),
    "taken-by-another": _reason(N_("已有另一家先接单"), "system", "none"),
    "slot-cancelled": _reason(N_("约好的时段取消了"), "system", "next_candidate"),
    "provider-gone": _reason(N_("服务方已停止服务"), "system", "next_candidate"),
    "transferred": _reason(N_("个案已移交"), "system", "none"),
    "mistake": _reason(N_("录入有误"), "supervisor", "stop"),
}
"""Why an offer or a slip ended or waits: the words of each code, who may give it, what follows."""
CONDITIONS = {
    "group": N_("人群不对"), "age": N_("年龄不合"), "area": N_("不在服务区域"), "papers": N_("证明材料不符"),
    "other": N_("别的条件"),
}  # fmt: skip
"""Which condition of a service is not met, beside not-eligible."""
BACK_TO_MATCHING = frozenset(
    {
        "next_candidate",
        "close_month",
        "fix_rule",
        "check_area",
        "visit_first",
        "count_silence",
        "monthly_look",
        "supervisor",
    }
)
"""Consequences after which the slip looks for somebody else; the need itself stays open whatever the reason."""


CHECKS = {
    "fix_rule": ("rule", N_("核对这项服务的对象条件")),
    "check_area": ("area", N_("核对服务区域")),
    "monthly_look": ("words", N_("看“其他原因”怎么归类")),
    "count_silence": ("silence", N_("复核准入:多次没有答复")),
    "late_failure": ("failure", N_("复核准入:接单后未能完成")),
}
"""Consequences that leave somebody a thing to look at: kind of check and what is to be done."""


def as_rows(table: tuple[Move, ...]) -> list[dict[str, object]]:
    """A table of moves as plain data, in its order; `from` is empty for what begins."""
    return moves.as_rows(table, ACTORS)


def task_moves(kind: str = "") -> tuple[Move, ...]:
    """The table of the offers on a slip; with a kind, also what only that kind may, which comes first."""
    return (*TASK_MOVES_OF[kind], *TASK_MOVES) if kind in TASK_MOVES_OF else TASK_MOVES


def request_moves(kind: str = "") -> tuple[Move, ...]:
    """The table of slips; with a kind, also what only that kind may, which comes first."""
    return (*REQUEST_MOVES_OF[kind], *REQUEST_MOVES) if kind in REQUEST_MOVES_OF else REQUEST_MOVES


def task_move(source: str, target: str, actor: str, kind: str = "") -> Move | None:
    """The permitted move of an offer, or None."""
    return moves.find(task_moves(kind), source, target, actor)


def request_move(source: str, target: str, actor: str, kind: str = "") -> Move | None:
    """The permitted move of a slip, or None."""
    return moves.find(request_moves(kind), source, target, actor)


def reason_fault(code: str, actor: str, kind: str = "") -> str | None:
    """What is wrong with a reason given by an actor for a decline, a failure or a hold, in words, or None."""
    reason = REASONS.get(code)
    if reason is None or actor not in reason.actors or (kind and not getattr(reason, kind)):
        return N_("请选一个原因。")
    return None


def who_declined(code: str) -> str:
    """Whose no it was: client (the resident) or provider; empty for what is no decline."""
    reason = REASONS.get(code)
    if reason is None or not (reason.declines or reason.client):
        return ""
    return "client" if reason.client else "provider"


def tries_wanting(days: Sequence[date], many: int, spread: int) -> tuple[int, int]:
    """How many tries, and on how many further days, are wanting before nobody could be reached: `days` holds the day of
    each try, the other two are the community's settings no-contact-tries and no-contact-days."""
    return max(many - len(days), 0), max(spread - len(set(days)), 0)


def reasons_for(kind: str) -> list[tuple[str, str]]:
    """Codes and words a receiver may choose from: declines | fails | holds | ends."""
    return [(code, reason.words) for code, reason in REASONS.items() if getattr(reason, kind)]


def may_see(state: str, consent_live: bool, fields: Collection[str], at_home: bool) -> frozenset[str]:
    """What a receiver may be shown: f(consent, service, state), never more than the consent names.

    Before acceptance a form of address, an age band, the courtyard. After acceptance the consented fields, the door
    only for a service at home. After the end, or without a live consent: nothing.
    """
    if state == "requested" and consent_live:
        return frozenset({"addressed", "age_band", "courtyard"})
    if state not in OPEN_TO_RECEIVER or not consent_live:
        return frozenset()
    given = set(fields) & {"name", "age", "phone", "phone_of_guardian", "care_need"}
    if "address" in fields and at_home:
        given.add("address")
    return frozenset(given | {"addressed", "age_band", "courtyard"})
