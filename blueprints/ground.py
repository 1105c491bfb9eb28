"""What web, live, worker and commands stand on: settings, rooms, keys, files, database, logs, languages; no door."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import Babel

from blueprints import logs, rooms
from rongjiu import crypto, db, files
from rongjiu import logs as lines
from rongjiu.config import Settings
from rongjiu.facts import Fact, subscribe
from rongjiu.oversight.service import count
from rongjiu.paths import TRANSLATIONS


def ground(settings: Settings | None = None, locale: Callable[[], str] | None = None, **config: Any) -> Flask:
    """An app that carries out effects and answers no request; settings are read once. `locale` = the reader's, where
    there is one."""
    settings = settings or Settings.read()
    app = Flask("blueprints", root_path=str(Path(__file__).parent))
    app.config.update(
        SETTINGS=settings, SECRET_KEY=settings.secret_key, SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"connect_args": _connection(settings), "hide_parameters": True}, DEMO=settings.demo,
        BABEL_DEFAULT_LOCALE="zh_Hans_CN", BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        BABEL_TRANSLATION_DIRECTORIES=str(TRANSLATIONS), **config,
    )  # fmt: skip
    rooms.load()
    crypto.configure(app, settings.data_key)
    files.configure(app, settings.data_dir / "files")
    lines.configure(settings.log_level, logs.ids)
    db.init_app(app)
    Babel(app, locale_selector=locale)
    subscribe(Fact, count)
    return app


def _connection(settings: Settings) -> dict[str, Any]:
    """Connections of a demo say so; any other database refuses sample rows (CHECKs named ck_<table>_demo)."""
    return {"connect_timeout": 3, **({"options": "-c app.demo=on"} if settings.demo else {})}
