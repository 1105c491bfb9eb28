"""The shared marketplace of providers."""

from flask import Blueprint

bp = Blueprint("market", __name__, url_prefix="/market")
