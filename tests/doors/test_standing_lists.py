"""Consents, offers, checks and transfers as lists: filtered, paged, masked, taken away as the screen shows them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from rongjiu import workbook
from rongjiu.clock import now
from rongjiu.db import tenant_scope
from tenants.referrals import answering, service
from tests import casework, factories

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


class Office:
    """A clerk with one family, a declined offer with words of its own, and one that runs."""

    def __init__(self, client: FlaskClient, made: Made, login: Login) -> None:
        self.client = client

        def build() -> tuple[str, str, str, str]:
            family = casework.a_family()
            first, second = casework.a_helper(family, name="甲诊所"), casework.a_helper(family, name="乙诊所")
            clerk = factories.a_person_with_role("assistance_clerk", "community", family.community_id, post="救助专干")
            guard = factories.a_person_with_role("grid_worker", "community", family.community_id, post="网格员")
            with tenant_scope(family.tenant):
                for helper in (first, second):
                    consent = casework.a_consent(family, helper)
                    (task,) = service.offer(family.need, [helper.service], consent, family.old_man)
                    if helper is first:
                        answering.decline([task.id], helper.id, "other", "这段时间装修")
            return family.slug, family.number, clerk.token, guard.token

        self.slug, self.number, self.clerk, self.guard = made(build)
        login(client, self.clerk)

    def page(self, what: str) -> str:
        answer = self.client.get(f"/c/{self.slug}/desk/{what}")
        assert answer.status_code == 200, what
        return str(answer.text)

    def sheet(self, what: str) -> str:
        path, _, query = what.partition("?")
        answer = self.client.post(f"/c/{self.slug}/desk/{path}/export?{query}", data={"purpose": "月末核对"})
        assert answer.status_code == 200
        return "\n".join("|".join(row) for row in workbook.rows(answer.data, "list.xlsx"))


@pytest.fixture
def office(client: FlaskClient, made: Made, login: Login) -> Office:
    return Office(client, made, login)


def test_offers_are_filtered_by_state_reason_and_provider(office: Office) -> None:
    everything = office.page("offers")
    assert "甲诊所" in everything
    assert "乙诊所" in everything
    assert casework.NAME not in everything
    for query, there, gone in (
        ("state=rejected", "甲诊所", "乙诊所"), ("state=live", "乙诊所", "甲诊所"), ("reason=other", "甲诊所", "乙诊所"),
        ("q=乙诊", "乙诊所", "甲诊所"),
    ):  # fmt: skip
        page = office.page(f"offers?{query}")
        assert there in page, query
        assert gone not in page, query
        file = office.sheet(f"offers?{query}")
        assert there in file
        assert gone not in file


def test_consents_show_masked_names_only(office: Office) -> None:
    for text in (office.page("consents"), office.sheet("consents")):
        assert office.number in text
        assert "乙诊所" in text
        assert casework.NAME not in text
    assert office.number not in office.page("consents?state=withdrawn")


def test_other_reasons_are_listed_by_month_with_their_words(office: Office) -> None:
    month = f"{now():%Y-%m}"
    page = office.page(f"checks?kind=words&month={month}")
    assert "这段时间装修" in page
    assert "这段时间装修" in office.sheet(f"checks?kind=words&month={month}")
    assert "这段时间装修" not in office.page("checks?kind=area")
    assert "这段时间装修" not in office.page("checks?state=done")
    past = f"{now() - timedelta(days=400):%Y-%m}"
    assert "这段时间装修" in office.page(f"checks?month={past}"), "a month without checks is no filter"


def test_transfers_leave_as_a_file_too_and_a_grid_worker_reads_none(office: Office, login: Login) -> None:
    assert "没有移交来的个案" in office.page("transfers?q=abc&state=all")
    assert "哪个社区" not in office.sheet("transfers")
    login(office.client, office.guard)
    for what in ("offers", "consents", "checks", "transfers"):
        assert office.client.get(f"/c/{office.slug}/desk/{what}").status_code == 404
