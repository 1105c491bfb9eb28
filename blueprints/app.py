"""create_app(): the only place that wires everything."""

from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from blueprints import commands, errors, exporting, guard, logs, metrics, pages, security, transaction
from blueprints.account import bp as account
from blueprints.desk import bp as desk
from blueprints.grid import bp as grid
from blueprints.ground import ground
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
from rongjiu.config import Settings

DOORS = (
    account, desk, grid, health, hsds, join, live, market, operator, provider, public, resident, street, volunteer,
)  # fmt: skip


def create_app(settings: Settings | None = None, **config: Any) -> Flask:
    """The web application, also the ground of commands; settings are read once."""
    app = ground(settings, pages.locale, **config)
    proxies = app.config["SETTINGS"].proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    logs.init_app(app)
    transaction.init_app(app)  # first: commits last
    security.init_app(app)
    metrics.init_app(app)
    guard.init_app(app)
    app.before_request(transaction.claim_key)
    pages.init_app(app)
    exporting.init_app(app)
    errors.init_app(app)
    for door in DOORS:
        app.register_blueprint(door)
    app.cli = commands.Commands(app)
    return app
