"""Tries to reach a family: each is written down, and only after so many, on so many days, may a job end because nobody
could be reached (settings no-contact-tries and no-contact-days of the model)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from rongjiu.clock import ZONE, now
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Clash, Refused
from tenants.cases.models import CaseEvent
from tenants.cases.service import event
from tenants.catalogue.service import setting
from tenants.referrals import moves, rules
from tenants.referrals.models import ReferralTask

TRIED = "contact_tried"
REASON = "could-not-contact"
WAYS = {"phone": N_("打电话没人接"), "door": N_("上门没见到人")}
APART = timedelta(minutes=30)
"""Two calls closer than this are one try (product default)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The tries of an offer, the first first, with what is still wanting before it may end so."""

    tries: tuple[tuple[str, datetime], ...]
    """Way (WAYS) and moment of each."""
    wanting: int
    """So many tries."""
    days_wanting: int
    """On so many further days."""


def note(task_ids: Sequence[UUID], provider_id: UUID, way: str = "phone") -> None:
    """The receiver tried to reach the family and nobody answered. Raises Clash for a job that was not taken or is over,
    or when a try was noted within the last half hour."""
    rows = moves.locked(list(task_ids), provider_id)
    had = standing([task.id for task in rows])
    for task in rows:
        if task.state not in rules.OPEN_TO_RECEIVER:
            raise Clash(moves.LATE)
        tries = had[task.id].tries
        if tries and now() - tries[-1][1] < APART:
            raise Clash("半小时内已记过一次。过一会儿再试,再记。")
    for task in rows:
        put(task, way)


def put(task: ReferralTask, way: str) -> None:
    """Write one try of a locked offer into the timeline of its case."""
    event(task.case_id, TRIED, post=moves.post_of(task, "receiver"), task_id=str(task.id), way=way)


def enough(rows: Sequence[ReferralTask]) -> None:
    """Raises Refused naming `reason` while an offer of these has not been tried often enough to end so."""
    many, days = int(setting("no-contact-tries")), int(setting("no-contact-days"))
    for each in standing([task.id for task in rows]).values():
        if each.wanting or each.days_wanting:
            raise Refused(
                "联系不上要先试 %(many)s 次,分在 %(days)s 天;现在记了 %(had)s 次。每次没打通,请点“打电话没人接”记下。",
                field="reason", many=many, days=days, had=len(each.tries),
            )  # fmt: skip


def standing(task_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """The tries of each of these offers, also of one that nobody tried for yet."""
    cases = select(ReferralTask.case_id).where(ReferralTask.id.in_(task_ids))
    names = {str(each): each for each in task_ids}
    of_task = CaseEvent.detail["task_id"].astext
    query = (
        select(of_task.label("task"), CaseEvent.detail["way"].astext.label("way"), CaseEvent.at)
        .where(CaseEvent.case_id.in_(cases), CaseEvent.kind == TRIED, of_task.in_(names))
        .order_by(CaseEvent.at, CaseEvent.id)
    )
    found: dict[UUID, list[tuple[str, datetime]]] = {each: [] for each in task_ids}
    for row in db.session.execute(query) if names else ():
        found[names[row.task]].append((row.way, row.at))
    many, spread = int(setting("no-contact-tries")), int(setting("no-contact-days"))
    return {
        each: Standing(tuple(tries), *rules.tries_wanting([at.astimezone(ZONE).date() for _way, at in tries], many, spread))
        for each, tries in found.items()
    }  # fmt: skip
