"""What somebody tries against papers, complaints, providers and streets who should not: a worker whose case has gone to
somebody else, a secretary complained about, a provider with the ids of another, a street with those of its neighbour."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text, update

from blueprints.desk import import_template
from blueprints.permissions import matrix
from rongjiu.actor import Actor, acting
from rongjiu.db import db, tenant_scope
from rongjiu.marketplace import claims, offering
from rongjiu.tenancy.models import Community, Street
from tenants.cases.models import CaseFile
from tenants.complaints import service as complaints
from tests import casework, factories, newcomers
from tests.desk_of import a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


def test_a_paper_of_a_case_is_gone_with_the_case(client: FlaskClient, made: Made, login: Login) -> None:
    """The sheet names the family in full: who no longer holds the case no longer saves it."""

    def make() -> tuple[str, str, UUID]:
        family = casework.a_family()
        worker = factories.a_person_with_role("community_worker", "community", family.community_id)
        with tenant_scope(family.tenant):
            db.session.execute(update(CaseFile).values(worker_id=worker.account.id))
            paper = newcomers.a_paper(family, worker.account.id)["paper_id"]
        return f"/c/{family.slug}/desk/papers/{paper}", worker.token, family.tenant

    at, token, tenant = made(make)
    login(client, token)
    assert client.get(f"{at}/file").status_code == 200

    def give_away() -> None:
        with tenant_scope(tenant):
            db.session.execute(update(CaseFile).values(worker_id=None))

    made(give_away)
    assert client.get(at).status_code == 404
    assert client.get(f"{at}/file").status_code == 404


def test_a_secretary_complained_about_does_not_find_it_on_her_own_day(
    client: FlaskClient, made: Made, login: Login
) -> None:
    def make() -> tuple[str, str, str, str]:
        here = a_desk()
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            row = complaints.receive(
                complaints.Heard("收了东西", about="worker", staff_id=here.secretary.account.id, complainant="李婆婆")
            )
            return here.slug, here.secretary.token, here.clerk.token, row.number

    slug, secretary, clerk, number = made(make)
    login(client, secretary)
    for page in ("", "day", "complaints"):
        shown = client.get(f"/c/{slug}/desk/{page}", query_string={"state": "received"}).text
        assert number not in shown, page
    login(client, clerk)
    assert number in client.get(f"/c/{slug}/desk/day").text


# --- addresses of providers and streets with the ids of another ---------------------------------------------------------


def _two_providers() -> dict[str, Any]:
    here = a_desk()
    street = db.session.get_one(Street, db.session.get_one(Community, here.tenant.uid).street_id)
    theirs, mine = factories.a_provider(street), factories.a_provider(street)
    owner = factories.a_person_with_role("provider_owner", "provider", mine.id)
    member = factories.a_person_with_role("provider_staff", "provider", theirs.id)
    site = offering.save_site(theirs.id, offering.Site("门店", "雁北路 1 号", "西安市", "陕西省", "710054"))
    service = factories.a_service(theirs)
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        matter = complaints.receive(complaints.Heard("没来", about="provider", provider_id=theirs.id)).id
    with tenant_scope(here.tenant), acting(Actor(here.secretary.account.id, "secretary", "社区书记")):
        complaints.ask(matter, "为什么没来？")
    return {
        "token": owner.token, "site_id": site, "membership": member.membership.id, "matter_id": matter,
        "service_id": service.id, "tenant": here.tenant,
    }  # fmt: skip


def _print(tenant: Any) -> list[str]:
    """What the other provider has."""
    tables = ("provider_location", "provider_service", "hearing", "complaint")
    with tenant_scope(tenant):
        rows = [
            db.session.scalar(text(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t"))
            for name in tables
        ]  # noqa: S608  names of this file
        ended = db.session.scalar(text("SELECT count(*) FROM membership WHERE ends_at IS NOT NULL"))
    return [*map(str, rows), str(ended)]


def test_a_provider_with_the_ids_of_another(app: Flask, client: FlaskClient, made: Made, login: Login) -> None:
    two = made(_two_providers)
    before = made(lambda: _print(two["tenant"]))
    login(client, two["token"])
    typed = {"name": "改", "address": "x", "city": "x", "province": "x", "postal_code": "710000", "reply": "我们来过"}
    tried = []
    for rule in app.url_map.iter_rules():
        names = set(rule.arguments)
        if (
            not names
            or rule.endpoint not in matrix()
            or matrix()[rule.endpoint].scope != "provider"
            or not names <= set(two)
        ):
            continue
        path = rule.rule
        for name in names:
            path = path.replace(f"<uuid:{name}>", str(two[name]))
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            assert client.open(path, method=method, data=typed if method == "POST" else None).status_code == 404, path
            tried.append(rule.endpoint)
    assert {
        "provider.site",
        "provider.site_close",
        "provider.staff_end",
        "provider.hearing",
        "provider.service",
    } <= set(tried)
    assert made(lambda: _print(two["tenant"])) == before


@pytest.mark.parametrize("role", ["street_vetting", "street_overseer"])
def test_a_street_decides_no_claim_of_its_neighbour(client: FlaskClient, made: Made, login: Login, role: str) -> None:
    def make() -> tuple[str, str, UUID]:
        street, other = factories.a_street(), factories.a_street()
        provider = factories.a_provider(other)
        asker = factories.a_person_with_role("volunteer", "community", factories.a_community(other).id)
        claims.ask(provider.id, asker.account.id, "法人是我")
        (row,) = claims.waiting(other.id)
        return street.slug, factories.a_person_with_role(role, "street", street.id).token, row.id

    slug, token, claim = made(make)
    login(client, token)
    assert client.post(f"/street/{slug}/claims/{claim}/accept", data={"reason": "核实过"}).status_code == 404
    assert "法人是我" not in client.get(f"/street/{slug}/claims").text


# --- files of lists ----------------------------------------------------------------------------------------------------


def test_no_file_opens_wider_than_its_page() -> None:
    """A file is its page read whole: nobody may take it who may not read the page, nor see more of it, nor of cases that
    are not their own; and what opens a family is written down for both."""
    open_to, pairs = {"never": 0, "masked": 1, "reveal": 2, "shown": 3}, 0
    for endpoint, file in matrix().items():
        page = matrix().get(endpoint.removesuffix("_export"))
        if page is None or page is file:
            continue
        pairs += 1
        assert set(file.roles) <= set(page.roles), endpoint
        assert all(page.roles[role] == how for role, how in file.roles.items()), endpoint
        assert file.opens == page.opens, endpoint
        for role in file.roles:
            wider = [name for name in file.fields if open_to[file.rule(name, role)] > open_to[page.rule(name, role)]]
            assert wider == [], (endpoint, role)
    assert pairs > 25


def test_a_courtyard_that_is_a_formula_is_words_in_the_template(app: Flask) -> None:
    """Its name is written by whoever keeps the courtyards, and opened by whoever fills in the table."""
    with app.test_request_context():
        content = import_template.workbook(['=HYPERLINK("http://evil.example")'], ["=1+1"])
    with ZipFile(BytesIO(content)) as book:
        sheets = "".join(book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
    assert "<f>" not in sheets
