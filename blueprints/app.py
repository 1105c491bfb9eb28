"""create_app(): the only place that wires everything."""

from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from blueprints import cli, errors, exporting, guard, logs, metrics, pages, rooms, security, transaction
from blueprints.account import bp as account
from blueprints.desk import bp as desk
from blueprints.grid import bp as grid
from blueprints.health import bp as health
from blueprints.hsds import bp as hsds
from blueprints.join import bp as join
from blueprints.live import bp as live
from blueprints.market import bp as market
from blueprints.operator import bp as operator
from blueprints.provider import bp as provider
from blueprints.public import bp as public
from blueprints.resident import bp as resident
from blueprints.street import bp as street
from blueprints.volunteer import bp as volunteer
from rongjiu import crypto, db, files
from rongjiu.config import Settings
from rongjiu.facts import Fact, subscribe
from rongjiu.oversight.service import count
from rongjiu.paths import MIGRATIONS

DOORS = (
    account, desk, grid, health, hsds, join, live, market, operator, provider, public, resident, street, volunteer,
)  # fmt: skip


def create_app(settings: Settings | None = None, **config: Any) -> Flask:
    """The web application, also the ground of worker, relay and commands; settings are read once."""
    settings = settings or Settings.read()
    app = Flask("blueprints", root_path=str(Path(__file__).parent))
    app.config.update(
        SETTINGS=settings, SECRET_KEY=settings.secret_key, SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"connect_args": _connection(settings), "hide_parameters": True}, DEMO=settings.demo, **config,
    )  # fmt: skip
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    rooms.load()
    crypto.configure(app, settings.data_key)
    files.configure(app, settings.data_dir / "files")
    logs.init_app(app)
    transaction.init_app(app)  # first: commits last
    db.init_app(app)
    Migrate(app, db.db, directory=str(MIGRATIONS))
    security.init_app(app)
    metrics.init_app(app)
    guard.init_app(app)
    app.before_request(transaction.claim_key)
    pages.init_app(app)
    exporting.init_app(app)
    errors.init_app(app)
    subscribe(Fact, count)
    _doors(app)
    _commands(app)
    return app


def _connection(settings: Settings) -> dict[str, Any]:
    """Connections of a demo say so; any other database refuses sample rows (CHECKs named ck_<table>_demo)."""
    return {"connect_timeout": 3, **({"options": "-c app.demo=on"} if settings.demo else {})}


def _doors(app: Flask) -> None:
    for door in DOORS:
        app.register_blueprint(door)


def _commands(app: Flask) -> None:
    for group in cli.GROUPS:
        app.cli.add_command(group)
