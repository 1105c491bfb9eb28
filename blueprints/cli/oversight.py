"""`flask oversight recount`: prove that what the street sees equals the rows behind it."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from blueprints.cli.recount import recount as count_rows
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.oversight.models import Indicator
from rongjiu.tenancy.models import Community

group = AppGroup("oversight", help="Numbers for the level above.")


@group.command("recount")
@click.option("--community", "slug", default="", help="Only this community.")
def recount(slug: str) -> None:
    """Recount every indicator of every community and compare; exit 1 when one differs."""
    query = select(Community.slug, Community.tenant_id, Community.id).order_by(Community.slug)
    rows = db.session.execute(query.where(Community.slug == slug) if slug else query).all()
    if slug and not rows:
        raise click.ClickException(f"no community called {slug}")
    wrong = 0
    for row in rows:
        with tenant_scope(Tenant(row.tenant_id, row.id)):
            found = differences()
        wrong += len(found)
        click.echo(f"{row.slug}: {'equal' if not found else 'differs'}")
        for name, (kept, counted) in found.items():
            click.echo(f"  {name}: kept {kept}, counted {counted}")
    raise SystemExit(1 if wrong else 0)


def differences() -> dict[str, tuple[int, int]]:
    """Indicators of the community in force that differ from their rows: name → (kept, counted)."""
    kept = {row.name: row.value for row in db.session.execute(select(Indicator.name, Indicator.value))}
    counted = count_rows()
    return {name: (kept.get(name, 0), value) for name, value in sorted(counted.items()) if kept.get(name, 0) != value}
