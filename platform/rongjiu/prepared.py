"""Reads of the busiest pages, compiled once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam
from sqlalchemy.sql.compiler import SQLCompiler

from rongjiu.db import current_scope, db


def given(name: str, kind: Any = None) -> BindParameter[Any]:
    """A value that a prepared read is given each time, such as `given("tenant")`."""
    return bindparam(name, None, kind)


class Prepared:
    """A read for the busiest pages: built and compiled once, then run with values by name.

    Core columns only, nothing sealed; it must compare tenant_id with `given("tenant")` itself, because the ORM's
    predicate does not reach it (row-level security does).
    """

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._compiled: SQLCompiler | None = None

    def rows(self, **values: Any) -> Sequence[Row[Any]]:
        """All rows; `tenant` is the community in force unless given."""
        if self._compiled is None:
            words = {"render_postcompile": True}
            self._compiled = self.statement.compile(dialect=db.engine.dialect, compile_kwargs=words)
        compiled: SQLCompiler = self._compiled
        scope = current_scope()
        known = {"tenant": scope.tenant.id if scope.tenant else None, **values}
        asked = {**compiled.params, **{name: value for name, value in known.items() if name in compiled.params}}
        return db.session.connection().exec_driver_sql(compiled.string, asked).all()
