"""`flask outbox`: the relay, the worker, and what still waits."""

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from rongjiu import relay as bell
from rongjiu import worker

group = AppGroup("outbox", help="Effects outside the transaction.")


@group.command("relay")
@with_appcontext
def relay() -> None:
    """Hand due effects to the workers, until stopped; only one relay works at a time."""
    settings = current_app.config["SETTINGS"]
    bell.Relay(settings.database_relay_url, settings.redis_url).run()


@group.command("work")
@with_appcontext
def work() -> None:
    """Carry out effects, without a fork for each, until stopped."""
    worker.run(current_app.config["SETTINGS"].redis_url)


@group.command("status")
@with_appcontext
def status() -> None:
    """Print how many effects wait and how long the oldest has."""
    settings = current_app.config["SETTINGS"]
    waiting, oldest = bell.Relay(settings.database_relay_url, settings.redis_url).backlog()
    click.echo(f"waiting {waiting}, oldest {oldest:.1f} s")
