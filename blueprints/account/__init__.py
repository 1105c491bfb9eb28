"""One's own account: log in, second factor, places, other sessions, invitations."""

from blueprints.account.door import bp

__all__ = ["bp"]
