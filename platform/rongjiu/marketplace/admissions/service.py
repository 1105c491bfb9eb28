"""What the desk, the provider and the calendar do to an admission. Every step is one of rules.MOVES, leaves an event, and
says who acts next; whoever decides in one press passes the states between in the same transaction."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit, outbox
from rongjiu.actor import current_actor
from rongjiu.clock import today
from rongjiu.codes import N_
from rongjiu.db import Tenant, current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.facts import send
from rongjiu.ids import uuid7
from rongjiu.marketplace.admissions import rules, steps
from rongjiu.marketplace.admissions.steps import DONE
from rongjiu.marketplace.facts import ProviderStopped
from rongjiu.marketplace.models import Admission
from rongjiu.marketplace.service import not_own, serving
from rongjiu.tenancy.models import Community
from rongjiu.tenancy.queries import Place

MAX_LIMIT = 9999
LEFT = N_("这家服务方自己退出了本社区。请它在“我的”里再申请，收到后就能准入。")


def ask(provider_id: UUID, community_id: UUID, *, actor: str = "provider") -> None:
    """A provider asks a community to let it in, or its vetting proposes that (actor `system`). Asking twice, or where it
    is let in or suspended, changes nothing; after a no, an end or its own leaving it asks anew.

    Raises Refused when the provider is not active or none of its services serves the community's street, Absent for a
    provider that names a community which is not open.
    """
    where = db.session.execute(
        select(Community.street_id, Community.tenant_id, Community.state).where(Community.id == community_id)
    ).one_or_none()
    if where is None or (actor == "provider" and where.state != "live"):
        raise Absent
    serving(provider_id, where.street_id)
    with steps.inside(Tenant(where.tenant_id, community_id)):
        code = "vetted" if actor == "system" else "asked"
        row, fresh = steps.opened(provider_id, community_id, actor, code)
        if fresh or rules.find(row.state, "applied", actor):
            if not fresh:
                steps.move(row, "applied", actor, code=code, due=steps.timer())
            audit.record("admission.ask", "provider", provider_id, community=community_id)
            _ring_when_late(row)


def review(provider_id: UUID, community: Place, words: str = "") -> None:
    """Somebody at the desk takes a request up and may write down what was looked at or is to be asked; the due time
    stays. Raises Clash when there is nothing to take up any more, Absent when nothing was asked."""
    row = _held(provider_id, community)
    not_own(provider_id)
    steps.move(row, "under_review", _post(), words=_said(words))
    audit.record("admission.review", "provider", provider_id)


def admit(
    provider_id: UUID, community: Place, monthly_limit: int | None, *, starts_on: date | None = None,
    ends_on: date | None = None,
) -> None:  # fmt: skip
    """Let a provider in: with at most so many places a month (None = no limit of our own), from a day on (None: now) and
    until a day (None: no end). Also again after a suspension, an end or a no; where it is let in: the new terms.

    Raises Refused naming limit, starts_on or ends_on, and without a field when it is not active or does not serve this
    street; Clash when it stepped out itself. Runs inside the community.
    """
    if monthly_limit is not None and not 1 <= monthly_limit <= MAX_LIMIT:
        raise Refused("每月上限写 1 到 9999 之间的整数,不限就留空。", field="limit")
    if fault := rules.days_fault(starts_on, ends_on, today()):
        raise Refused(fault[1], field=fault[0])
    not_own(provider_id)
    serving(provider_id, community.street_id)
    actor = _post()
    row, _fresh = steps.opened(provider_id, _id(community), actor, "invited")
    ahead = starts_on if starts_on is not None and starts_on > today() else None
    if row.state == "withdrawn":
        raise Clash(LEFT)
    before, path = row.state, rules.way(row.state, "approved" if ahead else "active", actor)
    if ahead and before in ("active", "suspended", "expired"):
        raise Refused("这家已经准入过，恢复和续期马上有效。请把开始的日子留空。", field="starts_on")
    if not path:
        raise Clash(DONE)
    if before == path[-1] and (row.monthly_limit, row.ends_on, row.starts_on) == (
        monthly_limit,
        ends_on,
        ahead or row.starts_on,
    ):
        return
    row.monthly_limit, row.ends_on = monthly_limit, ends_on
    if "approved" in path:
        row.starts_on = ahead or today()
    for state in path:
        steps.move(row, state, actor, code=_code(before) if state == path[-1] else "", due=_due(row, state))
    audit.record("admission.admit", "provider", provider_id, limit=monthly_limit, state=row.state)
    steps.admitted(
        row, "admission_terms" if before == "active" else "admitted" if row.state == "active" else "admission_day"
    )


def _code(before: str) -> str:
    return {"active": "terms", "approved": "terms", "expired": "renewed"}.get(before, "")


def _due(row: Admission, state: str) -> datetime | None:
    if state == "approved" and row.starts_on is not None:
        return steps.last(row.starts_on)
    return steps.timer() if state == "applied" else None


def deny(provider_id: UUID, community: Place, reason: str) -> None:
    """Say no to a request, with a reason that the provider reads; it may ask again. Raises Refused naming `reason`."""
    words = _reason(reason)
    row = _held(provider_id, community)
    not_own(provider_id)
    for state in _way(row.state, "denied"):
        steps.move(row, state, _post(), words=words if state == "denied" else "")
    audit.record("admission.deny", "provider", provider_id)
    steps.told(provider_id, "admission_denied")


def suspend(provider_id: UUID, community: Place, reason: str) -> None:
    """Send no more to a provider for now, with a reason that it reads; running jobs go on. Again: looked at again, the
    days until the next look begin anew. Raises Absent when it was never let in, Refused naming `reason`."""
    words = _reason(reason)
    row = _held(provider_id, community)
    again = row.state == "suspended"
    if again and row.reason == words:
        return
    steps.move(row, "suspended", _post(), words=words, due=steps.last(today() + timedelta(days=rules.LOOK_AGAIN)))
    audit.record("admission.suspend", "provider", provider_id)
    if not again:
        send(ProviderStopped(tenant_id=current_tenant().id, object_id=provider_id))
        steps.told(provider_id, "stopped")


def step_out(provider_id: UUID, community_id: UUID) -> None:
    """A provider takes its request back, or comes to a community no more; what it has taken it does to the end. Twice
    changes nothing. Raises Absent where nothing was asked, Clash after a no."""
    tenant_id = db.session.scalar(select(Community.tenant_id).where(Community.id == community_id))
    if tenant_id is None:
        raise Absent
    with steps.inside(Tenant(tenant_id, community_id)):
        row = steps.locked(provider_id, community_id)
        if row is None:
            raise Absent
        if row.state == "withdrawn":
            return
        before = row.state
        steps.move(row, "withdrawn", "provider")
        audit.record("admission.withdraw", "provider", provider_id, community=community_id, before=before)
        what = "admission_taken_back" if before in rules.WAITING else "admission_left"
        outbox.put("admission.desk_told", {"what": what, "key": f"{what}-{uuid7()}"})


def take_back(provider_id: UUID) -> None:
    """A provider leaves the marketplace: requests that wait for an answer or a day end; what it was let in for stays, should
    it come back."""
    waits = select(Admission.community_id).where(
        Admission.provider_id == provider_id, Admission.state.in_((*rules.WAITING, "approved"))
    )
    communities = select(Community.id).where(Community.id.in_(waits)).order_by(Community.tenant_id)
    for community_id in db.session.scalars(communities).all():  # in one order, so that two never wait for each other
        step_out(provider_id, community_id)


def _ring_when_late(row: Admission) -> None:
    assert row.due_at is not None  # noqa: S101  what was just asked has a due time
    until = row.due_at.isoformat()
    words = {"admission": str(row.id), "due": until}
    outbox.put("admission.late", words, key=f"admission-late-{row.id}-{until}", after=row.due_at)


def _way(source: str, target: str) -> tuple[str, ...]:
    path = rules.way(source, target, _post())
    if not path:
        raise Clash(DONE)
    return path


def _post() -> str:
    """As whom somebody at the desk acts: the clerk looks, the secretary decides (roles)."""
    return "clerk" if current_actor().role == "assistance_clerk" else "secretary"


def _id(community: Place) -> UUID:
    if community.kind != "community" or community.id is None:
        raise Absent
    return community.id


def _reason(words: str) -> str:
    if not words.strip():
        raise Refused("请写明原因,对方看得到。", field="reason")
    return _said(words)


def _said(words: str) -> str:
    return words.strip()[:500]


def _held(provider_id: UUID, community: Place) -> Admission:
    row = steps.locked(provider_id, _id(community))
    if row is None:
        raise Absent
    return row
