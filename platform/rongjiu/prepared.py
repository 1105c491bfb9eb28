"""Statements of the busiest pages and verbs, compiled once."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, CursorResult, Row, bindparam
from sqlalchemy.sql.compiler import SQLCompiler

from rongjiu.db import current_scope, db


def given(name: str, kind: Any = None) -> BindParameter[Any]:
    """A value that a prepared read is given each time, such as `given("tenant")`."""
    return bindparam(name, None, kind)


class Prepared:
    """A statement for the busiest pages and verbs: built and compiled once, then run with values by name.

    Core columns or text only, nothing sealed; it must compare tenant_id with `given("tenant")` itself, because the
    ORM's predicate does not reach it (row-level security does). Objects that the session holds do not hear of it.
    """

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._compiled: tuple[str, Mapping[str, Any], Mapping[str, Callable[[], Any]]] | None = None

    def rows(self, **values: Any) -> Sequence[Row[Any]]:
        """All rows of a read, after what the session still holds back, as the ORM reads (unless told to hold it:
        `no_autoflush`); `tenant` is the community in force unless given."""
        if db.session.autoflush:
            db.session.flush()
        return self._result(values).all()

    def write(self, **values: Any) -> Sequence[Row[Any]]:
        """Change something, after what the session still holds back; answers the rows that it returns, if any."""
        db.session.flush()
        result = self._result(values)
        return result.all() if result.returns_rows else ()

    def _result(self, values: Mapping[str, Any]) -> CursorResult[Any]:
        if self._compiled is None:
            words = {"render_postcompile": True}
            compiled: SQLCompiler = self.statement.compile(dialect=db.engine.dialect, compile_kwargs=words)
            asks = {name: bind.callable for name, bind in compiled.binds.items() if bind.callable}
            self._compiled = compiled.string, compiled.params, asks
        string, known, asked = self._compiled
        scope = current_scope()
        named = {"tenant": scope.tenant.id if scope.tenant else None, **values}
        given_now = {name: named[name] for name in named if name in known}
        asked_now = {name: ask() for name, ask in asked.items()}
        return db.session.connection().exec_driver_sql(string, {**known, **asked_now, **given_now})


def as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows for `jsonb_to_recordset`: one value for however many, so that a prepared statement stays the same."""
    return json.dumps(rows, default=str)
