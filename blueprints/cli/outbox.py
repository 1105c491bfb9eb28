"""`flask outbox`: what still waits, and the chores of the night. Relay and workers are programs of their own:
`python -m rongjiu.relay`, `python -m blueprints.worker`."""

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from rongjiu import nightly, tidying
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.relay import Relay

group = AppGroup("outbox", help="Effects outside the transaction.")


@group.command("status")
@with_appcontext
def status() -> None:
    """Print how many effects wait and how long the oldest has."""
    settings = current_app.config["SETTINGS"]
    waiting, oldest = Relay(settings.database_relay_url, settings.redis_url).backlog()
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
