"""A thousand communities, one of them with 11,067 residents; clerks with logins in each."""

import statistics
import time
from dataclasses import dataclass

import psycopg
from flask import Flask
from flask_migrate import upgrade

from blueprints.app import create_app
from blueprints.commands import migrations
from rongjiu.crypto import token_hash
from rongjiu.db import Tenant, db
from rongjiu.embedded import Embedded
from rongjiu.library import queries as library
from rongjiu.library.service import publish_base
from tenants.founding import cloning

TENANTS, BIG_HOUSEHOLDS, BIG_RESIDENTS, BIG_CASES, SMALL_CASES = 1000, 5014, 11067, 2000, 60
_PLACES = """
    INSERT INTO district (id, slug, name, demo) VALUES (gen_random_uuid(), 'd', '区', false);
    INSERT INTO street (id, district_id, slug, name, demo) SELECT gen_random_uuid(), (SELECT id FROM district), 's' || n, '街道' || n, false
      FROM generate_series(1, 84) n;
    INSERT INTO community (id, slug, name, street_id, state, mark, title, cloned_from, host, phone, address, desk_hours, icp, police_record, privacy_note,
                           proof, demo, created_at)
      SELECT gen_random_uuid(), 'c' || n, '社区' || n, (SELECT id FROM street WHERE slug = 's' || (n %% 84 + 1)), 'live', 'C' || n, '', '', '', '', '',
             '', '', '', '', '{}', false, now() FROM generate_series(1, %(tenants)s) n ORDER BY n;
"""
_PEOPLE = """
    INSERT INTO courtyard (tenant_id, id, slug, seq, name, grid, households, residents, source, demo)
      SELECT t.tenant_id, gen_random_uuid(), 'y' || n, n, '第' || n || '院', '', 0, 0, '', false FROM community t, generate_series(1, 14) n;
    INSERT INTO household (tenant_id, id, courtyard_id, building, unit, room, created_at, demo)
      SELECT y.tenant_id, gen_random_uuid(), y.id, '1', '1', n::text, now(), false FROM courtyard y,
      LATERAL generate_series(1, CASE WHEN y.tenant_id = %(big)s THEN 359 ELSE 5 END) n
      WHERE y.tenant_id <> %(big)s OR n <= 358 OR y.seq <= 2;
    INSERT INTO person (tenant_id, id, household_id, seq, name, pinyin, gender, relation, age_said, age_on, groups, demo)
      SELECT h.tenant_id, gen_random_uuid(), h.id, n, '周某' || n, 'zhoumou', 'male', '', 60 + n, date '2022-08-04',
             '["oldest-old-disabled", "family-carers"]', false
      FROM (SELECT *, row_number() OVER (PARTITION BY tenant_id ORDER BY id) AS nth FROM household) h,
      LATERAL generate_series(1, CASE WHEN h.tenant_id = %(big)s AND h.nth <= %(extra)s THEN 3 ELSE 2 END) n;
    INSERT INTO case_file (tenant_id, id, number, household_id, courtyard_id, state, track, urgency, worker_post, weight, weight_reasons, opened_at,
                           closed_reason, demo)
      SELECT h.tenant_id, gen_random_uuid(), 'C-2022-' || lpad(h.nth::text, 6, '0'), h.id, h.courtyard_id, 'planned', 'zhu', 'ordinary', '救助专干',
             (h.nth %% 90)::int, '["oldest-old-disabled", "family-carers"]', now() - h.nth * interval '1 minute', '', false
      FROM (SELECT *, row_number() OVER (PARTITION BY tenant_id ORDER BY id) AS nth FROM household) h
      WHERE h.nth <= CASE WHEN h.tenant_id = %(big)s THEN %(big_cases)s ELSE %(small_cases)s END;
    INSERT INTO step (tenant_id, id, object_kind, number, case_id, actor_role, actor, verb, due_at, since, urgency)
      SELECT tenant_id, gen_random_uuid(), 'case', number, id, 'assistance_clerk', '救助专干', '做计划', now() + interval '2 days', now(), 'ordinary'
      FROM case_file;
    INSERT INTO account (id, name, password_hash, totp_last_step, failures, demo, created_at, totp_confirmed_at)
      SELECT gen_random_uuid(), '专干 ' || slug, '-', 0, 0, false, now(), now() FROM community;
    INSERT INTO membership (id, account_id, scope_kind, scope_id, role, post, courtyards, starts_at)
      SELECT gen_random_uuid(), a.id, 'community', c.id, 'assistance_clerk', '救助专干', '[]', now()
      FROM community c JOIN account a ON a.name = '专干 ' || c.slug;
"""


@dataclass
class World:
    """The made world: the app on it, the slug and login token of each community's clerk, clone times in order."""

    app: Flask
    server: Embedded
    tokens: dict[str, str]
    clones: list[float]


def make(server: Embedded, say: object) -> World:
    """Make it in the server's database; a minute or two."""
    app = create_app(server.settings(), RATELIMIT_ENABLED=False)
    migrations(app)
    with app.app_context():
        upgrade()
    address = server.url("postgres").replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as owner:
        _run(owner, _PLACES, {"tenants": TENANTS})
    clones = _clone_all(app)
    with psycopg.connect(address, autocommit=True) as owner:
        big = owner.execute("SELECT tenant_id FROM community WHERE slug = 'c1'").fetchone()
        assert big
        words = {
            "big": big[0],
            "extra": BIG_RESIDENTS - 2 * BIG_HOUSEHOLDS,
            "big_cases": BIG_CASES,
            "small_cases": SMALL_CASES,
        }
        _run(owner, _PEOPLE, words)
        found = owner.execute("SELECT count(*) FROM household WHERE tenant_id = %s", (big[0],)).fetchone()
        people = owner.execute("SELECT count(*) FROM person WHERE tenant_id = %s", (big[0],)).fetchone()
        assert found == (BIG_HOUSEHOLDS,) and people == (BIG_RESIDENTS,), (found, people)
        tokens = _log_in(owner)
        owner.execute("ANALYZE")
    return World(app, server, tokens, clones)


def _run(owner: "psycopg.Connection[tuple[object, ...]]", script: str, words: dict[str, int]) -> None:
    for statement in script.split(";\n"):
        if statement.strip():
            owner.execute(statement, words)  # type: ignore[arg-type]


def _clone_all(app: Flask) -> list[float]:
    times = []
    with app.app_context():
        row = publish_base()
        db.session.commit()
        pack = library.find(f"{row.slug}@{row.version}")
        rows = db.session.execute(db.text("SELECT tenant_id, id FROM community ORDER BY tenant_id")).all()
        for each in rows:
            began = time.perf_counter()
            cloning.clone(pack, Tenant(each.tenant_id, each.id))
            db.session.commit()
            times.append(time.perf_counter() - began)
        db.session.remove()
    return times


def _log_in(owner: "psycopg.Connection[tuple[object, ...]]") -> dict[str, str]:
    rows = owner.execute(
        "SELECT c.slug, m.account_id, m.id FROM community c JOIN membership m ON m.scope_id = c.id ORDER BY c.tenant_id"
    ).fetchall()
    tokens = {}
    for slug, account, membership in rows:
        token = f"bench-{slug}"
        tokens[str(slug)] = token
        owner.execute(
            "INSERT INTO login_session (id, token_hash, account_id, membership_id, created_at, last_seen_at, expires_at, second_factor_at, "
            "address, agent) VALUES (gen_random_uuid(), %s, %s, %s, now(), now() + interval '20 minutes', now() + interval '1 day', now(), '', '')",
            (token_hash(token), account, membership),
        )
    return tokens


def clone_rows(times: list[float]) -> list[tuple[str, str, str]]:
    """Rows of the table: the first clones, the last, their ratio, and two halves of the middle as A/A."""
    first, last = statistics.median(times[:31]), statistics.median(times[-31:])
    half = statistics.median(times[400:431]), statistics.median(times[431:462])
    return [
        ("clone of the pack, first 31", f"{first * 1000:.0f} ms", "≤ 100 ms"),
        ("clone, last 31 of 1,000 / first 31", f"{last / first:.2f}", "≤ 1.2"),
        ("A/A: clones 401-431 / 432-462", f"{half[0] / half[1]:.2f}", "1"),
    ]
