"""The answer to a founding: by the street office, by the operator where no street stands. Only platform rows change."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from rongjiu import audit, codes, facts, outbox
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.identity.models import Account
from rongjiu.tenancy.models import Community, FoundingDraft, Membership
from tenants.founding.facts import CommunityWentLive


def approve(draft_id: UUID, street_id: UUID | None, *, number: str, source: str) -> None:
    """Let a submitted community go live, after a call back to a number taken elsewhere than from the founder.

    `street_id`: the street that answers; None = the operator. Raises Absent for another street's, Clash when it was
    answered already, Refused naming `number` or `source`.
    """
    community = _submitted(draft_id, street_id)
    try:
        called = codes.phone(number)
    except codes.CodeError as error:
        raise Refused(str(error), field="number") from error
    if called in (community.phone, *_phones_of_staff(community.id)):
        raise Refused("这是申请人自己填的号码。请换一个从别处查到的号码回电。", field="number")
    if not source.strip():
        raise Refused("请写号码从哪里查到，例如街道通讯录。", field="source")
    actor = current_actor()
    _not_own(community.id, actor.account_id)
    call: dict[str, Any] = {
        "number": called, "source": source.strip(), "at": now().isoformat(), "by": str(actor.account_id)
    }  # fmt: skip
    community.state, community.live_at = "live", now()
    community.proof = {**community.proof, "callback": call}
    db.session.execute(update(FoundingDraft).where(FoundingDraft.id == draft_id).values(closed_at=now()))
    audit.record("founding.approve", "community", community.id, callback_source=source.strip())
    facts.send(CommunityWentLive(tenant_id=community.tenant_id, object_id=community.id))
    _answered(draft_id, community, live=True)


def _phones_of_staff(community_id: UUID) -> list[str | None]:
    """Telephones of the accounts that founded or staff the community: none of them was taken from elsewhere."""
    staff = select(Account.phone).join(Membership, Membership.account_id == Account.id)
    return list(
        db.session.scalars(staff.where(Membership.scope_kind == "community", Membership.scope_id == community_id))
    )


def send_back(draft_id: UUID, street_id: UUID | None, reason: str) -> None:
    """Give a submitted founding back with a reason; it can be mended and submitted again.

    Raises Absent for another street's, Clash when it was answered already, Refused naming `reason`.
    """
    community = _submitted(draft_id, street_id)
    if len(reason.strip()) < 4:
        raise Refused("请写明要补什么，申请人会看到这句话。", field="reason")
    community.state = "preparing"
    community.proof = {**community.proof, "returned": {"reason": reason.strip(), "at": now().isoformat()}}
    audit.record("founding.return", "community", community.id, reason=reason.strip()[:200])
    _answered(draft_id, community, live=False)


def _submitted(draft_id: UUID, street_id: UUID | None) -> Community:
    community = db.session.scalar(
        select(Community)
        .join(FoundingDraft, FoundingDraft.community_id == Community.id)
        .where(FoundingDraft.id == draft_id, Community.street_id.is_not_distinct_from(street_id))
        .with_for_update(of=Community)
    )
    if community is None:
        raise Absent
    if community.state != "submitted":
        raise Clash("这份申请已经答复过，请刷新页面看最新的情况。")
    return community


def _not_own(community_id: UUID, account_id: UUID | None) -> None:
    """Four eyes: whoever founded or staffs the community does not approve it."""
    own = select(Membership.id).where(
        Membership.scope_kind == "community", Membership.scope_id == community_id, Membership.account_id == account_id
    )
    if db.session.scalar(own.limit(1)):
        raise Refused("您自己是这个社区的人员，请由街道的另一位督导审批。")


def _answered(draft_id: UUID, community: Community, *, live: bool) -> None:
    asked = int(community.submitted_at.timestamp()) if community.submitted_at else 0
    words = {"community": str(community.id), "draft": str(draft_id), "live": live}
    outbox.put("founding.answered", words, key=f"answered-{community.id}-{asked}")
