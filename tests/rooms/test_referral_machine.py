"""The whole loop against a model: whatever senders, receivers, families and clocks do, the ten promises hold each time."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from sqlalchemy import func, select, update

from blueprints.cli.oversight import differences
from rongjiu.clock import now
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.marketplace.models import Provider
from rongjiu.notify.models import Message
from rongjiu.outbox import Outbox
from tenants.accompaniment import work
from tenants.cases.models import CaseFile
from tenants.casework import closing, transferring
from tenants.consents import service as consents
from tenants.consents.models import Consent
from tenants.needs.models import Need
from tenants.referrals import answering, confirming, ending, rules, service
from tenants.referrals.models import ReferralRequest, ReferralTask, TaskEvent
from tenants.referrals.returning import again
from tenants.residents.models import Courtyard, Person
from tenants.residents.service import Door
from tests import casework, factories, promises
from tests.machines import START, run
from tests.offered import Offers, pick
from tests.promises import FIELDS, LIVE

SECRETS = (casework.NAME, casework.PHONE, "7楼", "301房", "长期卧床", "对接医疗资源")
TIMERS = (
    "referrals.expire", "referrals.late", "referrals.remind", "referrals.remind_job", "referrals.silence",
    "referrals.look_again", "referrals.time_lapsed", "accompaniment.accompany",
)  # fmt: skip


class Loop(Offers):
    """One family, two providers and two volunteers; a second community that shares the first provider's places."""

    helpers: list[casework.Helper]
    neighbours: casework.Family
    there: Tenant
    yard: UUID

    def __init__(self) -> None:
        super().__init__()
        self.results = {self.family.need: "", self.family.girl_need: ""}
        self.frozen: dict[UUID, UUID] = {}
        self.owner = "here"
        self.asked: UUID | None = None

    @initialize(many=st.booleans(), then=st.sampled_from(["silent", "taken", "paused", "proposed"]))
    def agree(self, many: bool, then: str) -> None:
        for helper in self.helpers if many else self.helpers[:1]:
            self.consent(self.helpers.index(helper))
        self.offer(0, wrong=False)
        if then == "silent":
            self.time_passes(14)
        elif then == "proposed":
            self.propose(0, 100)
        else:
            self.accept(0, 3)
            if then == "paused":
                self.hold(0)

    @rule(n=st.integers(0, 3), days=st.sampled_from([None, None, 2, 20]))
    def consent(self, n: int, days: int | None = None) -> None:
        """Given for good, or until a day."""
        until = now() + timedelta(days=days) if days else None
        self.try_(lambda: casework.a_consent(self.family, self.helpers[n], *FIELDS, until=until))

    @rule(n=pick)
    def withdraw(self, n: int) -> None:
        with tenant_scope(self.family.tenant):
            rows = db.session.scalars(select(Consent.id).order_by(Consent.id)).all()
        if rows:
            assert self.try_(lambda: consents.withdraw(rows[n % len(rows)], "不愿意了"))

    @rule(n=st.integers(0, 3), wrong=st.booleans())
    def offer(self, n: int, wrong: bool) -> None:
        helper = self.helpers[n]
        with tenant_scope(self.family.tenant):
            query = select(Consent.id, Consent.provider_id).where(Consent.withdrawn_at.is_(None)).order_by(Consent.id)
            rows = [row for row in db.session.execute(query) if (row.provider_id == helper.id) != wrong]
        consent = rows[0].id if rows else None
        before = [row for row in self.tasks() if row.state in LIVE]
        done = self.try_(lambda: service.offer(self.family.need, [helper.service], consent, self.family.old_man))
        if done:
            self.seen.add("requested")
            assert consent is not None and not wrong and self.owner == "here"
            volunteers = {each.id for each in self.helpers[2:]}
            assert not before or all(row.state == "requested" and row.provider_id in volunteers for row in before)

    @rule(hours=st.integers(1, 72), n=pick)
    def accept(self, n: int, hours: int) -> None:
        moment = now() + timedelta(hours=hours)
        self.step_(n, "accepted", "receiver", lambda row: answering.accept([row.id], row.provider_id, moment))

    @rule(n=pick, code=st.sampled_from([code for code, _ in rules.reasons_for("declines")]))
    def decline(self, n: int, code: str) -> None:
        self.step_(n, "rejected", "receiver", lambda row: answering.decline([row.id], row.provider_id, code, "说明"))

    @rule(n=pick, code=st.sampled_from([code for code, _ in rules.reasons_for("fails")]))
    def fail(self, n: int, code: str) -> None:
        self.step_(n, "failed", "receiver", lambda row: answering.fail([row.id], row.provider_id, code, "说明"))

    @rule(n=pick)
    def arrive_and_finish(self, n: int) -> None:
        rows = [row for row in self.tasks() if row.state in rules.OPEN_TO_RECEIVER]
        if rows:
            row = rows[n % len(rows)]
            if self.try_(lambda: work.finish([row.id], row.provider_id, [row.id], last=True)):
                self.seen.add("completed")

    @rule(n=pick)
    def finish_too_late(self, n: int) -> None:
        rows = [row for row in self.tasks() if row.state in rules.TERMINAL]
        if rows:
            row = rows[n % len(rows)]
            assert not self.try_(lambda: work.finish([row.id], row.provider_id, [row.id], last=True))

    @rule(n=pick)
    def cancel(self, n: int) -> None:
        self.step_(n, "cancelled", "sender", lambda row: answering.cancel(row.id, "no-longer-needed"))

    @rule(n=pick, code=st.sampled_from(["no-longer-needed", "declined-by-resident", "other", "mistake"]))
    def take_the_slip_back(self, n: int, code: str) -> None:
        with tenant_scope(self.family.tenant):
            rows = db.session.execute(
                select(ReferralRequest.id, ReferralRequest.state).order_by(ReferralRequest.id)
            ).all()
        if not rows:
            return
        row, target = rows[n % len(rows)], "entered-in-error" if code == "mistake" else "revoked"
        act = (lambda: ending.mistaken(row.id)) if code == "mistake" else (lambda: ending.revoke(row.id, code))
        if self.try_(act):
            actor = "supervisor" if code == "mistake" else "sender"
            assert rules.request_move(row.state, target, actor) is not None, (row.state, target)
            self.seen.add(target)
            with tenant_scope(self.family.tenant):
                now_is = db.session.scalar(select(ReferralRequest.state).where(ReferralRequest.id == row.id))
                live = select(ReferralTask.id).where(ReferralTask.request_id == row.id, ReferralTask.state.in_(LIVE))
                assert now_is == target
                assert db.session.scalar(live.limit(1)) is None, "no offer outlives its slip"

    @rule(n=pick)
    def correct(self, n: int) -> None:
        self.step_(n, "entered-in-error", "supervisor", lambda row: answering.correct(row.id))

    @rule(answer=st.sampled_from(confirming.ANSWERS))
    def family_says(self, answer: str) -> None:
        if self.try_(lambda: confirming.confirm(self.family.case_id, {self.family.need: confirming.Answer(answer)})):
            self.results[self.family.need] = answer

    @rule(days=st.sampled_from([1, 3, 5, 14]))
    def time_passes(self, days: int) -> None:
        """Hours and days pass, and the relay rings every bell that is due."""
        with tenant_scope(self.family.tenant):
            self.pass_days(days, TIMERS)
            again.end_with_consent()
            late = select(func.count()).select_from(ReferralTask).where(ReferralTask.state == "requested")
            silent = late.where(ReferralTask.due_at <= now(), ReferralTask.proposed_at.is_(None))
            assert db.session.scalar(silent) == 0, "10: silence returns work by itself"
            assert db.session.scalar(late.where(ReferralTask.proposed_at <= now())) == 0, "10: nor does a time go by"
            if "no-response" in db.session.scalars(select(TaskEvent.reason_code)).all():
                self.seen.add("no-response")

    @rule()
    def neighbours_ask_too(self) -> None:
        def act() -> None:
            consent = casework.a_consent(self.neighbours, self.helpers[0])
            service.offer(self.neighbours.need, [self.helpers[0].service], consent, self.neighbours.old_man)

        self.try_(act, self.neighbours.tenant)

    @rule()
    def ask_to_take_over(self) -> None:
        def act() -> None:
            self.asked = transferring.ask(self.family.case_id, self.there.uid, "moved").id

        if self.try_(act):
            assert self.owner == "here"

    @rule(yes=st.booleans())
    def other_side_answers(self, yes: bool) -> None:
        asked = self.asked
        if asked is None:
            return
        if yes:
            if self.try_(lambda: transferring.accept(asked, self.yard, Door("9")), self.there):
                self.owner = "there"
                self.seen.add("transferred")
        else:
            self.try_(lambda: transferring.reject(asked, "stays"), self.there)

    @rule()
    def close(self) -> None:
        left = {need: "declined_by_family" for need, result in self.results.items() if not result}
        if self.try_(lambda: closing.propose(self.family.case_id, "done", left)):
            self.results |= dict.fromkeys(left, "unknown")
            assert not [row for row in self.tasks() if row.state in LIVE]
            self.try_(lambda: closing.take_back(self.family.case_id))
            self.seen.add("closable")

    @invariant()
    def the_ten_promises(self) -> None:
        with tenant_scope(self.family.tenant):
            promises.next_actor_and_due_time()
            promises.consents(self.frozen)
            promises.events()
            found = db.session.execute(select(Need.id, Need.result).where(Need.case_id == self.family.case_id))
            assert {row.id: row.result for row in found} == self.results, "4, 6: only the family or a clerk says so"
            assert not differences().keys() - {"households", "persons"}, (
                "6: claimed and confirmed are counted from the rows"
            )
            sent = str(db.session.execute(select(Outbox.payload)).all()) + str(
                db.session.scalars(select(Message.text)).all()
            )
            assert not [secret for secret in SECRETS if secret in sent], "8: nothing personal in a message"
            case = db.session.execute(
                select(CaseFile.closed_at, CaseFile.closed_reason).where(CaseFile.id == self.family.case_id)
            ).one()
        assert (case.closed_reason == "transferred") == (self.owner == "there"), "9: responsible until it is accepted"
        with tenant_scope(self.there):
            crossed = db.session.scalar(select(func.count()).select_from(Person))
        assert crossed == (3 if self.owner == "there" else 0), "9: nothing crosses before"
        promises.places()
        promises.fields(self.family.tenant, self.tasks())


@pytest.fixture
def world(inside: None) -> Iterator[type[Loop]]:
    with time_machine.travel(START, tick=False):
        family = casework.a_family()
        street = db.session.get_one(factories.Street, family.street_id)
        neighbours = casework.a_family(factories.a_modelled_community(street))
        helpers = [casework.a_helper(family, places=2), *(casework.a_helper(family) for _ in range(3))]
        ids = [each.id for each in helpers[2:]]
        db.session.execute(update(Provider).where(Provider.id.in_(ids)).values(group="volunteer_team"))
        first = db.session.get_one(Provider, helpers[0].id)
        factories.an_admission(first, db.session.get_one(factories.Community, neighbours.community_id))
        there = factories.tenant(factories.a_modelled_community(street))
        with tenant_scope(there):
            yard = Courtyard(id=uuid7(), slug="yq-01", seq=1, name="雁晴小区", grid="yq-g01")
            db.session.add(yard)
            db.session.flush()
            yard_id = yard.id
    words = {
        "family": family, "helpers": helpers, "neighbours": neighbours, "there": there, "yard": yard_id, "seen": set(),
    }  # fmt: skip
    yield type("World", (Loop,), words)


def test_the_ten_promises_hold_whatever_happens(world: type[Loop]) -> None:
    run(world, examples=8, steps=12)
    assert {"requested", "accepted", "no-response", "proposed"} <= world.seen, "courses of events lead somewhere"
