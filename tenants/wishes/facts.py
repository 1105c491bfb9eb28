"""News of this room."""

from rongjiu.facts import Fact


class WishMoved(Fact):
    """A wish took a step; `object_id` is the wish (counts: wishes_published, wishes_granted)."""
