"""A case goes to another community: until it accepts, the sender is responsible and nothing personal crosses."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from rongjiu import audit
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.models import Step
from tenants.cases.models import CaseFile
from tenants.casework import closing, transferring
from tenants.casework.models import Transfer
from tenants.consents.models import Consent
from tenants.needs.models import Need
from tenants.referrals import answering, service
from tenants.referrals.models import ReferralRequest
from tenants.residents.models import Courtyard, Person
from tenants.residents.service import Door
from tests import casework, factories


@dataclass(frozen=True)
class Two:
    """A family here and a neighbouring community there."""

    family: casework.Family
    there: Tenant
    yard: UUID


@pytest.fixture
def two(inside: None) -> Iterator[Two]:
    family = casework.a_family()
    other = factories.a_modelled_community(db.session.get_one(factories.Street, family.street_id))
    there = factories.tenant(other)
    with tenant_scope(there):
        yard = Courtyard(id=uuid7(), slug="yq-01", seq=1, name="雁晴小区", grid="yq-g01")
        db.session.add(yard)
        db.session.flush()
        yard_id = yard.id
    yield Two(family, there, yard_id)


def asked(two: Two) -> UUID:
    with tenant_scope(two.family.tenant):
        return transferring.ask(two.family.case_id, two.there.uid, "moved").id


def people(tenant: Tenant) -> int:
    with tenant_scope(tenant):
        return db.session.scalar(select(func.count()).select_from(Person)) or 0


def test_before_the_answer_nothing_personal_crosses_and_the_sender_stays_responsible(two: Two) -> None:
    transfer = asked(two)
    with tenant_scope(two.there):
        ((row,), _total) = transferring.incoming()
        assert (row.transfer_id, row.people, row.needs, row.reason) == (transfer, 3, 2, "moved")
        kept = str(db.session.execute(text("SELECT * FROM transfer_inbox")).all())
    for secret in (casework.NAME, casework.PHONE, "7楼", "对接医疗资源"):
        assert secret not in kept
    assert people(two.there) == 0
    with tenant_scope(two.family.tenant):
        assert db.session.scalars(select(CaseFile.closed_at)).one() is None
        assert db.session.scalars(select(Step.verb).where(Step.id == transfer)).one() == "答复移交"
        with pytest.raises(Clash):
            transferring.ask(two.family.case_id, two.there.uid, "moved")


def test_acceptance_moves_family_needs_and_ownership_at_once(two: Two) -> None:
    helper = casework.a_helper(two.family)
    with tenant_scope(two.family.tenant):
        consent = casework.a_consent(two.family, helper)
        (task,) = service.offer(two.family.need, [helper.service], consent, two.family.old_man)
        with pytest.raises(Refused, match="派单没有办完"):
            transferring.ask(two.family.case_id, two.there.uid, "moved")
        answering.cancel(task.id, "no-longer-needed")
    transfer = asked(two)
    with tenant_scope(two.there):
        number = transferring.accept(transfer, two.yard, Door("3", "1", "202"))
        names = db.session.scalars(select(Person.name).order_by(Person.seq)).all()
        assert names[0] == casework.NAME
        assert db.session.scalars(select(Person.phone).order_by(Person.seq)).first() == casework.PHONE
        assert db.session.scalars(select(Need.words).order_by(Need.seq)).all() == ["对接医疗资源", "孙女的艺术学习"]
        assert db.session.scalar(select(func.count()).select_from(Consent)) == 0, "a consent is given to one community"
        assert db.session.scalars(select(CaseFile.number)).one() == number
        assert "看移交来的一户" in db.session.scalars(select(Step.verb)).all()
        with pytest.raises(Clash):
            transferring.accept(transfer, two.yard, Door("3", "1", "203"))
    with tenant_scope(two.family.tenant):
        case = db.session.execute(select(CaseFile.closed_reason, CaseFile.state)).one()
        assert tuple(case) == ("transferred", "closed")
        assert db.session.scalars(select(ReferralRequest.state)).all() == ["revoked"]
        row = db.session.scalars(select(Transfer).execution_options(populate_existing=True)).one()
        assert (row.state, row.new_number) == ("accepted", number)
        assert db.session.scalars(select(Step.id).where(Step.case_id == two.family.case_id)).all() == []
        with pytest.raises(Refused, match="已移交"):
            closing.reopen(two.family.case_id)
    for tenant, act in ((two.family.tenant, "transfer.accepted"), (two.there, "transfer.accept")):
        with tenant_scope(tenant):
            assert act in db.session.scalars(select(audit.Audit.verb)).all()


def test_rejected_or_taken_back_it_stays_and_may_be_asked_again(two: Two) -> None:
    transfer = asked(two)
    with tenant_scope(two.there):
        with pytest.raises(Refused):
            transferring.reject(transfer, "")
        transferring.reject(transfer, "not_ours")
        with pytest.raises(Clash):
            transferring.reject(transfer, "not_ours")
        assert transferring.incoming()[0] == []
    second = asked(two)
    with tenant_scope(two.family.tenant):
        transferring.revoke(two.family.case_id)
        with pytest.raises(Clash):
            transferring.revoke(two.family.case_id)
        assert [row.state for row in transferring.of_case(two.family.case_id)] == ["revoked", "rejected"]
        assert db.session.scalars(select(CaseFile.closed_at)).one() is None
    with tenant_scope(two.there), pytest.raises(Clash):
        transferring.accept(second, two.yard, Door("1"))
    assert people(two.there) == 0


def test_a_third_community_neither_sees_nor_answers_it(two: Two) -> None:
    transfer = asked(two)
    third = factories.tenant(factories.a_modelled_community())
    with tenant_scope(third):
        assert transferring.incoming("")[0] == []
        assert db.session.execute(text("SELECT count(*) FROM transfer_inbox")).scalar_one() == 0
        with pytest.raises(Absent):
            transferring.accept(transfer, two.yard, Door("1"))
        with pytest.raises(Absent):
            transferring.reject(transfer, "not_ours")


@pytest.mark.parametrize(
    ("to", "reason", "field"), [("self", "moved", "to"), ("none", "moved", "to"), ("there", "", "reason")]
)
def test_a_wrong_question_names_its_field(two: Two, to: str, reason: str, field: str) -> None:
    where = {"self": two.family.community_id, "none": uuid7(), "there": two.there.uid}[to]
    with tenant_scope(two.family.tenant), pytest.raises(Refused) as refused:
        transferring.ask(two.family.case_id, where, reason)
    assert refused.value.field == field
