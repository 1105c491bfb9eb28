"""Clocks of phones. Pure."""

from datetime import datetime, timedelta

OLDEST = timedelta(days=60)
"""A phone keeps its queue for 21 days; what claims to be much older has a wrong clock, not a long memory."""


def told_at(phone_at: datetime, skew: timedelta, received_at: datetime) -> datetime:
    """When something was entered on a phone whose clock was behind ours by `skew`.

    Never after it was received; a moment that cannot be (the clock was set meanwhile) becomes the moment of receipt.
    """
    moment = phone_at + skew
    return moment if received_at - OLDEST <= moment <= received_at else received_at
