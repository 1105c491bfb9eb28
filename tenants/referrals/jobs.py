"""Effects of this room outside the transaction, its timers, and what it listens to below."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import outbox
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import Tenant, db, telling, tenant_scope
from rongjiu.facts import Fact, subscribe
from rongjiu.ids import uuid7
from rongjiu.links import issue
from rongjiu.marketplace.facts import AdmissionOver, TurnCame
from rongjiu.marketplace.models import Provider, ProviderInbox
from rongjiu.nightly import chore
from rongjiu.notify.service import tell
from tenants.catalogue.service import due
from tenants.consents.facts import ConsentWithdrawn
from tenants.referrals import confirming, ending, queries, rules, service
from tenants.referrals.models import ReferralTask
from tenants.referrals.offering import line, opening, places, proposals  # noqa: F401  the effects of places register themselves
from tenants.referrals.offering.opening import address, job_link
from tenants.referrals.returning import again, clocks, expiry
from tenants.referrals.returning.silence import expire as expire_one
from tenants.screening.facts import ScreeningConfirmed

SLOT_CANCELLED = N_("社区替您约好的一次服务被对方取消了,社区会另约。有疑问请打社区电话 %(phone)s")


def _waiting(ids: list[str], *states: str) -> list[Any]:
    found = queries.tasks([UUID(each) for each in ids])
    return [row for row in found if row.state in (states or ("requested",))]


def _phone(provider_id: UUID) -> str | None:
    return db.session.scalar(select(Provider.phone).where(Provider.id == provider_id))


def _tell_link(rows: list[Any], purpose: str, text: str, key: str) -> None:
    phone = _phone(rows[0].provider_id)
    if phone is None:
        return
    token = job_link([row.id for row in rows], rows[0].provider_id, purpose)
    words = {"count": len(rows), "link": address(f"/provider/link/{token}")}
    tell(phone, text, words=words, purpose=purpose, key=key)


@outbox.effect("referrals.tell_provider")
def tell_provider(payload: dict[str, Any]) -> None:
    """A new sending: how many offers and a link; no name, no place, no illness."""
    if rows := _waiting(payload["tasks"]):
        _tell_link(rows, "provider_task", N_("您有 %(count)s 张新派单,请打开链接 %(link)s"), f"tell-{rows[0].id}")


@outbox.effect("referrals.time_refused")
def time_refused(payload: dict[str, Any]) -> None:
    """The time that a receiver proposed does not suit, or passed while the desk was silent: the offer waits for another."""
    text = N_("您提的时间社区这边不方便,%(count)s 张派单请另选时间,请打开链接 %(link)s")
    if payload.get("lapsed"):
        text = N_("您提的时间已到,社区没来得及答复,很抱歉。%(count)s 张派单请另选时间或说不接,请打开链接 %(link)s")
    if rows := _waiting(payload["tasks"]):
        _tell_link(rows, "provider_task", text, payload["key"])


@outbox.effect("referrals.time_lapsed")
def time_lapsed(payload: dict[str, Any]) -> None:
    """The time that a receiver proposed has come."""
    proposals.lapse(UUID(payload["task"]), payload["slot"])


@outbox.effect("referrals.remind")
def remind(payload: dict[str, Any]) -> None:
    """Half of the wait is over and nobody has answered (timer half-time-reminder); another time is an answer."""
    if rows := [row for row in _waiting(payload["tasks"]) if row.proposed_at is None]:
        _tell_link(
            rows, "provider_task", N_("还有 %(count)s 张派单等您答复,请打开链接 %(link)s"), f"remind-{rows[0].id}"
        )


@outbox.effect("referrals.job_link")
def tell_job(payload: dict[str, Any]) -> None:
    """A job was taken or comes round again: the link under which its visits are noted."""
    if rows := _waiting(payload["tasks"], *rules.OPEN_TO_RECEIVER):
        _tell_link(
            rows, "provider_job", N_("您接的 %(count)s 项上门服务,地址和登记请打开链接 %(link)s"), payload["key"]
        )


@outbox.effect("referrals.expire")
def expire(payload: dict[str, Any]) -> None:
    """The response timer is over: back to matching, unless it was answered."""
    expire_one(UUID(payload["task"]))


@outbox.together("referrals.expire")
def expire_together(payloads: Sequence[dict[str, Any]]) -> None:
    """Many response timers of a community are over at once."""
    expiry.expire([UUID(each["task"]) for each in payloads])


@outbox.effect("referrals.look_again")
def look_again(payload: dict[str, Any]) -> None:
    """An offer ended without help: who could be asked now?"""
    again.match_anew(UUID(payload["request"]), payload["type"], payload["reason"])


@chore("referrals.consents")
def consents_over() -> None:
    """Stop what stands on consents whose day is over."""
    again.end_with_consent()


@outbox.effect("referrals.remind_job")
def remind_job(payload: dict[str, Any]) -> None:
    """Half of the time for a step of a job is over (timer half-time-reminder), or for the desk's answer to a time."""
    if clocks.runs(UUID(payload["task"]), payload["due"]):
        if not (rows := _waiting([payload["task"]], *rules.OPEN_TO_RECEIVER)):
            clocks.half(UUID(payload["task"]), payload["due"])
            return
        key = f"half-{payload['task']}-{payload['due']:.0f}"
        _tell_link(rows, "provider_job", N_("您接的 %(count)s 项服务时间过半,请打开链接 %(link)s"), key)


@outbox.effect("referrals.late")
def late(payload: dict[str, Any]) -> None:
    """The time for a step of a job is over: secretary, street and district in turn; a pause that is over alarms its
    receiver too, and who waits for the desk's answer to a time is told that it may go on waiting or let it go."""
    rung = clocks.late(UUID(payload["task"]), payload["due"], payload["level"])
    if rung and payload["level"] == 1 and (rows := _waiting([payload["task"]])):
        text = N_("您提的时间社区还没有答复,已再催。可以再等,也可以改约或不接 %(count)s 张派单,请打开链接 %(link)s")
        _tell_link(rows, "provider_task", text, f"unanswered-{payload['task']}-{payload['due']:.0f}")
    if rung and payload["level"] == 1 and (rows := _waiting([payload["task"]], "on-hold")):
        key = f"resume-{payload['task']}-{payload['due']:.0f}"
        _tell_link(
            rows, "provider_job", N_("您放一放的 %(count)s 项服务到了约定的日子，请打开链接说一声 %(link)s"), key
        )


@outbox.effect("provider.left")
def provider_left(payload: dict[str, Any]) -> None:
    """A provider is not active any more: every community in which something lies with it takes that back."""
    provider_id = UUID(payload["provider_id"])
    mine = select(ProviderInbox.tenant_id, ProviderInbox.community_id).where(
        ProviderInbox.provider_id == provider_id, ProviderInbox.state.in_(rules.LIVE)
    )
    with telling(provider_id=provider_id):
        rows = db.session.execute(mine.distinct()).all()
    for row in rows:
        with tenant_scope(Tenant(row.tenant_id, row.community_id)):
            outbox.put("referrals.provider_gone", payload, key=f"gone-{uuid7()}")


@outbox.effect("referrals.provider_gone")
def provider_gone(payload: dict[str, Any]) -> None:
    """Take back what lies with a provider who is gone, in one community."""
    ending.provider_gone(UUID(payload["provider_id"]))


@outbox.effect("referrals.admission_over")
def admission_over(payload: dict[str, Any]) -> None:
    """Take back what waits for the answer of a provider that is let in no more."""
    ending.not_let_in(UUID(payload["provider_id"]))


@outbox.effect("referrals.failed")
def failed(payload: dict[str, Any]) -> None:
    """A job that was taken was not done."""
    clocks.failed(UUID(payload["task"]))


@outbox.effect("referrals.tell_stop")
def tell_stop(payload: dict[str, Any]) -> None:
    """Offers were taken back: the receiver stops; whose they were is not said."""
    provider_id = UUID(payload["provider"])
    if phone := _phone(provider_id):
        text = N_("有 %(count)s 张派单已撤回,请停止安排。有疑问请打社区电话 %(phone)s")
        words = {"count": payload["count"], "phone": queries.here().phone}
        tell(phone, text, words=words, purpose="provider_stop", key=payload["key"])


@outbox.effect("referrals.slot_cancelled")
def slot_cancelled(payload: dict[str, Any]) -> None:
    """A slot that was booked does not take place: tell the family; no service and no name in it."""
    if phone := confirming.family_phone(UUID(payload["case"])):
        words = {"phone": queries.here().phone}
        tell(phone, SLOT_CANCELLED, purpose="resident_slot", key=payload["key"], words=words)


@outbox.effect("referrals.ask_family")
def ask_family(payload: dict[str, Any]) -> None:
    """Ask the family how it went; without a telephone the desk's call is all there is."""
    case_id = UUID(payload["case"])
    phone = confirming.family_phone(case_id)
    if phone is None or not queries.to_confirm(case_id):
        return
    here = queries.here()
    token = issue(
        "resident_confirm", case_id, due("link-confirm"), tenant_id=here.tenant.id, tenant_uid=here.tenant.uid
    )
    text = N_("社区想请您说一说帮得怎么样,请打开链接 %(link)s")
    words = {"link": address(f"/c/{here.slug}/link/{token}")}
    tell(phone, text, words=words, purpose="resident_confirm", key=f"ask-{case_id}-{now():%Y%m%d}")


@outbox.effect("referrals.silence")
def silence(payload: dict[str, Any]) -> None:
    """The family has not spoken in time: somebody rings; silence is never a yes."""
    confirming.call_back(UUID(payload["request"]))


@outbox.effect("referrals.links_again")
def links_again(payload: dict[str, Any]) -> None:
    """A provider asked for its links anew: one for each sending that waits and each job that runs."""
    for batch in _batches(payload["tasks"]):
        purpose = "provider_task" if batch[0].state == "requested" else "provider_job"
        _tell_link(
            batch, purpose, N_("您的 %(count)s 张派单,请打开链接 %(link)s"), f"again-{payload['key']}-{batch[0].id}"
        )


@outbox.effect("referrals.portal_link")
def portal_link(payload: dict[str, Any]) -> None:
    """A provider asked for its links anew: the one to its whole daily work."""
    provider_id = UUID(payload["provider"])
    if phone := _phone(provider_id):
        words = {"link": address(f"/provider/open/{opening.portal_link(provider_id)}")}
        text = N_("您的派单、日历、今天的路线和服务记录，请打开链接 %(link)s")
        tell(phone, text, words=words, purpose="provider_portal", key=f"portal-{payload['key']}")


def _batches(ids: list[str]) -> list[list[Any]]:
    """Offers of one sending and one state together: same consent, same person."""
    rows = db.session.execute(
        select(ReferralTask.id, ReferralTask.consent_id, ReferralTask.person_id, ReferralTask.offered_at).where(
            ReferralTask.id.in_([UUID(each) for each in ids])
        )
    )
    keys = {row.id: (row.consent_id, row.person_id) for row in rows}
    found: dict[Any, list[Any]] = {}
    for row in _waiting(ids, "requested", *rules.OPEN_TO_RECEIVER):
        found.setdefault((*keys[row.id], row.state), []).append(row)
    return list(found.values())


@outbox.effect("referrals.turn")
def turn(payload: dict[str, Any]) -> None:
    """A place is held for a draft that stood in line, or the wait ended: send it, or say so."""
    line.take_turn(UUID(payload["task"]))


def turn_came(fact: Fact) -> None:
    """The line reached one of ours: it goes out in a transaction of its own."""
    outbox.put("referrals.turn", {"task": str(fact.object_id)}, key=f"turn-{fact.object_id}-{uuid7()}")


def let_in_no_more(fact: Fact) -> None:
    """What waits for a provider's answer is taken back in a transaction of its own."""
    outbox.put("referrals.admission_over", {"provider_id": str(fact.object_id)}, key=f"over-{uuid7()}")


def write_refusal(fact: Fact) -> None:
    """A confirmed screening found that what was asked about is not open: the slip ends without any task (r5)."""
    if isinstance(fact, ScreeningConfirmed) and fact.need_id and fact.refused_policy:
        service.revoke_unsent(
            fact.case_id, fact.need_id, policy_slug=fact.refused_policy, department_slug=fact.refused_department,
            reason="not-eligible",
        )  # fmt: skip


subscribe(ConsentWithdrawn, again.end_on_withdrawal)
subscribe(AdmissionOver, let_in_no_more)
subscribe(TurnCame, turn_came)
subscribe(ScreeningConfirmed, write_refusal)
