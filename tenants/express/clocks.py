"""The bells of an alarm, in hours and through nights, weekends and holidays. Each looks again when it rings; a bell
carried out twice does nothing twice. No name, no place, no illness in a message."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit, outbox
from rongjiu.codes import N_
from rongjiu.db import db
from tenants.cases import telling
from tenants.cases.models import CaseFile
from tenants.catalogue import service as waits
from tenants.express import duty, rules
from tenants.express.models import Emergency
from tenants.residents import queries as register

DUTY = ("assistance_clerk", "secretary")
ALARM = N_("有一件急难，请马上打开工作台认领。")
UNOWNED = N_("急难仍无人认领，请马上处理。")
LATE = {
    "helper": N_("急难到时限还没有人到场，请马上处理。"), "aid": N_("急难到时限还没有提出临时救助，请马上处理。"),
}  # fmt: skip
PAPERS = N_("急难事后补材料已到期，请打开工作台处理。")


def start(row: Emergency) -> None:
    """Ring those on duty now; set the bells of owner, helper and aid."""
    outbox.put("emergency.alarm", {"id": str(row.id)}, key=f"emergency-alarm-{row.id}")
    outbox.put("emergency.ring", {"id": str(row.id), "n": 1}, key=f"emergency-ring-{row.id}-1", after=row.owner_due)
    for what, due_at in (("helper", row.helper_due), ("aid", row.aid_due)):
        payload = {"id": str(row.id), "what": what}
        outbox.put("emergency.late", payload, key=f"emergency-{what}-{row.id}", after=due_at)


def papers(row: Emergency) -> None:
    """Set the bell of the papers, which runs from the first helper on."""
    payload = {"id": str(row.id), "what": "papers"}
    outbox.put("emergency.late", payload, key=f"emergency-papers-{row.id}", after=row.papers_due)


def ring_grid(row: Emergency) -> None:
    """Ring the grid worker of a courtyard that was found out later."""
    outbox.put("emergency.alarm", {"id": str(row.id)}, key=f"emergency-grid-{row.id}")


def alarm(emergency_id: UUID) -> None:
    """Whoever is on duty, else clerk and secretary; and the grid worker of the courtyard. Each once for an alarm.

    Somebody on duty is rung alone first; secretary and street follow when nobody has taken it (`ring`).
    """
    row = _row(emergency_id)
    if row is None or row.state != "open":
        return
    named = duty.on_duty()
    if named is None or not _accounts({named.account_id}, ALARM, f"emergency-{row.id}"):
        _staff(DUTY, ALARM, f"emergency-{row.id}")
    yard = db.session.scalar(select(CaseFile.courtyard_id).where(CaseFile.id == row.case_id))
    worker = register.grid_worker(yard) if yard else None
    if worker is not None:
        _accounts({worker.account_id}, ALARM, f"emergency-{row.id}")


def ring(emergency_id: UUID, number: int) -> bool:
    """Nobody has taken it: ring secretary and street, and set the next bell. False when there is nothing to ring."""
    row = _row(emergency_id)
    if row is None or not rules.rings(number, row.rings, taken=row.taken_at is not None, state=row.state):
        return False
    row.rings = number
    db.session.flush()
    key = f"emergency-ring-{row.id}-{number}"
    _staff(("secretary",), UNOWNED, key)
    _above(("street_overseer",), UNOWNED, key)
    audit.record("emergency.ring", "emergency", row.id, ring=number)
    after = waits.due("critical-ring-again", "critical")
    payload = {"id": str(row.id), "n": number + 1}
    outbox.put("emergency.ring", payload, key=f"emergency-ring-{row.id}-{number + 1}", after=after)
    return True


def late(emergency_id: UUID, what: str) -> bool:
    """A time is over: helper and aid go to street and district at once, papers to the clerk. False when it was done."""
    row = _row(emergency_id)
    if row is None or row.state != "open":
        return False
    key = f"emergency-{what}-{row.id}"
    if what == "papers":
        _staff(DUTY, PAPERS, key)
    elif (row.helper_at if what == "helper" else row.aid_at) is None:
        _staff(DUTY, LATE[what], key)
        _above(("street_overseer", "district_overseer"), LATE[what], key)
    else:
        return False
    audit.record("emergency.late", "emergency", row.id, what=what)
    return True


def _row(emergency_id: UUID) -> Emergency | None:
    return db.session.scalar(select(Emergency).where(Emergency.id == emergency_id).with_for_update())


def _staff(roles: Collection[str], text: str, key: str) -> None:
    telling.staff(roles, text, purpose="emergency", key=key)


def _accounts(ids: Collection[UUID], text: str, key: str) -> int:
    """Tell these accounts; answers how many have a telephone."""
    return telling.accounts(ids, text, purpose="emergency", key=key)


def _above(roles: Collection[str], text: str, key: str) -> None:
    telling.above(roles, text, purpose="emergency", key=key)
