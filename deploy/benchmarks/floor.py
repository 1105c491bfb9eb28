"""The floor page: bare Flask, one session lookup, one pooled query, the same template and bytes, the same server.

Served by gunicorn as `benchmarks.floor:app`; FLOOR names a file with the context that the real page gave its template.
"""

import os
import pickle
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, request
from psycopg.rows import namedtuple_row
from psycopg_pool import ConnectionPool

from rongjiu import masks

_kept: dict[str, Any] = pickle.loads(Path(os.environ["FLOOR"]).read_bytes())  # noqa: S301  written by this very run
_pool = ConnectionPool(os.environ["FLOOR_DATABASE"], min_size=2, max_size=8, open=True)
_SESSION = "SELECT account_id FROM login_session WHERE token_hash = %s AND ended_at IS NULL"
_ROWS = """
    SELECT c.number, p.name AS head, 2 AS people, y.name AS courtyard, c.weight_reasons, c.urgency, c.state, s.actor, s.verb, s.due_at, c.worker_post
      FROM case_file c JOIN courtyard y ON y.tenant_id = c.tenant_id AND y.id = c.courtyard_id
      JOIN person p ON p.tenant_id = c.tenant_id AND p.household_id = c.household_id AND p.seq = 1
      JOIN step s ON s.tenant_id = c.tenant_id AND s.id = c.id OR s.tenant_id = c.tenant_id AND s.case_id = c.id
     WHERE c.tenant_id = %s ORDER BY c.weight DESC, c.opened_at DESC, c.id LIMIT 50
"""
app = Flask("floor", template_folder=_kept["templates"])
app.jinja_env.add_extension("jinja2.ext.do")
app.jinja_env.add_extension("jinja2.ext.i18n")
app.jinja_env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
app.jinja_env.filters.update(dict.fromkeys(("day", "when", "money", "phone", "small", "named", "clock"), str))
_user = SimpleNamespace(is_authenticated=True, name="专干", post="救助专干")
_entries = frozenset(_kept["entries"])
app.jinja_env.globals.update(
    may=_entries.__contains__, static_url=lambda path: f"/static/{path}?v=0123456789", show=lambda name, value, own=False: masks.name(value),
    rule_of=lambda name: "masked", form_key=lambda: "0" * 36, csrf_token=lambda: "0" * 91, current_user=_user, ngettext=lambda a, b, n: a,
    url_for=lambda endpoint, **words: f"/c/c1/desk/{endpoint}/{words.get('number', '')}", get_flashed_messages=lambda **words: [],
    export_address=lambda endpoint="": "/c/c1/desk/cases/export" if "desk.cases_export" in _entries else "",
    g=SimpleNamespace(place=_kept["place"], get=lambda name, default=None: default),
)  # fmt: skip


@app.get("/<path:path>")
def page(path: str) -> str:
    """The list of cases, with nothing around it."""
    token = request.cookies["__Host-login"]
    with _pool.connection() as connection:
        connection.row_factory = namedtuple_row
        if connection.execute(_SESSION, (sha256(token.encode()).digest(),)).fetchone() is None:
            return "", 401  # type: ignore[return-value]
        rows = connection.execute(_ROWS, (_kept["tenant"],)).fetchall()
    lines = [_kept["row"](*_row(each)) for each in rows]
    return app.jinja_env.get_template("desk/cases.html").render({**_kept["context"], "rows": lines, "request": request})


def _row(each: Any) -> tuple[Any, ...]:
    return (
        each.number, each.head, each.people, each.courtyard, _kept["reasons"], each.urgency, each.state, each.actor, each.verb,
        str(each.due_at)[:16], False, each.worker_post, False,
    )  # fmt: skip
