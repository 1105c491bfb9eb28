"""One step of a wish: the wish, its slip and the claim on it move together, by the table of rules.py; the steps of slip and
claim are looked up and written by the engine of the referrals, as those of any other slip."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from rongjiu import audit, facts
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db, telling
from rongjiu.errors import Clash
from rongjiu.ids import uuid7
from rongjiu.oversight.service import next_step, no_step
from tenants.catalogue.service import due
from tenants.referrals import engine
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.wishes import rules
from tenants.wishes.facts import WishMoved
from tenants.wishes.models import Wish, WishClaim, WishEvent

KIND = "wish"
CLERK = "assistance_clerk"
STAFF = N_("救助专干")
MOVED = N_("这个心愿的状态已经变了，请刷新页面。")
_NEXT = {
    "submitted": (CLERK, N_("审核心愿")), "published": (CLERK, N_("给心愿找人")), "claimed": ("claimer", N_("实现心愿")),
    "delivered": (CLERK, N_("请居民确认心愿")),
}  # fmt: skip
"""Who acts next and what, while a wish is not over."""


def move(row: Wish, target: str, actor: str, **values: Any) -> UUID | None:
    """Take a step of a locked wish, with the `values` of the wish that go with it; answers the claim that it is about.
    A new wish has an empty state and is not in the session yet. Raises Clash when the table does not draw the step for
    this actor; nothing has changed then.
    """
    step = rules.find(row.state, target, actor)
    if step is None:
        raise Clash(MOVED)
    # Read before anything is changed: a half-changed row would be flushed with it.
    until = due(step.timer) if step.timer else None
    slip, claim = _slip(row, step), _claim(row, step)
    source, row.state, row.due_at = row.state, target, until
    for name, value in values.items():
        setattr(row, name, value)
    side = rules.SIDES[actor]
    if slip is not None:
        engine.turn(slip, step.slip, side, reason=step.reason, kind=KIND)
    if claim is not None:
        for hop in step.task:
            wait = until if hop == "accepted" else None
            engine.turn(claim, hop, side, reason=step.reason, kind=KIND, due_at=wait)
    db.session.add(row)
    db.session.flush()
    _write(row, step, source, actor)
    if claim is not None and step.claim:
        _header(row, step, claim)
    _point(row)
    return claim.id if claim else None


def _slip(row: Wish, step: rules.Step) -> ReferralRequest | None:
    """The slip that moves: a new one with the wish, else its own, locked."""
    if not step.slip:
        return None
    if not step.source:
        slip = ReferralRequest(
            id=row.id, case_id=None, need_id=None, person_id=None, seq=None, kind=KIND, service_type=None,
            policy_slug=None, department_slug=None, state="", reason_code="", urgency="ordinary", wish="",
            made_at=row.submitted_at,
        )  # fmt: skip
        db.session.add(slip)
        return slip
    query = select(ReferralRequest).where(ReferralRequest.id == row.id).with_for_update(key_share=True)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _claim(row: Wish, step: rules.Step) -> ReferralTask | None:
    """The claim that a step is about: a new task of the slip, else the last one, locked."""
    if not step.claim:
        return None
    if step.task[:1] == ("draft",):
        task = ReferralTask(
            id=uuid7(), request_id=row.id, case_id=None, service_type="", state="", reason_code="", rank=row.claims + 1,
            demo=row.demo,
        )  # fmt: skip
        db.session.add(task)
        return task
    query = select(ReferralTask).where(ReferralTask.request_id == row.id).order_by(ReferralTask.rank.desc()).limit(1)
    return db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def _write(row: Wish, step: rules.Step, source: str, actor: str) -> None:
    said = WishEvent(
        id=uuid7(), wish_id=row.id, at=now(), state_from=source, state_to=row.state, actor=actor, reason=step.reason
    )
    db.session.add(said)
    db.session.flush()
    audit.record(f"wish.{row.state}", "wish", row.id, reason=step.reason, source=source, by=actor)
    counts = {step.count: 1} if step.count else {}
    facts.send(WishMoved(tenant_id=current_tenant().id, object_id=row.id, counts=counts))


def _header(row: Wish, step: rules.Step, claim: ReferralTask) -> None:
    """What the claimer reads of the claim, on the page of all communities."""
    here = current_tenant().uid
    with telling(community_id=here):
        if claim.state == "accepted":
            db.session.add(
                WishClaim(
                    id=claim.id, wish_id=row.id, account_id=row.claimer_id, community_id=here, number=row.number,
                    public_text=row.public_text, state=step.claim, thanks="", claimed_at=row.claimed_at,
                    due_at=row.due_at,
                )
            )  # fmt: skip
        else:
            mine = update(WishClaim).where(WishClaim.id == claim.id)
            db.session.execute(mine.values(state=step.claim, thanks=row.thanks))


def _point(row: Wish) -> None:
    if row.state not in _NEXT:
        no_step(row.id)
        return
    role, verb = _NEXT[row.state]
    next_step(
        "wish", row.id, number=row.number, case_id=row.case_id, actor_role=role,
        actor=row.claimer if role == "claimer" else STAFF, verb=verb, due_at=row.due_at or now(),
    )  # fmt: skip
