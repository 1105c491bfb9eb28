"""Open data: every record is valid, every parameter narrows, nobody who did not agree ever appears."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy import select

from rongjiu.clock import now
from rongjiu.db import db, telling, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.marketplace import capacity, records, taxonomies
from rongjiu.marketplace import rules as market
from rongjiu.marketplace.models import Provider, ProviderLocation, ProviderService
from rongjiu.marketplace.service import publish
from rongjiu.paths import ROOT
from rongjiu.tenancy.models import Community, Street
from tenants.residents.models import Courtyard, Household, Person
from tests import factories

Made = Callable[[Callable[[], Any]], Any]
SCHEMA = json.loads((ROOT / "tests" / "data" / "hsds.json").read_text(encoding="utf-8"))
LISTS = {
    "services": "service", "organizations": "organization", "service_at_locations": "service_at_location",
    "taxonomies": "taxonomy", "taxonomy_terms": "taxonomy_term",
}  # fmt: skip


def _check(what: str, value: Any) -> None:
    schema = {"$ref": f"#/$defs/{what}", "$defs": SCHEMA["$defs"]}
    faults = [
        error.message for error in Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(value)
    ]
    assert faults == []


def _world() -> dict[str, str]:
    community = factories.a_community()
    street = db.session.get_one(Street, community.street_id)
    barber = factories.a_provider(
        street, name="雁发理发店", intro="街口的理发店", uscc=None, contact="张三丰", address="甲路"
    )
    site = ProviderLocation(
        id=uuid7(), provider_id=barber.id, name="雁发理发店", address="雁塔路 1 号", city="西安市", province="陕西省",
        postal_code="710054", accessibility=["ramp"], note="",
    )  # fmt: skip
    with telling(provider_id=barber.id):
        db.session.add(site)
    cut = factories.a_service(barber, street, places=8)
    cut.location_id, cut.delivery_mode, cut.schedule = site.id, "on_site", {"days": ["MO", "TU"], "part": "afternoon"}
    cut.terms = {"groups": ["empty-nest-elderly"], "documents": ["身份证"], "minimum_age": 60, "rest_by": "provider"}
    publish(barber.id)
    other = factories.a_provider(street, name="雁修维修部")
    factories.a_service(other, street, service_type="free-clinic", title="义诊")
    return {
        "barber": str(barber.id), "cut": str(cut.id), "other": str(other.id), "street": str(street.id),
        "community": str(community.id), "site": str(site.id),
    }  # fmt: skip


def _get(client: FlaskClient, path: str) -> Any:
    answer = client.get(f"/hsds/{path}")
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/json"
    return answer.json


def test_the_root_names_version_and_profile(client: FlaskClient) -> None:
    root = _get(client, "")
    _check("root", root)
    profile = _get(client, "profile")
    assert profile["id"] == "hsds-cn-community"
    patch = client.get(profile["schemas"]["address"].partition("/hsds/")[2].join(["/hsds/", ""])).json
    assert patch["properties"]["postal_code"]["pattern"] == r"^\d{6}$"
    assert client.get("/hsds/profile/nobody.json").status_code == 404
    assert "/services/{id}" in _get(client, "openapi.json")["paths"]
    for name in profile["not_served"]:
        refused = client.get(f"/hsds/services?{name}=710000")
        assert refused.status_code == 400
        assert name in refused.text
    for name, served in profile["parameters"].items():
        assert client.get(f"/hsds/{name}?{served[0]}=").status_code == 200


@pytest.mark.parametrize("name", list(LISTS))
def test_lists_and_single_records_are_valid(client: FlaskClient, made: Made, name: str) -> None:
    made(_world)
    body = _get(client, f"{name}?per_page=2")
    _check("page", body)
    assert body["contents"]
    assert body["size"] == len(body["contents"])
    for row in body["contents"]:
        _check(LISTS[name], row)
        _check(LISTS[name], _get(client, f"{name}/{row['id']}"))
    assert client.get(f"/hsds/{name}/{uuid4()}").json == {"error": "not_found"}
    assert client.get(f"/hsds/{name}/{uuid4()}").status_code == 404


def test_the_envelope_counts_right(client: FlaskClient, made: Made) -> None:
    case = made(_world)
    one = _get(client, f"services?per_page=1&organization_id={case['barber']}")
    del one["contents"]
    assert one == {
        "total_items": 1, "total_pages": 1, "page_number": 1, "size": 1, "first_page": True, "last_page": True,
        "empty": False,
    }  # fmt: skip
    terms = _get(client, "taxonomy_terms?per_page=40&page=2")
    assert (terms["first_page"], terms["last_page"], terms["size"]) == (False, False, 40)
    assert terms["total_items"] == 5 + 12 + 33 + 13 + 50 + 14
    beyond = _get(client, "services?page=999")
    assert (beyond["empty"], beyond["size"], beyond["last_page"], beyond["contents"]) == (True, 0, True, [])


def test_a_service_says_where_when_for_whom_and_for_how_much(client: FlaskClient, made: Made) -> None:
    case = made(_world)
    one = _get(client, f"services/{case['cut']}")
    assert one["schedules"][0]["opens_at"] == "14:00+08:00"
    assert one["schedules"][0]["byday"] == "MO,TU"
    assert (one["cost_options"][0]["amount"], one["cost_options"][0]["currency"]) == (0, "CNY")
    assert one["required_documents"][0]["document"] == "身份证"
    assert one["minimum_age"] == 60
    assert one["last_modified"].endswith("+08:00")
    assert {row["link_type"] for row in one["attributes"]} >= {"service_type", "eligibility"}
    place = one["service_at_locations"][0]["location"]
    assert place["addresses"][0] | {"id": "", "location_id": ""} == {
        "id": "", "location_id": "", "address_1": "雁塔路 1 号", "city": "西安市", "state_province": "陕西省",
        "postal_code": "710054", "country": "CN", "address_type": "physical",
    }  # fmt: skip
    assert (one["capacities"][0]["available"], one["capacities"][0]["maximum"]) == (8, 8)


def test_places_left_follow_the_ledger(client: FlaskClient, made: Made) -> None:
    case = made(_world)

    def take() -> None:
        community = UUID(case["community"])
        provider = db.session.get_one(Provider, UUID(case["barber"]))
        factories.an_admission(provider, db.session.get_one(Community, community))
        capacity.reserve(uuid7(), UUID(case["cut"]), now().date(), community)

    made(take)
    with time_machine.travel(now() + timedelta(minutes=2), tick=False):
        (line,) = _get(client, f"services/{case['cut']}")["capacities"]
        assert (line["available"], line["updated"] < records.moment(now())) == (7, True), "not of reading"
    full = _get(client, f"services?full=true&organization_id={case['barber']}")["contents"][0]
    _check("service", full)
    assert [(each["available"], each["status"]) for each in full["capacities"]] == [(7, "assessment_required")]
    patch = client.get("/hsds/profile/service_capacity.json").json
    assert patch["properties"]["status"]["enum"] == [*market.CAPACITY]

    def more() -> None:
        for _ in range(7):
            capacity.reserve(uuid7(), UUID(case["cut"]), now().date(), UUID(case["community"]))

    made(more)
    later = _get(client, f"services/{case['cut']}")["capacities"][0]
    assert (later["available"], later["status"]) == (0, "waitlist")
    assert "要排队" in client.get("/market/").text
    made(lambda: capacity.close(UUID(case["cut"]), now().date()))
    assert _get(client, f"services/{case['cut']}")["capacities"][0]["status"] == "no_capacity"
    slug = made(lambda: db.session.get_one(Provider, UUID(case["barber"])).slug)
    for page in ("/market/", f"/market/providers/{slug}"):
        assert "暂无名额" in client.get(page).text, page


def test_parameters_narrow_together(client: FlaskClient, made: Made) -> None:
    case = made(_world)
    term = taxonomies.term_id("services", "home-haircut")
    group = taxonomies.term_id("groups", "empty-nest-elderly")
    lists = taxonomies.TAXONOMIES

    def ids(query: str) -> set[str]:
        return {row["id"] for row in _get(client, f"services?per_page=100&{query}")["contents"]}

    ours = f"organization_id={case['barber']}"
    assert ids(f"{ours}&taxonomy_term_id={term}") == {case["cut"]}
    assert ids(f"{ours}&taxonomy_term_id={group}") == {case["cut"]}
    assert ids(f"{ours}&taxonomy_id={lists['groups'].id}") == {case["cut"]}
    assert ids(f"{ours}&taxonomy_id={lists['programmes'].id}") == set()
    assert ids(f"{ours}&search=理发") == {case["cut"]}
    assert ids(f"{ours}&search=lifa") == {case["cut"]}
    assert ids(f"{ours}&search=义诊") == set()
    assert ids(f"organization_id={case['other']}&taxonomy_term_id={term}") == set()
    assert ids(f"{ours}&modified_after=2020-01-01T00:00:00%2B08:00") == {case["cut"]}
    assert ids(f"{ours}&modified_after=2999-01-01") == set()
    minimal = _get(client, f"services?minimal=true&{ours}")["contents"][0]
    assert set(minimal) == {"id", "name", "status", "last_modified", "modified_date"}
    assert len(_get(client, f"service_at_locations?{ours}&full=true")["contents"]) == 1
    nested = _get(client, f"organizations/{case['barber']}?full_service=true")
    _check("organization", nested)
    assert [row["id"] for row in nested["services"]] == [case["cut"]]
    top = _get(client, f"taxonomy_terms?top_only=true&taxonomy_id={lists['needs'].id}")
    assert top["total_items"] == 5
    below = _get(client, f"taxonomy_terms?parent_id={top['contents'][0]['id']}")["contents"]
    assert below
    assert all(row["parent_id"] == top["contents"][0]["id"] for row in below)


@pytest.mark.parametrize(
    "query",
    ["page=0", "per_page=101", "per_page=x", "taxonomy_id=1", "modified_after=gestern", "full=maybe", "format=xml",
     "proximity=500", "organization_id=%27"],
)  # fmt: skip
def test_a_parameter_that_cannot_be_read_is_named(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/hsds/services?{query}")
    assert answer.status_code == 400
    assert answer.json == {"error": "bad_parameter", "parameter": query.partition("=")[0]}


def test_no_resident_contact_or_unconsented_person_ever_appears(client: FlaskClient, made: Made) -> None:
    case = made(_world)

    def plant() -> dict[str, str]:
        street = db.session.get_one(Street, UUID(case["street"]))
        alone = factories.a_provider(street, name="金丝雀张", slug="p-canary1", public_name="", contact="金丝雀联系")
        alone.group, alone.address, alone.intro = "individual", "金丝雀巷 8 号", "金丝雀电话 13900001111"
        factories.a_service(alone, street, title="陪聊")
        agreed = factories.a_provider(street, name="金丝雀李", slug="p-canary2", public_name="热心李阿姨")
        agreed.group, agreed.public_consent_at, agreed.intro = "individual", now(), "金丝雀介绍"
        agreed.address, agreed.uscc = "金丝雀街 9 号", None
        factories.a_service(agreed, street, title="代购")
        community = db.session.get_one(Community, UUID(case["community"]))
        with tenant_scope(factories.tenant(community)):
            yard = Courtyard(
                id=uuid7(), slug="y", seq=1, name="金丝雀院", grid="", households=0, residents=0, source=""
            )
            db.session.add(yard)
            db.session.flush()
            house = Household(id=uuid7(), courtyard_id=yard.id, building="1", unit="1", room="1", created_at=now())
            db.session.add(house)
            db.session.flush()
            person = Person(
                id=uuid7(), household_id=house.id, seq=1, name="金丝雀居民", pinyin="jinsique", gender="male", relation="",
                groups=[],
            )  # fmt: skip
            db.session.add(person)
            db.session.flush()
        return {"alone": str(alone.id), "agreed": str(agreed.id)}

    ids = made(plant)
    texts = []
    for path in ("services", "organizations", "service_at_locations"):
        for more in ("", "&full=true", "&full_service=true" if path == "organizations" else ""):
            page = 1
            while True:
                answer = client.get(f"/hsds/{path}?per_page=100&page={page}{more}")
                texts.append(answer.text)
                if answer.json["last_page"]:
                    break
                page += 1
    told = "".join(texts)
    for canary in ("金丝雀", "张三丰", "029-88881111", "13900001111", ids["alone"], "陪聊"):
        assert canary not in told
    assert "热心李阿姨" in told
    assert client.get(f"/hsds/organizations/{ids['alone']}").status_code == 404
    for words in ("金丝雀张", "金丝", "jinsique", "陪聊"):
        assert "金丝雀" not in client.get(f"/market/?q={words}").text.replace(words, "")
    assert client.get("/market/providers/p-canary1").status_code == 404
    page = client.get("/market/providers/p-canary2").text
    assert "热心李阿姨" in page
    assert "金丝雀" not in page


def test_leaving_takes_everything_down(client: FlaskClient, made: Made) -> None:
    case = made(_world)

    def leave() -> None:
        row = db.session.get_one(Provider, UUID(case["barber"]))
        row.state = "withdrawn"
        publish(row.id)

    made(leave)
    for path in (f"services/{case['cut']}", f"organizations/{case['barber']}"):
        assert client.get(f"/hsds/{path}").status_code == 404


def test_a_pause_and_an_end_show_as_a_status(client: FlaskClient, made: Made) -> None:
    case = made(_world)

    def pause() -> None:
        row = db.session.get_one(Provider, UUID(case["barber"]))
        row.paused_at = now()
        publish(row.id)

    made(pause)
    assert _get(client, f"services/{case['cut']}")["status"] == "temporarily closed"

    def stop() -> None:
        found = db.session.scalars(select(ProviderService).where(ProviderService.id == UUID(case["cut"]))).one()
        found.state = "stopped"
        publish(found.provider_id)

    made(stop)
    assert _get(client, f"services/{case['cut']}")["status"] == "inactive"
