"""The community's desk."""

from flask import Blueprint

bp = Blueprint("desk", __name__, url_prefix="/c/<slug>/desk")
