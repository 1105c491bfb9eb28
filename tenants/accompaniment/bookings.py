"""A slot that a provider cancels: those booked are told, and their slips look for somebody else."""

from collections.abc import Sequence
from uuid import UUID

from rongjiu import outbox
from rongjiu.db import tenant_scope
from rongjiu.marketplace import slots
from tenants.referrals import moves, rules
from tenants.referrals.models import ReferralTask
from tenants.referrals.returning import again, cancelling


def cancel_slot(provider_id: UUID, slot_id: UUID, reason: str) -> int:
    """Cancel a slot of a provider; answers how many bookings went back to matching. Runs under the provider's own
    scope; raises Refused naming `reason`, Clash once the slot has begun.

    Cases are locked before the line of the ledger, as everywhere; whoever booked in between is found the second time.
    """
    if not slots.mark_cancelled(provider_id, slot_id, reason):
        return 0
    count = _return_all(provider_id, slot_id)
    slots.shut(provider_id, slot_id)
    count += _return_all(provider_id, slot_id)
    slots.shut(provider_id, slot_id)
    return count


def _return_all(provider_id: UUID, slot_id: UUID) -> int:
    held = slots.held(provider_id, slot_id)
    for tenant, tasks in held.items():
        with tenant_scope(tenant):
            _return(tasks)
    return sum(map(len, held.values()))


def _return(task_ids: Sequence[UUID]) -> None:
    rows = moves.lock(ReferralTask.id.in_(task_ids), ReferralTask.state.in_(rules.LIVE - {"draft"}))
    if rows:
        cancelling.cancel_all(rows, "slot-cancelled")
        keys = [(str(task.case_id), f"slot-{task.id}") for task in rows]
        outbox.put_all("referrals.slot_cancelled", [({"case": case, "key": key}, key, None) for case, key in keys])
        again.look_again(rows, "slot-cancelled")
