"""What somebody tries who should not: links in other hands, posts that have ended, hosts that are not ours, forms without
their token. Each of these went through once, or is tried so that it never does."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from blueprints.guard import COOKIE
from blueprints.public.demo_phone import _pieces
from rongjiu.audit import Audit
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.marketplace.models import Provider
from rongjiu.notify.models import Message
from rongjiu.tenancy.models import Community, Membership
from tenants.founding import service as founding
from tenants.referrals import answering
from tests import factories
from tests.desk_of import a_desk
from tests.doors.test_grid import Door
from tests.doors.test_vetting import _applied, _state
from tests.joining import CREDIT, SLOTS, cloned, draft_of
from tests.linked import SECRETS, Phone

Made = Callable[[Callable[[], Any]], Any]
Login = Callable[[FlaskClient, str], None]
MARK = "<b data-x=1>坏"


def _opened(tenant: Any) -> int:
    with tenant_scope(tenant):
        return db.session.scalar(select(func.count()).select_from(Audit).where(Audit.verb == "open")) or 0


def test_a_waiting_link_is_dead_once_the_job_was_taken_another_way(client: FlaskClient, made: Made) -> None:
    """A link forwarded before the answer never shows the door afterwards: nobody typed a code on it."""
    phone = Phone(client, made)
    path = phone.path()
    phone.within(lambda: answering.accept(phone.tasks, phone.helper.id, now()))
    page = client.get(path, follow_redirects=True)
    assert page.status_code == 404
    for secret in SECRETS:
        assert secret not in page.text


def test_a_waiting_link_in_a_cookie_is_dead_too(client: FlaskClient, made: Made) -> None:
    phone = Phone(client, made)
    assert phone.open().status_code == 200
    phone.within(lambda: answering.accept(phone.tasks, phone.helper.id, now()))
    assert client.get("/provider/link/").status_code == 404
    assert client.post("/provider/link/done", data={"ticked": str(phone.tasks[0])}).status_code == 404


def _live(client: FlaskClient, made: Made) -> tuple[str, UUID]:
    """A founder with a draft whose community has gone live; answers the draft's address and the community."""
    at = cloned(client, made)
    draft = UUID(at.rpartition("/")[2])

    def go_live() -> UUID:
        founding.submit(draft_of(draft), credit_code=CREDIT)
        row = draft_of(draft)
        row.closed_at = now()
        db.session.get_one(Community, row.community_id).state = "live"
        return row.community_id  # type: ignore[return-value]

    return at, made(go_live)


def test_a_founding_that_was_answered_is_over_for_its_founder(client: FlaskClient, made: Made) -> None:
    """Inviting staff and changing the address of a live community are the secretary's, at the desk, with second factor."""
    at, community = _live(client, made)
    before = made(lambda: db.session.get_one(Community, community).slug)
    tries = {
        "staff": {"role": "secretary", "phone": "13800000066"}, "name": {"title": "新", "slug": "taken-over", "mark": "XX"},
        "slots": {**SLOTS, "phone": "029-99999999"}, "check": {"kind": "credit_code", "credit_code": CREDIT}, "plan": {},
    }  # fmt: skip
    for step, words in tries.items():
        assert client.post(f"{at}/{step}", data=words).status_code == 404, step
    row = made(lambda: [(each.slug, each.phone) for each in [db.session.get_one(Community, community)]])
    assert row == [(before, SLOTS["phone"])]


def test_a_founder_who_no_longer_works_there_founds_no_further(client: FlaskClient, made: Made) -> None:
    at = cloned(client, made)
    assert client.get(f"{at}/staff").status_code == 200
    made(lambda: db.session.execute(update(Membership).where(Membership.role == "secretary").values(ends_at=now())))
    assert client.get(f"{at}/staff").status_code == 404
    assert client.post(f"{at}/staff", data={"role": "secretary", "phone": "13800000066"}).status_code == 404


def test_a_community_does_not_lift_what_the_street_suspended(client: FlaskClient, made: Made, login: Login) -> None:
    case = made(lambda: _applied(invited=True))

    def suspend() -> None:
        row = db.session.get_one(Provider, UUID(case["provider"]))
        row.state, row.state_reason = "suspended", "投诉核实中"

    made(suspend)
    login(client, case["secretary"])
    client.post(f"/c/{case['community']}/desk/providers/{case['provider']}/vet")
    assert made(_state(case["provider"])) == ("suspended", "投诉核实中")
    login(client, case["clerk"])
    client.post(f"/street/{case['street']}/vetting/{case['provider']}", data={"verb": "approve", "reason": ""})
    assert made(_state(case["provider"])) == ("suspended", "投诉核实中")


def test_a_page_that_opens_a_family_is_written_down_also_when_its_form_is_refused(
    client: FlaskClient, made: Made, login: Login
) -> None:
    door = made(lambda: Door(a_desk()))
    login(client, door.token)
    before = made(lambda: _opened(door.here.tenant))
    page = client.post(door.url(f"visits/{door.visit}"), data={"persons-0-name": "", "client_key": str(uuid4())})
    assert page.status_code == 422
    assert "139 0000 2222" in page.text
    assert made(lambda: _opened(door.here.tenant)) == before + 1


def test_refused_income_and_facts_are_openings_too(client: FlaskClient, made: Made, login: Login) -> None:
    phone = Phone(client, made)
    family = phone.family
    login(
        client, made(lambda: factories.a_person_with_role("assistance_clerk", "community", family.community_id).token)
    )
    for page in ("income", "facts", "screening/new"):
        before = made(lambda: _opened(family.tenant))
        words = {"lines-0-kind": "wage", "seen": "99", "as_of": "nie"}
        answer = client.post(f"/c/{family.slug}/desk/cases/{family.number}/{page}", data=words)
        assert answer.status_code in (409, 422), page
        assert made(lambda: _opened(family.tenant)) == before + 1, page


def test_an_invitation_never_leads_to_a_host_that_the_sender_chose(client: FlaskClient, made: Made, app: Flask) -> None:
    """Whoever founds may invite any telephone: the link in that message is ours, whatever Host the request carried."""
    words = {"role": "grid_worker", "phone": "13800000055"}

    def secretary() -> tuple[str, str]:
        community = factories.a_modelled_community()
        return community.slug, factories.a_person_with_role("secretary", "community", community.id).token

    slug, token = made(secretary)
    at = cloned(client, made)
    cookie = client.get_cookie(COOKIE, domain="localhost")
    assert cookie is not None
    client.set_cookie(COOKIE, cookie.value, domain="evil.example", secure=True)
    assert client.post(f"{at}/staff", data=words, base_url="https://evil.example").status_code == 303
    client.set_cookie(COOKIE, token, domain="evil.example", secure=True)
    assert client.post(f"/c/{slug}/desk/staff", data=words, base_url="https://evil.example").status_code == 303
    texts = made(lambda: [row for row in db.session.scalars(select(Message.text)) if "邀请" in row])
    assert len(texts) == 2
    root = app.config["SETTINGS"].public_url
    for said in texts:
        assert re.search(r"https?://\S+", said)[0].startswith(f"{root}/account/invitation/"), said  # type: ignore[index]


def test_every_post_needs_its_token(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    tried = 0
    for rule in app.url_map.iter_rules():
        if not {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set()):
            continue
        words = {name: uuid4() if "uuid" in rule._trace.__repr__() else "1" for name in rule.arguments}  # type: ignore[attr-defined]
        words |= rule.defaults or {}
        for converter, value in (("uuid", uuid4()), ("int", 1), ("any", "")):
            for name, kind in rule._converters.items():
                if type(kind).__name__.lower().startswith(converter):
                    words[name] = value or min(kind.items)  # type: ignore[attr-defined]
        path = app.url_map.bind("localhost").build(rule.endpoint, words, method="POST")
        assert client.post(path).status_code == 400, rule.endpoint
        tried += 1
    assert tried > 60


def test_anothers_key_answers_nothing_of_theirs(client: FlaskClient, made: Made, login: Login) -> None:
    """A key of a retry belongs to one caller, one address and one body."""
    door, key = made(lambda: Door(a_desk())), str(uuid4())
    words = {"channel": "hotline", "kind": "need", "words": "一位老人没有人照顾", "urgency": "ordinary", "_key": key}
    login(client, door.here.clerk.token)
    mine = client.post(f"/c/{door.slug}/desk/signals/new", data=words)
    assert mine.status_code == 303
    again = client.post(f"/c/{door.slug}/desk/signals/new", data=words)
    assert (again.status_code, again.location) == (303, mine.location)
    assert client.post(f"/c/{door.slug}/desk/signals/new", data={**words, "words": "别的话"}).status_code == 409
    login(client, door.here.secretary.token)
    other = client.post(f"/c/{door.slug}/desk/signals/new", data=words)
    assert other.status_code == 409
    assert mine.location not in other.text


def test_a_link_of_the_demo_phone_stays_on_this_site(app: Flask) -> None:
    site = app.config["SETTINGS"].public_url
    with app.app_context():
        pieces = "".join(_pieces(f"看 {site}//evil.example 和 {site}/market 和 https://evil.example/x"))
    assert pieces.count("<a ") == 1
    assert 'href="/market"' in pieces
