"""What goes of the screenings of a case that has been closed for so long, and what stays.

A frozen screening explains itself: it holds what the family earns, its illnesses and disabilities, and every condition
with value and line, because somebody who was judged by rules may ask how (PIPL art. 24). That is no reason to keep it for
ever (art. 19: the shortest time that is necessary; art. 47: deletion). The term runs from the closing of the case:

- at least 3 years: records of judging people by automatic rules are kept so long (PIPL art. 55 and 56; from memory, to be
  confirmed by a lawyer). An appeal against a department's refusal comes sooner (timer appeal-window, 60 days);
- 3 years by default as well (product default, no source names a longer one): what the department decided, and on which
  papers, stands in the department's own file; a screening is a hint and is made anew when the family comes again;
- at most 10, for a community whose auditors ask for more.

What stays is what the figures need and what tells of no person: the verdict of each policy for the household, the model
with its version, the as-of date, who confirmed it and when. A case that was opened again is not closed.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, or_, select, update

from rongjiu.clock import now
from rongjiu.db import current_tenant, db
from rongjiu.facts import Fact, send
from tenants.cases.models import CaseFile
from tenants.rescreening.models import Standing
from tenants.screening import queries
from tenants.screening.freezing import glance_record
from tenants.screening.models import Determination, FactSheet, IncomeSheet, NearMiss, Screening
from tenants.screening.values import HOUSEHOLD, PolicyVerdict

_ALONE: dict[str, Any] = {"synchronize_session": False}
NOTHING: dict[str, Any] = {
    "facts": {"members": {}}, "paths": [], "amounts": [], "entitled": [], "near_misses": [], "rescreen": [],
}  # fmt: skip
"""Inputs of a screening without inputs, as freezing.inputs_from reads them."""


def clear(before: datetime, most: int) -> int:
    """Remove the grounds of every screening, the income sheets and the facts of at most so many cases closed before a
    moment; answers how many cases."""
    s = Screening
    left = or_(
        exists().where(s.case_id == CaseFile.id, s.cleared_at.is_(None)),
        *(exists().where(sheet.case_id == CaseFile.id) for sheet in (IncomeSheet, FactSheet)),
    )
    query = select(CaseFile.id, CaseFile.household_id).where(CaseFile.closed_at < before, left)
    # Locked: a case that is opened again in this moment keeps its grounds.
    cases = db.session.execute(query.order_by(CaseFile.id).limit(most).with_for_update(key_share=True)).all()
    if not cases:
        return 0
    ids = [row.id for row in cases]
    _screenings(ids)
    _near_misses(ids)
    for sheet in (IncomeSheet, FactSheet):
        db.session.execute(delete(sheet).where(sheet.case_id.in_(ids)), execution_options=_ALONE)
    _standings([row.household_id for row in cases if row.household_id])
    return len(cases)


def verdict_alone(each: PolicyVerdict) -> PolicyVerdict:
    """The verdict of a policy for the household: without whose it was and without any condition. Pure."""
    bare = each.best._replace(subject=HOUSEHOLD, member=None, conditions=())
    return PolicyVerdict(each.policy_id, each.verdict, (), bare)


def _screenings(case_ids: Sequence[UUID]) -> None:
    s = Screening
    rows = db.session.execute(select(s.case_id, s.id).where(s.case_id.in_(case_ids), s.cleared_at.is_(None))).all()
    for row in rows:
        verdicts = [verdict_alone(each) for each in queries.glance(row.case_id, row.id).verdicts]
        left = {
            "glance": json.dumps(glance_record(verdicts), ensure_ascii=False), "inputs": json.dumps(NOTHING),
            "rescreen_on": None, "cleared_at": now(),
        }  # fmt: skip
        db.session.execute(update(s).where(s.id == row.id).values(left), execution_options=_ALONE)
    gone = delete(Determination).where(Determination.screening_id.in_([row.id for row in rows]))
    db.session.execute(gone, execution_options=_ALONE)


def _near_misses(case_ids: Sequence[UUID]) -> None:
    """How far outside they were goes; what still stood in the queue, judged by figures of so long ago, leaves it."""
    n = NearMiss
    mine = update(n).where(n.case_id.in_(case_ids))
    waiting = mine.where(n.looked_at.is_(None)).values(looked_at=now()).returning(n.id)
    ended = len(db.session.scalars(waiting, execution_options=_ALONE).all())
    db.session.execute(mine.values(distance_pct=None), execution_options=_ALONE)
    if ended:
        send(Fact(tenant_id=current_tenant().id, counts={"near_miss_open": -ended}))


def _standings(household_ids: Sequence[UUID]) -> None:
    """What the households stand at was found with those figures. Without it the next judging begins afresh: nobody is
    told to have lost what is merely no longer known."""
    mine = delete(Standing).where(Standing.household_id.in_(household_ids))
    db.session.execute(mine, execution_options=_ALONE)
