"""A link by which a department that has no account answers one file itself, with the words and checks of the desk.

The link and its six figures go separate ways. The figures, typed once, tie the link to that device; wherever else it
is opened it shows the policy and the days, no name, no telephone, no door, and takes no answer.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update

from rongjiu import audit, links
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.crypto import PLATFORM, blind
from rongjiu.db import Tenant, current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.links import DEAD, Link
from tenants.acceptance import rules, steps
from tenants.catalogue.models import Department
from tenants.catalogue.service import due

PURPOSE = "department_file"
VERBS = ("accept", "ask_papers", "grant", "refuse")
"""What a department may write down by link; turning a file over to another department stays with the desk."""
TRIES = 5
FIGURES = 6


@dataclass(frozen=True, slots=True)
class Given:
    """A fresh link's token and the figures that open it, shown once and kept nowhere."""

    token: str
    figures: str


@dataclass(frozen=True, slots=True)
class Lead:
    """What a live link leads to, as plain values."""

    id: UUID
    task_id: UUID
    street_id: UUID
    tenant: Tenant
    office: dict[str, str]
    """The department it was made for: name_zh, name_en."""
    bound: bool
    """Somebody has opened it in full on some device."""
    mine: bool
    """That device is this one."""


def give(task_id: UUID) -> Given:
    """Make the link to a file, inside its community; an earlier one ends. It lives as long as the wait for the answer,
    a week at least (timer link-answer). Raises Clash when nobody is to answer any more."""
    row = steps.held(task_id)
    if row.task.state not in rules.OPEN:
        raise Clash(steps.LATE)
    links.revoke(task_id, PURPOSE)
    office = db.session.execute(
        select(Department.name_zh, Department.name_en).where(Department.slug == row.file.department_slug)
    ).one_or_none()
    names = {"name_zh": office.name_zh, "name_en": office.name_en} if office else {"name_zh": "主管部门", "name_en": ""}
    figures = f"{secrets.randbelow(10**FIGURES):0{FIGURES}d}"
    until = due("link-answer")
    if row.task.due_at is not None:
        until = max(until, row.task.due_at)
    tenant = current_tenant()
    token = links.issue(
        PURPOSE, task_id, until, tenant_id=tenant.id, tenant_uid=tenant.uid,
        detail={"street": str(row.file.street_id), "office": names, "tries": 0, "figures": _keyed(task_id, figures)},
    )  # fmt: skip
    steps.write(row, "link")
    audit.record("department.link", "desk_file", task_id, until=f"{until:%Y-%m-%d}")
    return Given(token, figures)


def _keyed(task_id: UUID, figures: str) -> str:
    return blind(f"{task_id}|{figures}", PLATFORM, "department_link").hex()


def lead(token: str, device: str = "") -> Lead:
    """What a token leads to; `device` is the secret of this device's cookie. Raises Absent with the one dead answer."""
    row = links.find(token, PURPOSE)
    if row.tenant_id is None or row.tenant_uid is None:
        raise Absent(DEAD)
    return Lead(
        row.id, row.object_id, UUID(row.detail["street"]), Tenant(row.tenant_id, row.tenant_uid),
        row.detail["office"], links.bound(row), links.here(row, device),
    )  # fmt: skip


def open_here(token: str, figures: str) -> str:
    """Tie the link to this device by its figures; answers the secret for its cookie.

    Raises FiguresWrong (the try counts, the fifth ends the link), Refused naming `figures` when another device has it,
    Absent when it is dead.
    """
    row = links.find(token, PURPOSE)
    if links.bound(row):
        raise Refused("这个链接已在另一台设备上打开。请向一门受理要一个新链接。", field="figures")
    clean = "".join(figures.split())
    if not secrets.compare_digest(row.detail["figures"], _keyed(row.object_id, clean)):
        tries = int(row.detail.get("tries", 0)) + 1
        ended = now() if tries >= TRIES else None
        wrong = update(Link).where(Link.id == row.id, Link.used_at.is_(None))
        db.session.execute(wrong.values(detail=row.detail | {"tries": tries}, used_at=ended))
        raise FiguresWrong(N_("口令不对，请向一门受理核对。错 5 次链接作废。"), field="figures")
    return links.bind(row)


class FiguresWrong(Refused):
    """Wrong figures: the door keeps the counted try although it answers with an error."""
