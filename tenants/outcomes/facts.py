"""News of this room."""

from rongjiu.facts import Fact


class OutcomeNoted(Fact):
    """The result of a case was written down (counts: saving_month in CNY); `object_id` is the case."""


class AuditChecked(Fact):
    """A drawn case was looked at again (counts: audits_done, audits_agreed); `object_id` is the check."""
