"""What anyone may read: the start page, a community's own pages, preferences."""

from flask import Blueprint

bp = Blueprint("public", __name__)
