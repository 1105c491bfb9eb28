"""The referral loop under load: a million live offers in a thousand communities, answers to them, and silence."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from sqlalchemy import select

from benchmarks import matching as market
from benchmarks.world import World
from rongjiu import outbox
from rongjiu.actor import Actor, acting
from rongjiu.clock import now
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.marketplace.queries import service_types
from rongjiu.paths import ROOT
from rongjiu.tenancy.models import Community
from tenants.accompaniment import work
from tenants.referrals import answering
from tenants.referrals.matching import service as matching
from tenants.referrals.models import ReferralTask
from tenants.referrals.returning import again

Rows = list[tuple[str, str, str]]
TASKS, DUE, CROWD = 1_000_000, 10_000, 1000
"""Live offers; those nobody answered in time; of these, so many in one community and the rest in all others alike."""
OFFERS, WARM = 330, 30
"""Offers that are answered one after the other, and those of them that are not measured."""
EFFECT = "effect of a decline: matching anew"
_SCRIPT = ROOT / "tests" / "stories" / "outbox_process.py"
_OFFERS = """
    SET session_replication_role = replica;
    CREATE TEMP TABLE home AS
      SELECT c.tenant_id, c.id AS case_id, c.number, c.household_id, p.id AS person_id, t.id AS community_id, t.name, t.street_id,
             gen_random_uuid() AS need_id, gen_random_uuid() AS consent_id,
             row_number() OVER (PARTITION BY c.tenant_id ORDER BY c.number) AS nth
      FROM case_file c JOIN community t ON t.tenant_id = c.tenant_id
      JOIN LATERAL (SELECT id FROM person p WHERE p.tenant_id = c.tenant_id AND p.household_id = c.household_id ORDER BY seq LIMIT 1) p ON true;
    DELETE FROM home WHERE nth > 60;
    CREATE TEMP TABLE able AS
      SELECT t.tenant_id, s.id AS service_id, s.provider_id, s.service_type, s.title, row_number() OVER (PARTITION BY t.tenant_id ORDER BY s.id) - 1 AS nth,
             count(*) OVER (PARTITION BY t.tenant_id) AS many
      FROM community t JOIN admission a ON a.community_id = t.id JOIN provider_service s ON s.provider_id = a.provider_id
      WHERE s.service_type = ANY(%(types)s);
    CREATE TEMP TABLE made AS
      SELECT h.*, a.service_id, a.provider_id, a.service_type, a.title, n, gen_random_uuid() AS request_id, gen_random_uuid() AS task_id,
             row_number() OVER (PARTITION BY h.tenant_id ORDER BY n, h.nth) AS place
      FROM home h JOIN able a ON a.tenant_id = h.tenant_id AND a.nth = h.nth %% a.many,
      LATERAL generate_series(1, ceil(%(each)s / 60.0)::int) n;
    DELETE FROM made WHERE place > %(each)s;
    INSERT INTO need (tenant_id, id, case_id, person_id, seq, words, is_wish, item_slug, urgency, result, result_code, result_by)
      SELECT tenant_id, need_id, case_id, person_id, 100, '', false, %(item)s, 'ordinary', '', '', '' FROM home;
    INSERT INTO consent (tenant_id, id, case_id, person_id, given_by_id, guardian, scope, provider_id, fields, how, witness, notice_version, given_at)
      SELECT DISTINCT ON (tenant_id, consent_id) tenant_id, consent_id, case_id, person_id, person_id, false, 'share_with_provider', provider_id, '["name"]',
             'paper', '', '1', now() FROM made;
    INSERT INTO referral_request (tenant_id, id, case_id, need_id, person_id, seq, kind, service_type, state, reason_code, urgency, wish, made_at)
      SELECT tenant_id, request_id, case_id, need_id, person_id, 100 + n, 'provider', service_type, 'active', '', 'ordinary', '', now() FROM made;
    INSERT INTO referral_task (tenant_id, id, request_id, case_id, provider_id, service_id, service_type, household_id, person_id, consent_id, state,
                               reason_code, rank, offered_at, due_at, terms, demo)
      SELECT tenant_id, task_id, request_id, case_id, provider_id, service_id, service_type, household_id, person_id, consent_id, 'requested', '', 1, now(),
             now() + interval '5 days', '{}', false FROM made;
    INSERT INTO task_event (tenant_id, id, task_id, at, state_from, state_to, actor, reason_code)
      SELECT tenant_id, gen_random_uuid(), task_id, now(), 'draft', 'requested', 'sender', '' FROM made;
    INSERT INTO outbox (tenant_id, id, kind, together, payload, unique_key, created_at, run_after, attempts)
      SELECT tenant_id, gen_random_uuid(), 'referrals.expire', true, jsonb_build_object('task', task_id), 'expire-' || task_id, now(),
             now() + interval '5 days', 0 FROM made;
    INSERT INTO provider_inbox (task_id, provider_id, community_id, tenant_id, service_id, title, community_name, area, state, sent_at, due_at)
      SELECT task_id, provider_id, community_id, tenant_id, service_id, title, name, '', 'requested', now(), now() + interval '5 days' FROM made;
    INSERT INTO step (tenant_id, id, object_kind, number, case_id, actor_role, actor, verb, due_at, since, urgency)
      SELECT tenant_id, task_id, 'referral_task', number, case_id, 'provider_owner', '', '答复派单', now() + interval '5 days', now(), 'ordinary' FROM made;
    INSERT INTO reservation (id, service_id, period, community_id, places, state, at)
      SELECT task_id, service_id, date_trunc('month', now())::date, community_id, 1, 'held', now() FROM made;
    UPDATE capacity c SET maximum = c.maximum + m.n, reserved = c.reserved + m.n
      FROM (SELECT service_id, count(*)::int AS n FROM made GROUP BY service_id) m WHERE m.service_id = c.service_id;
    UPDATE admission SET monthly_limit = NULL;
    SET session_replication_role = DEFAULT;
    ANALYZE
"""
_FALL_DUE = (
    """
    CREATE TEMP TABLE late AS
      SELECT tenant_id, id, row_number() OVER (PARTITION BY tenant_id ORDER BY id) AS nth FROM referral_task WHERE state = 'requested'
    """,
    "DELETE FROM late WHERE nth > CASE WHEN tenant_id = %(crowd)s THEN %(many)s ELSE %(few)s END",
    """
    UPDATE referral_task t SET due_at = now() - interval '1 minute' FROM late l WHERE t.tenant_id = l.tenant_id AND t.id = l.id
    """,
    """
    UPDATE outbox o SET run_after = now() - CASE WHEN o.tenant_id = %(crowd)s THEN interval '1 minute' ELSE interval '1 second' END
      FROM late l WHERE o.tenant_id = l.tenant_id AND o.unique_key = 'expire-' || l.id
    """,
    "NOTIFY outbox",
)


def measure(world: World, tasks: int, what: str | None) -> Rows:
    """Rows of the table, of so many live offers; `what`: transition | expiry | None for both."""
    tasks = OFFERS * len(world.tokens) if what == "transition" else tasks
    began = time.perf_counter()
    each = _make(world, tasks)
    rows = [(f"{each * len(world.tokens):,} live offers made", f"{time.perf_counter() - began:.0f} s", "")]
    outbox.effect("test.note")(lambda payload: None)  # the workers know what it does; here it is only written
    if what != "expiry":
        rows += _transitions(world)
    if what != "transition":
        rows += _expiry(world, each)
    return rows


def _make(world: World, tasks: int) -> int:
    each = max(tasks // len(world.tokens), 60)
    with world.app.app_context():
        here = _tenant("c1")
        with tenant_scope(here):
            types = matching.usual(matching.types_for(market.ITEM))
        db.session.remove()
    with psycopg.connect(_owner(world), autocommit=True) as owner:
        market.fill(owner, sorted(service_types()))
        words = {"types": types, "each": each, "item": market.ITEM}
        for statement in _OFFERS.split(";\n"):
            owner.execute(statement, words if "%" in statement else None)  # type: ignore[arg-type]
    return each


def _owner(world: World) -> str:
    return world.server.url("postgres").replace("+psycopg", "")


def _tenant(slug: str) -> Tenant:
    row = db.session.execute(select(Community.tenant_id, Community.id).where(Community.slug == slug)).one()
    return Tenant(row.tenant_id, row.id)


def _transitions(world: World) -> Rows:
    """Each verb in a transaction of its own, from its first statement to its commit, as a door or a worker does it."""
    times: dict[str, list[float]] = {}
    with world.app.app_context(), acting(Actor(role="provider_owner", name="服务方")):
        here = _tenant("c3")
        with tenant_scope(here):
            found = db.session.execute(
                select(ReferralTask.id, ReferralTask.provider_id, ReferralTask.request_id, ReferralTask.service_type)
                .where(ReferralTask.state == "requested", ReferralTask.provider_id.is_not(None))
                .order_by(ReferralTask.id)
                .limit(OFFERS)
            ).all()
        db.session.commit()
        slot = now() + timedelta(hours=3)
        for n, row in enumerate(found):
            if n == WARM:
                times.clear()
            for verb, act in _acts(n, row, slot):
                _timed(here, times, verb, act)
        db.session.remove()
    every = [each for verb, values in times.items() if verb != EFFECT for each in values]
    return [
        *(
            (f"{verb if verb == EFFECT else f'transition {verb}'}, p95 ({len(values)})", _p95(values), "")
            for verb, values in times.items()
        ),
        (f"transition incl. audit, outbox, rollup and commit, p95 ({len(every)})", _p95(every), "≤ 15 ms"),
    ]


def _acts(n: int, row: Any, slot: datetime) -> list[tuple[str, Callable[[], object]]]:
    """What happens to the n-th offer: a third each declined, taken and done, and taken, begun, put off and taken back."""
    one, owner = [row.id], row.provider_id
    taken = ("accept", partial(answering.accept, one, owner, slot))
    if n % 3 == 0:
        anew = partial(again.match_anew, row.request_id, row.service_type, "out-of-area")
        return [("decline", partial(answering.decline, one, owner, "out-of-area")), (EFFECT, anew)]
    if n % 3 == 1:
        return [taken, ("complete", partial(work.finish, one, owner, one, last=True))]
    return [
        taken,
        ("start", partial(work.arrive, one, owner)),
        ("hold", partial(answering.hold, one, owner, "waitlist", slot)),
        ("cancel", partial(answering.cancel, one[0], "no-longer-needed")),
    ]


def _p95(values: list[float]) -> str:
    return f"{statistics.quantiles(values, n=20)[-1]:.1f} ms (p50 {statistics.median(values):.1f})"


def _timed(here: Tenant, times: dict[str, list[float]], verb: str, act: Callable[[], object]) -> None:
    began = time.perf_counter()
    with tenant_scope(here):
        act()
    db.session.commit()
    times.setdefault(verb, []).append((time.perf_counter() - began) * 1000)


def _expiry(world: World, each: int) -> Rows:
    """One relay and two workers, ready and idle; then the timers fall due."""
    settings = world.server.settings()
    env = {
        **os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}", "RONGJIU_DATA": str(settings.data_dir),
        "DATABASE_URL": settings.database_url, "DATABASE_RELAY_URL": settings.database_relay_url,
        "REDIS_URL": settings.redis_url, "RONGJIU_SECRET_KEY": settings.secret_key, "RONGJIU_DATA_KEY": settings.data_key,
    }  # fmt: skip
    with world.app.app_context():
        crowd = _tenant("c2").id
        db.session.remove()
    others = len(world.tokens) - 1
    words = {"crowd": crowd, "many": min(CROWD, each), "few": min(max((DUE - CROWD) // others, 1), each)}
    started = [
        subprocess.Popen([sys.executable, str(_SCRIPT), part], env=env, stdout=subprocess.DEVNULL)
        for part in ("work", "work", "relay")
    ]
    try:
        with psycopg.connect(_owner(world), autocommit=True) as owner:
            _ready(world, owner)
            for statement in _FALL_DUE:
                owner.execute(statement, words if "%" in statement else None)
            due = int(owner.execute("SELECT count(*) FROM late").fetchone()[0])  # type: ignore[index]
            began, spent = time.time(), _cpu(owner, started)
            _until(
                owner,
                "SELECT 1 FROM outbox WHERE kind = 'referrals.expire' AND done_at IS NULL AND run_after <= now() LIMIT 1",
            )
            took, spent = time.time() - began, _cpu(owner, started) - spent
            done, small, big = _seen(owner, crowd, began)
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)
    if done != due:
        raise RuntimeError(f"{done} of {due} expired")
    return [
        (f"{due:,} due of {each * (others + 1):,} live offers expired, two workers", f"{took:.1f} s", "≤ 60 s"),
        ("of it, processor time of relay, workers and their database", f"{spent:.1f} s", ""),
        (f"of it, the last of {others} communities with {words['few']} each", f"{small:.1f} s", ""),
        (f"the one with {words['many']:,}", f"{big:.1f} s", "last, though first due"),
    ]


def _ready(world: World, owner: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Relay and workers have carried something out."""
    with world.app.app_context():
        for n in range(8):
            outbox.put("test.note", {"key": f"loop-{n}"}, key=f"loop-{n}")
        db.session.commit()
        db.session.remove()
    _until(owner, "SELECT 1 FROM platform_outbox WHERE kind = 'test.note' AND done_at IS NULL LIMIT 1")


def _cpu(owner: "psycopg.Connection[tuple[object, ...]]", started: "list[subprocess.Popen[bytes]]") -> float:
    """Seconds on a processor so far, whatever else runs on the machine."""
    backends = owner.execute("SELECT pid FROM pg_stat_activity WHERE usename IN ('app_user', 'app_relay')").fetchall()
    pids = [process.pid for process in started] + [pid for (pid,) in backends]
    files = [task / "schedstat" for pid in pids for task in Path(f"/proc/{pid}/task").iterdir()]
    return sum(int(file.read_text().split()[0]) for file in files) / 1e9


def _until(owner: "psycopg.Connection[tuple[object, ...]]", left: LiteralString) -> None:
    end = time.monotonic() + 900
    while owner.execute(left).fetchone():
        if time.monotonic() > end:
            raise RuntimeError("effects were not done")
        time.sleep(0.05)  # how closely the end is seen, not a wait for it


def _seen(owner: "psycopg.Connection[tuple[object, ...]]", crowd: int, began: float) -> tuple[int, float, float]:
    """How many expired; when the last of the small communities was done, and when the big one."""
    row: Any = owner.execute(
        "SELECT (SELECT count(*) FROM referral_task WHERE reason_code = 'no-response'), "
        "extract(epoch FROM max(done_at) FILTER (WHERE tenant_id <> %(crowd)s)), "
        "extract(epoch FROM max(done_at) FILTER (WHERE tenant_id = %(crowd)s)) "
        "FROM outbox WHERE kind = 'referrals.expire' AND done_at IS NOT NULL",
        {"crowd": crowd},
    ).fetchone()
    return int(row[0]), float(row[1]) - began, float(row[2]) - began
