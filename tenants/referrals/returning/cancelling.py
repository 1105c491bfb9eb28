"""Many offers that the system ends at once: nobody answered, a provider is gone, a consent was withdrawn, a slot was
cancelled."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm.attributes import set_committed_value

from rongjiu import audit, facts
from rongjiu.clock import now
from rongjiu.db import current_tenant
from rongjiu.errors import Clash
from rongjiu.marketplace import capacity
from rongjiu.marketplace.inbox import inbox_states
from rongjiu.oversight.service import no_steps
from rongjiu.prepared import Prepared
from tenants.cases.service import events
from tenants.referrals import engine, moves, rules
from tenants.referrals.facts import TasksEnded
from tenants.referrals.models import ReferralTask


def cancel_all(tasks: Sequence[ReferralTask], reason: str) -> None:
    """What `engine.turn` and `moves.move` write for each of these locked offers → cancelled by the system, by the set and in its order.
    Raises Clash when the table forbids it for one of them."""
    if not tasks:
        return
    if not all(rules.task_move(task.state, "cancelled", "system") for task in tasks):
        raise Clash(engine.LATE)
    ids, moment = [task.id for task in tasks], now()
    sources = {task.id: task.state for task in tasks}
    ended = {"state": "cancelled", "reason_code": reason, "due_at": None, "ended_at": moment}
    for task in tasks:
        for name, value in ended.items():
            set_committed_value(task, name, value)  # all at once below, not one by one
    _ENDED.write(ids=ids, reason=reason, at=moment)
    for source in dict.fromkeys(sources.values()):
        engine.trace([each for each in ids if sources[each] == source], source, "cancelled", "system", reason, moment)
    audit.record_all(
        "task.cancelled", "referral_task",
        [(each, reason, {"source": sources[each], "by": "system"}) for each in ids],
    )  # fmt: skip
    inbox_states(ids, "cancelled", None)
    told = [(task.case_id, {"task_id": str(task.id), "reason": reason}) for task in tasks]
    events(moves.event_of("cancelled", reason), told, post="系统")
    capacity.release_all(ids)
    no_steps(ids)
    facts.send(TasksEnded(tenant_id=current_tenant().id, task_ids=tuple(ids)))


_ENDED = Prepared(
    text(
        "UPDATE referral_task SET state = 'cancelled', reason_code = :reason, due_at = NULL, ended_at = :at "
        "WHERE tenant_id = :tenant AND id = ANY(:ids)"
    )
)
