"""Runs migrations as app_owner, one at a time, lock-safe: one waits, and none waits long for a table."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from rongjiu.db import db

_LOCK = 0x524A
"""Number of the advisory lock that lets one migration run at a time."""


def _include(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    return not (kind == "table" and name == "alembic_version")


def run() -> None:
    """Migrate online; there is no offline mode, because policies must meet the real catalogue."""
    settings = current_app.config["SETTINGS"]
    engine = create_engine(settings.database_owner_url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '2s'"))
        if settings.demo:  # a migration that writes to a sample row is in a demo too
            connection.execute(text("SET app.demo = 'on'"))
        connection.execute(text(f"SELECT pg_advisory_lock({_LOCK})"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_object=_include,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
