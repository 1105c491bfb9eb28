"""Residents: wish form and answers by link, without an account."""

from flask import Blueprint

bp = Blueprint("resident", __name__, url_prefix="/c/<slug>")
