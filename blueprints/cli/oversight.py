"""`flask oversight recount` and `held`: prove that what the street sees equals the rows behind it, and that nothing
live waits for nobody."""

from collections.abc import Iterator

import click
from flask.cli import AppGroup
from sqlalchemy import select

from blueprints.cli import held as holding
from blueprints.cli.recount import recount as count_rows
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.oversight.models import Indicator
from rongjiu.tenancy.models import Community

group = AppGroup("oversight", help="Numbers for the level above.")


@group.command("recount")
@click.option("--community", "slug", default="", help="Only this community.")
def recount(slug: str) -> None:
    """Recount every indicator of every community and compare; exit 1 when one differs."""
    wrong = 0
    for name in _each(slug):
        found = differences()
        wrong += len(found)
        click.echo(f"{name}: {'equal' if not found else 'differs'}")
        for indicator, (kept, counted) in found.items():
            click.echo(f"  {indicator}: kept {kept}, counted {counted}")
    raise SystemExit(1 if wrong else 0)


@group.command("held")
@click.option("--community", "slug", default="", help="Only this community.")
def held(slug: str) -> None:
    """Look for live objects without a next actor and for steps of what is over; exit 1 when there is one."""
    wrong = 0
    for name in _each(slug):
        found = {"nobody acts next": holding.unheld(), "over, yet somebody is to act": holding.left_over()}
        wrong += sum(map(len, found.values()))
        click.echo(f"{name}: {'held' if not any(found.values()) else 'not held'}")
        for what, kinds in found.items():
            for kind, ids in kinds.items():
                click.echo(f"  {what}: {kind} x {len(ids)}, first {ids[0]}")
    raise SystemExit(1 if wrong else 0)


def _each(slug: str) -> Iterator[str]:
    """Every community, or the one named, each within its own scope."""
    query = select(Community.slug, Community.tenant_id, Community.id).order_by(Community.slug)
    rows = db.session.execute(query.where(Community.slug == slug) if slug else query).all()
    if slug and not rows:
        raise click.ClickException(f"no community called {slug}")
    for row in rows:
        with tenant_scope(Tenant(row.tenant_id, row.id)):
            yield row.slug


def differences() -> dict[str, tuple[int, int]]:
    """Indicators of the community in force that differ from their rows: name → (kept, counted)."""
    kept = {row.name: row.value for row in db.session.execute(select(Indicator.name, Indicator.value))}
    counted = count_rows()
    return {name: (kept.get(name, 0), value) for name, value in sorted(counted.items()) if kept.get(name, 0) != value}
