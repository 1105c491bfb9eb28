"""What machines ask: alive, ready, measured, which version."""

from flask import Blueprint

bp = Blueprint("health", __name__)
