"""What somebody tries with words, numbers and files: markup, formulas, names of files, what logs and limits make of it."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text, update

from blueprints.app import create_app
from blueprints.guard import COOKIE
from blueprints.security import by_account, limiter
from rongjiu import workbook
from rongjiu.config import Settings
from rongjiu.db import db, tenant_scope
from rongjiu.logs import masked
from rongjiu.marketplace import listings
from rongjiu.marketplace.models import Provider
from rongjiu.tenancy.service import invite
from tenants.referrals import moves
from tests import factories
from tests.doors.test_vetting import _applied
from tests.joining import SLOTS
from tests.linked import Phone

Made = Callable[[Callable[[], Any]], Any]
Login = Callable[[FlaskClient, str], None]
MARK = "<b data-x=1>坏"


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
    assert str(masked(None, "", event)) == str(
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
