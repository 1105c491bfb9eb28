"""The `flask` command of this app. What only it needs, its groups and Alembic, is not loaded by web and live."""

import click
from flask import Flask
from flask.cli import AppGroup

from rongjiu.db import db
from rongjiu.paths import MIGRATIONS


class Commands(AppGroup):
    """Groups that are imported when one of them is asked for."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app.name)
        self.app = app

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """A group by its name."""
        self._load()
        return super().get_command(ctx, name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names."""
        self._load()
        return super().list_commands(ctx)

    def _load(self) -> None:
        from blueprints.cli import GROUPS

        for group in GROUPS:
            self.add_command(group)
        migrations(self.app)


def migrations(app: Flask) -> None:
    """Give the app `flask db`, and let `upgrade()` and its sisters of Flask-Migrate work on it."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(MIGRATIONS))
