"""The livestream desk."""

from flask import Blueprint

bp = Blueprint("live", __name__, url_prefix="/c/<slug>/live")
