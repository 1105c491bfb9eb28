"""`flask outbox`: the relay, the worker, and what still waits."""

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import OperationalError
from structlog import get_logger

from rongjiu import nightly, tidying, worker
from rongjiu import relay as bell
from rongjiu.clock import now
from rongjiu.db import db

group = AppGroup("outbox", help="Effects outside the transaction.")
log = get_logger()


@group.command("relay")
@with_appcontext
def relay() -> None:
    """Hand due effects to the workers, until stopped; only one relay works at a time."""
    settings = current_app.config["SETTINGS"]
    _plan()
    bell.Relay(settings.database_relay_url, settings.redis_url).run()


def _plan() -> None:
    try:
        tidying.plan()
        db.session.commit()
    except OperationalError:
        log.warning("nightly tidying not planned: the database is away; it is planned at the next start")
    finally:
        db.session.remove()
        db.engine.dispose()  # the relay has a connection of its own


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


@group.command("night")
@click.argument("chores", nargs=-1)
@with_appcontext
def night(chores: tuple[str, ...]) -> None:
    """Do the chores of the night now, in this process: all, or those named; the relay has them done each night. What was
    done tonight already is not done again."""
    if unknown := set(chores) - nightly.names():
        raise click.BadParameter(f"{', '.join(sorted(unknown))}; known: {', '.join(sorted(nightly.names()))}")
    began = now()
    nightly.begin(chores)
    db.session.commit()
    click.echo(f"effects: {nightly.carry_out(began)}")


@group.command("tidy")
@with_appcontext
def tidy() -> None:
    """Remove ended log-ins, old codes, keys and done effects now; the relay has it done each night."""
    for name, count in tidying.tidy().items():
        click.echo(f"{name}: {count}")
    db.session.commit()
