"""What a receiver sees of an offer and when, and that nothing personal stands outside the community."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text, update

from rongjiu import outbox
from rongjiu.clock import now
from rongjiu.db import Scope, db, scoped, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace.models import Admission, Provider, ProviderInbox, ProviderService
from rongjiu.notify.models import Message
from rongjiu.outbox import Outbox
from rongjiu.oversight.models import Step
from tenants.consents import service as consents
from tenants.needs.models import Need
from tenants.referrals import answering, jobs, queries, receiving
from tests import casework
from tests.casework import count, reserved, states


@pytest.fixture
def helper(family: casework.Family) -> casework.Helper:
    return casework.a_helper(family, "catheter-change", "home-checkup", places=2)


def test_before_acceptance_a_form_of_address_after_it_what_the_consent_names(
    family: casework.Family, helper: casework.Helper
) -> None:
    with tenant_scope(family.tenant):
        ids, _ = casework.two_offers(family, helper)
    before = receiving.job(family.tenant, helper.id, ids)
    assert (before.addressed, before.age_band, before.courtyard) == ("周先生", "80+", "雁北新村")
    assert (before.name, before.door, before.phone, before.care_need, before.age) == ("", "", "", "", None)
    with tenant_scope(family.tenant):
        answering.accept(ids, helper.id, now() + timedelta(hours=3))
    after = receiving.job(family.tenant, helper.id, ids)
    assert (after.door, after.phone, after.care_need) == ("7楼 2单元 301房", casework.PHONE, "长期卧床")
    assert after.name == casework.NAME
    receiving.opened(after)
    with tenant_scope(family.tenant):
        assert count("offers_accepted") == 2
        with pytest.raises(Clash):
            answering.accept(ids, helper.id, now() + timedelta(hours=3))
        with pytest.raises(Clash):
            answering.decline(ids, helper.id, "other", "晚了")


def test_a_withdrawn_consent_cancels_what_stands_on_it_and_closes_the_page(
    family: casework.Family, helper: casework.Helper
) -> None:
    with tenant_scope(family.tenant):
        ids, consent_id = casework.two_offers(family, helper)
        answering.accept(ids, helper.id, now() + timedelta(hours=3))
        consents.withdraw(consent_id, "家属不愿意了")
        assert states(family) == [("active", "cancelled")] * 2
        assert reserved(helper) == 0
        assert db.session.scalar(select(func.count()).select_from(Step).where(Step.id.in_(ids))) == 0
        need = db.session.scalars(select(Need.result).where(Need.id == family.need)).one()
        assert need == "", "the need stays open"
        asked = db.session.scalars(select(Step.verb).where(Step.object_kind == "referral_request")).all()
        assert set(asked) == {"和家属确认是否还需要"}
    with pytest.raises(Absent):
        receiving.job(family.tenant, helper.id, ids)
    with scoped(Scope(provider_id=helper.id)):
        assert set(db.session.scalars(select(ProviderInbox.state))) == {"cancelled"}


def test_a_suspended_provider_sees_nothing(family: casework.Family, helper: casework.Helper) -> None:
    with tenant_scope(family.tenant):
        ids, _ = casework.two_offers(family, helper)
        answering.accept(ids, helper.id, now() + timedelta(hours=3))
    db.session.execute(update(Provider).where(Provider.id == helper.id).values(state="suspended"))
    with pytest.raises(Absent):
        receiving.job(family.tenant, helper.id, ids)


def test_a_stop_of_the_community_ends_nothing_that_was_taken(family: casework.Family, helper: casework.Helper) -> None:
    with tenant_scope(family.tenant):
        ids, _ = casework.two_offers(family, helper)
    db.session.execute(update(Admission).where(Admission.provider_id == helper.id).values(state="expired"))
    with pytest.raises(Absent):
        receiving.job(family.tenant, helper.id, ids)
    with tenant_scope(family.tenant):
        answering.accept(ids, helper.id, now() + timedelta(hours=3))
    assert receiving.job(family.tenant, helper.id, ids).name == casework.NAME


def test_another_provider_is_told_nothing(family: casework.Family, helper: casework.Helper) -> None:
    other = casework.a_helper(family)
    with tenant_scope(family.tenant):
        ids, _ = casework.two_offers(family, helper)
        with pytest.raises(Refused):
            answering.accept(ids, other.id, now() + timedelta(hours=3))
    with pytest.raises(Absent):
        receiving.job(family.tenant, other.id, ids)


def test_the_receiver_role_reads_one_household_and_no_other(family: casework.Family, helper: casework.Helper) -> None:
    with tenant_scope(family.tenant):
        ids, _ = casework.two_offers(family, helper)
    scope = Scope(
        tenant=family.tenant, role="app_receiver", provider_id=helper.id, task_id=ids[0],
        household_id=family.household_id, person_ids=(family.old_man,),
    )  # fmt: skip
    with scoped(scope):
        assert db.session.execute(text("SELECT id FROM person")).scalars().all() == [family.old_man]
        assert db.session.execute(text("SELECT id FROM referral_task")).scalars().all() == [ids[0]]
        for forbidden in ("id_number FROM person", "id FROM need", "id FROM case_file", "id FROM income_sheet"):
            with pytest.raises(Exception, match="permission denied"), db.session.begin_nested():
                db.session.execute(text(f"SELECT {forbidden}"))  # noqa: S608 words of this test
        with pytest.raises(Exception, match="permission denied"), db.session.begin_nested():
            db.session.execute(text("UPDATE person SET name = 'x'"))
    narrower = Scope(tenant=family.tenant, role="app_receiver", provider_id=uuid7(), task_id=ids[0])
    with scoped(narrower):
        assert db.session.execute(text("SELECT id FROM referral_task")).scalars().all() == []
        assert db.session.execute(text("SELECT id FROM household")).scalars().all() == []


def test_nothing_personal_in_inbox_messages_and_effects(family: casework.Family, helper: casework.Helper) -> None:
    with tenant_scope(family.tenant):
        ids, consent_id = casework.two_offers(family, helper)
        rows = db.session.execute(select(Outbox.kind, Outbox.payload).order_by(Outbox.id)).all()
        for row in rows:
            outbox._effects[row.kind](row.payload)
        answering.accept(ids, helper.id, now() + timedelta(hours=3))
        jobs.tell_job({"tasks": [str(each) for each in ids], "key": "k"})
        consents.withdraw(consent_id, "")
        payloads = str(db.session.execute(select(Outbox.payload)).all())
    messages = db.session.scalars(select(Message)).all()
    assert len(messages) >= 3
    assert any("您有 2 张新派单" in message.text for message in messages)
    told = " ".join(message.text for message in messages)
    with scoped(Scope(provider_id=helper.id)):
        inbox = str(db.session.execute(text("SELECT * FROM provider_inbox")).all())
    for secret in (casework.NAME, "周", casework.PHONE, "7楼", "301房", "卧床", "瘫"):
        assert secret not in inbox, secret
        assert secret not in payloads, secret
    for secret in (casework.NAME, casework.PHONE, "7楼", "卧床", "雁北新村"):
        assert secret not in told, secret


def test_a_service_edited_while_offered_keeps_the_terms_of_the_offer(
    family: casework.Family, helper: casework.Helper
) -> None:
    with tenant_scope(family.tenant):
        ids, _consent = casework.two_offers(family, helper)
        before = [row.title for row in queries.slips(family.case_id)]
    row = db.session.get_one(ProviderService, helper.service)
    row.title, row.price_class, row.price, row.delivery_mode = "改了名", "market", Decimal(80), "on_site"
    db.session.flush()
    job = receiving.job(family.tenant, helper.id, ids)
    assert "改了名" not in [item.title for item in job.items]
    assert {item.price_class for item in job.items} == {"free"}
    assert all(item.at_home for item in job.items)
    with tenant_scope(family.tenant):
        assert [row.title for row in queries.slips(family.case_id)] == before
        assert {row.price_class for row in queries.tasks(ids)} == {"free"}
