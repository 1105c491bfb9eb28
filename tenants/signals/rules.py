"""What a signal may become, and how much one telephone may send. Pure."""

from rongjiu.codes import N_

KINDS = {"need": N_("需求"), "wish": N_("心愿"), "question": N_("问题")}
"""What the receiver takes it for."""
OUTCOMES = ("need", "wish", "question", "duplicate", "no_action")
OPENING = ("need", "wish")
"""What opens a case."""
URGENCIES = ("ordinary", "urgent", "critical")
LONGEST = 2000
"""Characters of a signal."""


def may_become(state: str, became: str) -> bool:
    """Only a new signal is sorted, and into one of the five (referral-flow 4.5)."""
    return state == "new" and became in OUTCOMES


def may_answer(state: str) -> bool:
    """Only a sorted signal is answered."""
    return state == "triaged"
