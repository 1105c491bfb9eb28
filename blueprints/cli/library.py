"""`flask library`: model packs."""

from pathlib import Path

import click
from flask.cli import AppGroup

from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.library import queries
from rongjiu.library.packfiles import PackError, read_pack, read_pack_from
from rongjiu.library.service import publish_version

group = AppGroup("library", help="Model packs.")


@group.command("publish")
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
def publish(folder: Path | None) -> None:
    """Publish the shipped pack, or the one in FOLDER; publishing the same again changes nothing."""
    try:
        row = publish_version(read_pack_from(folder) if folder else read_pack())
    except (PackError, Refused) as error:
        raise click.ClickException(str(error)) from error
    line = f"{row.slug}@{row.version} {row.checksum[:12]}"
    db.session.commit()
    click.echo(line)


@group.command("list")
def list_() -> None:
    """One line per published version with what it holds."""
    for pack in queries.packs():
        counts = ", ".join(f"{name} {n}" for name, n in queries.counts(pack).items())
        click.echo(f"{pack.ref}\t{pack.name}\t{pack.checksum[:12]}\t{pack.published_at:%Y-%m-%d}\t{counts}")
