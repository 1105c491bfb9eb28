"""Real PostgreSQL and Valkey once a run; a transaction rolled back after each test.

Two fixtures, never mixed: `inside` opens an app context for tests that call services; `client` has none around it,
because a context held open around a client would share `g` between its requests.
"""

import base64
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import Connection, event

from blueprints.app import create_app
from blueprints.commands import migrations
from blueprints.guard import COOKIE
from rongjiu import files
from rongjiu.config import Settings
from rongjiu.db import Scope, current_scope, db, set_local
from rongjiu.embedded import Embedded


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """Embedded servers of this run, stopped at its end."""
    made = Embedded(tmp_path_factory.mktemp("data"), hasty=True)
    made.up()
    yield made
    made.down()


@pytest.fixture(scope="session")
def settings(server: Embedded) -> Settings:
    """Settings of this run: a database that is not a demo."""
    return server.settings(data_key=base64.b64encode(os.urandom(32)).decode())


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """The application on a migrated database without any data."""
    app = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    migrations(app)
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def rollback(app: Flask) -> Iterator[None]:
    """One connection for the test; commits inside become savepoints, all is rolled back."""
    with app.app_context():
        engine = db.engine
    with engine.connect() as connection:
        outer = connection.begin()
        event.listen(connection, "savepoint", _anew)
        engines = db._app_engines[app]
        engines[None] = connection  # type: ignore[assignment]
        db.session.session_factory.configure(join_transaction_mode="create_savepoint")
        yield
        outer.rollback()
        engines[None] = engine
        db.session.session_factory.configure(join_transaction_mode="conditional_savepoint")


def _anew(connection: Connection, _name: str) -> None:
    """What the end of a transaction undoes, a savepoint keeps: leave the role of the request before."""
    connection.exec_driver_sql("SET LOCAL ROLE NONE")
    set_local(connection)


@pytest.fixture(autouse=True)
def nothing_entered() -> Iterator[None]:
    """No door and no job leaves its scope to whoever comes next."""
    yield
    assert current_scope() == Scope()


@pytest.fixture
def inside(app: Flask, rollback: None) -> Iterator[None]:
    """An app context for tests that call services; never around a client."""
    with app.app_context():
        yield
        db.session.remove()


@pytest.fixture
def client(app: Flask, rollback: None) -> FlaskClient:
    """A browser without a login."""
    return app.test_client()


@pytest.fixture
def made(app: Flask, rollback: None) -> Callable[[Callable[[], object]], object]:
    """Run a function that makes rows in a context of its own and commit into the test's transaction.

    `staff = made(lambda: factories.a_person_with_role(...).token)`: answer plain values, rows die with the context.
    """

    def run(make: Callable[[], object]) -> object:
        with app.app_context():
            answer = make()
            db.session.commit()
            return answer

    return run


@pytest.fixture
def login(app: Flask) -> Callable[[FlaskClient, str], None]:
    """Give a client the cookie of a login token."""

    def enter(client: FlaskClient, token: str) -> None:
        client.set_cookie(COOKIE, token, domain="localhost", secure=True)

    return enter


@pytest.fixture
def own_folder(app: Flask, tmp_path: Path) -> Iterator[None]:
    """Files of this test are kept in its own folder."""
    before = app.extensions["rongjiu.files"]
    files.configure(app, tmp_path)
    yield
    files.configure(app, before)
