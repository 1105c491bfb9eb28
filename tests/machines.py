"""What the state machines of the loop share: a clock of their own, acts whose refusal leaves nothing behind, the relay."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import time_machine
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from sqlalchemy import select, update

from rongjiu import outbox
from rongjiu.clock import ZONE, now
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.errors import Absent, Refused
from rongjiu.outbox import Outbox

START = datetime(2026, 11, 2, 10, tzinfo=ZONE)


class Machine(RuleBasedStateMachine):
    """Acts in communities from a Monday morning on; what one course of events wrote is undone at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = time_machine.travel(START, tick=False)
        self.time = self.clock.start()
        self.point = db.session.begin_nested()

    def attempt(self, act: Callable[[], Any], tenant: Tenant) -> bool:
        """Do it in a community; a refusal leaves nothing behind."""
        point = db.session.begin_nested()
        try:
            with tenant_scope(tenant):
                act()
                db.session.flush()
        except (Refused, Absent):
            point.rollback()
            db.session.expire_all()
            return False
        point.commit()
        return True

    def pass_days(self, days: int, kinds: tuple[str, ...]) -> None:
        """Days pass in the community in force, and the relay rings every bell of these kinds that is due."""
        self.time.shift(timedelta(days=days))
        query = select(Outbox.id, Outbox.kind, Outbox.payload).where(
            Outbox.kind.in_(kinds), Outbox.run_after <= now(), Outbox.done_at.is_(None)
        )
        for row in db.session.execute(query.order_by(Outbox.run_after, Outbox.id)).all():
            outbox._effects[row.kind](row.payload)
            db.session.execute(update(Outbox).where(Outbox.id == row.id).values(done_at=now()))

    def teardown(self) -> None:
        self.point.rollback()
        db.session.expire_all()
        self.clock.stop()


def run(world: type[Machine], examples: int, steps: int) -> None:
    """Some courses of events, the same each time."""
    quiet = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate,),
    )  # fmt: skip
    run_state_machine_as_test(world, settings=quiet)
