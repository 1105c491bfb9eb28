"""Links of providers, departments, residents and family carers are not tried one by one: each door counts by address."""

import pytest
from flask import Flask

from blueprints.app import create_app
from blueprints.security import limiter
from rongjiu.config import Settings
from rongjiu.db import db

DOORS = (
    "/provider/link/{}", "/provider/open/{}", "/c/anywhere/link/{}", "/c/anywhere/family/link/{}",
    "/street/anywhere/answer/link/{}", "/provider/again/{}",
)  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_guessing_links_is_stopped(door: str, settings: Settings, app: Flask) -> None:
    limited = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=True)
    own = db._app_engines[limited][None]
    try:
        client = limited.test_client()
        answers = [client.get(door.format(f"guess-{n}")).status_code for n in range(21)]
        assert answers[0] == 404
        assert answers[-1] == 429
    finally:
        limiter.enabled = app.config["RATELIMIT_ENABLED"]  # one limiter serves every app of the process
        own.dispose()
