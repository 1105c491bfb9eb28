"""Joining: found a community, register as a provider."""

from flask import Blueprint

bp = Blueprint("join", __name__, url_prefix="/join")
