"""Openings at the provider's pages, and what a match says of them at the desk."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from rongjiu.db import db, tenant_scope
from tenants.needs import service as needs
from tenants.residents import service as register
from tenants.residents.models import Carer
from tests import casework, factories

Made = Callable[[Callable[[], object]], object]
Login = Callable[[FlaskClient, str], None]
TYPED = {
    "title": "午间配送", "hours_a_week": "15", "days": ["MO", "TU"], "since": "10:00", "until": "13:00", "metres": "600",
    "pay_low": "18", "pay_high": "25", "pay_per": "hour", "fits_care": "y", "places": "2",
}  # fmt: skip


@pytest.fixture
def world(made: Made) -> dict[str, str]:
    def build() -> dict[str, str]:
        family = casework.a_family()
        helper = casework.a_helper(family, "job-registration", name="雁骑即时配送站", mode="on_site")
        clerk = factories.a_person_with_role("assistance_clerk", "community", family.community_id)
        owner = factories.a_person_with_role("provider_owner", "provider", helper.id)
        tokens = {"clerk": clerk.token, "owner": owner.token}
        with tenant_scope(family.tenant):
            register.link_carer(family.son, family.old_man)
            link = str(db.session.query(Carer).filter(Carer.carer_id == family.son).one().id)
            need = needs.add(family.case_id, "想找点活干", item_slug="job-income", person_id=family.son)
            match = f"/c/{family.slug}/desk/cases/{family.number}/needs/w{need.seq}/match"
        return {**tokens, "match": match, "carer": f"/c/{family.slug}/desk/carers/{link}"}

    return made(build)  # type: ignore[return-value]


def test_from_the_opening_to_the_reason(client: FlaskClient, login: Login, world: dict[str, str]) -> None:
    login(client, world["owner"])
    assert "/provider/openings" in client.get("/provider/status").text
    wrong = client.post("/provider/openings/new", data=TYPED | {"hours_a_week": "99"})
    assert wrong.status_code == 422 and "午间配送" in wrong.text
    assert client.post("/provider/openings/new", data=TYPED).status_code == 303
    listed = client.get("/provider/openings").text
    assert "午间配送" in listed and "顾家的人能干" in listed
    one = "/provider/openings/" + listed.split('href="/provider/openings/')[-1].split('"')[0]
    assert client.get(one).status_code == 200
    assert client.post("/provider/openings/export", data={"purpose": "招聘"}).status_code == 200

    login(client, world["clerk"])
    hours = {"wanted_hours": "20", "wanted_days": ["MO", "TU", "WE"], "wanted_since": "09:00", "wanted_until": "15:00"}
    wrong = client.post(world["carer"], data=hours | {"wanted_hours": "x"})
    assert wrong.status_code == 422 and "请写整数" in wrong.text
    assert client.post(world["carer"], data=hours).status_code == 303
    assert 'value="20"' in client.get(world["carer"]).text
    assert client.post(world["match"], data={"types": ["job-registration"]}).status_code == 303
    page = client.get(world["match"]).text
    assert all(
        word in page
        for word in ("午间配送", "有岗位合得上他要的时间", "工时合适", "钟点合适", "走路能到", "每周 15 小时")
    )

    login(client, world["owner"])
    assert client.post(f"{one}/close").status_code == 303
    assert "已停招" in client.get("/provider/openings?state=closed").text
