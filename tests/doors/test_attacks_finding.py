"""What somebody tries against the register, sweeps, reviews and street desks who should not: a worker beyond the own
cases, a grid worker of another courtyard, words that are markup. Each went through once, or never may."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from blueprints.permissions import matrix
from rongjiu.db import db
from rongjiu.tenancy.models import Community
from tests import factories
from tests.doors import test_isolation as isolation

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
MARK = "<svg/onload=alert(1)>"
FAR = "99999999999999999999"
EMPTY = {"grid.survey_any"}
"""The sheet of a running survey, without a door: it tells of nobody."""
FOLLOWS = {"sweep_stop", "emergency_look"}
"""Doors registered since a sweep began get their stop when its pages are next read: what follows from the register. Who
opened a family as 急难 is written down, as every opening is in the audit."""


class Own:
    """A community full of everything, with its own staff: a worker without cases, a grid worker of another courtyard."""

    def __init__(self) -> None:
        self.two = isolation.prepare()
        here = db.session.scalar(select(Community).where(Community.tenant_id == self.two.victim.id))
        assert here is not None
        self.slug, self.ids = self.two.victim_slug, self.two.ids
        self.tokens = {
            role: factories.a_person_with_role(role, "community", here.id, post=role, courtyards=("elsewhere",)).token
            for role in isolation.ROLES
        }


@pytest.fixture
def own(made: Made) -> Own:
    return made(Own)  # type: ignore[no-any-return]


def _rules(app: Flask) -> Iterator[tuple[Rule, dict[str, str]]]:
    for rule in isolation.community_rules(app):
        yield rule, matrix()[rule.endpoint].roles


def test_no_list_breaks_at_what_an_address_may_say(app: Flask, own: Own, client: FlaskClient, login: Login) -> None:
    odd = dict.fromkeys(("q", "courtyard", "kind", "state", "policy", "tab", "building", "worker"), "\0%_' \u202e")
    for rule, roles in _rules(app):
        role = next((each for each in isolation.ROLES if each in roles), None)
        if role is None or "GET" not in rule.methods or set(rule.arguments) != {"slug"}:
            continue
        login(client, own.tokens[role])
        path = isolation.address(app, rule, own.slug, own.ids)
        for asked in ({"page": FAR}, {"page": "-1", "size": "-1"}, odd, {"q": MARK, "state": MARK}):
            answer = client.get(path, query_string=asked)
            assert answer.status_code < 500, (rule.endpoint, asked)
            assert MARK not in (answer.text if answer.mimetype.startswith("text/") else ""), rule.endpoint


def test_a_worker_without_the_case_finds_nothing_of_the_family(
    app: Flask, own: Own, client: FlaskClient, login: Login
) -> None:
    """Every address with an id of the family, at which the matrix says `own` or `courtyard`: as if it were not there."""
    before, tried = isolation.fingerprint(app, own.two.victim), 0
    for rule, roles in _rules(app):
        names = set(rule.arguments) - {"slug"}
        role = next((each for each in ("community_worker", "grid_worker") if roles.get(each)), None)
        if role is None or not names or names <= isolation.OPEN_WORDS or rule.endpoint in EMPTY:
            continue
        login(client, own.tokens[role])
        path = isolation.address(app, rule, own.slug, own.ids)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            answer = client.open(
                path, method=method, data={"reason": "verify", "fields": "phone"} if method == "POST" else None
            )
            assert answer.status_code == 404, (rule.endpoint, method, answer.status_code)
            tried += 1
    assert tried > 25
    assert isolation.fingerprint(app, own.two.victim) == before


def test_a_worker_without_the_case_finds_nobody_by_searching(own: Own, client: FlaskClient, login: Login) -> None:
    login(client, own.tokens["community_worker"])
    for asked in ("周某", "周", "zhou", "zm", "13800001234", "610103194001011235", "3-2-501甲", "雁北", "%", "_", ".*"):
        page = client.get(f"/c/{own.slug}/desk/search", query_string={"q": asked}).text
        assert str(own.ids["person_id"]) not in page, asked
        assert str(own.ids["household_id"]) not in page, asked


def test_a_grid_worker_of_another_courtyard_takes_nobody_along(own: Own, client: FlaskClient, login: Login) -> None:
    login(client, own.tokens["grid_worker"])
    bundle = client.get(f"/c/{own.slug}/grid/bundle").json
    assert [bundle[name] for name in ("yards", "homes", "stops", "visits", "sweeps")] == [[]] * 5
    everything = "".join(client.get(f"/c/{own.slug}/grid/{page}").text for page in ("", "sweep", "survey", "app"))
    for name in ("person_id", "household_id", "stop_id", "door_id", "visit_id"):
        assert str(own.ids[name]) not in everything, name


def test_markup_in_every_field_of_every_form_comes_back_as_words(
    app: Flask, own: Own, client: FlaskClient, login: Login
) -> None:
    """Each form is posted with markup, and with what no database takes, in all of its fields; then every page is read."""
    paths = []
    for rule, roles in _rules(app):
        role = next((each for each in isolation.ROLES[:3] if each in roles), None)
        if role is None:
            continue
        login(client, own.tokens[role])
        path, fields = isolation.address(app, rule, own.slug, own.ids), {"words", "reason", "why", "name", "purpose"}
        if "GET" in rule.methods:
            paths.append((role, path))
            page = client.get(path, query_string={"reason": "看一看资料"})
            fields |= set(re.findall(r'name="([^"]+)"', page.text)) if page.mimetype.startswith("text/") else set()
        for value in (MARK, "\0\u202e\n") if "POST" in rule.methods else ():
            answer = client.post(path, data=dict.fromkeys(fields - {"_key", "csrf_token"}, value))
            assert answer.status_code < 500, (rule.endpoint, value)
            assert MARK not in (answer.text if answer.mimetype.startswith("text/") else ""), rule.endpoint
    for role, path in paths:
        login(client, own.tokens[role])
        answer = client.get(path, query_string={"reason": "看一看资料"})
        assert MARK not in (answer.text if answer.mimetype.startswith("text/") else ""), path


def test_looking_changes_nothing(app: Flask, own: Own, client: FlaskClient, login: Login) -> None:
    """Previewers and impatient fingers open addresses; only opening a file leaves its row in the audit."""
    before = isolation.fingerprint(app, own.two.victim)
    for rule, roles in _rules(app):
        role = next((each for each in isolation.ROLES if each in roles), None)
        if role is not None and "GET" in rule.methods:
            login(client, own.tokens[role])
            client.get(isolation.address(app, rule, own.slug, own.ids), query_string={"reason": "看一看资料"})
            after = isolation.fingerprint(app, own.two.victim)
            assert {name for name in after if after[name] != before[name]} <= FOLLOWS, rule.endpoint
