"""The street office and the district: numbers, founding, vetting."""

from flask import Blueprint

bp = Blueprint("street", __name__, url_prefix="/street/<slug>")
