"""What came of each need, by resident, worker or audit; what was said on the telephone; looks after 1 and 3 months."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from tenants.cases import service as cases
from tenants.cases import telling
from tenants.needs import service as needs
from tenants.needs.models import Need
from tenants.outcomes import queries, rules, service
from tenants.outcomes.models import NeedOutcome
from tenants.referrals.confirming import DISPUTED, ask_holder
from tenants.referrals.models import Confirmation
from tenants.referrals.queries import case_of


def say(case_id: UUID, said: Mapping[UUID, rules.Said], *, by: str, source: str) -> int:
    """Write what somebody says of needs (need id → words); answers how many were written.

    The need's own result follows the stronger voice (rules.overrules). Raises Refused naming answers, stars or words,
    Absent for a need of another case.
    """
    if by not in rules.VOICES:
        raise ValueError(by)
    cases.hold(case_id)
    rows = db.session.execute(
        select(Need.id, Need.result, Need.result_by).where(Need.case_id == case_id)
    ).all()  # fmt: skip
    known = {row.id: row for row in rows}
    if set(said) - set(known):
        raise Absent("没有这项需求。")
    actor = current_actor()
    for need_id, answer in sorted(said.items()):
        if found := rules.said_badly(answer):
            raise Refused(found[1], field=found[0])
        db.session.add(
            NeedOutcome(
                id=uuid7(), case_id=case_id, need_id=need_id, result=answer.result, by=by, source=source,
                stars=answer.stars, words=answer.words.strip() or None, at=now(), by_id=actor.account_id,
                by_post=actor.name,
            )
        )  # fmt: skip
        db.session.flush()
        audit.record("need.outcome", "need", need_id, result=answer.result, by=by, source=source)
        before = known[need_id]
        if rules.overrules(by, answer.result, before.result_by, before.result):
            needs.set_result(need_id, answer.result, by=by)
    return len(said)


def follow_up(case_id: UUID, seq: int, said: Mapping[UUID, rules.Said]) -> None:
    """A later look was taken: what the family says of each need, then the look is done. Help that did not last reaches
    the holder of an open case (timer dispute-answer); a closed one opens again (casework). Raises as `say`."""
    if said:
        say(case_id, said, by="resident", source="follow_up")
    service.finish_follow_up(case_id, seq)
    case = case_of(case_id)
    if case.closed_at is None and any(answer.result in ("partly", "not_solved") for answer in said.values()):
        ask_holder(case_id)
        telling.staff(
            ("assistance_clerk", "secretary"), DISPUTED, purpose="referral_disputed", key=f"later-{case_id}-{seq}"
        )


def plan_missing() -> int:
    """Cases in which a service was delivered, since they were last opened again if they were, and nobody has planned the
    later looks: plan them; answers how many.

    Sources: timers follow-up-1 and follow-up-2, which start with the first service delivered.
    """
    found = queries.unlooked()
    for case_id in found:
        cases.hold(case_id)
        if day := queries.first_help(case_id):
            service.look_later(case_id, day)
    return len(found)


def voices(case_id: UUID) -> dict[UUID, list[rules.Voice]]:
    """Who said what of each need of a case, the newest first: the family's confirmations and all later voices."""
    found: list[tuple[UUID, rules.Voice]] = []
    for row in db.session.execute(
        select(Confirmation.need_id, Confirmation.answer, Confirmation.stars, Confirmation.at, Confirmation.by).where(
            Confirmation.case_id == case_id
        )
    ):
        found.append((row.need_id, rules.Voice(row.answer, "resident", row.by, row.stars, row.at)))
    one = NeedOutcome
    for later in db.session.execute(
        select(one.need_id, one.result, one.by, one.source, one.stars, one.at).where(one.case_id == case_id)
    ):
        found.append((later.need_id, rules.Voice(later.result, later.by, later.source, later.stars, later.at)))
    kept: dict[UUID, list[rules.Voice]] = {}
    for need_id, voice in sorted(found, key=lambda pair: pair[1].at, reverse=True):
        kept.setdefault(need_id, []).append(voice)
    return kept
