"""`flask embedded` and `flask audit` as a person types them."""

import os
import subprocess
import sys

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from blueprints.cli.audit import verify
from blueprints.cli.embedded import group
from rongjiu import audit
from rongjiu.db import db, tenant_scope
from rongjiu.embedded import Embedded
from rongjiu.paths import ROOT
from tests import factories


def test_the_address_printed_opens_the_database_for_any_client(app: Flask, server: Embedded) -> None:
    data = str(server.folder.path)
    for role in ("app_owner", "app_user", "app_relay"):
        printed = app.test_cli_runner().invoke(group, ["url", "--data", data, "--role", role])
        assert printed.exit_code == 0
        with psycopg.connect(printed.output.strip()) as connection:
            assert connection.execute("SELECT session_user").fetchone() == (role,)


def test_status_says_what_runs(app: Flask, server: Embedded, tmp_path_factory: pytest.TempPathFactory) -> None:
    running = app.test_cli_runner().invoke(group, ["status", "--data", str(server.folder.path)])
    assert (running.exit_code, running.output) == (0, "postgresql: running\nvalkey: running\n")
    stopped = app.test_cli_runner().invoke(group, ["status", "--data", str(tmp_path_factory.mktemp("empty"))])
    assert (stopped.exit_code, stopped.output) == (1, "postgresql: stopped\nvalkey: stopped\n")


def test_psql_passes_further_words_on(server: Embedded) -> None:
    words = [sys.executable, "-m", "flask", "--app", "wsgi", "embedded", "psql", "--data", str(server.folder.path)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}", "RONGJIU_DATA": str(server.folder.path)}
    told = subprocess.run(
        [*words, "--role", "app_user", "--", "-At", "-c", "SELECT current_user"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.stdout.strip() == "app_user", told.stderr


def test_audit_verify_names_each_chain_and_the_first_forged_row(app: Flask, inside: None) -> None:
    community = factories.a_community()
    slug, tenant = community.slug, factories.tenant(community)
    with tenant_scope(tenant):
        for n in range(3):
            audit.record("case.open", "case", n)
    whole = app.test_cli_runner().invoke(verify)
    assert whole.exit_code == 0
    assert f"{slug}: whole" in whole.output
    with tenant_scope(tenant):
        # The app role cannot change a row; a row that its chain does not know is as good as a changed one.
        db.session.execute(
            text(
                "INSERT INTO audit SELECT tenant_id, 9, at, actor_id, actor_role, address, request_id, verb, object_kind, "
                "object_id, reason, detail, digest FROM audit WHERE seq = 3"
            )
        )
    forged = app.test_cli_runner().invoke(verify)
    assert forged.exit_code == 1
    assert f"{slug}: broken at row 4" in forged.output
