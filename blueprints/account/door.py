"""One's own account: log in, second factor, places, other sessions, invitations."""

from flask import Blueprint

bp = Blueprint("account", __name__, url_prefix="/account")
