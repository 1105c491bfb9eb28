"""`flask tenant`: the communities of this installation, and how long a clone takes here."""

import time
from statistics import median

import click
from flask.cli import AppGroup
from sqlalchemy import func, select

from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.library import queries as library
from rongjiu.library.service import publish_base
from rongjiu.tenancy.models import Community, Membership, Street
from tenants.founding import cloning, queries

group = AppGroup("tenant", help="Communities.")


@group.command("list")
def list_() -> None:
    """One line per community: address, state, name, street, model."""
    rows = db.session.execute(
        select(Community.slug, Community.state, Community.name, Street.name.label("street"), Community.cloned_from)
        .outerjoin(Street, Street.id == Community.street_id)
        .order_by(Community.slug)
    )
    for row in rows:
        click.echo(f"{row.slug}\t{row.state}\t{row.name}\t{row.street or '-'}\t{row.cloned_from or '-'}")


@group.command("show")
@click.argument("slug")
def show(slug: str) -> None:
    """What is known of one community; exit 1 when there is none of that address."""
    row = db.session.scalar(select(Community).where(Community.slug == slug))
    if row is None:
        raise click.ClickException(f"no community {slug}")
    staff = db.session.scalar(
        select(func.count()).where(
            Membership.scope_kind == "community", Membership.scope_id == row.id, Membership.ends_at.is_(None)
        )
    )
    for name in ("name", "title", "code", "state", "mark", "cloned_from", "phone", "desk_hours", "address", "host"):
        click.echo(f"{name}: {getattr(row, name) or '-'}")
    click.echo(f"staff: {staff}")
    tenant = queries.tenant_of(row)
    with tenant_scope(tenant):
        steps = queries.steps()
        click.echo(f"checklist: {sum(step.done_at is not None for step in steps)}/{len(steps)}")
    waiting = sum(not parameter.confirmed_as for parameter in queries.parameters_of(tenant))
    click.echo(f"parameters to confirm: {waiting}")


@group.command("clone-time")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1, 2000))
def clone_time(rounds: int) -> None:
    """Clone the shipped pack into communities that are rolled back again; print first, last and median in ms."""
    base = publish_base()
    pack = library.find(f"{base.slug}@{base.version}")
    taken: list[float] = []
    for n in range(rounds):
        row = Community(id=uuid7(), slug=f"clone-time-{n}", name="-", state="preparing", created_at=now())
        db.session.add(row)
        db.session.flush()
        tenant = queries.tenant_of(row)
        start = time.perf_counter()
        cloning.clone(pack, tenant)
        db.session.flush()
        taken.append((time.perf_counter() - start) * 1000)
    db.session.rollback()
    click.echo(f"first {taken[0]:.1f} ms, last {taken[-1]:.1f} ms, median {median(taken):.1f} ms of {rounds}")
