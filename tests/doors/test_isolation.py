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
from tenants.catalogue import queries as catalogue
from tenants.express import service as express
from tenants.imports import service as imports
from tenants.policydesk import examples
from tenants.referrals import service as referrals
from tenants.residents import contacts, places, queries
from tenants.residents import service as residents
from tenants.screening import service as screening
from tenants.signals import door_codes
from tenants.signals import lists as signal_lists
from tenants.signals import service as signals
from tenants.wishes import service as wishes
from tests import casework, factories, fieldwork, newcomers, registers, reviewing
from tests.reached import a_benefit, a_change, a_line, a_near_miss, a_shift, a_sweep, a_willing, survey_ids

OPEN_WORDS = {"policy", "department", "item", "seq", "provider_id"}
"""Parts of an address that name what every community has of its own (the same word leads to one's own), or what all
communities share: providers are in the open market and belong to none."""
ROLES = ("secretary", "assistance_clerk", "community_worker", "grid_worker", "live_desk", "volunteer_lead", "volunteer")


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
        swept = a_sweep(yard, theirs.old_man)
        residents.link_carer(theirs.son, theirs.old_man)
        door_codes.make(yard)
        code = db.session.scalar(text("SELECT id FROM door_code"))
        listed = signal_lists.read(
            "姓名,出生日期\n周某,1940-01-01\n".encode(), "list.csv", department=catalogue.departments()[0]["id"],
            name="监测名单", dated=today(),
        )  # fmt: skip
        ids = {
            "number": theirs.number, "need": "w1", "task_id": task.id, "screening": taken.id, "consent_id": consent,
            "household_id": theirs.household_id, "person_id": theirs.old_man, "signal_id": signal.id, "visit_id": visit.id,
            "provider_id": helper.id, "membership": stranger.membership.id, "path": path,
            "change_id": a_change(theirs), "benefit_id": a_benefit(theirs),
            "seq": 1, "policy": "dibao", "department": "mzj", "item": "sweep", "courtyard_id": yard,
            "stat_id": places.save_stat("area", "1", source="x"),
            "link_id": queries.care(theirs.household_id)[0].id,
            "contact_id": contacts.add(theirs.old_man, "family", name="x", phone="13800001234"),
            "code_id": code, "list_id": listed,
            **survey_ids(yard),
            "batch_id": imports.upload(registers.workbook(registers.rows(2, 3)), "register.xlsx"),
            "invitation": db.session.scalar(text("SELECT id FROM invitation ORDER BY created_at DESC LIMIT 1")),
            **swept,
        }  # fmt: skip
        ids |= {"kind": "slip", "where": "call", "wish_id": wishes.submit("想要一把轮椅").id}
        ids |= {"verb": "talk", "reply": "leave", "said": "thank", "willing_id": a_willing(theirs, helper)}
        # Ids of later rooms that nothing here has made: unknown everywhere, so they must be absent all the same.
        ids |= {
            name: uuid4()
            for name in ("check_id", "target_id", "matter_id", "plan_id", "team_id", "volunteer_id", "entry_id")
        }
        ids["near_id"] = a_near_miss(theirs, taken.id)
        ids["emergency_id"] = express.flag_case(theirs.case_id)
        ids |= {"line_id": a_line(theirs.street_id)}
        ids |= {"example_id": examples.add("dibao", "某户", {}, "need_info")}
        ids |= {"row_id": a_shift()}
        ids |= {"item_id": fieldwork.an_item(yard)}
    ids |= reviewing.some(theirs.tenant, theirs.old_man)
    ids |= newcomers.some(theirs)
    mine = factories.a_modelled_community()
    mine.mark = "BB"
    mine_tenant, mine_slug, mine_id = factories.tenant(mine), mine.slug, mine.id
    staff = {role: factories.a_person_with_role(role, "community", mine_id) for role in ROLES}
    tokens = {role: person.token for role, person in staff.items()}
    newcomers.bind(mine_tenant, staff["volunteer"].account.id)
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
    known = {**ids, **ids["at"].get(rule.endpoint, {})}
    words = {name: known[name] for name in rule.arguments if name != "slug"}
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
    before, tried, wrong = fingerprint(app, two.victim), 0, []
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
            kept = audit_rows(app, two.actor) - written
            if (answer.status_code, kept) != (404, 1):
                wrong.append((rule.endpoint, method, answer.status_code, kept, answer.headers.get("Location")))
            tried += 1
    assert wrong == []
    assert tried > 200
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
