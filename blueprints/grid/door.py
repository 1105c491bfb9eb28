"""Grid workers at the door, on a phone."""

from flask import Blueprint

bp = Blueprint("grid", __name__, url_prefix="/c/<slug>/grid")
