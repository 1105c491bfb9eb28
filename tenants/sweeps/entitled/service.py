"""应保尽保: who may have been missed is put on the list and followed until it is granted, refused or found not to be so."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit, facts
from rongjiu.actor import current_actor
from rongjiu.clock import today
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from tenants.sweeps.entitled import rules
from tenants.sweeps.facts import EntitledMoved
from tenants.sweeps.following import Heard
from tenants.sweeps.models import Entitled, SweepStop
from tenants.sweeps.sheets import Seen, Sheet

_STILL = ("possible", "found", "applied", "granted")
"""Somebody in one of these is followed already or provided for."""


def suspect(stop: SweepStop, sheet: Sheet, said: Collection[Seen], people: Sequence[UUID], heard: Heard) -> None:
    """Put those who may have been missed on the list, once however often they are suspected."""
    found = {each.person_id: each.leak_reason for each in said if each.possible_leak}
    if sheet.possible_leak and not found and people:
        found = {people[0]: sheet.leak_reason}
    if not found:
        return
    listed = select(Entitled.person_id).where(
        Entitled.person_id.in_(found), Entitled.state.in_(_STILL) | (Entitled.sweep_id == stop.sweep_id)
    )
    known = set(db.session.scalars(listed))
    for person_id in [each for each in found if each not in known]:
        db.session.add(
            Entitled(
                id=uuid7(), sweep_id=stop.sweep_id, stop_id=stop.id, person_id=person_id, signal_id=heard.need_id,
                leak_reason=found[person_id], state="possible", policy="", reason=None, possible_on=today(),
                found_on=None, applied_on=None, granted_on=None, refused_on=None, changed_by=current_actor().name,
            )
        )  # fmt: skip
    db.session.flush()


def move(entitled_id: UUID, state: str, *, policy: str = "", reason: str = "") -> None:
    """Say what became of somebody on the list: found | applied | granted | refused | not_entitled, dated today.

    Raises Absent, Clash when somebody else was faster, Refused naming `reason` or `policy`.
    """
    row = db.session.scalar(select(Entitled).where(Entitled.id == entitled_id).with_for_update())
    if row is None:
        raise Absent("名单上没有这个人。")
    if not rules.may_become(row.state, state):
        raise Clash("这个人的进度已经变了，请刷新页面。")
    if state in rules.NEEDS_REASON and not reason.strip():
        raise Refused("请写明理由。", field="reason")
    if state == "found" and not policy:
        raise Refused("请选择应享受的政策。", field="policy")
    again = row.applied_on is not None
    row.state, row.policy, row.changed_by = state, policy or row.policy, current_actor().name
    row.reason = reason.strip()[:200] or row.reason
    dated = {"not_entitled": "refused_on"}.get(state, f"{state}_on")
    setattr(row, dated, today())
    db.session.flush()
    audit.record("entitled.move", "entitled", row.id, state=state)
    counts = {"found": {"entitled_found": 1}, "applied": {} if again else {"entitled_applied": 1}}.get(state, {})
    if counts:
        facts.send(EntitledMoved(tenant_id=current_tenant().id, object_id=row.id, counts=counts))
