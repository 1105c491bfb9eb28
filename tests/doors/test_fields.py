"""The matrix down to the field: on every page of the desk, for every role, a person's field stands as its row says."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints.permissions import matrix
from rongjiu.actor import acting
from rongjiu.clock import today
from rongjiu.db import tenant_scope
from tenants.cases import service as cases
from tenants.express import service as express
from tenants.needs import service as needs
from tenants.residents import contacts, queries
from tenants.residents import service as residents
from tenants.residents.service import Door, NewPerson
from tenants.sweeps import planning
from tests import reviewing
from tests.desk_of import WISHES, Desk, a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
FAMILY = (
    NewPerson(
        "欧阳建国", "male", "02", birth_date=None, age=84, phone="13800001234", id_number="610103194001011235",
        condition="脊髓损伤", groups=("severely-disabled",),
    ),
    NewPerson("令狐秀英", "female", "10", age=81),
)  # fmt: skip
PLAIN = {
    "name": ("欧阳建国", "令狐秀英"), "phone": ("13800001234", "138 0000 1234"), "id_number": ("610103194001011235",),
    "condition": ("脊髓损伤",), "address": ("501甲",),
}  # fmt: skip
ROLES = {
    "secretary": "secretary",
    "clerk": "assistance_clerk",
    "worker": "community_worker",
    "grid": "grid_worker",
    "live": "live_desk",
}


def a_sweep(desk: Desk, household_id: UUID) -> dict[str, UUID]:
    """A running sweep in which the family's door is open."""
    others = {desk.other_yard: "下一批"}
    sweep_id = planning.plan("heat", "高温", today(), today(), courtyards=[desk.yard], left_out=others).id
    planning.start(sweep_id)
    stop_id = planning.add_stop(sweep_id, desk.yard, household_id, at_door=False)
    return {"sweep_id": sweep_id, "courtyard_id": desk.yard, "stop_id": stop_id}


class Family:
    """A family with a case given to the community worker, as plain values."""

    def __init__(self, desk: Desk) -> None:
        self.slug = desk.slug
        self.tokens = {name: getattr(desk, name).token for name in ROLES}
        with tenant_scope(desk.tenant), acting(desk.as_clerk()):
            home = residents.register(desk.yard, Door("3", "2", "501甲"), FAMILY)
            case = cases.open_case(desk.yard)
            cases.attach_household(case.id, home.household_id)
            cases.assign(case.id, desk.worker.account.id)
            for text in WISHES:
                needs.add(case.id, text, is_wish=True)
            residents.link_carer(home.person_ids[1], home.person_ids[0])
            contacts.add(home.person_ids[0], "family", name="令狐秀英", phone="13800001234")
            self.values: dict[str, Any] = {
                "slug": desk.slug, "number": case.number, "household_id": home.household_id,
                "person_id": home.person_ids[0], "need": "w1", "seq": 22, "policy": "dibao", "courtyard_id": desk.yard,
                **a_sweep(desk, home.household_id), "department": "mzj",
                "emergency_id": express.flag_case(case.id),
                "link_id": queries.care(home.household_id)[0].id,
            }  # fmt: skip
        self.values |= reviewing.some(desk.tenant, home.person_ids[0], desk.worker.account.id)


@pytest.fixture
def family(made: Made) -> Family:
    return made(lambda: Family(a_desk()))  # type: ignore[no-any-return]


def pages(app: Flask, family: Family) -> Iterator[tuple[str, str]]:
    """Endpoint and address of each page of the community that can be built with the family's ids."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and "<slug>" in rule.rule and rule.arguments <= set(family.values):
            values = {name: family.values[name] for name in rule.arguments}
            yield rule.endpoint, adapter.build(rule.endpoint, values)


@pytest.mark.parametrize("who", ROLES)
def test_a_field_that_is_not_shown_to_a_role_is_not_sent(
    who: str, app: Flask, client: FlaskClient, login: Login, family: Family
) -> None:
    login(client, family.tokens[who])
    opened = 0
    for endpoint, path in [*pages(app, family), ("desk.search", f"/c/{family.slug}/desk/search?q=欧阳建国")]:
        answer = client.get(path)
        if answer.status_code != 200 or not answer.mimetype.startswith("text/"):
            continue
        opened += 1
        text = answer.text.replace('value="欧阳建国"', "")  # what was searched for stands in its field
        for field, values in PLAIN.items():
            if matrix()[endpoint].rule(field, ROLES[who]) != "shown":
                assert not [value for value in values if value in text], (endpoint, field)
    assert opened >= {"clerk": 20, "secretary": 20, "worker": 10}.get(who, 3)


def test_masked_names_are_those_of_the_table(client: FlaskClient, login: Login, family: Family) -> None:
    login(client, family.tokens["clerk"])
    page = client.get(f"/c/{family.slug}/desk/households").text
    assert "欧阳**" in page
    assert UUID(str(family.values["household_id"]))
    file = client.get(f"/c/{family.slug}/desk/households/{family.values['household_id']}").text
    assert "令狐**" in file


@pytest.mark.parametrize(("who", "opens"), [("clerk", True), ("secretary", False), ("worker", False)])
def test_the_number_opens_to_the_aid_clerk_alone(
    who: str, opens: bool, client: FlaskClient, login: Login, family: Family
) -> None:
    login(client, family.tokens[who])
    url = f"/c/{family.slug}/desk/people/{family.values['person_id']}/reveal"
    answer = client.post(url, data={"fields": ["id_number", "phone"], "reason": "verify"})
    assert ("610103194001011235" in answer.text) == opens
    assert "138 0000 1234" in answer.text
