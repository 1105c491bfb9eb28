"""A phone that comes back after a day: 500 mixed items in one sending, in a community of 11,067 residents."""

import statistics
import time
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import select

from benchmarks.world import World
from blueprints.guard import COOKIE
from rongjiu.clock import now, today
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.identity import logins
from rongjiu.identity.models import Account
from rongjiu.ids import uuid7
from rongjiu.tenancy.models import Community, Membership
from tenants.accompaniment.service import plan_visit
from tenants.cases import service as cases
from tenants.fieldwork import queries
from tenants.residents import queries as residents
from tenants.sweeps import planning

EACH = 100
"""Items of each of five kinds."""


def measure(world: World, rounds: int = 3) -> list[tuple[str, str, str]]:
    """Rows of the table: seconds of one sending, and of the same sending again."""
    slug, token, batches = _prepare(world.app, rounds)
    client = world.app.test_client()
    client.set_cookie(COOKIE, token, domain="localhost", secure=True)
    first, again, worked = list[float](), list[float](), list[float]()
    for items in batches:
        for times, wanted in ((first, "applied"), (again, "same")):
            began, cpu = time.perf_counter(), time.process_time()
            said = _send(client, slug, items)
            times.append(time.perf_counter() - began)
            worked += [time.process_time() - cpu] if times is first else []
            if {each["state"] for each in said} != {wanted}:
                raise RuntimeError(next(each for each in said if each["state"] != wanted))
    return [
        (f"sync of {len(batches[0])} mixed items", f"{statistics.median(first):.2f} s", "≤ 5 s"),
        ("of it, processor time of the web process", f"{statistics.median(worked):.2f} s", ""),
        ("the same sending again", f"{statistics.median(again):.2f} s", ""),
    ]


def _send(client: Any, slug: str, items: list[dict[str, Any]]) -> list[dict[str, str]]:
    page = client.get(f"/c/{slug}/grid/who").json
    answer = client.post(
        f"/c/{slug}/grid/sync", json={"now": int(time.time() * 1000), "device": str(uuid4()), "items": items},
        headers={"X-CSRFToken": page["token"], "Referer": "http://localhost/"},
    )  # fmt: skip
    if answer.status_code != 200:
        raise RuntimeError(answer.text)
    return list(answer.json["answers"])


def _prepare(app: Flask, rounds: int) -> tuple[str, str, list[list[dict[str, Any]]]]:
    """A grid worker of two courtyards, a sweep that runs there, visits; and what a phone would tell of them."""
    with app.app_context():
        here = db.session.scalars(select(Community).where(Community.slug == "c1")).one()
        tenant = Tenant(here.tenant_id, here.id)
        account = Account(id=uuid7(), name="网格员", password_hash="-", created_at=now(), totp_confirmed_at=now())
        db.session.add(account)
        db.session.flush()
        post = Membership(
            id=uuid7(), account_id=account.id, scope_kind="community", scope_id=here.id, role="grid_worker", post="网格员",
            courtyards=["y1", "y2"], starts_at=now(),
        )  # fmt: skip
        db.session.add(post)
        db.session.flush()
        token = logins.start_session(account.id, post.id, post.role, address="", agent="", second_factor=True)
        with tenant_scope(tenant):
            yards = residents.own_courtyards(post.courtyards)
            other = {row.id: "-" for row in residents.courtyards() if row.id not in yards}
            planning.start(
                planning.plan("other", "摸排", today(), today() + timedelta(9), courtyards=yards, left_out=other).id
            )
            doors = [row for row, _again in queries.stops(yards)]
            batches = [_told(doors[n * EACH : (n + 1) * EACH]) for n in range(rounds)]
        db.session.commit()
        db.session.remove()
    return "c1", token, batches


def _told(doors: list[Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []

    def tell(kind: str, base: dict[str, str] | None = None, **payload: Any) -> None:
        words = {name: str(value) if isinstance(value, UUID) else value for name, value in payload.items()}
        at = int(time.time() * 1000)
        items.append(
            {"id": str(uuid4()), "kind": kind, "at": at, "seq": len(items), "payload": words, "base": base or {}}
        )

    for n, door in enumerate(doors):
        case = cases.open_case(door.courtyard_id)
        visit = plan_visit(case.id, "worker", now()).id
        people = [{"person": str(each.id), "how": "seen"} for each in door.people]
        tell("sweep_stop", door.base, stop=door.stop_id, result="visited", people=people)
        tell("wish", courtyard=door.courtyard_id, household=door.household_id, words="想有人陪着说说话")
        tell("hardship", courtyard=door.courtyard_id, words="楼道的灯坏了，老人不敢下楼")
        tell("visit_done", visit=visit, note="人都好")
        tell("person_fields", person=door.people[0].id, values={"phone": f"139{n:08d}", "condition": "高血压"})
    return items
