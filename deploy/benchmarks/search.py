"""The one-box search of the big community among a thousand: the call of the service, and the whole page."""

import statistics
import time
from collections.abc import Callable
from urllib.parse import quote

import psycopg

from benchmarks.world import World
from blueprints.guard import COOKIE
from rongjiu import crypto
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.tenancy.models import Community
from tenants.residents import searching

ROUNDS, WARM = 60, 5
WANTED_MS = 30
_PHONE = "13800001234"
_NAMES = """
    UPDATE person p SET name = s.han || g.han || h.han, pinyin = s.latin || g.latin || h.latin || ' ' || left(s.latin, 1) || left(g.latin, 1) || left(h.latin, 1),
           labels = CASE WHEN n.nth %% 9 = 0 THEN '["living-alone-elderly"]'::jsonb ELSE '[]'::jsonb END
      FROM (SELECT tenant_id, id, row_number() OVER (PARTITION BY tenant_id ORDER BY id) AS nth FROM person) n,
           (SELECT row_number() OVER () - 1 AS k, * FROM (VALUES ('张','zhang'),('王','wang'),('李','li'),('刘','liu'),('陈','chen'),('杨','yang'),('赵','zhao'),
             ('黄','huang'),('周','zhou'),('吴','wu'),('徐','xu'),('孙','sun'),('胡','hu'),('朱','zhu'),('高','gao'),('林','lin')) v(han, latin)) s,
           (SELECT row_number() OVER () - 1 AS k, * FROM (VALUES ('建','jian'),('秀','xiu'),('国','guo'),('玉','yu'),('志','zhi'),('桂','gui'),('文','wen'),('小','xiao'),
             ('春','chun'),('明','ming'),('海','hai'),('淑','shu'),('永','yong')) v(han, latin)) g,
           (SELECT row_number() OVER () - 1 AS k, * FROM (VALUES ('华','hua'),('英','ying'),('兰','lan'),('军','jun'),('平','ping'),('芳','fang'),('强','qiang'),('雨','yu'),
             ('珍','zhen'),('民','min'),('霞','xia')) v(han, latin)) h
     WHERE n.tenant_id = p.tenant_id AND n.id = p.id AND s.k = n.nth %% 16 AND g.k = n.nth %% 13 AND h.k = n.nth %% 11;
    UPDATE household h SET building = (n.nth / 60 + 1)::text, unit = (n.nth / 20 %% 3 + 1)::text, room = ((n.nth %% 20 / 4 + 1) * 100 + n.nth %% 4 + 1)::text
      FROM (SELECT tenant_id, id, row_number() OVER (PARTITION BY tenant_id, courtyard_id ORDER BY id) AS nth FROM household) n
     WHERE n.tenant_id = h.tenant_id AND n.id = h.id
"""
KINDS = {
    "name": "张建华", "surname, 690 people": "张", "middle of a name": "秀英", "pinyin": "zhangjian", "initials": "zjh",
    "phone": _PHONE, "group": "独居老人", "address": "3-2-501", "building": "3号楼", "courtyard and door": "第3院 2-1-301",
    "name and group": "张 独居",
}  # fmt: skip


def measure(world: World) -> list[tuple[str, str, str]]:
    """Rows of the table: p50 and p95 of the call and of the page for each kind of words."""
    address = world.server.url("postgres").replace("+psycopg", "")
    with world.app.app_context():
        row = db.session.execute(db.select(Community.tenant_id, Community.id).where(Community.slug == "c1")).one()
        here = Tenant(row.tenant_id, row.id)
        index = crypto.blind(_PHONE, here.uid, "phone")
        db.session.remove()
    with psycopg.connect(address, autocommit=True) as owner:
        for statement in _NAMES.split(";\n"):
            owner.execute(statement, {})  # type: ignore[arg-type]
        owner.execute(
            "UPDATE person SET phone_index = %s WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM person WHERE tenant_id = %s LIMIT 1)",
            (index, here.id),
        )
        owner.execute("VACUUM ANALYZE person")
        owner.execute("VACUUM ANALYZE household")
    calls = {kind: _timed(_call(world, here, text)) for kind, text in KINDS.items()}
    pages = {kind: _timed(_page(world, text)) for kind, text in KINDS.items()}
    rows = [(f"search by {kind}: call", _words(times), f"p95 ≤ {WANTED_MS} ms") for kind, times in calls.items()]
    rows += [(f"search by {kind}: page", _words(times), "") for kind, times in pages.items()]
    every = [each for times in calls.values() for each in times], [each for times in pages.values() for each in times]
    rows.append(("search, all kinds: call", _words(every[0]), f"p95 ≤ {WANTED_MS} ms"))
    rows.append(("search, all kinds: page", _words(every[1]), f"p95 ≤ {WANTED_MS} ms"))
    return rows


def _call(world: World, here: Tenant, text: str) -> Callable[[], object]:
    def call() -> object:
        with world.app.app_context(), tenant_scope(here):
            return _some(searching.search(text).total, text)

    return call


def _page(world: World, text: str) -> Callable[[], object]:
    client = world.app.test_client()
    client.set_cookie(COOKIE, world.tokens["c1"], domain="localhost", secure=True)

    def call() -> object:
        answer = client.get(f"/c/c1/desk/search?q={quote(text)}")
        return _some(answer.status_code == 200 and "person" in answer.text, text)

    return call


def _some(found: object, text: str) -> object:
    if not found:
        raise RuntimeError(f"nothing found for {text}")
    return found


def _timed(call: Callable[[], object]) -> list[float]:
    """Milliseconds of each call after some to warm up."""
    for _ in range(WARM):
        call()
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        call()
        times.append((time.perf_counter() - began) * 1000)
    return times


def _words(times: list[float]) -> str:
    cuts = statistics.quantiles(times, n=100)
    return f"p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms"
