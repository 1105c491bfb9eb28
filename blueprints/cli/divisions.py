"""`flask divisions`: the register of communities by statistical division code."""

from pathlib import Path

import click
from flask.cli import AppGroup

from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.tenancy import divisions

group = AppGroup("divisions", help="The register of communities.")
_SHOWN = 20


@group.command("import")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--streets", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="CSV code,name of streets."
)
@click.option("--dry-run", is_flag=True, help="Read and check, write nothing.")
@click.option("--skip-faults", is_flag=True, help="Write the good rows although others are faulty.")
def import_(file: Path | None, streets: Path | None, dry_run: bool, skip_faults: bool) -> None:
    """Bring in FILE (columns code,name; villages.csv as it is), or the shipped 碑林区. Known rows are brought up to date."""
    try:
        names = divisions.read_streets(streets) if streets else None
        report = divisions.import_file(
            file or divisions.SHIPPED, streets=names, dry_run=dry_run, skip_faults=skip_faults
        )  # fmt: skip
    except Refused as error:
        raise click.ClickException(error.message) from error
    for number, words in report.faults[:_SHOWN]:
        click.echo(f"row {number}: {words}", err=True)
    if len(report.faults) > _SHOWN:
        click.echo(f"… {len(report.faults) - _SHOWN} more", err=True)
    db.session.commit()
    click.echo(
        f"read {report.read}, {'would write' if dry_run else 'wrote'} {report.written}, faulty {len(report.faults)}"
    )
    raise SystemExit(1 if report.faults and not skip_faults else 0)
