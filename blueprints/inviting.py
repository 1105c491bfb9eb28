"""Inviting somebody to a post: the link is sent, and shown once to whoever invites."""

from flask import session

from blueprints.entry import full_address
from blueprints.pictures import qr

_KEPT = "invited"


def link_of(token: str) -> str:
    """The address that an invitation opens, for a message or a picture."""
    return full_address("account.invitation_link", token=token)


def keep(link: str) -> None:
    """Have the link shown on the page that comes next."""
    session[_KEPT] = link


def shown() -> dict[str, str]:
    """For a page with `invitation_link` (macros/page.html): the link that was just made with its picture, or nothing."""
    link = session.pop(_KEPT, "")
    return {"link": link, "picture": qr(link) if link else ""}
