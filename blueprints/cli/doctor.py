"""`flask doctor`: is this deployment right, and if not, what to do. One line a check; exit 1 when one is wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click
from flask import current_app
from flask.cli import with_appcontext

from blueprints.cli import checks, deployment
from rongjiu.db import db


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, '' or what is wrong, and what to do."""

    name: str
    wrong: str
    remedy: str


Check = Callable[[], tuple[str, str]]
CHECKS: tuple[tuple[str, Check], ...] = (
    ("settings", deployment.settings),
    ("database", checks.database),
    ("roles", checks.roles),
    ("imports", checks.imports),
    ("row-level security", checks.row_security),
    ("migration", checks.migration),
    ("redis", deployment.redis_answers),
    ("relay", checks.relay),
    ("outbox", deployment.backlog),
    ("listings", checks.listings),
    ("messages", deployment.messages),
    ("files", deployment.files),
    ("front-end packages", deployment.vendor),
)


@click.command("doctor", help="Check this deployment and say what to do.")
@click.option("--mend-listings", is_flag=True, help="Write the marketplace's listings anew first.")
@with_appcontext
def doctor(mend_listings: bool) -> None:
    """Print one line a check and end with 1 when something is wrong."""
    if mend_listings:
        click.echo(f"published {checks.mend_listings()} providers anew")
    wrong = 0
    for finding in examine():
        if finding.wrong:
            wrong += 1
            click.echo(f"wrong  {finding.name}: {finding.wrong}\n       → {finding.remedy}")
        else:
            beside = f" ({deployment.channels_set()})" if finding.name == "messages" else ""
            click.echo(f"ok     {finding.name}{beside}")
    raise SystemExit(1 if wrong else 0)


def examine() -> Iterator[Finding]:
    """All findings; a check that itself fails is a finding too, by the kind of its error."""
    for name, check in CHECKS:
        try:
            wrong, remedy = check()
        except Exception as error:  # noqa: BLE001  a doctor does not die of what it finds
            current_app.logger.debug("doctor", exc_info=True)
            wrong, remedy = f"could not be checked ({type(error).__name__})", "Mend what stands above first."
        finally:
            db.session.rollback()
        yield Finding(name, wrong, remedy)
