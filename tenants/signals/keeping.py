"""How long a lead is kept that nobody confirmed: then its words and its caller go, the row stays for the counts."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update

from rongjiu.clock import now
from rongjiu.db import current_tenant, db
from rongjiu.oversight.models import Step
from tenants.catalogue import service as catalogue
from tenants.signals import gate
from tenants.signals.models import DepartmentList, Signal

DRAFTS = timedelta(days=7)
"""A list that was read and never confirmed is forgotten after so long."""


def clear() -> int:
    """Clear the leads that led to nothing and are older than keep-lead (days); answers how many. One that became a case
    or a wish is kept as long as that is.

    One that was never sorted is closed as not acted upon. Forgets yesterday's uses of public forms and old drafts.
    """
    before = now() - timedelta(days=int(catalogue.setting("keep-lead")))
    old = list(
        db.session.scalars(
            select(Signal.id).where(
                Signal.case_id.is_(None), Signal.became != "wish", Signal.cleared_at.is_(None),
                Signal.received_at < before,
            )
        )
    )  # fmt: skip
    if old:
        db.session.execute(
            update(Signal).where(Signal.id.in_(old), Signal.state == "new").values(became="no_action"),
            execution_options={"synchronize_session": False},
        )
        wipe(old)
    db.session.execute(
        delete(DepartmentList).where(DepartmentList.state == "draft", DepartmentList.at < now() - DRAFTS),
        execution_options={"synchronize_session": False},
    )
    gate.forget()
    return len(old)


def wipe(ids: Collection[UUID]) -> None:
    """Remove what was said and by whom from these signals, and end what somebody still had to do with them."""
    if not ids:
        return
    db.session.execute(
        update(Signal)
        .where(Signal.id.in_(ids))
        .values(
            words="", caller=None, phone=None, phone_index=None, track_index=None, visitor_words=None, reason=None,
            answer=None, building="", household_id=None, state="answered", cleared_at=now(),
        ),
        execution_options={"synchronize_session": False},
    )  # fmt: skip
    db.session.execute(delete(Step).where(Step.tenant_id == current_tenant().id, Step.id.in_(ids)))
