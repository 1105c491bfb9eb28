"""Consents: who gives what for whom, and what a withdrawal ends."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from rongjiu.audit import Audit
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Refused
from tenants.consents import queries, service
from tenants.consents.models import Consent
from tests import casework, factories


def test_an_adult_consents_for_themselves_to_named_fields(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    with tenant_scope(family.tenant):
        consent_id = casework.a_consent(family, helper, "phone", "name")
        row = db.session.scalars(select(Consent).where(Consent.id == consent_id)).one()
        assert row.fields == ["name", "phone"]
        assert row.notice_version
        assert service.live(row)
        assert [c.id for c in queries.covering(family.case_id, helper.id)] == [consent_id]
        assert db.session.scalar(select(func.count()).where(Audit.verb == "consent.give")) == 1


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"provider_id": None}, "provider_id"),
        ({"fields": ()}, "fields"),
        ({"fields": ("id_number",)}, "fields"),
        ({"how": "telepathy"}, "how"),
        ({"scope": "everything"}, "scope"),
        ({"ends_at": now() - timedelta(days=1)}, "ends_at"),
    ],
)
def test_what_is_no_consent_is_refused_at_its_field(
    family: casework.Family, words: dict[str, object], field: str
) -> None:
    helper = casework.a_helper(family)
    given = {"scope": "share_with_provider", "provider_id": helper.id, "fields": ("name",), "how": "paper", **words}
    scope = given.pop("scope")
    with tenant_scope(family.tenant), pytest.raises(Refused) as refused:
        service.give(family.case_id, family.old_man, family.old_man, scope, **given)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_under_14_only_the_guardian(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    words = {"provider_id": helper.id, "fields": ("name", "age"), "how": "screen"}
    with tenant_scope(family.tenant):
        for giver, guardian in ((family.girl, False), (family.girl, True), (family.son, False)):
            with pytest.raises(Refused) as refused:
                service.give(family.case_id, family.girl, giver, "share_with_provider", guardian=guardian, **words)  # type: ignore[arg-type]
            assert refused.value.field == "given_by_id"
        row = service.give(family.case_id, family.girl, family.son, "share_with_provider", guardian=True, **words)  # type: ignore[arg-type]
        assert row.guardian


def test_for_another_adult_only_with_paper_and_witness(family: casework.Family) -> None:
    words = {"guardian": True}
    with tenant_scope(family.tenant):
        for how, witness in (("voice", "李主任"), ("paper", "")):
            with pytest.raises(Refused):
                service.give(
                    family.case_id, family.old_man, family.son, "survey_and_casework", how=how, witness=witness, **words
                )  # fmt: skip
        service.give(
            family.case_id, family.old_man, family.son, "survey_and_casework", how="paper", witness="委托书 01", **words
        )


def test_a_stranger_to_the_household_is_absent(family: casework.Family) -> None:
    with tenant_scope(family.tenant), pytest.raises(Absent):
        service.give(family.case_id, uuid4(), uuid4(), "publish_story", how="paper")


def test_withdrawing_ends_it_once(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    with tenant_scope(family.tenant):
        consent_id = casework.a_consent(family, helper)
        service.withdraw(consent_id, "本人要求")
        service.withdraw(consent_id, "再一次")
        row = db.session.scalars(select(Consent).where(Consent.id == consent_id)).one()
        assert not service.live(row)
        assert queries.covering(family.case_id, helper.id) == []
        assert db.session.scalar(select(func.count()).where(Audit.verb == "consent.withdraw")) == 1


def test_another_community_cannot_withdraw(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    with tenant_scope(family.tenant):
        consent_id = casework.a_consent(family, helper)
    other = factories.tenant(factories.a_community())
    with tenant_scope(other), pytest.raises(Absent):
        service.withdraw(consent_id, "")
