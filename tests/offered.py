"""Acts upon offers that are out, as the state machine of the loop draws them: what is asked for beside a yes or a no."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlalchemy import select

from rongjiu.clock import now
from rongjiu.db import Tenant, db, tenant_scope
from tenants.referrals import answering, ending, rules
from tenants.referrals.models import ReferralTask
from tenants.referrals.offering import proposals
from tests import casework
from tests.machines import Machine

pick = st.integers(0, 9)


class Offers(Machine):
    """The offers of one family."""

    family: casework.Family
    seen: set[str]

    def try_(self, act: Callable[[], Any], tenant: Tenant | None = None) -> bool:
        return self.attempt(act, tenant or self.family.tenant)

    def tasks(self) -> list[Any]:
        with tenant_scope(self.family.tenant):
            columns = (ReferralTask.id, ReferralTask.state, ReferralTask.provider_id, ReferralTask.consent_id)
            return list(db.session.execute(select(*columns).order_by(ReferralTask.id)))

    def step_(self, n: int, target: str, actor: str, act: Callable[[Any], Any]) -> None:
        """One receiver or sender acts on one offer: what succeeds was drawn, what is not drawn is refused."""
        rows = self.tasks()
        if not rows:
            return
        row = rows[n % len(rows)]
        done = self.try_(lambda: act(row))
        after = next(each for each in self.tasks() if each.id == row.id)
        if done:
            assert rules.task_move(row.state, target, actor) is not None, (row.state, target, actor)
            assert after.state == target
            self.seen.add(target)
        else:
            assert after.state == row.state

    def one(self, n: int, *states: str) -> Any:
        """One of the offers in these states, or None."""
        rows = [row for row in self.tasks() if row.state in states and row.provider_id]
        return rows[n % len(rows)] if rows else None

    @rule(n=pick)
    def hold(self, n: int) -> None:
        until = now() + timedelta(days=7)
        act = lambda row: answering.hold([row.id], row.provider_id, "missing-documents", until, ["病历"])  # noqa: E731
        self.step_(n, "on-hold", "receiver", act)

    @rule(n=pick, days=st.integers(-1, 40))
    def check_in(self, n: int, days: int) -> None:
        until = now() + timedelta(days=days)
        row = self.one(n, *rules.LIVE)
        if row and self.try_(lambda: ending.check_in([row.id], row.provider_id, until)):
            assert row.state == "on-hold"
            assert 0 < days <= 30, "a pause has an end"
            self.seen.add("checked in")

    @rule(n=pick, hours=st.integers(1, 240))
    def propose(self, n: int, hours: int) -> None:
        moment = now() + timedelta(hours=hours)
        row = self.one(n, *rules.LIVE, "rejected")
        if row and self.try_(lambda: proposals.propose([row.id], row.provider_id, moment)):
            assert row.state == "requested", "another time is asked for before the answer"
            self.seen.add("proposed")

    @rule(n=pick, agree=st.booleans())
    def settle(self, n: int, agree: bool) -> None:
        if row := self.one(n, *rules.LIVE):
            done = self.try_(lambda: proposals.settle(row.id, agree=agree))
            after = next(each for each in self.tasks() if each.id == row.id)
            assert not done or row.state == "requested"
            assert after.state == ("accepted" if done and agree else row.state)
            if done:
                self.seen.add("settled")
