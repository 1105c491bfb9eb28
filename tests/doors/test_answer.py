"""The printable answer for the family: what each policy brings, by when, where, which papers are there; read aloud."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.paths import ROOT
from tenants.acceptance import service as acceptance
from tenants.acceptance.service import Paper
from tenants.benefits import service as benefits
from tenants.benefits.service import Noted
from tenants.cases.models import CaseFile
from tenants.residents import queries as residents
from tenants.screening import service
from tests import factories, families

Made = Callable[[Callable[[], Any]], Any]
Login = Callable[[FlaskClient, str], None]


def _screened() -> tuple[str, str, Tenant, UUID]:
    community = factories.a_modelled_community()
    here = factories.tenant(community)
    with tenant_scope(here):
        family = families.zhou(sheets=True)
        taken = service.take(family.case_id, date(2022, 8, 10)).id
    token = factories.a_person_with_role("assistance_clerk", "community", community.id).token
    return f"/c/{community.slug}/desk/cases/{family.number}/screening/{taken}/answer", token, here, family.case_id


@pytest.fixture
def answer(made: Made, client: FlaskClient, login: Login) -> tuple[str, Tenant, UUID]:
    url, token, here, case_id = made(_screened)
    login(client, token)
    return url, here, case_id


def test_each_policy_says_what_it_brings_by_when_where_and_with_which_papers(
    client: FlaskClient, answer: tuple[str, Tenant, UUID]
) -> None:
    page = client.get(f"{answer[0]}?lang=zh").text
    for words in ("大约给多少", "多久有答复", "由社区设定", "到哪里", "带什么", "这张纸不是决定"):
        assert words in page
    assert "（已有照片）" not in page
    english = client.get(f"{answer[0]}?lang=en").text
    for words in ("About how much", "Answer within", "What to bring"):
        assert words in english


def test_papers_that_are_there_already_are_named_so(
    made: Made, client: FlaskClient, answer: tuple[str, Tenant, UUID]
) -> None:
    url, here, case_id = answer

    def send() -> None:
        with tenant_scope(here):
            home = db.session.scalars(select(CaseFile.household_id).where(CaseFile.id == case_id)).one()
            assert home
            picture = (b"\xff\xd8\xff\xe0" + b"0" * 64, "card.jpg")
            papers = [Paper("id-card", "身份证", "attached", picture), Paper("hukou", "户口簿", "have")]
            acceptance.send(case_id, "age-subsidy", [residents.members(home)[0].id], papers)

    made(send)
    assert "（已有照片）" in client.get(url).text


def test_it_can_be_read_aloud_by_the_browser_alone(client: FlaskClient, answer: tuple[str, Tenant, UUID]) -> None:
    page = client.get(answer[0]).text
    assert 'data-read="sheet"' in page
    assert "hidden>" in page[page.index("data-read=") : page.index("data-read=") + 200]
    script = (ROOT / "blueprints" / "static" / "js" / "read.js").read_text("utf-8")
    assert "speechSynthesis" in script
    assert "http" not in script


def test_what_is_received_already_is_named_apart_with_its_end(
    made: Made, client: FlaskClient, answer: tuple[str, Tenant, UUID]
) -> None:
    """Of two elders one has the age subsidy: it can be asked for the other alone."""
    url, here, case_id = answer

    def screened_again() -> UUID:
        with tenant_scope(here):
            home = db.session.scalars(select(CaseFile.household_id).where(CaseFile.id == case_id)).one()
            assert home
            elder = residents.members(home)[0].id
            benefits.note(home, Noted("age-subsidy", elder, date(2022, 1, 1), date(2022, 12, 31), "批复（示例）"))
            return service.take(case_id, date(2022, 8, 10)).id

    again = made(screened_again)
    page = client.get(f"{url.rpartition('/screening/')[0]}/screening/{again}/answer").text
    open_now, had = page.partition("已经在享受")[0], page.partition("已经在享受")[2]
    assert "高龄老人生活保健补贴</b>（马某 81）" in open_now
    assert "周某" in had and "享受到 2022年12月31日" in had
    row = client.get(f"{url.rpartition('/screening/')[0]}/screening/{again}").text
    assert "已在享受，到 2022年12月31日（周*）" in row
