"""Chores of the night: later looks that nobody planned, and the audit sample of the month that is over."""

from rongjiu.nightly import chore
from tenants.outcomes import auditing, results


@chore("outcomes.follow_ups")
def follow_ups() -> None:
    """Plan the looks after 1 and 3 months of every family that was helped."""
    results.plan_missing()


@chore("outcomes.audit")
def audit() -> None:
    """Draw last month's sample, once."""
    auditing.draw_last_month()
