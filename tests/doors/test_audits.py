"""The sample of closed cases at the desk: who worked on a case does not audit it, the street sees counts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.workdays import add_months
from tenants.cases.models import CaseFile
from tenants.outcomes import auditing
from tenants.outcomes.models import AuditCheck
from tests import casework, factories

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


@pytest.fixture
def world(made: Made) -> dict[str, Any]:
    """One closed case of last month, drawn; a clerk who held it, a secretary who did not."""

    def make() -> dict[str, Any]:
        family = casework.a_family()
        clerk = factories.a_person_with_role("assistance_clerk", "community", family.community_id)
        secretary = factories.a_person_with_role("secretary", "community", family.community_id)
        street = factories.a_person_with_role("street_overseer", "street", family.street_id)
        clerk_id = clerk.account.id
        with tenant_scope(family.tenant):
            last = add_months(today().replace(day=1), -1) + timedelta(days=9)
            db.session.execute(update(CaseFile).values(closed_at=last, worker_id=clerk_id))
            auditing.draw_last_month()
            check = db.session.scalars(select(AuditCheck.id)).one()
        slug = db.session.get_one(factories.Street, family.street_id).slug
        return {
            "url": f"/c/{family.slug}/desk/audits", "check": check, "clerk": clerk.token, "secretary": secretary.token,
            "street": street.token, "street_url": f"/street/{slug}/communities/{family.slug}", "number": family.number,
            "case": f"/c/{family.slug}/desk/cases/{family.number}",
        }  # fmt: skip

    found: dict[str, Any] = made(make)
    return found


def test_an_audit_by_somebody_outside_the_case(client: FlaskClient, login: Login, world: dict[str, Any]) -> None:
    one = f"{world['url']}/{world['check']}"
    login(client, world["clerk"])
    assert world["number"] in client.get(world["url"]).text
    assert "您经办过这一件" in client.get(one).text
    assert client.post(one, data={"w1": "solved", "w2": "solved"}).status_code == 409
    login(client, world["secretary"])
    assert "对接医疗资源" not in client.get(one).text, "the family's words stay in the case"
    half = client.post(one, data={"w1": "not_solved"})
    assert half.status_code == 422
    assert client.post(one, data={"w1": "not_solved", "w2": "solved"}).status_code == 303
    page = client.get(world["url"]).text
    assert "和记录不一致" in page
    assert client.post(world["url"] + "/export", data={"purpose": "月报"}).status_code == 200
    login(client, world["street"])
    street = client.get(world["street_url"]).text
    assert "抽查一致" in street
    assert casework.NAME not in street


def test_a_later_look_reads_the_script_and_keeps_what_was_said(
    client: FlaskClient, login: Login, world: dict[str, Any]
) -> None:
    login(client, world["secretary"])
    saved = {
        "savings-0-label": "尿管", "savings-0-amount": "90", "savings-0-high": "120", "savings-0-source": "单据",
        "new_income": "yes", "income_month": "800", "unpriced": "陪聊天",
    }  # fmt: skip
    assert client.post(world["case"] + "/outcomes", data={**saved, "savings-0-high": "10"}).status_code == 422
    assert client.post(world["case"] + "/outcomes", data=saved).status_code == 303
    page = client.get(world["case"] + "/outcomes").text
    for said in ("¥90–¥120", "¥800", "陪聊天"):
        assert said in page
    look = world["case"] + "/outcomes/follow-ups/1"
    assert "打电话时这样问" in client.get(look).text
    assert client.post(look, data={"words": "还好"}).status_code == 422
    assert client.post(look, data={"w1": "partly", "stars": "4"}).status_code == 303
    assert "解决了一部分" in client.get(world["case"] + "/outcomes").text
