"""`flask embedded`: the servers of a data folder, by hand."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click
from flask.cli import AppGroup

from rongjiu.datafolder import LOGINS
from rongjiu.embedded import Embedded
from rongjiu.paths import default_data

group = AppGroup("embedded", help="PostgreSQL and Valkey of a data folder (not for production).")

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="RONGJIU_DATA",
    default=default_data,
    show_default=".data",
    help="The data folder.",
)
_role = click.option("--role", type=click.Choice(LOGINS), default="app_owner", show_default=True)


@group.command("up", with_appcontext=False)
@_data
def up(data: Path) -> None:
    """Start both servers; make them first if they are not there."""
    _do(data, Embedded.up)
    click.echo(f"running in {data} (not for production)")


@group.command("down", with_appcontext=False)
@_data
def down(data: Path) -> None:
    """Stop both servers; the data stays."""
    _do(data, Embedded.down)
    click.echo("stopped")


@group.command("status", with_appcontext=False)
@_data
def status(data: Path) -> None:
    """Say which server answers; exit code 1 when one does not."""
    answers = Embedded(data).status()
    for name, runs in answers.items():
        click.echo(f"{name}: {'running' if runs else 'stopped'}")
    sys.exit(0 if all(answers.values()) else 1)


@group.command("url", with_appcontext=False)
@_data
@_role
def url(data: Path, role: str) -> None:
    """Print the address of PostgreSQL for a role, as any client reads it."""
    click.echo(Embedded(data).url(role).replace("+psycopg", "", 1))


@group.command("psql", with_appcontext=False, context_settings={"ignore_unknown_options": True})
@_data
@_role
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def psql(data: Path, role: str, words: tuple[str, ...]) -> None:
    """Open psql as a role; further words go to psql."""
    command, environment = Embedded(data).psql(role)
    os.execvpe(command[0], [*command, *words], environment)  # noqa: S606 - replaces this process on purpose


def _do(data: Path, act: Callable[[Embedded], None]) -> None:
    try:
        act(Embedded(data))
    except RuntimeError as error:
        raise click.ClickException(str(error)) from error
