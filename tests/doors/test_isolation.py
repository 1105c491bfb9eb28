"""A user of one community at every address of the map with the other's ids: 404, nothing changed, one row in the
actor's own chain."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.routing import Rule

from blueprints.permissions import matrix
from rongjiu.clock import now, today
from rongjiu.db import Base, OfTenant, Tenant, db, tenant_scope
from rongjiu.tenancy.models import Community
from rongjiu.tenancy.service import invite
from tenants.accompaniment import service as accompaniment
from tenants.referrals import service as referrals
from tenants.screening import service as screening
from tenants.signals import service as signals
from tests import casework, factories

OPEN_WORDS = {"policy", "department", "item", "seq", "provider_id"}
"""Parts of an address that name what every community has of its own (the same word leads to one's own), or what all
communities share: providers are in the open market and belong to none."""
ROLES = ("secretary", "assistance_clerk", "community_worker", "grid_worker", "live_desk")


@dataclass(frozen=True)
class Two:
    """Whose data is tried, who tries, and the ids of the first."""

    victim: Tenant
    victim_slug: str
    actor: Tenant
    actor_slug: str
    tokens: dict[str, str]
    ids: dict[str, Any]


def prepare() -> Two:
    theirs = casework.a_family()
    db.session.get_one(Community, theirs.community_id).mark = "AA"
    helper = casework.a_helper(theirs, "catheter-change")
    stranger = factories.a_person_with_role("community_worker", "community", theirs.community_id)
    invitation = invite("community", theirs.community_id, "grid_worker")
    assert invitation
    with tenant_scope(theirs.tenant):
        consent = casework.a_consent(theirs, helper)
        (task,) = referrals.offer(theirs.need, [helper.service], consent, theirs.old_man)
        taken = screening.take(theirs.case_id, today())
        yard = db.session.scalar(text("SELECT id FROM courtyard"))
        signal = signals.receive("hotline", "need", "一位老人没有人照顾", courtyard_id=yard)
        visit = accompaniment.plan_visit(theirs.case_id, "first", now() + timedelta(days=1))
        path = db.session.scalar(text("SELECT id FROM path_task")) or uuid4()
        ids = {
            "number": theirs.number, "need": "w1", "task_id": task.id, "screening": taken.id, "consent_id": consent,
            "household_id": theirs.household_id, "person_id": theirs.old_man, "signal_id": signal.id, "visit_id": visit.id,
            "provider_id": helper.id, "paper_id": uuid4(), "membership": stranger.membership.id, "path": path,
            "seq": 1, "policy": "dibao", "department": "mzj", "item": "sweep",
            "invitation": db.session.scalar(text("SELECT id FROM invitation ORDER BY created_at DESC LIMIT 1")),
        }  # fmt: skip
    mine = factories.a_modelled_community()
    mine.mark = "BB"
    mine_tenant, mine_slug, mine_id = factories.tenant(mine), mine.slug, mine.id
    tokens = {role: factories.a_person_with_role(role, "community", mine_id).token for role in ROLES}
    slug = db.session.get_one(Community, theirs.community_id).slug
    return Two(theirs.tenant, slug, mine_tenant, mine_slug, tokens, ids)


def fingerprint(app: Flask, tenant: Tenant) -> dict[str, str]:
    """What every table of a community holds, but its audit."""
    tables = sorted(m.local_table.name for m in Base.registry.mappers if issubclass(m.class_, OfTenant))
    with app.app_context(), tenant_scope(tenant):
        return {
            table: str(
                db.session.scalar(
                    text(f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t")
                )
            )
            for table in tables
            if not table.startswith("audit")
        }


def audit_rows(app: Flask, tenant: Tenant) -> int:
    with app.app_context(), tenant_scope(tenant):
        return int(db.session.scalar(text("SELECT count(*) FROM audit WHERE verb IN ('refused', 'absent')")) or 0)


def community_rules(app: Flask) -> list[Rule]:
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint in matrix() and matrix()[rule.endpoint].scope == "community"
    ]
    assert len(rules) > 40
    return rules


def address(app: Flask, rule: Rule, slug: str, ids: dict[str, Any]) -> str:
    words = {name: ids[name] for name in rule.arguments if name != "slug"}
    if "slug" in rule.arguments:
        words["slug"] = slug
    with app.test_request_context():
        return str(
            app.url_map.bind("localhost").build(
                rule.endpoint, words, method=next(iter(rule.methods - {"HEAD", "OPTIONS"}))
            )
        )


@pytest.fixture
def two(app: Flask, made) -> Two:
    found = made(prepare)
    assert isinstance(found, Two)
    return found


def test_every_address_of_the_own_desk_with_the_others_ids(app: Flask, two: Two, client: FlaskClient, login) -> None:
    before, tried = fingerprint(app, two.victim), 0
    for rule in community_rules(app):
        names = set(rule.arguments) - {"slug"}
        if not names or names <= OPEN_WORDS:
            continue
        role = next(role for role in ROLES if role in matrix()[rule.endpoint].roles)
        login(client, two.tokens[role])
        path = address(app, rule, two.actor_slug, two.ids)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            written = audit_rows(app, two.actor)
            answer = client.open(
                path, method=method, data={"reason": "look", "fields": "phone"} if method == "POST" else None
            )
            assert answer.status_code == 404, (
                rule.endpoint,
                method,
                answer.status_code,
                answer.headers.get("Location"),
            )
            assert audit_rows(app, two.actor) == written + 1, (rule.endpoint, method)
            tried += 1
    assert tried > 40
    assert fingerprint(app, two.victim) == before
    assert audit_rows(app, two.victim) == 0


def test_every_address_of_the_others_desk(app: Flask, two: Two, client: FlaskClient, login) -> None:
    before = fingerprint(app, two.victim)
    for rule in community_rules(app):
        if "slug" not in rule.arguments:
            continue
        role = next(role for role in ROLES if role in matrix()[rule.endpoint].roles)
        login(client, two.tokens[role])
        path = address(app, rule, two.victim_slug, two.ids)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            written = audit_rows(app, two.actor)
            assert client.open(path, method=method).status_code == 404, (rule.endpoint, method)
            assert audit_rows(app, two.actor) == written + 1, (rule.endpoint, method)
    assert fingerprint(app, two.victim) == before


def test_a_role_without_the_right_gets_404_at_its_own_desk(app: Flask, two: Two, client: FlaskClient, login) -> None:
    """The matrix is what the guard does: each role at each address without arguments."""
    for rule in community_rules(app):
        if "GET" not in rule.methods or set(rule.arguments) != {"slug"}:
            continue
        for role in ROLES:
            login(client, two.tokens[role])
            answer = client.get(address(app, rule, two.actor_slug, two.ids))
            allowed = role in matrix()[rule.endpoint].roles
            assert (answer.status_code != 404) == allowed, (rule.endpoint, role, answer.status_code)


def test_posted_keys_of_another_place_change_nothing(app: Flask, two: Two, client: FlaskClient, login) -> None:
    """Mass assignment: tenant, role, state and owner in a body are not read."""
    before = fingerprint(app, two.victim)
    login(client, two.tokens["assistance_clerk"])
    words = {"tenant_id": two.victim.id, "slug": two.victim_slug, "state": "answered", "role": "secretary", "words": "一位老人需要帮助",
             "channel": "hotline", "kind": "need", "urgency": "ordinary"}  # fmt: skip
    client.post(f"/c/{two.actor_slug}/desk/signals/new", data=words)
    assert fingerprint(app, two.victim) == before
    with app.app_context(), tenant_scope(two.actor):
        assert set(db.session.scalars(text("SELECT state FROM signal"))) <= {"new"}
