"""A provider suspended in mid-service: what lay with it comes back to the desks by itself, in every community."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from rongjiu import outbox
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.marketplace import vetting
from rongjiu.marketplace.admissions import service as admitting
from rongjiu.marketplace.models import Capacity, Provider
from rongjiu.notify.models import Message
from rongjiu.outbox import PlatformOutbox
from rongjiu.oversight.models import Step
from rongjiu.tenancy.models import Community, Street
from rongjiu.tenancy.queries import Place
from tenants.accompaniment.models import Visit
from tenants.needs import service as needs
from tenants.referrals import answering, ending, jobs, service
from tenants.referrals.models import ReferralRequest, ReferralTask
from tests import casework, factories
from tests.asked import statements

pytestmark = pytest.mark.usefixtures("inside")


class Two:
    """Two communities of one street that send to one provider: one job taken, one offer waiting."""

    def __init__(self) -> None:
        self.first = casework.a_family()
        street = db.session.get_one(Street, self.first.street_id)
        self.street = Place("street", street.id, street.slug, street.name)
        self.other = casework.a_family(factories.a_modelled_community(street))
        self.helper = casework.a_helper(self.first)
        provider = db.session.get_one(Provider, self.helper.id)
        factories.an_admission(provider, db.session.get_one(Community, self.other.community_id))
        clerk = factories.a_person_with_role("assistance_clerk", "community", self.first.community_id)
        clerk.account.phone = "13700000001"
        db.session.flush()
        self.taken, self.asked = self.offer(self.first), self.offer(self.other)
        with tenant_scope(self.first.tenant):
            answering.accept([self.taken], self.helper.id, now() + timedelta(hours=3))

    def offer(self, family: casework.Family) -> UUID:
        with tenant_scope(family.tenant):
            consent = casework.a_consent(family, self.helper)
            (task,) = service.offer(family.need, [self.helper.service], consent, family.old_man)
            return task.id

    def bells(self) -> None:
        """What the workers do: the fan-out, then each community's part."""
        for row in db.session.scalars(select(PlatformOutbox).where(PlatformOutbox.kind == "provider.left")).all():
            outbox._effects[row.kind](row.payload)
        for family in (self.first, self.other):
            with tenant_scope(family.tenant):
                query = text("SELECT payload FROM outbox WHERE kind = 'referrals.provider_gone'")
                for payload in db.session.scalars(query).all():
                    jobs.provider_gone(payload)

    def state(self, family: casework.Family) -> tuple[str, str, str]:
        """State and reason of the offer, and what the desk is asked."""
        with tenant_scope(family.tenant):
            task = db.session.execute(select(ReferralTask.state, ReferralTask.reason_code)).one()
            slip = db.session.scalars(select(ReferralRequest.id)).one()
            step = db.session.scalar(select(Step.verb).where(Step.id == slip)) or ""
            return task.state, task.reason_code, step


def test_a_suspension_brings_everything_back_and_rings_for_what_was_taken() -> None:
    two = Two()
    vetting.suspend(two.helper.id, two.street, "有投诉,先停下核实")
    two.bells()
    two.bells()
    state, reason, verb = two.state(two.first)
    assert (state, reason) == ("cancelled", "provider-gone")
    assert verb in ("服务方停了,马上改约", "补服务缺口")
    state, reason, verb = two.state(two.other)
    assert (state, reason) == ("cancelled", "provider-gone")
    assert verb in ("改约下一家", "补服务缺口")
    assert db.session.scalar(select(Capacity.reserved).where(Capacity.service_id == two.helper.service)) == 0
    rung = [row.address for row in db.session.scalars(select(Message).where(Message.purpose == "referral_failed"))]
    assert rung == ["13700000001"], "once, and only where somebody works"
    with tenant_scope(two.first.tenant):
        assert db.session.scalars(select(Visit.id).where(Visit.state == "planned", Visit.kind == "service")).all() == []


def test_who_else_can_take_it_is_asked_for_at_once() -> None:
    two = Two()
    casework.a_helper(two.first)
    vetting.suspend(two.helper.id, two.street, "有投诉,先停下核实")
    two.bells()
    assert two.state(two.first)[2] == "服务方停了,马上改约"


def test_a_suspension_that_ended_before_anybody_noticed_takes_nothing_back() -> None:
    two = Two()
    vetting.suspend(two.helper.id, two.street, "有投诉,先停下核实")
    vetting.resume(two.helper.id, two.street, "核实过,没有问题")
    two.bells()
    assert two.state(two.first)[0] == "accepted"
    assert two.state(two.other)[0] == "requested"


@pytest.mark.parametrize("how", ["expire", "withdraw"])
def test_ended_papers_and_leaving_do_the_same(how: str) -> None:
    two = Two()
    if how == "expire":
        assert vetting.expire(two.helper.id, "证照已到期")
    else:
        vetting.withdraw(two.helper.id)
    two.bells()
    assert [two.state(family)[0] for family in (two.first, two.other)] == ["cancelled", "cancelled"]


def test_a_community_that_stops_takes_back_what_nobody_has_taken() -> None:
    two = Two()
    for family in (two.first, two.other):
        place = Place("community", family.community_id, "", "", tenant=family.tenant, street_id=family.street_id)
        with tenant_scope(family.tenant):
            admitting.suspend(two.helper.id, place, "两次没到")
            payloads = db.session.scalars(
                select(outbox.Outbox.payload).where(outbox.Outbox.kind == "referrals.admission_over")
            ).all()
            for payload in [*payloads, *payloads]:
                jobs.admission_over(payload)
    assert two.state(two.first)[0] == "accepted", "what was taken is done to the end"
    assert two.state(two.other)[:2] == ("cancelled", "provider-gone")


def test_a_stop_that_was_ended_at_once_takes_nothing_back() -> None:
    two = Two()
    place = Place("community", two.other.community_id, "", "", tenant=two.other.tenant, street_id=two.other.street_id)
    with tenant_scope(two.other.tenant):
        admitting.suspend(two.helper.id, place, "弄错了")
        admitting.admit(two.helper.id, place, None)
        jobs.admission_over({"provider_id": str(two.helper.id)})
    assert two.state(two.other)[0] == "requested"


def test_however_much_lay_with_a_provider_it_is_read_and_ended_by_the_set() -> None:
    def asked(offers: int) -> tuple[int, int]:
        """Statements that read, and all of them, when so many offers come back, one of them taken."""
        family = casework.a_family()
        helper = casework.a_helper(family)
        with tenant_scope(family.tenant):
            consent = casework.a_consent(family, helper)
            needed = [needs.add(family.case_id, f"第{n}次", item_slug="home-medical", person_id=family.old_man).id
                      for n in range(offers)]  # fmt: skip
            tasks = [
                service.offer(each, [helper.service], consent, family.old_man, again="还要一次")[0].id
                for each in needed
            ]
            answering.accept(tasks[:1], helper.id, now() + timedelta(hours=3))
            db.session.get_one(Provider, helper.id).state = "suspended"
            db.session.flush()
            db.session.expire_all()
            with statements() as seen:
                assert ending.provider_gone(helper.id) == offers
        return len([each for each in seen if each.startswith("SELECT")]), len(seen)

    few, many = asked(2), asked(4)
    assert few[0] == many[0]
    assert many[1] - few[1] <= 2 * 2, "a slip more costs its next step and the bell of it, nothing else"
