"""A line from the district: published at /street/<slug>/lines, confirmed at the community's own desk, counts alone above."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.actor import Actor, acting
from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.policies import service as lines
from rongjiu.tenancy.models import Community, District, Street
from tenants.policydesk import trials
from tests import factories
from tests.desk_of import Desk, a_desk
from tests.rooms.test_rescreening import LINE, family

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
FORM = {
    "parameter": LINE, "level": "city", "value": "900", "since": "2026-11-01", "document": "关于提高城乡低保标准的通知",
    "document_number": "市民发〔2026〕31号", "document_date": "2026-10-20",
}  # fmt: skip


def world() -> tuple[Desk, str, str]:
    """A community at work, and its district with an overseer: slug and token."""
    desk = a_desk()
    row = db.session.execute(
        select(District.id, District.slug)
        .join(Street, Street.district_id == District.id)
        .join(Community, Community.street_id == Street.id)
        .where(Community.slug == desk.slug)
    ).one()
    return desk, row.slug, factories.a_person_with_role("district_overseer", "district", row.id).token


@pytest.fixture
def here(made: Made) -> tuple[Desk, str, str]:
    return made(world)  # type: ignore[no-any-return]


def test_a_line_goes_down_and_is_confirmed_with_its_document(client: FlaskClient, login: Login, here: Any) -> None:
    desk, district, overseer = here
    login(client, overseer)
    url = f"/street/{district}/lines"
    wrong = client.post(url, data={**FORM, "value": "很多", "level": "city"})
    assert wrong.status_code == 422 and "很多" in wrong.text and "市民发〔2026〕31号" in wrong.text
    for name, bad in (
        ("parameter", "x"),
        ("level", "street"),
        ("since", "soon"),
        ("document", ""),
        ("document_date", ""),
    ):
        assert client.post(url, data={**FORM, name: bad}).status_code == 422, name
    assert client.post(url, data=FORM).status_code == 303
    page = client.get(url).text
    assert "城市低保标准" in page and "900" in page and "还没确认" in page
    login(client, desk.secretary.token)
    mine = f"/c/{desk.slug}/desk/settings/lines"
    page = client.get(mine).text
    assert "待确认" in page and "市" in page and "740" in page and "市民发〔2026〕31号" not in page, (
        "the number is read off the paper"
    )
    line_id = page.partition('id="line-')[2][:36]
    bad = client.post(f"{mine}/{line_id}", data={"number": "别的文号", "day": "2026-10-20"})
    assert bad.status_code == 422 and "别的文号" in bad.text and "文号和上级公布的不一样" in bad.text
    assert client.post(f"{mine}/{line_id}", data={"number": "市民发(2026)31号", "day": "2026-10-20"}).status_code == 303
    assert "已确认" in client.get(mine).text
    refused = client.post(f"/c/{desk.slug}/desk/settings/parameters", data={f"p-{LINE}": "value", f"v-{LINE}": "500", f"d-{LINE}": "2026-11-01"})  # fmt: skip
    assert refused.status_code == 422 and "社区只能确认，不能改" in refused.text
    login(client, desk.clerk.token)
    assert client.get(mine).status_code == 200
    assert client.post(f"{mine}/{line_id}", data={}).status_code == 404
    login(client, overseer)
    assert client.post(f"{url}/{line_id}/withdraw").status_code == 303
    assert "还没有公布过标准" in client.get(url).text
    assert client.post(f"{url}/{line_id}/withdraw").status_code == 404


def test_a_dry_run_names_families_in_the_community_and_counts_alone_above(
    client: FlaskClient, login: Login, here: Any, made: Made
) -> None:
    desk, district, overseer = here

    def trial() -> str:
        with tenant_scope(desk.tenant), acting(Actor(None, "assistance_clerk", "救助专干")):
            family(desk, "101", 800)
            street = db.session.scalar(select(Community.street_id).where(Community.slug == desk.slug))
            assert street
            paper = lines.Document("通知", "1号", today())
            line_id = lines.publish("street", street, "street", LINE, Decimal(900), today(), paper, "街道")
            assert trials.part(trials.start_line(LINE, Decimal(900), today()), trials.FIRST) is None
            return str(line_id)

    line_id = made(trial)
    login(client, desk.clerk.token)
    mine = f"/c/{desk.slug}/desk/settings/lines/{line_id}/trial"
    page = client.get(mine).text
    assert "李**" in page and "李示例" not in page and "最低生活保障" in page
    assert client.post(mine).status_code == 303
    login(client, overseer)
    page = client.get(f"/street/{district}/lines/trials").text
    assert "城市低保标准" in page and "少于5" in page and "李" not in page.partition("<main")[2].partition("</main")[0]
