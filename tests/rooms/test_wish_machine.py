"""Wishes against a model: whatever families, clerks, claimers and clocks do, wish, slip and claims say the same."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
import time_machine
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from sqlalchemy import func, select

from blueprints.cli.oversight import differences
from rongjiu.actor import acting
from rongjiu.clock import now
from rongjiu.db import db, telling, tenant_scope
from rongjiu.notify.models import Message
from rongjiu.outbox import Outbox
from rongjiu.oversight.models import Indicator, Step
from tenants.referrals import rules as referrals
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.wishes import intake, rules, service
from tenants.wishes.models import Wish, WishClaim, WishEvent
from tests import promises
from tests.desk_of import Desk, a_desk
from tests.machines import START, Machine, run
from tests.rooms.test_wishes import PLAIN, WORDS

SECRETS = ("春芽", "13800001234", "轮椅，电话")
SLIPS = {
    "submitted": "draft", "published": "active", "claimed": "active", "delivered": "awaiting_confirmation",
    "thanked": "completed", "need": "revoked", "declined": "revoked", "withdrawn": "revoked",
}  # fmt: skip
"""What the slip of a wish is, by the state of the wish (referral-flow 4.3 and 4.5)."""
HEADERS = {
    "claimed": ("accepted", ""), "delivered": ("completed", ""), "thanked": ("completed", ""),
    "expired": ("cancelled", "expired"), "withdrawn": ("cancelled", "taken-down"),
}  # fmt: skip
"""What a claim is, by what its claimer reads; returned is a claim given back, or one that the family did not confirm."""
pick = st.integers(0, 9)


class Wall(Machine):
    """A community's wall and two people who may claim."""

    here: Desk
    claimers: list[service.Claimer]
    seen: set[str]

    def try_(self, act: Callable[[], Any]) -> bool:
        with acting(self.here.as_clerk()):
            return self.attempt(act, self.here.tenant)

    def rows(self) -> list[Any]:
        columns = (Wish.id, Wish.state, Wish.claimer_id, Wish.claims)
        with tenant_scope(self.here.tenant):
            return list(db.session.execute(select(*columns).order_by(Wish.number)))

    def step_(self, n: int, act: Callable[[UUID], Any], target: str, actor: str) -> None:
        """Somebody does something to a wish, mostly to one that is fit for it: what succeeds was drawn, what was refused
        changes nothing."""
        rows = self.rows()
        fit = [row for row in rows if n and rules.may(row.state, target, actor)] or rows
        row = fit[n % len(fit)]
        done = self.try_(lambda: act(row.id))
        after = next(each for each in self.rows() if each.id == row.id)
        if done and after.state != row.state:
            assert after.state == target
            assert rules.may(row.state, target, actor), (row.state, target, actor)
            self.seen.add(f"{row.state}-{target}")
        elif not done:
            assert after == row

    @initialize(many=st.integers(1, 2), then=st.sampled_from(["", "again", "silence"]))
    def hang(self, many: int, then: str) -> None:
        for n in range(1, many + 1):
            self.ask()
            self.publish(n, PLAIN)
        self.claim(1, 0)
        if then == "silence":
            self.time_passes(8)
        if then == "again":
            self.give_back(1, 0)
            self.claim(1, 1)

    @rule()
    def ask(self) -> None:
        if len(self.rows()) < 4:
            assert self.try_(lambda: service.submit(WORDS))

    @rule(n=pick, text=st.sampled_from([PLAIN, WORDS]))
    def publish(self, n: int, text: str) -> None:
        self.step_(n, lambda wish: service.publish(wish, text, ["春芽"]), "published", "desk")

    @rule(n=pick, who=st.integers(0, 1))
    def claim(self, n: int, who: int) -> None:
        self.step_(n, lambda wish: service.claim(wish, self.claimers[who]), "claimed", "claimer")

    @rule(n=pick, who=st.integers(0, 1))
    def give_back(self, n: int, who: int) -> None:
        account = self.claimers[who].account_id
        self.step_(n, lambda wish: service.give_back(wish, account), "published", "claimer")

    @rule(n=pick, who=st.integers(0, 2))
    def deliver(self, n: int, who: int) -> None:
        account = self.claimers[who].account_id if who < 2 else None
        actor = "claimer" if account else "desk"
        self.step_(n, lambda wish: service.deliver(wish, account), "delivered", actor)

    @rule(n=pick, came=st.booleans())
    def family_says(self, n: int, came: bool) -> None:
        if came:
            self.step_(n, lambda wish: service.thank(wish, "谢谢"), "thanked", "desk")
        else:
            self.step_(n, service.dispute, "published", "desk")

    @rule(n=pick, ending=st.sampled_from(["declined", "withdrawn"]))
    def end(self, n: int, ending: str) -> None:
        self.step_(n, lambda wish: service.end(wish, ending, "居民不要了"), ending, "desk")

    @rule(n=pick)
    def hardship(self, n: int) -> None:
        self.step_(n, lambda wish: intake.to_case(wish, courtyard_id=self.here.yard), "need", "desk")

    @rule(days=st.sampled_from([1, 4, 8]))
    def time_passes(self, days: int) -> None:
        with tenant_scope(self.here.tenant):
            before = dict(db.session.execute(select(Wish.id, Wish.state)).all())
            self.pass_days(days, ("wishes.expire",))
            late = (ReferralTask.state == "accepted") & (ReferralTask.due_at <= now())
            assert db.session.scalar(select(func.count()).where(late)) == 0, "a claim goes back by the clock alone"
            for wish, state in db.session.execute(select(Wish.id, Wish.state)):
                if before[wish] != state:
                    self.seen.add("expired")

    @invariant()
    def wish_slip_and_claims_agree(self) -> None:
        with tenant_scope(self.here.tenant):
            wishes = list(db.session.scalars(select(Wish).execution_options(populate_existing=True)))
            slips = {row.id: row for row in db.session.scalars(select(ReferralRequest))}
            tasks = list(db.session.scalars(select(ReferralTask).order_by(ReferralTask.rank)))
            assert set(slips) == {row.id for row in wishes}
            for row in wishes:
                mine = [task for task in tasks if task.request_id == row.id]
                live = [task for task in mine if task.state in referrals.LIVE]
                assert slips[row.id].state == SLIPS[row.state]
                assert len(live) == (row.state == "claimed"), "at most one claim, and only of what is claimed"
                assert [task.rank for task in mine] == list(range(1, row.claims + 1)), "a claim is never a reset"
                if len(mine) > 1:
                    self.seen.add("again")
                steps = list(db.session.execute(select(Step.actor, Step.due_at).where(Step.id == row.id)))
                assert len(steps) == (row.state not in rules.ENDED), "one next actor until it is over"
                assert [step.due_at for step in steps] == ([row.due_at] if steps else [])
                assert all(step.actor for step in steps)
                assert [task.due_at for task in live] == ([row.due_at] if live else [])
                self._headers(row, mine)
            acted = {task.id for task in tasks}
            assert not acted & set(db.session.scalars(select(Step.id))), "nobody else acts on a claim"
            promises.next_actor_and_due_time()
            promises.consents({})
            promises.events()
            self._history(wishes)
            self._figures()

    def _headers(self, row: Wish, mine: list[ReferralTask]) -> None:
        with telling(community_id=self.here.tenant.uid):
            headers = {h.id: h for h in db.session.scalars(select(WishClaim).where(WishClaim.wish_id == row.id))}
        assert set(headers) == {task.id for task in mine}, "one header a claim"
        for task in mine:
            said = headers[task.id]
            if said.state == "returned":
                assert (task.state, task.reason_code) in (("cancelled", "returned"), ("completed", ""))
            else:
                assert (task.state, task.reason_code) == HEADERS[said.state]

    def _history(self, wishes: list[Wish]) -> None:
        states: dict[UUID, str] = {}
        for event in db.session.scalars(select(WishEvent).order_by(WishEvent.at, WishEvent.id)):
            assert states.get(event.wish_id, "") == event.state_from
            assert rules.may(event.state_from, event.state_to, event.actor)
            states[event.wish_id] = event.state_to
        assert states == {row.id: row.state for row in wishes}, "its state is what its events say"

    def _figures(self) -> None:
        assert not differences().keys() - {"households", "persons"}, "no figure of offers or gaps counts a wish"
        kept = dict(db.session.execute(select(Indicator.name, Indicator.value)).all())
        assert not kept.keys() & {"offers_sent", "offers_accepted", "claimed_done", "confirmed_done", "gaps_open"}
        sent = str(db.session.execute(select(Outbox.payload)).all()) + str(
            db.session.scalars(select(Message.text)).all()
        )
        assert not [secret for secret in SECRETS if secret in sent], "nothing personal leaves"


@pytest.fixture
def world(inside: None) -> Iterator[type[Wall]]:
    with time_machine.travel(START, tick=False):
        here = a_desk()
    claimers = [
        service.Claimer(staff.account.id, here.tenant.uid, "volunteer", "测试社区志愿者")
        for staff in (here.grid, here.live)
    ]
    yield type("World", (Wall,), {"here": here, "claimers": claimers, "seen": set()})


def test_wish_slip_and_claims_agree_whatever_happens(world: type[Wall]) -> None:
    run(world, examples=8, steps=12)
    assert {"again", "published-claimed", "claimed-published", "claimed-delivered", "expired"} <= world.seen, world.seen
