"""/operator/: how the installation stands; counts and states, never a resident."""

import json

import psycopg
from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from blueprints.operator.door import bp
from rongjiu.library import queries as library
from rongjiu.paths import ROOT
from rongjiu.relay import Relay
from rongjiu.tenancy import places
from rongjiu.version import VERSION
from rongjiu.worker import failures


@bp.get("/")
def home() -> ResponseReturnValue:
    """Places by state, what waits, packs, front-end packages."""
    settings = current_app.config["SETTINGS"]
    return render_template(
        "operator/home.html", states=places.community_states(), streets=len(places.streets()),
        districts=len(places.districts()), operators=places.operators(), backlog=_backlog(),
        failed=failures(settings.redis_url), packs=library.packs(), vendor=_vendor(), version=VERSION,
    )  # fmt: skip


@bp.get("/jobs")
def jobs() -> ResponseReturnValue:
    """Jobs that failed: when, what kind of error, how often; without their payload."""
    return render_template(
        "operator/jobs.html", rows=failures(current_app.config["SETTINGS"].redis_url), backlog=_backlog()
    )


@bp.get("/components")
def components() -> ResponseReturnValue:
    """Every part that pages are made of, with sample values."""
    return render_template("components.html")


def _backlog() -> tuple[int, float] | None:
    """How many effects are due and the age of the oldest in seconds; None when the relay's own login fails."""
    settings = current_app.config["SETTINGS"]
    try:
        return Relay(settings.database_relay_url, settings.redis_url).backlog()
    except psycopg.Error:
        return None


def _vendor() -> list[tuple[str, str, str]]:
    manifest = ROOT / "blueprints" / "static" / "vendor" / "manifest.json"
    if not manifest.is_file():
        return []
    return [(name, row["version"], row["licence"]) for name, row in json.loads(manifest.read_text("utf-8")).items()]
