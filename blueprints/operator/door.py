"""The platform's operator: streets, districts, components, health."""

from flask import Blueprint

bp = Blueprint("operator", __name__, url_prefix="/operator")
