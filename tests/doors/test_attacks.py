"""What somebody tries who should not: words that are markup, links in other hands, posts that have ended, hosts that
are not ours, forms without their token. Each of these went through once, or is tried so that it never does."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text, update

from blueprints.app import create_app
from blueprints.guard import COOKIE
from blueprints.logs import _mask
from blueprints.public.demo_phone import _pieces
from blueprints.security import by_account, limiter
from rongjiu import workbook
from rongjiu.audit import Audit
from rongjiu.clock import now
from rongjiu.config import Settings
from rongjiu.db import db, tenant_scope
from rongjiu.marketplace import listings
from rongjiu.marketplace.models import Provider
from rongjiu.notify.models import Message
from rongjiu.tenancy.models import Community, Membership
from rongjiu.tenancy.service import invite
from tenants.founding import service as founding
from tenants.referrals import answering, moves
from tests import factories
from tests.desk_of import a_desk
from tests.doors.test_grid import Door
from tests.doors.test_join import CREDIT, SLOTS, _at, _cloned
from tests.doors.test_provider_link import SECRETS, Phone
from tests.doors.test_vetting import _applied, _state

Made = Callable[[Callable[[], Any]], Any]
Login = Callable[[FlaskClient, str], None]
MARK = "<b data-x=1>坏"


def _opened(tenant: Any) -> int:
    with tenant_scope(tenant):
        return db.session.scalar(select(func.count()).select_from(Audit).where(Audit.verb == "open")) or 0


def test_a_name_that_is_markup_is_escaped_where_words_of_the_list_stand(
    client: FlaskClient, made: Made, login: Login
) -> None:
    """Who acts next is a word of the list, or the name of a shop that anybody may register."""
    phone = Phone(client, made)

    def rename() -> str:
        db.session.execute(update(Provider).where(Provider.id == phone.helper.id).values(name=MARK))
        with tenant_scope(phone.family.tenant):
            for task in moves.locked(phone.tasks):
                moves.point(task)
        return factories.a_person_with_role("assistance_clerk", "community", phone.family.community_id).token

    login(client, made(rename))
    page = client.get(f"/c/{phone.family.slug}/desk/cases/{phone.family.number}")
    assert page.status_code == 200
    assert "&lt;b data-x=1&gt;坏" in page.text
    assert MARK not in page.text


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
    at = _cloned(client, made)
    draft = UUID(at.rpartition("/")[2])

    def go_live() -> UUID:
        founding.submit(_at(draft), credit_code=CREDIT)
        row = _at(draft)
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
    at = _cloned(client, made)
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
    at = _cloned(client, made)
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


def test_pages_with_a_telephone_on_them_are_never_kept(client: FlaskClient, made: Made) -> None:
    def invitation() -> str:
        return invite("community", factories.a_community().id, "grid_worker", phone="13800000077")

    page = client.get(f"/account/invitation/{made(invitation)}", follow_redirects=True)
    assert "138****0077" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    client.post("/join/provider", data={"phone": "13800000078"})
    page = client.get("/join/provider/code")
    assert "13800000078" in page.text.replace(" ", "")
    assert page.headers["Cache-Control"] == "no-store"


def test_a_crash_tells_the_log_nothing_of_a_person(
    app: Flask,
    client: FlaskClient,
    made: Made,
    login: Login,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)

    def secretary() -> tuple[str, str]:
        community = factories.a_modelled_community()
        return community.slug, factories.a_person_with_role("secretary", "community", community.id).token

    def crash(*words: object, **named: object) -> None:
        """A failure deep in the database with all that was typed among its values."""
        db.session.execute(text("SELECT 1 / length('') WHERE :typed <> ''"), {"typed": f"{words} {named}"})

    slug, token = made(secretary)
    login(client, token)
    monkeypatch.setattr("tenants.founding.service.change_slots", crash)
    words = {**SLOTS, "title": "周秘密", "host": "打 13912345678"}
    answer = client.post(f"/c/{slug}/desk/settings", data=words)
    out = capsys.readouterr()
    assert answer.status_code == 500
    assert "crash" in out.out
    for secret in ("周秘密", "13912345678", SLOTS["address"]):
        assert secret not in out.out + out.err + answer.text


def test_the_log_cleans_what_stands_inside_an_error() -> None:
    event = {
        "exception": [{"exc_value": "no 610102193805051234\nDETAIL: Key (name)=(周秘密)", "frames": ("13912345678",)}]
    }
    assert str(_mask(None, "", event)) == str(
        {"exception": [{"exc_value": "no 6101**************\\nDETAIL: ‹row›", "frames": ["139****5678"]}]}
    )


def test_a_number_that_is_none_is_refused_in_words(client: FlaskClient, made: Made, login: Login) -> None:
    """Types are strict: neither a crash nor a gigabyte of noughts."""
    phone = Phone(client, made)
    family = phone.family
    login(
        client, made(lambda: factories.a_person_with_role("assistance_clerk", "community", family.community_id).token)
    )
    case = f"/c/{family.slug}/desk/cases/{family.number}"
    line = {"lines-0-member": str(family.old_man), "lines-0-kind": "pension", "lines-0-month": "1"}
    for words in ({**line, "seen": "abc"}, {**line, "lines-0-month": "1e999999999"}, {**line, "rigid": "1e999999999"}):
        assert client.post(f"{case}/income", data=words).status_code in (409, 422), words
    assert client.post(f"{case}/facts", data={"seen": "-1"}).status_code == 409
    for name in ("household.members", "household.deposits_per_capita", "household.savings"):
        key = f"f-household-{name}"
        assert client.post(f"{case}/facts", data={key: "1e999999999"}).status_code in (303, 409, 422), key
    for path in ("needs/w99999999999999999999/match", "needs/w²/match", "outcomes/follow-ups/99999999999999999999"):
        answer = client.post(f"{case}/{path}") if "follow" in path else client.get(f"{case}/{path}")
        assert answer.status_code == 404, path


def test_a_table_for_excel_holds_no_formula(client: FlaskClient, made: Made, login: Login) -> None:
    """A founder names the place; the street opens the table."""

    def street() -> tuple[str, str]:
        here = factories.a_street()
        factories.a_community(here).name = '=HYPERLINK("http://evil.example")&社区'
        return here.slug, factories.a_person_with_role("street_overseer", "street", here.id).token

    slug, token = made(street)
    login(client, token)
    answer = client.post(f"/street/{slug}/export", data={"purpose": "例会"})
    assert answer.status_code == 200
    cells = [str(cell) for row in workbook.rows(answer.data, "overview.xlsx") for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    sheet = ZipFile(BytesIO(answer.data)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet and b"<f " not in sheet


def test_what_writes_to_telephones_or_takes_data_out_is_limited(settings: Settings, app: Flask, made: Made) -> None:
    """Whoever has an account may not write to every telephone there is, nor ask for every number one by one."""

    def people() -> list[tuple[str, str, int]]:
        street = factories.a_street()
        community = factories.a_community(street)
        secretary = factories.a_person_with_role("secretary", "community", community.id).token
        overseer = factories.a_person_with_role("street_overseer", "street", street.id).token
        operator = factories.a_person_with_role("operator", "platform", None).token
        return [
            (secretary, f"/c/{community.slug}/desk/staff", 20), (secretary, f"/join/community/{uuid4()}/staff", 20),
            (secretary, f"/join/community/{uuid4()}/clone", 20), (overseer, f"/street/{street.slug}/export", 10),
            (secretary, f"/c/{community.slug}/desk/cases/export", 10),
            (secretary, f"/c/{community.slug}/desk/imports", 10),
            (secretary, f"/c/{community.slug}/desk/signals/import", 10),
            (secretary, f"/c/{community.slug}/desk/register/export", 10),
            (operator, "/operator/invite/platform/-", 20),
        ]  # fmt: skip

    limited = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=True)
    own, engines = db._app_engines[limited][None], db._app_engines[limited]
    try:
        engines[None] = db._app_engines[app][None]  # the connection of this test, which sees its rows
        for token, path, free in made(people):
            client = limited.test_client()
            client.set_cookie(COOKIE, token, domain="localhost", secure=True)
            answers = [client.post(path).status_code for _each in range(free + 1)]
            assert set(answers[:free]) <= {200, 303, 404, 422}, path
            assert answers[free] == 429, path
    finally:
        limiter.enabled = app.config["RATELIMIT_ENABLED"]  # one limiter serves every app of the process
        own.dispose()


def test_limits_of_an_account_follow_it_to_every_address(app: Flask, made: Made) -> None:
    token = made(lambda: factories.a_person_with_role("secretary", "community", factories.a_community().id).token)
    keys = set()
    for n in range(2):
        where = {"REMOTE_ADDR": f"10.0.0.{n}"}
        with app.test_request_context(headers={"Cookie": f"{COOKIE}={token}"}, environ_overrides=where):
            keys.add(by_account())
    assert len(keys) == 1
    with app.test_request_context(environ_overrides={"REMOTE_ADDR": "10.0.0.9"}):
        assert by_account() == "10.0.0.9"


@pytest.mark.parametrize(
    "name",
    ["a\r\nSet-Cookie: x=1.pdf", "../../etc/x.pdf", 'a";filename="b.html.pdf', "\u202efdp.pdf", "<svg onload=x>.pdf"],
)
def test_a_file_is_handed_out_under_a_name_that_is_only_a_name(
    client: FlaskClient, made: Made, login: Login, name: str
) -> None:
    case = made(_applied)

    def paper() -> tuple[str, str]:
        found = listings.add_paper(UUID(case["provider"]), "permit", b"%PDF-1.7 x", name, None)
        return str(found), ""

    login(client, case["clerk"])
    one = f"/street/{case['street']}/vetting/{case['provider']}"
    answer = client.get(f"{one}/papers/{made(paper)[0]}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content_type == "application/pdf"
    assert "\nSet-Cookie: x" not in str(answer.headers)
    assert "<svg onload" not in client.get(one).text


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
