"""Sample rows stand only where a demo says so."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from rongjiu.db import Base, db
from tests import factories


def test_a_real_database_refuses_sample_rows(inside: None) -> None:
    with pytest.raises(IntegrityError, match="ck_street_demo"), db.session.begin_nested():
        street = factories.a_street()
        street.demo = True
        db.session.flush()


def test_every_table_with_a_sample_mark_has_the_check(inside: None) -> None:
    marked = {table.name for table in Base.metadata.tables.values() if "demo" in table.columns}
    found = db.session.scalars(
        text("SELECT conrelid::regclass::text FROM pg_constraint WHERE conname LIKE 'ck_%_demo'")
    )
    assert set(found) == marked


@pytest.mark.parametrize("words", [["load"], ["session", "clerk"], ["totp", "clerk"], ["personas"]])
def test_the_demo_commands_refuse_a_real_database(app: Flask, words: list[str]) -> None:
    said = app.test_cli_runner().invoke(args=["demo", *words])
    assert said.exit_code == 1
    assert "不是演示数据库" in said.output
