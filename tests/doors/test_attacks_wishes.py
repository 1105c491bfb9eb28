"""What somebody tries with wishes that are slips: their ids at the doors of offers, an offer's ids at the doors of wishes, a
button that the state does not have."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.routing import Rule

from blueprints.permissions import matrix
from rongjiu.actor import acting
from rongjiu.db import db, tenant_scope
from rongjiu.tenancy.models import Community, Street
from tenants.cases.models import CaseFile
from tenants.referrals import service as referrals
from tenants.referrals.models import ReferralTask
from tenants.wishes import rules, service
from tenants.wishes.models import Wish
from tests import casework, factories
from tests.admitting import SECRETARY
from tests.doors.test_isolation import fingerprint

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
ROLES = {
    "community": ("secretary", "assistance_clerk", "community_worker"), "provider": ("provider_owner", "provider_staff"),
    "street": ("street_acceptance", "street_overseer", "street_vetting"),
}  # fmt: skip
ACTS = {
    "publish": "published", "need": "need", "deliver": "delivered", "thank": "thanked", "dispute": "published",
    "declined": "declined", "withdrawn": "withdrawn",
}  # fmt: skip
STATES = ("submitted", "published", "delivered", "thanked", "need", "declined", "withdrawn")
"""Those of a wish but `claimed`, in an order in which nobody ever holds more claims than one may."""


class World:
    """A community with a family, an offer to a provider, and a wish that the same provider has claimed."""

    def __init__(self) -> None:
        family = casework.a_family()
        helper = casework.a_helper(family, "catheter-change")
        street = db.session.get_one(Street, db.session.get_one(Community, family.community_id).street_id)
        places = {"community": family.community_id, "provider": helper.id, "street": street.id}
        self.tokens = {
            role: factories.a_person_with_role(role, kind, places[kind]).token
            for kind, roles in ROLES.items()
            for role in roles
        }
        owner = factories.a_person_with_role("provider_owner", "provider", helper.id)
        self.tokens["provider_owner"] = owner.token
        self.tenant, self.slug, self.number = family.tenant, family.slug, family.number
        self.street = street.slug
        who = service.Claimer(owner.account.id, helper.id, "provider", "一家店")
        with tenant_scope(family.tenant), acting(SECRETARY):
            consent = casework.a_consent(family, helper)
            (offer,) = referrals.offer(family.need, [helper.service], consent, family.old_man)
            self.offer, self.slip = offer.id, offer.request_id
            self.wishes = {state: self._wish(state, who) for state in (*STATES, "claimed")}
            self.wish = self.wishes["claimed"]
            self.claim = db.session.scalars(select(ReferralTask.id).where(ReferralTask.request_id == self.wish)).one()

    def _wish(self, state: str, who: service.Claimer) -> UUID:
        wish = service.submit("家里老人想要一把轮椅").id
        if state in ("submitted", "need", "declined"):
            if state == "declined":
                service.end(wish, "declined", "不合适")
            if state == "need":
                service.become_need(wish, db.session.scalars(select(CaseFile.id)).one())
            return wish
        service.publish(wish, "一位老人想要一把轮椅")
        if state in ("claimed", "delivered", "thanked"):
            service.claim(wish, who)
        if state in ("delivered", "thanked"):
            service.deliver(wish)
        if state == "thanked":
            service.thank(wish)
        if state == "withdrawn":
            service.end(wish, "withdrawn", "不要了")
        return wish


@pytest.fixture
def world(made: Made) -> World:
    return made(World)  # type: ignore[no-any-return]


def _paths(app: Flask, rule: Rule, known: dict[str, Any]) -> list[str]:
    """The addresses of a rule with a wish's slip or claim where an offer or a slip of a case stands."""
    found = []
    for one in (known["wish"], known["claim"]):
        words = {**known, "task_id": one, "request_id": one, "paper_id": uuid4()}
        for name, kind in rule._converters.items():
            if items := getattr(kind, "items", None):
                words[name] = sorted(items)
        choices = [name for name in rule.arguments if isinstance(words[name], list)]
        for value in words[choices[0]] if choices else [""]:
            picked = {name: words[name] for name in rule.arguments} | dict.fromkeys(choices, value)
            with app.test_request_context():
                found.append(app.url_map.bind("localhost").build(rule.endpoint, picked, method=min(rule.methods)))
    return found


def test_the_slip_and_the_claim_of_a_wish_are_nothing_at_the_doors_of_offers(
    app: Flask, world: World, client: FlaskClient, login: Login
) -> None:
    """Cancelled, accepted, done, supplied, ended, entered in error: whatever is pressed, by whoever has the post for it."""
    before, tried = fingerprint(app, world.tenant), set()
    typed = {
        "reason": "mistake", "verb": "accept", "act": "accept", "fields": "phone", "ticked": str(world.claim),
        "other": str(world.wish), "why": "核实过了", "state": "cancelled",
    }  # fmt: skip
    for rule in app.url_map.iter_rules():
        if not {"task_id", "request_id"} & set(rule.arguments) or rule.endpoint not in matrix():
            continue
        access = matrix()[rule.endpoint]
        slug = {"slug": world.slug if access.scope == "community" else world.street}
        known = {"number": world.number, "need": "w1", "wish": world.wish, "claim": world.claim, **slug}
        for role in ROLES.get(access.scope, ()):
            if role not in access.roles:
                continue
            login(client, world.tokens[role])
            for path in _paths(app, rule, known):
                for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                    answer = client.open(path, method=method, data=typed if method == "POST" else None)
                    assert answer.status_code == 404, (path, method, role, answer.status_code)
                    tried.add((rule.endpoint, method))
    assert {"desk.cancel_offer", "desk.end_slip", "provider.job_act", "desk.department_withdraw"} <= {
        n for n, _ in tried
    }
    assert fingerprint(app, world.tenant) == before


def test_an_offer_and_its_slip_are_nothing_at_the_doors_of_wishes(
    app: Flask, world: World, client: FlaskClient, login: Login
) -> None:
    before = fingerprint(app, world.tenant)
    for one in (world.offer, world.slip, world.claim):
        login(client, world.tokens["assistance_clerk"])
        assert client.get(f"/c/{world.slug}/desk/wishes/{one}").status_code == 404
        for act in ACTS:
            words = {"act": act, "text": "一位老人想要一把轮椅", "reason": "不合适"}
            assert client.post(f"/c/{world.slug}/desk/wishes/{one}", data=words).status_code == 404
        login(client, world.tokens["provider_owner"])
        assert client.post(f"/c/{world.slug}/wishes/{one}/claim").status_code == 404
        for act in ("deliver", "back"):
            assert client.post(f"/account/wishes/{one}", data={"act": act}).status_code == 404
    assert fingerprint(app, world.tenant) == before


def test_a_button_that_the_state_does_not_have_changes_nothing(
    app: Flask, world: World, client: FlaskClient, login: Login
) -> None:
    """An old page, a second press, a forged form: in each state every act that the table does not draw."""
    before, tried = fingerprint(app, world.tenant), 0
    login(client, world.tokens["assistance_clerk"])
    for state, wish in world.wishes.items():
        for act, target in ACTS.items():
            again = act == "publish" and state != "submitted"
            if rules.may(state, target, "desk") and not again or (act, state) == ("deliver", "delivered"):
                continue
            words = {"act": act, "text": "一位老人想要一把轮椅", "reason": "不合适", "thanks": "谢谢"}
            answer = client.post(f"/c/{world.slug}/desk/wishes/{wish}", data=words)
            assert answer.status_code in (409, 422), (state, act, answer.status_code)
            tried += 1
    assert tried > 40
    assert fingerprint(app, world.tenant) == before


def test_who_has_given_a_wish_back_acts_on_it_no_more(
    app: Flask, world: World, client: FlaskClient, login: Login, made: Made
) -> None:
    """Its header stays on the page of whoever had it; the wish is in other hands."""

    def other() -> str:
        person = factories.a_person_with_role("volunteer", "community", factories.a_community().id)
        return person.token

    token = made(other)
    login(client, world.tokens["provider_owner"])
    client.post(f"/account/wishes/{world.wish}", data={"act": "back"})
    login(client, token)
    assert client.post(f"/c/{world.slug}/wishes/{world.wish}/claim").location == "/account/wishes"
    before = fingerprint(app, world.tenant)
    login(client, world.tokens["provider_owner"])
    for act in ("deliver", "back"):
        page = client.post(f"/account/wishes/{world.wish}", data={"act": act}, follow_redirects=True)
        assert "已经不在您名下" in page.text
    login(client, token)
    for path in (f"desk/wishes/{world.wish}", "desk/wishes", f"desk/cases/{world.number}"):
        assert client.get(f"/c/{world.slug}/{path}").status_code == 404
    assert fingerprint(app, world.tenant) == before

    def count() -> list[Any]:
        with tenant_scope(world.tenant):
            tasks = select(func.count()).select_from(ReferralTask).where(ReferralTask.request_id == world.wish)
            return [db.session.scalar(tasks), db.session.scalar(select(Wish.state).where(Wish.id == world.wish))]

    assert made(count) == [2, "claimed"]
