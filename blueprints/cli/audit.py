"""`flask audit verify`: prove that no row of any chain was changed, removed or slipped in."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from rongjiu import audit
from rongjiu.db import Tenant, db
from rongjiu.tenancy.models import Community

group = AppGroup("audit", help="The record of who did what.")


@group.command("verify")
def verify() -> None:
    """Recompute every chain; exit 1 and name the first row that does not fit."""
    chains: list[tuple[str, Tenant | None]] = [("platform", None)]
    rows = db.session.execute(select(Community.slug, Community.tenant_id, Community.id).order_by(Community.slug))
    chains += [(row.slug, Tenant(row.tenant_id, row.id)) for row in rows]
    broken = 0
    for name, tenant in chains:
        wrong = audit.verify(tenant)
        click.echo(f"{name}: {'whole' if wrong is None else f'broken at row {wrong}'}")
        broken += wrong is not None
    raise SystemExit(1 if broken else 0)
