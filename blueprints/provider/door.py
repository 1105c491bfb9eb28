"""Providers: inbox, shop, and one job by link without an account."""

from flask import Blueprint

bp = Blueprint("provider", __name__, url_prefix="/provider")
