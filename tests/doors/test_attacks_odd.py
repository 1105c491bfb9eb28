"""Markup, and what no database takes, at every address of the doors outside the desk: providers, streets, accounts, public
pages and open data. Nothing breaks, nothing comes back as markup."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from blueprints.permissions import matrix
from rongjiu.actor import acting
from rongjiu.db import db, tenant_scope
from rongjiu.marketplace import claims, offering
from rongjiu.marketplace.models import Provider
from rongjiu.marketplace.service import publish
from rongjiu.tenancy.models import Community, Street
from tenants.wishes import service as wishes
from tests import factories
from tests.desk_of import a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
MARK = "<svg/onload=alert(1)>"
ODD = "\0%_'\u202e\n"
FAR = "99999999999999999999"
LEAVES = {"account.logout", "account.switch", "account.end_session", "account.password"}
"""What ends the login with which the next address is tried."""


def _world() -> dict[str, Any]:
    here = a_desk()
    community = db.session.get_one(Community, here.tenant.uid)
    street = db.session.get_one(Street, community.street_id)
    provider = factories.a_provider(street, name="雁发理发店")
    provider_service = factories.a_service(provider)
    publish(provider.id)
    loose = factories.a_provider(street)
    site = offering.save_site(provider.id, offering.Site("门店", "雁北路 1 号", "西安市", "陕西省", "710054"))
    owner = factories.a_person_with_role("provider_owner", "provider", provider.id)
    claims.ask(loose.id, owner.account.id, "法人是我")
    (claim,) = claims.waiting(street.id)
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        wish = wishes.submit("想要一把轮椅").id
        wishes.publish(wish, "一位老人想要一把轮椅")
    street_slug, slug = street.slug, here.slug
    mark = db.session.get_one(Provider, provider.id).slug
    return {
        "slug": slug, "street": street_slug, "mark": mark, "month": "2026-11", "site_id": site, "claim_id": claim.id,
        "provider_id": loose.id, "service_id": provider_service.id, "wish_id": wish, "key": provider.id, "verb": "refuse",
        "department": "mzj", "name": "service",
        "tokens": {
            "provider": owner.token, "account": owner.token,
            "street": factories.a_person_with_role("street_overseer", "street", street.id).token,
        },
    }  # fmt: skip


@pytest.fixture
def world(made: Made) -> dict[str, Any]:
    return made(_world)  # type: ignore[no-any-return]


def _addresses(app: Flask, world: dict[str, Any]) -> Iterator[tuple[Rule, str, str]]:
    """Each address of these doors whose parts are known, with its scope."""
    for rule in app.url_map.iter_rules():
        row = matrix().get(rule.endpoint)
        if row is None or row.scope not in ("provider", "street", "account", "public") or rule.endpoint in LEAVES:
            continue
        words = {**world, "slug": world["street"] if row.scope == "street" else world["slug"]}
        if not set(rule.arguments) <= set(words) or (
            row.roles and not {"provider_owner", "street_overseer"} & set(row.roles)
        ):
            continue
        with app.test_request_context():
            given = {name: words[name] for name in rule.arguments}
            method = next(iter(rule.methods - {"HEAD", "OPTIONS"}))
            yield rule, row.scope, str(app.url_map.bind("localhost").build(rule.endpoint, given, method=method))


def _plain(answer: Any) -> bool:
    return MARK not in (answer.text if answer.mimetype.startswith("text/html") else "")


def _enter(client: FlaskClient, login: Login, world: dict[str, Any], scope: str) -> None:
    if scope in world["tokens"]:
        login(client, world["tokens"][scope])


def test_no_page_breaks_at_what_an_address_may_say(
    app: Flask, client: FlaskClient, login: Login, world: dict[str, Any]
) -> None:
    names = (
        "q",
        "search",
        "state",
        "street",
        "type",
        "price",
        "mode",
        "month",
        "of",
        "next",
        "kind",
        "modified_after",
        "seal",
        "done",
    )
    asked = [dict.fromkeys(names, ODD), dict.fromkeys(names, MARK), {"page": FAR, "per_page": FAR}, {"page": "-1"}]
    asked += [
        {"search": ODD},
        {"modified_after": "0001-01-01T00:00:00+14:00"},
        {"modified_after": "9999-12-31T23:59:59-14:00"},
        {"search": MARK},
        {"q": ODD},
    ]
    broken, tried = [], 0
    for rule, scope, path in _addresses(app, world):
        if "GET" not in rule.methods:
            continue
        _enter(client, login, world, scope)
        for words in asked:
            answer = client.get(path, query_string=words)
            tried += 1
            if answer.status_code >= 500 or not _plain(answer):
                broken.append((rule.endpoint, words, answer.status_code))
    assert broken == []
    assert tried > 300


def test_markup_in_every_field_of_every_form_comes_back_as_words(
    app: Flask, client: FlaskClient, login: Login, world: dict[str, Any]
) -> None:
    broken, pages = [], []
    for rule, scope, path in _addresses(app, world):
        _enter(client, login, world, scope)
        fields = {"words", "reason", "name", "purpose"}
        if "GET" in rule.methods:
            pages.append((scope, path))
            page = client.get(path)
            fields |= set(re.findall(r'name="([^"]+)"', page.text)) if page.mimetype == "text/html" else set()
        for value in (MARK, ODD) if "POST" in rule.methods else ():
            answer = client.post(path, data=dict.fromkeys(fields - {"_key", "csrf_token"}, value))
            if answer.status_code >= 500 or not _plain(answer):
                broken.append((rule.endpoint, value, answer.status_code))
    for scope, path in pages:
        _enter(client, login, world, scope)
        answer = client.get(path)
        if answer.status_code >= 500 or not _plain(answer):
            broken.append((path, "afterwards", answer.status_code))
    assert broken == []
    assert len(pages) > 40
