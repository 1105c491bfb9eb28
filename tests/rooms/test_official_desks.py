"""Where a policy is really applied for and how to object: the community's own words, else the street's, else the law's."""

from uuid import UUID

import pytest
from sqlalchemy import select

from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.policies import desks
from rongjiu.policies.rules import LAW, terms_of
from rongjiu.tenancy.models import Community
from tenants.acceptance import contacts, queries
from tests import deskwork
from tests.rooms.test_acceptance import sent  # noqa: F401  the fixture is used by its name

OWN = {"appeal_to": "市总工会", "appeal_days": "30", "appeal_source": "《困难职工帮扶办法》第九条"}


@pytest.fixture
def street(sent: deskwork.Sent) -> UUID:  # noqa: F811
    found = db.session.scalar(select(Community.street_id).where(Community.tenant_id == sent.family.tenant.id))
    assert found
    return found


def test_the_community_goes_before_the_street_and_the_policy_before_its_department(street: UUID) -> None:
    assert queries.reach("mzj", "dibao") == queries.Reach("", "", "", LAW)
    desks.put(street, "mzj", "", {"url": "https://street.example.cn", "phone": "029-1"}, "街道督导")
    desks.put(street, "mzj", "dibao", {"url": "https://street.example.cn/dibao"}, "街道督导")
    assert queries.reach("mzj", "dibao").url == "https://street.example.cn/dibao"
    assert queries.reach("mzj", "tekun").url == "https://street.example.cn"
    contacts.put("mzj", url="https://here.example.cn")
    found = queries.reach("mzj", "dibao")
    assert (found.url, found.phone) == ("https://here.example.cn", "029-1"), "what is missing comes from the street"
    contacts.put("mzj", policy="dibao", url="https://here.example.cn/dibao")
    assert queries.reach("mzj", "dibao").url == "https://here.example.cn/dibao"
    assert queries.reach("mzj").url == "https://here.example.cn"


def test_terms_of_appeal_are_data_with_a_source(street: UUID) -> None:
    assert queries.reach("zgh", "worker-hardship").terms is None, "the law of reviews does not speak of a union"
    desks.put(street, "zgh", "", OWN, "街道督导")
    assert queries.reach("zgh", "worker-hardship").terms == terms_of("zgh", [{**OWN, "appeal_days": 30}])
    contacts.put("zgh", policy="worker-hardship", **{**OWN, "appeal_days": "15"})
    terms = queries.reach("zgh", "worker-hardship").terms
    assert terms and (terms.days, terms.source) == (15, OWN["appeal_source"])
    law = queries.reach("mzj").terms
    assert law and law.days == 60 and "行政复议法" in law.source


@pytest.mark.parametrize(("words", "field"), [
    ({"appeal_days": "60"}, "appeal_source"), ({"appeal_days": "60", "appeal_source": "某法"}, "appeal_to"),
    ({"appeal_days": "0"}, "appeal_days"), ({"appeal_days": "很久"}, "appeal_days"), ({"appeal_days": "366"}, "appeal_days"),
    ({"url": "javascript:alert(1)"}, "url"), ({"phone": "<b>"}, "phone"), ({"contact": "窗" * 61}, "contact"),
    ({"url": f"https://a.cn/{'x' * 300}"}, "url"),
])  # fmt: skip
def test_a_desk_is_checked_field_by_field(street: UUID, words: dict[str, str], field: str) -> None:
    for put in (lambda: desks.put(street, "mzj", "", words, "街道"), lambda: contacts.put("mzj", **words)):
        with pytest.raises(Refused) as refused:
            put()
        assert refused.value.field == field
    with pytest.raises(Absent):
        contacts.put("nobody", url="https://a.example.cn")


def test_a_street_that_wrote_somebody_down_covers_its_communities(street: UUID, sent: deskwork.Sent) -> None:  # noqa: F811
    desks.put(street, "mzj", "", {"phone": "029-1234"}, "街道督导")
    desks.put(street, "cl", "", OWN, "街道督导")
    assert desks.reached([sent.family.tenant.id]) == {(sent.family.tenant.id, "mzj")}
    assert (sent.family.tenant.id, "mzj") in queries.overseen([sent.family.tenant.id])[1]
