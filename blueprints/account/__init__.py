"""One's own account: log in, second factor, places, other sessions, invitations."""

from blueprints.account import forgot, inbox, invitation, login, password, places, second_factor, sessions, wishes  # noqa: F401
from blueprints.account.door import bp

__all__ = ["bp"]
