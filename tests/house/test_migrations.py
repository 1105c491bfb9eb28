"""One head, numbered files, the head file, models equal to the migrated schema, and both ways."""

import re
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import NullPool

from blueprints.app import create_app
from blueprints.commands import migrations
from rongjiu.db import Base, db
from rongjiu.embedded import Embedded
from rongjiu.paths import CURRENT_HEAD, MIGRATIONS


def test_files_are_numbered_and_there_is_one_head() -> None:
    names = sorted(file.name for file in (MIGRATIONS / "versions").glob("*.py"))
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", name) for name in names)
    script = ScriptDirectory(str(MIGRATIONS))
    assert script.get_heads() == [CURRENT_HEAD.read_text().strip()]


def test_models_equal_the_migrated_schema(app: Flask, inside: None) -> None:
    context = MigrationContext.configure(db.session.connection(), opts={"compare_type": True})
    found = [each for each in compare_metadata(context, Base.metadata) if "alembic_version" not in str(each)]
    assert found == []


def test_up_and_down_again(server: Embedded, tmp_path: Path) -> None:
    name = "both_ways"
    server.make_database(name)
    app = create_app(
        server.settings(database_url=server.url("app_user", name), database_owner_url=server.url("app_owner", name))
    )
    migrations(app)
    try:
        with app.app_context():
            upgrade()
            downgrade(revision="base")
            left = create_engine(server.url("app_owner", name), poolclass=NullPool)
            assert set(inspect(left).get_table_names()) == {"alembic_version"}
            upgrade()
            assert "community" in inspect(left).get_table_names()
            left.dispose()
            db.session.remove()
            db.engine.dispose()
    finally:
        server.drop_database(name)
