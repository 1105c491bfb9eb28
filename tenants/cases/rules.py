"""How a case's state follows from what happened, and who should be helped first. Pure."""

from collections.abc import Collection, Iterable

STATES = ("identified", "assessing", "planned", "in_service", "accompanying", "closed", "reopened")
URGENCIES = ("ordinary", "urgent", "critical")
CASEWORKERS = ("assistance_clerk", "community_worker", "secretary")
"""Roles that may own a case."""
MARKS = frozenset({"entitled_not_applied"})
"""Findings of a screening that weigh; they stay until the next screening says otherwise."""
_MILESTONES = (
    ("assessing", {"visited", "needs_sorted", "income_noted", "screened", "screening_confirmed"}),
    ("planned", {"planned", "offer_sent", "sent_to_department"}),
    ("in_service", {"service_started", "service_done"}),
    ("accompanying", {"outcome_noted"}),
)
WEIGHTS = {
    "critical": 100, "urgent": 40, "severely-disabled": 25, "oldest-old-disabled": 20, "disabled-elderly": 20,
    "seriously-ill": 20, "orphans": 25, "de-facto-unattended-children": 20, "living-alone-elderly": 15,
    "empty-nest-elderly": 10, "family-carers": 10, "near-miss-households": 15, "children-in-hardship": 15,
    "disabled": 10, "unemployed": 5, "low-income": 15, "entitled_not_applied": 20,
}  # fmt: skip
"""Product default: points of hardship by group, urgency and finding; a person always decides the order of work."""


def workflow(kinds: Iterable[str]) -> str:
    """The state of a case from the kinds of its events in order: the furthest milestone since it was last
    reopened, or closed when nothing came after the closing (after Primero's calculate_workflow)."""
    state = "identified"
    for kind in kinds:
        if kind == "closed":
            state = "closed"
        elif kind == "reopened":
            state = "reopened"
        elif state != "closed":
            for name, marks in _MILESTONES:
                if kind in marks and STATES.index(name) > (-1 if state == "reopened" else STATES.index(state)):
                    state = name
    return state


def weigh(groups: Collection[str], urgency: str, marks: Collection[str] = ()) -> tuple[int, list[str]]:
    """Points of hardship and the reasons for them, heaviest first."""
    reasons = sorted({*groups, urgency, *marks} & WEIGHTS.keys(), key=lambda name: (-WEIGHTS[name], name))
    return sum(WEIGHTS[name] for name in reasons), reasons
