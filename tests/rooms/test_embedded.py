"""The embedded servers: start, stop, start again; two side by side; who may do what."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from rongjiu.datafolder import DataFolder
from rongjiu.embedded import Embedded


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A pair of servers for the tests that only look."""
    made = Embedded(tmp_path_factory.mktemp("servers"), hasty=True)
    made.up()
    yield made
    made.down()


def connect(embedded: Embedded, role: str = "app_owner") -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(embedded.url(role).replace("+psycopg", "", 1), autocommit=True)


def test_data_survive_a_stop(tmp_path: Path) -> None:
    embedded = Embedded(tmp_path / "data", hasty=True)
    try:
        embedded.up()
        with connect(embedded) as owner:
            owner.execute("CREATE TABLE kept (word text)")
            owner.execute("INSERT INTO kept VALUES ('融')")
        with redis.Redis.from_url(embedded.redis_url()) as client:
            client.set("kept", "救")
        embedded.down()
        assert embedded.status() == {"postgresql": False, "valkey": False}
        embedded.down()  # nothing runs, nothing happens
        embedded.up()
        embedded.up()
        with connect(embedded) as owner:
            assert owner.execute("SELECT word FROM kept").fetchall() == [("融",)]
        with redis.Redis.from_url(embedded.redis_url()) as client:
            assert client.get("kept") == "救".encode()
    finally:
        embedded.down()


def test_two_folders_do_not_disturb_each_other(servers: Embedded, tmp_path: Path) -> None:
    other = Embedded(tmp_path / "other", hasty=True)
    try:
        other.up()
        with connect(other) as owner:
            owner.execute("CREATE TABLE only_here (word text)")
        with connect(servers) as owner:
            assert owner.execute("SELECT to_regclass('only_here')").fetchone() == (None,)
        assert other.folder.secret("app_user") != servers.folder.secret("app_user")
    finally:
        other.down()
    assert servers.status() == {"postgresql": True, "valkey": True}


def test_a_path_too_long_for_a_socket_gets_a_private_run_folder(tmp_path: Path) -> None:
    data = tmp_path / ("long" * 15) / ("path" * 15)
    embedded = Embedded(data, hasty=True)
    try:
        embedded.up()
        run = embedded.folder.run
        assert not run.is_relative_to(data)
        assert stat.S_IMODE(run.stat().st_mode) == 0o700
        with connect(embedded, "app_user") as user:
            assert user.execute("SELECT current_user").fetchone() == ("app_user",)
    finally:
        embedded.down()
    assert not run.exists()


def test_secrets_are_random_and_private(servers: Embedded, tmp_path: Path) -> None:
    mode = (servers.folder.path / "secrets.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert servers.folder.secret("app_user") != servers.folder.secret("app_owner")
    assert DataFolder(tmp_path).secret("app_user") == ""
    assert list(tmp_path.iterdir()) == []  # reading wrote nothing


def test_wrong_password_is_refused(servers: Embedded) -> None:
    address = servers.url("app_user").replace("+psycopg", "", 1)
    word = servers.folder.secret("app_user")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(address.replace(f":{word}@", ":wrong@"))


def test_no_password_stands_in_a_command_line(servers: Embedded) -> None:
    words = [servers.folder.secret(name).encode() for name in ("postgres", "app_user", "valkey")]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            said = path.read_bytes()
        except OSError:  # it ended, or belongs to somebody else
            continue
        assert not any(word in said for word in words)


def test_roles_are_neither_superuser_nor_bypassing_and_nothing_is_inherited(servers: Embedded) -> None:
    with connect(servers, "postgres") as admin:
        rows = admin.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin "
            "FROM pg_roles WHERE rolname LIKE 'app\\_%'"
        ).fetchall()
        inherited = admin.execute(
            "SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid "
            "JOIN pg_roles u ON u.oid = m.member WHERE u.rolname = 'app_user' AND m.inherit_option"
        ).fetchall()
    roles = {row[0]: row[1:] for row in rows}
    assert {name for name, row in roles.items() if row[0] or row[3] or row[4]} == set()
    assert {name for name, row in roles.items() if row[1]} == {"app_backup"}
    assert {name for name, row in roles.items() if row[5]} == {"app_owner", "app_user", "app_relay"}
    assert inherited == []


def test_app_user_enters_a_role_but_has_nothing_of_it_outside(servers: Embedded) -> None:
    with connect(servers, "app_user") as user:
        user.execute("SET ROLE app_overseer")
        assert user.execute("SELECT current_user").fetchone() == ("app_overseer",)
        user.execute("RESET ROLE")
        for forbidden in ("CREATE TABLE x (a int)", "SET ROLE app_owner", "SET ROLE app_backup"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                user.execute(forbidden)


def test_a_database_made_from_a_template_is_complete(servers: Embedded) -> None:
    servers.make_database("another")
    with psycopg.connect(servers.url("app_owner", "another").replace("+psycopg", "", 1)) as owner:
        owner.execute("CREATE TABLE mine (a int)")
    servers.drop_database("another")


def test_data_of_another_major_version_are_refused_with_a_way_out(tmp_path: Path) -> None:
    embedded = Embedded(tmp_path)
    embedded.folder.pg.mkdir()
    (embedded.folder.pg / "PG_VERSION").write_text("14\n")
    with pytest.raises(RuntimeError, match="pg_dumpall"):
        embedded.up()


def test_settings_of_a_folder(servers: Embedded) -> None:
    settings = servers.settings()
    assert len(settings.data_key_bytes) == 32
    assert settings.limiter_url.startswith("redis+unix://")
    assert settings.demo is False
    assert settings.database_url not in repr(settings)
    assert servers.folder.secret("app_user") not in repr(settings)


def test_psql_needs_no_password_typed(servers: Embedded) -> None:
    words, environment = servers.psql("app_user")
    assert Path(words[0]).name == "psql"
    assert os.access(words[0], os.X_OK)
    assert environment["PGPASSWORD"] == servers.folder.secret("app_user")
