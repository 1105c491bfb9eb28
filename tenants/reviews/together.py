"""Several requests decided in one go, as a file of many people brings them: each stays an act of its own, with its own
history, its own audit row and its own second person; what may not happen is left as it was and named."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from rongjiu.db import db
from rongjiu.errors import Refused
from tenants.reviews import requests
from tenants.reviews.models import ChangeRequest

MOST = 50
"""Requests that one person can look at in one go: one page of the list."""


@dataclass(frozen=True, slots=True)
class Together:
    """How many happened, how many of those the secretary had asked for alone (自批), and what was left, with why."""

    approved: int
    alone: int
    left: dict[UUID, Refused]


def approve(ids: Collection[UUID]) -> Together:
    """Approve each of these requests that may be approved. Raises Refused for none, or for more than can be looked at."""
    if not ids:
        raise Refused("请先勾选要批准的变更。")
    if len(set(ids)) > MOST:
        raise Refused("一次最多批准 %(n)s 项。", n=MOST)
    done, alone, left = 0, 0, {each: Refused("没有这个申请。", status=404) for each in ids}
    c = ChangeRequest
    for each in db.session.scalars(select(c.id).where(c.id.in_(ids)).order_by(c.person_id, c.asked_at, c.id)).all():
        try:  # people in one order, so that two secretaries never wait for each other
            with db.session.begin_nested():
                alone += requests.approve(each)
        except Refused as refused:
            left[each] = refused
        else:
            done += 1
            del left[each]
    return Together(done, alone, left)
