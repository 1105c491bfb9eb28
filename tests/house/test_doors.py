"""Every address has a row in the matrix, every row an address; the list of addresses is frozen; doors are thin."""

from pathlib import Path

from flask import Flask

from blueprints.permissions import matrix
from rongjiu.tenancy.models import ROLES

FROZEN = Path(__file__).parent / "urls.txt"


def addresses(app: Flask) -> list[str]:
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
            found.append(f"{rule.endpoint} {methods} {rule.rule}")
    return sorted(found)


def test_matrix_and_addresses_agree(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()} - {"static"}
    assert endpoints == set(matrix())


def test_the_list_of_addresses_is_frozen(app: Flask) -> None:
    assert addresses(app) == FROZEN.read_text(encoding="utf-8").splitlines(), (
        "addresses changed: check permissions.toml, then write the new list to tests/house/urls.txt"
    )


def test_roles_of_the_matrix_exist_and_places_demand_one() -> None:
    for endpoint, row in matrix().items():
        assert set(row.roles) <= set(ROLES), endpoint
        assert set(row.roles.values()) <= {"", "own", "courtyard"}, endpoint
        assert bool(row.roles) == (row.scope in ("community", "street", "provider", "platform")), endpoint
        for rules in row.fields.values():
            assert {rule.partition(":")[0] for rule in rules} <= {"shown", "masked", "reveal"}, endpoint


def test_only_the_aid_clerk_may_ever_open_an_id_number() -> None:
    for endpoint, row in matrix().items():
        for rule in row.fields.get("id_number", ()):
            kind, _, roles = rule.partition(":")
            assert kind == "masked" or set(roles.split(",")) <= {"assistance_clerk", "street_acceptance"}, endpoint


def test_addresses_of_a_place_lead_to_that_kind_of_place(app: Flask) -> None:
    heads = {"community": "/c/<slug>/", "street": "/street/<slug>", "provider": "/provider", "platform": "/operator"}
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        row = matrix()[rule.endpoint]
        if row.scope in heads:
            allowed = (heads[row.scope], "/market") if row.scope in ("community", "provider") else (heads[row.scope],)
            assert rule.rule.startswith(allowed), rule
