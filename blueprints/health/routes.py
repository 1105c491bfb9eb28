"""/healthz (the process lives), /readyz (database, Redis, migration head), /metrics, /version."""

import redis
from flask import Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from blueprints.health.door import bp
from blueprints.metrics import written
from rongjiu.db import db
from rongjiu.paths import CURRENT_HEAD
from rongjiu.version import VERSION


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Database, Redis and migration head, each in one word; 503 while one of them is not right."""
    found = {"database": "away", "migration": "unknown", "redis": _redis()}
    try:
        head = db.session.scalar(text("SELECT version_num FROM alembic_version"))
        found["database"] = "ok"
        found["migration"] = "ok" if head == CURRENT_HEAD.read_text().strip() else "differs"
    except (OperationalError, DBAPIError):
        db.session.rollback()
    ready = set(found.values()) == {"ok"}
    return jsonify(status="ok" if ready else "not ready", **found), 200 if ready else 503


@bp.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Prometheus counters, for the machine itself only; a proxy never passes this on."""
    if request.remote_addr not in ("127.0.0.1", "::1", None, ""):
        return Response(status=404)
    return Response(written(), content_type=CONTENT_TYPE_LATEST)


@bp.get("/version")
def version() -> ResponseReturnValue:
    """Version of the code and its migration head."""
    return jsonify(version=VERSION, head=CURRENT_HEAD.read_text().strip())


def _redis() -> str:
    client = redis.Redis.from_url(current_app.config["SETTINGS"].redis_url, socket_timeout=2)
    try:
        client.ping()
        return "ok"
    except redis.RedisError:
        return "away"
    finally:
        client.close()
