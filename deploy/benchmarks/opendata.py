"""Open data: how many answers a second of 100 services one core gives, with 5,000 services of 500 providers."""

import time

from sqlalchemy import insert, select

from benchmarks.pages import Server, environment
from benchmarks.world import World
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.ids import uuid7
from rongjiu.marketplace.models import Provider, ProviderService, ServiceArea
from rongjiu.marketplace.queries import service_types
from rongjiu.marketplace.service import publish
from rongjiu.tenancy.models import Street

PROVIDERS, SERVICES, ROUNDS, PORT = 500, 10, 300, 8934
WANTED = 100


def measure(world: World) -> list[tuple[str, str, str]]:
    """One row for each form of the list: answers a second of processor time of one worker."""
    with world.app.app_context():
        _offer()
    server = Server("wsgi:app", PORT, environment(world))
    try:
        rows = []
        for form, more in (("brief", ""), ("minimal", "&minimal=true"), ("full", "&full=true")):
            path = f"/hsds/services?per_page=100&page=7{more}"
            size = len(server.wait(path, ""))
            for _ in range(20):
                server.get(path, "")
            began, clock = server.cpu(), time.perf_counter()
            for _ in range(ROUNDS):
                server.get(path, "")
            spent, taken = (server.cpu() - began) / 1e9, time.perf_counter() - clock
            said = f"{ROUNDS / spent:.0f}/s of a core, {ROUNDS / taken:.0f}/s by one client ({size} bytes)"
            rows.append((f"hsds services, 100 a page, {form}", said, f"≥ {WANTED}/s" if form == "brief" else ""))
        return rows
    finally:
        server.stop()


def _offer() -> None:
    """Providers with services, listed."""
    street, types, moment = db.session.scalars(select(Street.id).limit(1)).one(), list(service_types()), now()
    for number in range(PROVIDERS):
        provider = {
            "id": uuid7(), "slug": f"bench-{number}", "name": f"测试服务方{number}", "name_en": "", "group": "company",
            "kind": "barber", "street_id": street, "state": "active", "created_at": moment, "verified_at": moment,
        }  # fmt: skip
        db.session.execute(insert(Provider), [provider])
        services = [
            {
                "id": uuid7(), "provider_id": provider["id"], "service_type": types[turn], "title": f"服务{turn}",
                "price_class": "free", "delivery_mode": "at_home", "schedule": {"days": ["MO"], "part": "morning"},
                "places_a_month": 8,
            }
            for turn in range(SERVICES)
        ]  # fmt: skip
        db.session.execute(insert(ProviderService), services)
        db.session.execute(
            insert(ServiceArea), [{"id": uuid7(), "service_id": one["id"], "street_id": street} for one in services]
        )
        publish(provider["id"])
    db.session.commit()
