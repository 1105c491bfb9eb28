"""Hours on call and drills at the provider's pages; the number stands on the desk's alarm board."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.marketplace.models import Provider
from tests import casework, factories

Made = Callable[[Callable[[], object]], object]
Login = Callable[[FlaskClient, str], None]
CALL = {"phone": "029-88120120", "days": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"], "since": "00:00", "until": "00:00"}
DRILL = {"held_on": str(today()), "kind": "fire", "people": "12", "minutes": "8", "learnt": "楼道堆物"}


@pytest.fixture
def world(made: Made) -> dict[str, str]:
    def build() -> dict[str, str]:
        family = casework.a_family()
        helper = casework.a_helper(family, "emergency-rescue", name="雁安救援促进中心")
        db.session.get_one(Provider, helper.id).kind = "rescue_centre"
        clerk = factories.a_person_with_role("assistance_clerk", "community", family.community_id)
        people = [
            factories.a_person_with_role(role, "provider", helper.id) for role in ("provider_owner", "provider_staff")
        ]
        return {
            "desk": f"/c/{family.slug}/desk/urgent",
            "clerk": clerk.token,
            "owner": people[0].token,
            "staff": people[1].token,
        }

    return made(build)  # type: ignore[return-value]


def test_hours_and_drills_are_kept_and_shown(client: FlaskClient, login: Login, world: dict[str, str]) -> None:
    login(client, world["owner"])
    assert "/provider/oncall" in client.get("/provider/status").text
    wrong = client.post("/provider/oncall", data=CALL | {"phone": "12"})
    assert wrong.status_code == 422 and 'value="12"' in wrong.text
    assert client.post("/provider/oncall", data=CALL).status_code == 303
    wrong = client.post("/provider/oncall/drills", data=DRILL | {"people": "0"})
    assert wrong.status_code == 422 and "楼道堆物" in wrong.text
    assert client.post("/provider/oncall/drills", data=DRILL).status_code == 303
    page = client.get("/provider/oncall").text
    assert "楼道堆物" in page and "现在有人值班" in page
    book = client.post("/provider/oncall/export", data={"purpose": "年检"})
    assert book.status_code == 200 and "spreadsheet" in book.mimetype
    login(client, world["clerk"])
    board = client.get(world["desk"]).text
    assert "雁安救援促进中心" in board and "029" in board


def test_staff_do_not_change_the_hours(client: FlaskClient, login: Login, world: dict[str, str]) -> None:
    login(client, world["staff"])
    assert client.get("/provider/oncall").status_code == 404
    assert client.post("/provider/oncall/drills", data=DRILL).status_code == 404
