"""Matching among 100,000 services and 1,000 communities: the query in the database, the call, and the whole page."""

import statistics
import time
from collections.abc import Callable
from uuid import UUID

import psycopg

from benchmarks.world import World
from blueprints.guard import COOKIE
from rongjiu.actor import Actor, acting
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.marketplace import candidates, queries
from rongjiu.tenancy.models import Community
from tenants.cases.models import CaseFile
from tenants.needs import service as needs
from tenants.referrals.matching import queries as market
from tenants.referrals.matching import service as matching

ROUNDS, WARM = 100, 10
WANTED_DB_MS, WANTED_PAGE_MS = 10, 40
ITEM = "home-medical"
_MARKET = """
    INSERT INTO provider (id, slug, name, name_en, "group", kind, contact, address, intro, street_id, state, state_reason, invited_by, demo, created_at, verified_at)
      SELECT gen_random_uuid(), 'p' || n, '服务方' || n, '', 'company', 'clinic', '', '', '', (SELECT id FROM street WHERE slug = 's' || (n %% 84 + 1)),
             'active', '', '', false, now(), now() FROM generate_series(1, 25000) n;
    INSERT INTO provider_service (id, provider_id, service_type, title, price_class, delivery_mode, schedule, places_a_month, state)
      SELECT gen_random_uuid(), p.id, t.type, t.type, CASE WHEN random() < 0.5 THEN 'free' ELSE 'cost_price' END,
             CASE WHEN random() < 0.7 THEN 'at_home' ELSE 'on_site' END, '{}', (random() * 9)::int, 'active'
      FROM (SELECT id, row_number() OVER (ORDER BY slug) AS nth FROM provider) p, generate_series(0, 3) k,
      LATERAL (SELECT (%(types)s::text[])[(p.nth + k * 8) %% array_length(%(types)s::text[], 1) + 1] AS type) t;
    INSERT INTO listing (service_id, provider_id, provider_slug, provider_name, "group", kind, service_type, title, price_class, delivery_mode, places_a_month,
                         words, demo, verified_at, fit_until, fresh_until)
      SELECT s.id, p.id, p.slug, p.name, p."group", p.kind, s.service_type, s.title, s.price_class, s.delivery_mode, s.places_a_month, '{}', false, now(),
             CASE WHEN random() < 0.9 THEN now()::date + (random() * 300)::int END, now()::date + 210
      FROM provider_service s JOIN provider p ON p.id = s.provider_id;
    INSERT INTO listing_area (service_id, street_id, service_type)
      SELECT s.id, p.street_id, s.service_type FROM provider_service s JOIN provider p ON p.id = s.provider_id;
    INSERT INTO admission (id, provider_id, community_id, state, monthly_limit, reason, changed_at, demo)
      SELECT gen_random_uuid(), p.id, c.id, 'active', 20, '', now(), false FROM provider p JOIN community c ON c.street_id = p.street_id
      WHERE hashtext(p.slug || c.slug) %% 2 = 0;
    INSERT INTO capacity (service_id, period, maximum, reserved, used, slot_id)
      SELECT id, date_trunc('month', now())::date, places_a_month, (places_a_month + 1) / 2, 0,
             '00000000-0000-0000-0000-000000000000' FROM provider_service
"""


def measure(world: World) -> list[tuple[str, str, str]]:
    """Rows of the table: the database's part, the call with freezing and audit, the page that shows it."""
    address = world.server.url("postgres").replace("+psycopg", "")
    types = sorted(queries.service_types())
    with psycopg.connect(address, autocommit=True) as owner:
        fill(owner, types)
        found = owner.execute("SELECT count(*) FROM listing").fetchone()
        owner.execute("VACUUM ANALYZE")
    with world.app.app_context():
        row = db.session.execute(
            db.select(Community.tenant_id, Community.id, Community.street_id).where(Community.slug == "c1")
        ).one()
        here = Tenant(row.tenant_id, row.id)
        with tenant_scope(here), acting(Actor(role="assistance_clerk", name="专干")):
            case = db.session.scalars(db.select(CaseFile).order_by(CaseFile.number).limit(1)).one()
            need = needs.add(case.id, "想看病", is_wish=False)
            need.item_slug = ITEM
            db.session.flush()
            number, seq, need_id = case.number, need.seq, need.id
        db.session.commit()
        db.session.remove()
    asked = _timed(_asked(world, here, row.street_id, row.id))
    called = _timed(_called(world, here, need_id))
    page = _timed(_page(world, number, seq))
    return [
        (f"match among {found[0] if found else 0:,} services: database", _words(asked), f"p95 ≤ {WANTED_DB_MS} ms"),
        ("match: ranked, frozen, audited", _words(called), ""),
        ("match: page", _words(page), f"p95 ≤ {WANTED_PAGE_MS} ms"),
    ]


def fill(owner: "psycopg.Connection[tuple[object, ...]]", types: list[str]) -> None:
    """Make 100,000 services, unless somebody has."""
    if owner.execute("SELECT 1 FROM listing LIMIT 1").fetchone() is None:
        for statement in _MARKET.split(";\n"):
            owner.execute(statement, {"types": types})  # type: ignore[arg-type]


def _asked(world: World, here: Tenant, street_id: UUID, community_id: UUID) -> Callable[[], float]:
    def call() -> float:
        with world.app.app_context(), tenant_scope(here):
            kinds = matching.usual(matching.types_for(ITEM))
            began = time.perf_counter()
            rows = candidates.candidates(street_id, kinds, community_id=community_id, most=market.LOOKED_AT)
            spent = time.perf_counter() - began
            if len(rows) < 10:
                raise RuntimeError("fewer than ten candidates")
            return spent * 1000

    return call


def _called(world: World, here: Tenant, need_id: UUID) -> Callable[[], float]:
    def call() -> float:
        with world.app.app_context(), tenant_scope(here), acting(Actor(role="assistance_clerk", name="专干")):
            began = time.perf_counter()
            run = matching.match(need_id)
            spent = time.perf_counter() - began
            if len(run.candidates) != 10:
                raise RuntimeError("fewer than ten candidates")
            db.session.rollback()
            return spent * 1000

    return call


def _page(world: World, number: str, seq: int) -> Callable[[], float]:
    client = world.app.test_client()
    client.set_cookie(COOKIE, world.tokens["c1"], domain="localhost", secure=True)
    url = f"/c/c1/desk/cases/{number}/needs/w{seq}/match"
    world.app.config["WTF_CSRF_ENABLED"] = False
    answer = client.post(url)
    if answer.status_code != 303:
        raise RuntimeError(answer.text)

    def call() -> float:
        began = time.perf_counter()
        answer = client.get(url)
        if answer.status_code != 200 or "服务方" not in answer.text:
            raise RuntimeError("no candidates on the page")
        return (time.perf_counter() - began) * 1000

    return call


def _timed(call: Callable[[], float]) -> list[float]:
    """Milliseconds that each call reports, after some to warm up."""
    for _ in range(WARM):
        call()
    return [call() for _ in range(ROUNDS)]


def _words(times: list[float]) -> str:
    cuts = statistics.quantiles(times, n=100)
    return f"p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms"
