"""`flask sweeps verify`: prove each coverage certificate again from the rows behind it."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.tenancy.models import Community
from tenants.sweeps.closing import verify as proofs

group = AppGroup("sweeps", help="Sweeps from door to door.")


@group.command("verify")
@click.option("--community", "slug", default="", help="Only this community.")
@click.argument("number", default="")
def verify(slug: str, number: str) -> None:
    """Recompute every certificate (or those of the sweep NUMBER) and check its signature; exit 1 naming what differs."""
    query = select(Community.slug, Community.tenant_id, Community.id).order_by(Community.slug)
    rows = db.session.execute(query.where(Community.slug == slug) if slug else query).all()
    if slug and not rows:
        raise click.ClickException(f"no community called {slug}")
    seen, wrong = 0, 0
    for row in rows:
        with tenant_scope(Tenant(row.tenant_id, row.id)):
            found = proofs(number)
        for proof in found:
            seen += 1
            wrong += bool(proof.differences)
            verdict = "differs" if proof.differences else "holds"
            click.echo(f"{row.slug} {proof.number} {proof.courtyard}: {verdict}, {proof.covered} of {proof.doors} doors covered")  # fmt: skip
            for words in proof.differences:
                click.echo(f"  {words}")
    if number and not seen:
        raise click.ClickException(f"no certificate of {number}")
    click.echo(f"{seen} certificates, {wrong} differ")
    raise SystemExit(1 if wrong else 0)
