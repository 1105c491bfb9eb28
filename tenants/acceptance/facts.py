"""News of this room."""

from rongjiu.facts import Fact


class DepartmentAsked(Fact):
    """A referral went to the street's 一门受理 desk, or was taken back; `object_id` is its task."""


class DepartmentAnswered(Fact):
    """A department has granted or refused; `object_id` is the task."""
