"""Deciding what was found twice, and searching the whole register step by step."""

from typing import Literal
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit, outbox
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Absent, Clash
from rongjiu.ids import uuid7
from tenants.residents import duplicates
from tenants.residents.models import Household, Person, RegisterReview
from tenants.reviews import merging
from tenants.reviews.models import ReviewRun


def set_aside(review_id: UUID, state: Literal["different", "later"]) -> None:
    """Two people after all, never suggested again; or not now. Clash when somebody was faster, Absent."""
    row = _undecided(review_id)
    row.state, row.decided_at = state, now()
    row.decided_by, row.decided_post = current_actor().account_id, current_actor().name
    if state == "different":
        row.number = None
    db.session.flush()
    audit.record(f"review.{state}", "review", review_id)


def merge(review_id: UUID, keep: Literal["one", "other"], choices: dict[str, merging.Choice]) -> UUID:
    """One and the same: merge as chosen and answer the merge. Raises as `merging` does."""
    _hold(review_id)
    row = _undecided(review_id)
    one, other, kind = row.one_id, row.other_id, row.kind
    pair = (one, other) if keep == "one" else (other, one)
    row.number = None
    db.session.flush()
    if kind == "door":
        return merging.merge_homes(*pair)
    return merging.merge_people(*pair, choices)


def search() -> UUID:
    """Start a search of the whole register for duplicates, done by the worker; a running one is not doubled."""
    running = db.session.scalar(select(ReviewRun.id).where(ReviewRun.ended_at.is_(None)))
    if running is not None:
        return running
    run_id = uuid7()
    db.session.add(
        ReviewRun(
            id=run_id, asked_by=current_actor().account_id, asked_at=now(), done=0, total=duplicates.STEPS, found=0
        )
    )
    db.session.flush()
    audit.record("review.search", "review_run", run_id)
    outbox.put("reviews.search", {"run": str(run_id), "step": 0}, key=f"reviews-search-{run_id}-0")
    return run_id


def search_step(run_id: UUID, step: int) -> None:
    """One step of a search; each is a transaction of its own, so that the desk sees how far it is."""
    run = db.session.scalar(select(ReviewRun).where(ReviewRun.id == run_id).with_for_update())
    if run is None or run.done != step:
        return
    run.found += duplicates.find_all(step)
    run.done = step + 1
    if run.done < run.total:
        outbox.put("reviews.search", {"run": str(run_id), "step": step + 1}, key=f"reviews-search-{run_id}-{step + 1}")
    else:
        run.ended_at = now()
    db.session.flush()


def _hold(review_id: UUID) -> None:
    """Lock the two entries before their review: a merge of one of them closes reviews while it holds the entries."""
    r = RegisterReview
    row = db.session.execute(select(r.kind, r.one_id, r.other_id).where(r.id == review_id)).one_or_none()
    if row is not None:
        entry = Household.id if row.kind == "door" else Person.id
        pair = select(entry).where(entry.in_((row.one_id, row.other_id))).order_by(entry)
        db.session.execute(pair.with_for_update())


def _undecided(review_id: UUID) -> RegisterReview:
    row = db.session.scalar(select(RegisterReview).where(RegisterReview.id == review_id).with_for_update())
    if row is None:
        raise Absent("没有这条核对。")
    if row.state not in ("open", "later"):
        raise Clash("这一条已经有人处理了，请刷新页面。")
    return row
