"""What protects every form and every opening, told from the map of addresses: none can be forgotten."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from blueprints.app import create_app
from blueprints.permissions import matrix
from blueprints.security import csrf, limiter
from rongjiu.config import Settings
from rongjiu.db import db
from rongjiu.identity.rules import SECOND_FACTOR_ROLES

WRITES = {"POST", "PUT", "PATCH", "DELETE"}
_SAMPLES = {"uuid": str(UUID(int=1)), "int": "1", "any": "accept", "default": "x"}


def writes(app: Flask) -> Iterator[Rule]:
    """Addresses that change something."""
    for rule in app.url_map.iter_rules():
        if WRITES & (rule.methods or set()):
            yield rule


def address(rule: Rule) -> str:
    """An address of a rule with any values in it."""
    text = re.sub(r"<any\(([a-z]+)[^>]*>", r"\1", rule.rule)
    return re.sub(r"<(?:([a-z]+):)?[a-z_]+>", lambda found: _SAMPLES[found[1] or "default"], text)


@pytest.fixture(scope="module")
def strict(settings: Settings, app: Flask) -> Iterator[Flask]:
    """The application with the token demanded, as it runs outside tests."""
    made = create_app(settings, TESTING=True, RATELIMIT_ENABLED=False)
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


def test_every_write_demands_the_token(strict: Flask) -> None:
    client = strict.test_client()
    rules = list(writes(strict))
    assert len(rules) > 80
    for rule in rules:
        answer = client.post(address(rule), data={"name": "x"})
        # Who is not logged in or has no such page is turned away by the guard; nobody else passes without the token.
        assert answer.status_code in (400, 302, 404), (rule.endpoint, answer.status_code)
        if matrix()[rule.endpoint].scope == "public" and "<slug>" not in rule.rule:
            assert answer.status_code == 400, rule.endpoint
    assert not csrf._exempt_views
    assert not csrf._exempt_blueprints


def test_every_form_without_a_login_is_limited(app: Flask) -> None:
    limited = set(limiter.limit_manager._decorated_limits)  # by the name of the view function
    for rule in writes(app):
        if matrix()[rule.endpoint].scope in ("public", "link"):
            view = app.view_functions[rule.endpoint]
            assert f"{view.__module__}.{view.__name__}.{view.__name__}" in limited, rule.endpoint


def test_what_is_written_down_when_opened_is_opened_by_a_logging_view(app: Flask) -> None:
    for endpoint, row in matrix().items():
        source = inspect.getsource(inspect.unwrap(app.view_functions[endpoint]))
        assert ("@logged" in source) == bool(row.opens), endpoint


def test_a_page_that_shows_protected_facts_of_a_person_is_written_down() -> None:
    by_room = {"street.department", "street.department_answer"}  # receiving.opened writes each look down
    for endpoint, row in matrix().items():
        protected = {"income", "condition", "id_number", "facts"} & set(row.fields)
        if (
            protected
            and endpoint not in ("desk.reveal", "desk.save_income", "desk.save_facts", "desk.take_screening")
            and endpoint not in by_room
        ):
            assert row.opens, endpoint


def test_every_role_that_may_export_has_a_second_factor() -> None:
    own = {  # of the reader or of the reader's own people alone, nobody helped in them
        "volunteer.hours_export", "provider.slots_export", "provider.figures_export", "provider.on_call_export",
        "provider.openings_export", "provider.licences_export", "provider.prices_export", "provider.care_export",
        "provider.log_export",
    }  # fmt: skip
    exports = {endpoint: row for endpoint, row in matrix().items() if "export" in endpoint and endpoint not in own}
    assert exports
    for endpoint, row in exports.items():
        assert set(row.roles) <= SECOND_FACTOR_ROLES, endpoint


def test_cookies_and_headers_are_those_of_the_standard(client: FlaskClient) -> None:
    answer = client.get("/account/login")
    assert answer.headers["X-Frame-Options"] == "DENY"
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert cookie.startswith("__Host-")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    secure = client.get("/account/login", base_url="https://localhost")
    assert "max-age=31556926" in secure.headers["Strict-Transport-Security"]
    assert "includeSubDomains" in secure.headers["Strict-Transport-Security"]


def test_a_body_beyond_the_limit_is_answered_in_words(client: FlaskClient) -> None:
    kind = "application/x-www-form-urlencoded"
    answer = client.post("/account/forgot", data=b"x" * (26 * 1024 * 1024), content_type=kind)
    assert answer.status_code == 413
    assert "不超过 10 MB" in answer.text


def test_an_address_behind_our_own_proxy_is_believed_and_no_other(settings: Settings, app: Flask) -> None:
    seen = {}
    for proxies in (0, 1):
        made = create_app(replace(settings, proxies=proxies), TESTING=True, RATELIMIT_ENABLED=False)
        answer = made.test_client().get("/metrics", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})
        seen[proxies] = answer.status_code
        with made.app_context():
            db.session.remove()
            db.engine.dispose()
    assert seen == {0: 200, 1: 404}  # from the proxy itself, and from somebody outside


@pytest.mark.parametrize("path", ["/?q=%00", "/market/?q=a%00b", "/c/a%00b/", "/join/?x=%00"])
def test_a_nul_is_a_malformed_request_not_a_crash(path: str, client: FlaskClient) -> None:
    assert client.get(path).status_code in (400, 404)
    assert client.post("/account/login", data={"address": "a\0b", "password": "c"}).status_code == 400
